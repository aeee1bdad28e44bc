"""Decide: may this caller use these attributes of this subject, for this purpose?

Rules
- Links are asked for anew each time, then events are read from one snapshot: whatever was acknowledged before the question is in the
  answer, a withdrawal as much as a merge.
- Somebody unknown, somebody erased and somebody who refused get the same answer, after the same work.
- What cannot be evaluated is refused (``NOT_EVALUABLE``), and the error behind it goes to whoever runs the service.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from consent.domain.anchor import Anchor, Subject, alone
from consent.domain.decision import Decision, Request
from consent.domain.errors import ConsentError, Reason
from consent.domain.event import ConsentEvent, Echo
from consent.domain.fold import Question, State, Status, effective
from consent.domain.purpose import Published
from consent.domain.tables import Scope, Tables
from consent.ports.clock import Clock
from consent.ports.hearing import Hearing
from consent.ports.subject_directory import SubjectDirectory
from consent.usecases.compiled import CompiledTables

NOBODY = State(Status.ERASED)
"""How somebody unknown looks: like somebody erased, who looks like somebody who refused."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request about the subject of an anchor. ``minor``: whether the subject is known to be under the age of consent."""

    request: Request
    anchor: Anchor
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """The answers in the order asked, and the revision and the catalogue they are of."""

    decisions: tuple[Decision, ...]
    revision: int
    published: Published = field(default_factory=Published)


class Decide:
    """Handles questions, many at once."""

    def __init__(self, *, hearing: Hearing, directory: SubjectDirectory, scopes: Mapping[str, Scope], clock: Clock) -> None:
        self._hearing = hearing
        self._directory = directory
        self._tables = CompiledTables(scopes)
        self._clock = clock

    async def __call__(self, asks: Sequence[Ask], *, min_revision: int = 0, as_of: datetime | None = None) -> Decided:
        """Answer each question.

        Raises:
            ConsentError: ``REVISION_NOT_REACHED`` if ``min_revision`` is not there yet; ``DIRECTORY_UNAVAILABLE``, ``STORE_UNAVAILABLE``,
                ``EVENT_ALTERED``: nothing may be used then.
        """
        at = as_of or self._clock.now()
        anchors = {ask.anchor for ask in asks}
        subjects = await self._directory.subjects(anchors, as_of=as_of)
        everyone = {anchor for subject in subjects.values() for anchor in subject.anchors} | anchors
        said = await self._hearing.heard(everyone)
        if said.revision < min_revision:
            raise ConsentError(Reason.REVISION_NOT_REACHED)
        tables, events, echoes = self._tables.of(said.published), said.events, said.echoes
        if as_of is not None:
            events = [event for event in events if event.recorded_at <= as_of]
            echoes = [echo for echo in echoes if echo.event.recorded_at <= as_of]
        heard = _Heard(tables, _by_anchor(events), echoes, at)
        return Decided(tuple(heard.decide(ask, subjects.get(ask.anchor)) for ask in asks), said.revision, tables.published)


def _by_anchor(events: Sequence[ConsentEvent]) -> dict[Anchor, list[ConsentEvent]]:
    heard: dict[Anchor, list[ConsentEvent]] = {}
    for event in events:
        heard.setdefault(event.anchor, []).append(event)
    return heard


@dataclass(frozen=True, slots=True)
class _Heard:
    """What was read for some questions, of one revision."""

    tables: Tables
    events: Mapping[Anchor, Collection[ConsentEvent]]
    echoes: Sequence[Echo]
    at: datetime

    def decide(self, ask: Ask, subject: Subject | None) -> Decision:
        purpose = self.tables.purpose(ask.request.purpose)
        known = subject is not None or ask.anchor in self.events
        if purpose is None or not known:
            return self.tables.decide(ask.request, NOBODY)
        subject = subject or alone(ask.anchor)
        events = [event for anchor in subject.anchors for event in self.events.get(anchor, ())]
        question = Question(
            purpose, self.tables.published, self.at, ask.request.channel, ask.request.recipient, minor=ask.minor or subject.minor
        )
        return self.tables.decide(ask.request, effective(ask.anchor, subject, events, self.echoes, question))
