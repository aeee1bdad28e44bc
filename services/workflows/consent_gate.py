"""Identity's purpose gate, over what people chose: every release and every link waits for its answer.

Rules
- The subject comes with the question, as identity's transaction sees it; what its anchors expressed is read at once and fresh, so that
  whatever was acknowledged before the question is in the answer.
- An identity may be told to a use if one of its anchors permits it; an attribute, only if the anchor of the record that it comes from does.
- A record whose own anchor denies unification, by what was said on it or by an echo, is linked with nobody. What others said does not
  count here: it would depend on the very links that are to be made.
- Unknown means no: a purpose that nobody published permits nothing, not even linking.
- What cannot be answered is an error (``ConsentError``), which passes through identity: nothing is released or linked then.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, final

from consent.domain.anchor import Anchor, alone
from consent.domain.anchor import Subject as ConsentSubject
from consent.domain.decision import Decision, Effect, Request, on_ground
from consent.domain.decision import Ruling as ConsentRuling
from consent.domain.event import ConsentEvent, Echo
from consent.domain.explanation import REASONS
from consent.domain.fold import UNKNOWN, Question, State, effective
from consent.domain.tables import Scope, Tables
from consent.ports.clock import Clock
from consent.ports.hearing import Heard, Hearing
from consent.usecases.compiled import CompiledTables
from consent.usecases.decide import NOBODY
from identity.domain.source_record import RecordAddress, RecordId
from identity.ports.profile_gate import ProfileRelease, Ruling
from identity.ports.purpose_gate import Release, Subject, Use
from services.workflows.subject_directory import subject_of

UNIFICATION: Final = "unification"
"""The purpose under which records are linked."""


@final
class ConsentGate:
    """Fulfils ``PurposeGate`` and ``ProfileGate``. ``scopes`` are looked at with every question."""

    def __init__(self, *, hearing: Hearing, scopes: Mapping[str, Scope], clock: Clock) -> None:
        self._hearing = hearing
        self._tables = CompiledTables(scopes)
        self._last: Tables | None = None
        self._clock = clock

    def warnings_for(self, use: Use) -> tuple[str, ...]:
        """Say why nothing can be permitted to a use, whoever it is about, if that is so: by the catalogue as it was last read."""
        if self._last is None:
            return ()
        reason = self._last.impersonal(Request(use.caller, use.purpose, use.recipient, ()))
        return (REASONS[reason].in_language("en"),) if reason is not None else ()

    async def may_release(self, use: Use, subjects: Sequence[Subject]) -> list[Release]:
        """Decide, for each subject, whether ``use`` may learn of it.

        Raises:
            ConsentError: ``STORE_UNAVAILABLE``, ``EVENT_ALTERED``.
        """
        asked = [(subject_of(subject), subject.minor) for subject in subjects]
        said = await self._heard({anchor for subject, _ in asked for anchor in subject.anchors})
        request = Request(use.caller, use.purpose, use.recipient, ())
        return [_release(said.most(request, subject, minor=minor)) for subject, minor in asked]

    async def may_use(
        self, use: Use, asked: RecordAddress, subject: Subject | None, wanted: Sequence[str], channel: str | None
    ) -> ProfileRelease:
        """Rule on attributes, record by record; nobody known is answered as somebody who refused.

        Raises:
            ConsentError: ``STORE_UNAVAILABLE``, ``EVENT_ALTERED``.
        """
        anchor = Anchor(*asked)
        known = subject_of(subject) if subject is not None else None
        minor = subject is not None and subject.minor
        said = await self._heard(known.anchors | {anchor} if known else {anchor})
        names = tuple(wanted) or said.needed(use.purpose)
        request = Request(use.caller, use.purpose, use.recipient, names, channel)
        decisions = {member: said.decide(request, member, known, minor=minor) for member in (known.anchors if known else ())}
        own = said.decide(request, anchor, known, minor=minor)
        return ProfileRelease(
            use=_ruling(own.general),
            wanted=names,
            otherwise=_rulings(own),
            by_record={RecordAddress(member.source, member.mac): _rulings(decision) for member, decision in decisions.items()},
            obligations=next((decision.obligations for decision in (own, *decisions.values()) if decision.obligations), ()),
        )

    async def may_link(self, records: Mapping[RecordId, RecordAddress]) -> frozenset[RecordId]:
        """Return the records that nobody objects to linking.

        Raises:
            ConsentError: ``STORE_UNAVAILABLE``, ``EVENT_ALTERED``.
        """
        if not records:
            return frozenset()
        said = await self._heard({Anchor(*address) for address in records.values()})
        purpose = said.tables.purpose(UNIFICATION)
        if purpose is None:
            return frozenset()
        question = Question(purpose, said.tables.published, said.at)
        silent = _permits(question, UNKNOWN)
        spoke = {anchor: _permits(question, said.alone(anchor, question)) for anchor in said.events.keys() | said.echoes.keys()}
        if silent and all(spoke.values()):
            return frozenset(records)
        return frozenset(record for record, address in records.items() if spoke.get(Anchor(*address), silent))

    async def _heard(self, anchors: Collection[Anchor]) -> _Said:
        heard: Heard = await self._hearing.heard(anchors)
        events: dict[Anchor, list[ConsentEvent]] = {}
        for event in heard.events:
            events.setdefault(event.anchor, []).append(event)
        echoes: dict[Anchor, list[Echo]] = {}
        for echo in heard.echoes:
            echoes.setdefault(echo.anchor, []).append(echo)
        self._last = self._tables.of(heard.published)
        return _Said(self._last, events, echoes, self._clock.now())


@dataclass(frozen=True, slots=True)
class _Said:
    """What was heard for one call, of one revision."""

    tables: Tables
    events: Mapping[Anchor, list[ConsentEvent]]
    echoes: Mapping[Anchor, list[Echo]]
    at: datetime

    def needed(self, purpose_id: str) -> tuple[str, ...]:
        """Return the attributes that a purpose needs."""
        purpose = self.tables.purpose(purpose_id)
        return tuple(sorted(purpose.attributes)) if purpose else ()

    def alone(self, anchor: Anchor, question: Question) -> State:
        """Return the state of an anchor by itself: what was said on it, and the echoes that reached it."""
        return effective(anchor, alone(anchor), self.events.get(anchor, ()), self.echoes.get(anchor, ()), question)

    def decide(self, request: Request, anchor: Anchor, subject: ConsentSubject | None, *, minor: bool) -> Decision:
        """Decide for one anchor of a subject; without a subject it is nobody's."""
        purpose = self.tables.purpose(request.purpose)
        if purpose is None or subject is None:
            return self.tables.decide(request, NOBODY)
        events = [event for member in subject.anchors for event in self.events.get(member, ())]
        echoes = [echo for member in subject.anchors for echo in self.echoes.get(member, ())]
        question = Question(purpose, self.tables.published, self.at, request.channel, request.recipient, minor=minor)
        return self.tables.decide(request, effective(anchor, subject, events, echoes, question))

    def most(self, request: Request, subject: ConsentSubject, *, minor: bool) -> ConsentRuling:
        """Return the ruling of the anchor that permits most. Anchors proved to be one person's speak with one voice, so one is asked."""
        ruling = self.tables.decide(request, NOBODY).general
        for group in subject.groups:
            ruling = self.decide(request, min(group), subject, minor=minor).general
            if ruling.effect is Effect.PERMIT:
                break
        return ruling


def _permits(question: Question, state: State) -> bool:
    return on_ground(question.purpose.basis, state, prospecting=question.purpose.prospecting)[0] is Effect.PERMIT


def _release(ruling: ConsentRuling) -> Release:
    return Release(permitted=ruling.effect is Effect.PERMIT, ground=ruling.basis.value if ruling.basis else "")


def _rulings(decision: Decision) -> dict[str, Ruling]:
    return {name: _ruling(ruling) for name, ruling in decision.rulings.items()}


def _ruling(ruling: ConsentRuling) -> Ruling:
    return Ruling(
        permitted=ruling.effect is Effect.PERMIT,
        reason=ruling.reason.value,
        basis=ruling.basis.value if ruling.basis else "",
        event=str(ruling.event) if ruling.event else "",
        purpose_version=ruling.purpose_version or 0,
        notice=ruling.notice,
        valid_until=ruling.valid_until,
    )
