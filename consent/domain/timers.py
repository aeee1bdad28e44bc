"""What time does to choices: when somebody may be asked again, which permissions are about to end, when a child is of age.

Rules (``french_rules.py`` has the articles); the time is always an argument
- A choice, yes or no, is remembered for six months of the calendar, and so is a question that got no answer: silence is a no. Somebody who
  said no on one linked anchor is not asked on another.
- Another question may be put at once: a version with which the older answers do not count.
- Whoever objected, asked for restriction or was erased is not asked at all, until they lift it themselves.
- A permission that ends is listed before it ends, once for each use it was given for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final
from uuid import UUID

from consent.domain.anchor import Anchor, Subject, alone
from consent.domain.duration import Duration
from consent.domain.event import GRANTS, ConsentEvent, Echo, EventKind
from consent.domain.fold import Question, State, Status, effective
from consent.domain.french_rules import PROSPECT_KEEPING
from consent.domain.purpose import LegalBasis, Published

MEMORY: Final = Duration(months=6)
AGE_OF_CONSENT: Final = 15
_CHOICES: Final = GRANTS | {EventKind.REFUSED, EventKind.WITHDRAWN, EventKind.REQUESTED}
_NEVER: Final = frozenset({Status.OBJECTED, Status.RESTRICTED, Status.ERASED})
_TO_RENEW: Final = frozenset({Status.GIVEN, Status.EXPIRED, Status.NOTICE_CHANGED})
_PARIS: Final = timezone(timedelta(hours=1))
"""Paris in winter. In summer a child comes of age an hour late: the safe side."""
_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Expressed:
    """What was expressed on the anchors of a subject, seen from one of them. Without ``subject`` the anchor is linked to nothing."""

    anchor: Anchor
    events: Collection[ConsentEvent]
    subject: Subject | None = None
    echoes: Collection[Echo] = ()

    def state(self, question: Question) -> State:
        """Return the effective state for a use."""
        return effective(self.anchor, self.subject or alone(self.anchor), self.events, self.echoes, question)


def may_ask_again(expressed: Expressed, question: Question) -> bool:
    """Whether consent to a use may be asked for at ``question.at``."""
    start = ask_from(expressed, question)
    return start is not None and start <= question.at


def ask_from(expressed: Expressed, question: Question) -> datetime | None:
    """Return from when on consent to a use may be asked for; None if not before the person lifts what forbids it."""
    if expressed.state(question).status in _NEVER:
        return None
    purpose, published = question.purpose.purpose_id, question.published
    said = [event for event in (*expressed.events, *(echo.event for echo in expressed.echoes)) if event.kind in _CHOICES]
    answered = [
        event
        for event in said
        if event.covers(purpose, question.channel, question.recipient)
        and (event.purpose_version is None or published.carries_over(purpose, event.purpose_version))
    ]
    return max((MEMORY.after(event.instant) for event in answered), default=_EARLIEST)


@dataclass(frozen=True, slots=True)
class Due:
    """A permission that ends soon, has ended, or does not count for a newer version (``status``), and when to ask for it again."""

    anchor: Anchor
    purpose: str
    channel: str | None
    recipient: str | None
    event: UUID
    status: Status
    ends: datetime | None
    ask_from: datetime | None = field(compare=False)
    may_ask: bool = field(compare=False)


def due(
    events: Collection[ConsentEvent],
    published: Published,
    at: datetime,
    *,
    within: timedelta,
    subjects: Mapping[Anchor, Subject] | None = None,
    echoes: Collection[Echo] = (),
) -> tuple[Due, ...]:
    """Return the permissions that end within a time or have ended, soonest first; an anchor without a subject is linked to nothing.

    ``events`` are those of every anchor of the subjects. A permission that somebody took back is not listed: nobody is asked to take
    back a no.
    """
    said: dict[Anchor, list[ConsentEvent]] = {}
    for event in events:
        said.setdefault(event.anchor, []).append(event)
    found = []
    for anchor in sorted(said):
        subject = (subjects or {}).get(anchor) or alone(anchor)
        expressed = Expressed(anchor, [event for member in sorted(subject.anchors) for event in said.get(member, ())], subject, echoes)
        found += list(_due(expressed, said[anchor], published, at, at + within))
    return tuple(sorted(found, key=lambda one: (one.ends or at, one.anchor, one.purpose, one.channel or "", one.recipient or "")))


def _due(expressed: Expressed, own: Collection[ConsentEvent], published: Published, at: datetime, until: datetime) -> Iterator[Due]:
    uses = {(event.purpose, event.channel, event.recipient) for event in own if event.kind in GRANTS}
    for name, channel, recipient in sorted(uses, key=str):
        purpose = published.purpose(name) if name is not None else None
        if purpose is None or purpose.basis is not LegalBasis.CONSENT:
            continue
        question = Question(purpose, published, at, channel, recipient)
        state = expressed.state(question)
        ends = None if state.status is Status.NOTICE_CHANGED else state.valid_until
        lasting = state.status is Status.GIVEN and (ends is None or ends > until)
        if state.event is None or state.status not in _TO_RENEW or lasting:
            continue
        start = ask_from(expressed, question)
        may = start is not None and start <= at
        yield Due(expressed.anchor, purpose.purpose_id, channel, recipient, state.event.event_id, state.status, ends, start, may)


def is_minor(birth_date: date, at: datetime) -> bool:
    """Whether somebody is under the age of consent, which is 15 in France."""
    today = at.astimezone(_PARIS).date()
    had_birthday = (today.month, today.day) >= (birth_date.month, birth_date.day)
    return today.year - birth_date.year - (0 if had_birthday else 1) < AGE_OF_CONSENT


def prospect_data_until(last_contact: datetime) -> datetime:
    """Return until when data may be kept for advertising after the last contact that came from the person; opening an e-mail is none."""
    return PROSPECT_KEEPING.after(last_contact)
