"""The effective state of consent: a fold over the events of a subject's anchors, whatever their order.

Rules (DESIGN §5.3, research/consent.md §5.2; GDPR Art. 7(3), 18, 21)
 1. An event belongs to its anchor. State is asked of one anchor; linking and splitting move nothing.
 2. An anchor speaks with the voice of all anchors *proved* to be the same person's; what permits never crosses any other link.
 3. What takes away crosses every link of the subject, and stays with every anchor that was of the subject when it was expressed (echo).
 4. A denial is answered by a newer grant of the voice that expressed it. A denial that came across an unproved link or as an echo is
    answered only by a newer *authenticated* grant: of the voice it reached, or of its own while the two are still one subject.
 5. An objection is answered by an authenticated grant or lifting, a restriction by a lifting only, an erasure by nothing.
    What a minor says is answered by the minor, what the guardian says by the guardian.
 6. At the same instant a denial stands (``conflict`` says that a grant was its equal).
 7. Permits count from the earlier of the source's clock and ours, denials from the later (``event.py``).
 8. A grant counts if it is newer than every denial of its voice (an older one does not come back), under a purpose version whose
    permissions still carry over, not expired, and, for a minor, given by child and guardian both (loi Informatique et Libertés art. 45).
 9. Dominance: erased, restricted > objected > withdrawn (revoked, invalidated) > refused > minor without guardian > expired >
    notice changed > unknown > given. Only ``given`` permits where consent is the ground.

The state is a function of the *set* of events and of the present links: repeating, permuting and merging sets change nothing (a
join-semilattice: sets under union). Unlike "latest wins over the profile" it never lets one person's yes answer another's no.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Final, TypeVar
from uuid import UUID

from consent.domain.anchor import Anchor, Subject
from consent.domain.event import DENIALS, GRANTS, Actor, Assurance, ConsentEvent, Echo, EventKind
from consent.domain.purpose import Minors, Published, Purpose


class Status(IntEnum):
    """The effective state; the higher dominates."""

    GIVEN = 0
    UNKNOWN = 1
    NOTICE_CHANGED = 2
    EXPIRED = 3
    MINOR = 4
    REFUSED = 5
    WITHDRAWN = 6
    OBJECTED = 7
    RESTRICTED = 8
    ERASED = 9


_STATUS_OF: Final[Mapping[EventKind, Status]] = {
    EventKind.EXPIRED: Status.EXPIRED,
    EventKind.REFUSED: Status.REFUSED,
    EventKind.WITHDRAWN: Status.WITHDRAWN,
    EventKind.REVOKED: Status.WITHDRAWN,
    EventKind.INVALIDATED: Status.WITHDRAWN,
    EventKind.OBJECTED: Status.OBJECTED,
    EventKind.RESTRICTED: Status.RESTRICTED,
    EventKind.ERASED: Status.ERASED,
}


@dataclass(frozen=True, slots=True)
class Question:
    """For which use the state is asked, under which catalogue. ``minor``: whether the subject is known to be under the age of consent."""

    purpose: Purpose
    published: Published
    at: datetime
    channel: str | None = None
    recipient: str | None = None
    minor: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """The effective state of one anchor. ``event`` is the expression it rests on; ``valid_until`` when a permission ends by itself.

    ``crossed`` tells that a denial was expressed on another anchor, ``conflict`` that a grant came at the same instant.
    """

    status: Status
    event: ConsentEvent | None = None
    valid_until: datetime | None = None
    crossed: bool = False
    conflict: bool = False


UNKNOWN: Final = State(Status.UNKNOWN)


def effective(anchor: Anchor, subject: Subject, events: Iterable[ConsentEvent], echoes: Iterable[Echo], question: Question) -> State:
    """Return the effective state of an anchor of a subject for a use.

    ``events`` are those of every anchor of the subject, ``echoes`` those that reached any of them; more of either changes nothing.
    Linear in both.
    """
    said: dict[frozenset[Anchor], list[ConsentEvent]] = {}
    for event in events:
        if _concerns(event, question):
            said.setdefault(subject.group_of(event.anchor), []).append(event)
    voice = subject.group_of(anchor)
    answers = {group: _Answers(theirs, minor=question.minor) for group, theirs in said.items() if group in subject.groups or group == voice}
    ours = answers.get(voice, _Answers((), minor=question.minor))
    standing: list[State] = []
    floors = {True: datetime.min.replace(tzinfo=UTC), False: datetime.min.replace(tzinfo=UTC)}
    for reach in _reaching(voice, said, answers, [echo for echo in echoes if _concerns(echo.event, question)]):
        denial = reach.denial
        if reach.theirs is not None and reach.theirs.answer(denial, sure=reach.echo):
            continue
        if not ours.answer(denial, sure=reach.crossed):
            standing.append(State(_STATUS_OF[denial.kind], denial, crossed=reach.crossed, conflict=ours.equals(denial)))
        elif denial.kind is not EventKind.RESTRICTED:  # a restriction pauses what was given, every other denial ends it
            side = _side(denial, minor=question.minor)
            floors[side] = max(floors[side], denial.instant)
    if standing:
        return max(standing, key=_rank)
    grants = [event for event in said.get(voice, ()) if event.kind in GRANTS]
    return _granted([grant for grant in grants if grant.instant > floors[_side(grant, minor=question.minor)]], question)


def _concerns(event: ConsentEvent, question: Question) -> bool:
    return event.covers(question.purpose.purpose_id, question.channel, question.recipient)


def _side(event: ConsentEvent, *, minor: bool) -> bool:
    """Whether it was the guardian who spoke. Of age, a person answers for what a guardian refused; what one gave never counts alone."""
    return event.actor is Actor.GUARDIAN and (minor or event.kind in GRANTS)


class _Answers:
    """The newest answers of one voice, by who gave them and how sure that is."""

    __slots__ = ("_grants", "_instants", "_lifted", "_minor")

    def __init__(self, said: Collection[ConsentEvent], *, minor: bool) -> None:
        self._minor = minor
        self._instants = {event.instant for event in said if event.kind in GRANTS}
        self._grants: dict[tuple[bool, bool], datetime] = {}
        self._lifted: dict[tuple[bool, UUID | None, bool], datetime] = {}
        for event in said:
            sure = event.assurance >= Assurance.ACCOUNT
            for level in {False, sure}:
                if event.kind in GRANTS:
                    _raise(self._grants, (_side(event, minor=minor), level), event.instant)
                elif event.kind is EventKind.LIFTED:
                    _raise(self._lifted, (_side(event, minor=minor), event.concerns, level), event.instant)

    def answer(self, denial: ConsentEvent, *, sure: bool) -> bool:
        """Whether something newer answers a denial. ``sure``: only what its speaker was authenticated for (rules 4 and 5)."""
        if denial.kind is EventKind.ERASED:
            return False
        found = []
        side, authenticated = _side(denial, minor=self._minor), sure or denial.kind is EventKind.OBJECTED
        if denial.kind in {EventKind.OBJECTED, EventKind.RESTRICTED}:
            found += [self._lifted.get((side, concerns, authenticated)) for concerns in (None, denial.event_id)]
        if denial.kind is not EventKind.RESTRICTED:
            found.append(self._grants.get((side, authenticated)))
        return any(instant is not None and instant > denial.instant for instant in found)

    def equals(self, denial: ConsentEvent) -> bool:
        """Whether something was given at the very instant of a denial."""
        return denial.instant in self._instants


K = TypeVar("K")


def _raise(newest: dict[K, datetime], key: K, instant: datetime) -> None:
    if key not in newest or newest[key] < instant:
        newest[key] = instant


@dataclass(frozen=True, slots=True)
class _Reach:
    """A denial that reaches the voice. ``theirs``: what the voice that expressed it said, if that is another one of the same subject."""

    denial: ConsentEvent
    crossed: bool
    theirs: _Answers | None = None
    echo: bool = False


def _reaching(
    voice: frozenset[Anchor],
    said: Mapping[frozenset[Anchor], Collection[ConsentEvent]],
    answers: Mapping[frozenset[Anchor], _Answers],
    echoes: Iterable[Echo],
) -> Iterator[_Reach]:
    for group in answers:
        crossed = group != voice
        for event in said[group]:
            if event.kind in DENIALS:
                yield _Reach(event, crossed, answers[group] if crossed else None)
    for echo in echoes:
        if echo.anchor in voice and echo.event.anchor not in voice:
            home = next((answers[group] for group in answers if echo.event.anchor in group), None)
            yield _Reach(echo.event, crossed=True, theirs=home, echo=True)


def _rank(state: State) -> tuple[Status, datetime, bytes]:
    assert state.event is not None  # noqa: S101 - a denial rests on its event
    return state.status, state.event.instant, state.event.event_id.bytes


def _granted(grants: Collection[ConsentEvent], question: Question) -> State:
    """Return the best that the grants come to, none of them denied: any valid one permits; of several, the one that lasts longest."""
    states = [_judge(grant, grants, question) for grant in grants]
    return min(states, key=_worth, default=UNKNOWN)


def _worth(state: State) -> tuple[Status, float, bytes]:
    lasts = -state.valid_until.timestamp() if state.valid_until else float("-inf")
    return state.status, lasts, state.event.event_id.bytes if state.event else b""


def _judge(grant: ConsentEvent, grants: Collection[ConsentEvent], question: Question) -> State:
    if grant.actor is Actor.GUARDIAN:  # a guardian's consent joins the child's; alone it permits nothing (art. 45: jointly)
        return State(Status.MINOR, grant)
    until = ends(grant, question.purpose)
    if until is not None and until <= question.at:
        return State(Status.EXPIRED, grant, until)
    if not question.published.carries_over(question.purpose.purpose_id, grant.purpose_version):
        return State(Status.NOTICE_CHANGED, grant, until)
    if not question.minor or question.purpose.minors is Minors.ALIKE:
        return State(Status.GIVEN, grant, until)
    joint = [_guardian_until(other, question) for other in grants if other.actor is Actor.GUARDIAN]
    lasting = [end for valid, end in joint if valid]
    if question.purpose.minors is Minors.NEVER or not lasting:
        return State(Status.MINOR, grant, until)
    longest = max((end or datetime.max.replace(tzinfo=question.at.tzinfo)) for end in lasting)
    return State(Status.GIVEN, grant, min(until, longest) if until else longest)


def _guardian_until(grant: ConsentEvent, question: Question) -> tuple[bool, datetime | None]:
    until = ends(grant, question.purpose)
    valid = (until is None or until > question.at) and question.published.carries_over(question.purpose.purpose_id, grant.purpose_version)
    return valid, until


def ends(grant: ConsentEvent, purpose: Purpose) -> datetime | None:
    """Return when a permission ends by itself: by its own term or the purpose's, whichever is sooner."""
    terms = [grant.valid_until] if grant.valid_until else []
    if purpose.valid_days is not None:
        terms.append(grant.instant + timedelta(days=purpose.valid_days))
    return min(terms, default=None)
