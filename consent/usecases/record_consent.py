"""Record what people expressed: durable, once, in an order that everybody agrees on, and in force the instant it is acknowledged.

Rules
- All of a request is recorded, or nothing: a fault names its item and field.
- A grant names a published purpose whose ground is consent, and what was shown; a channel or recipient must be one of the purpose's.
  Somebody gave it: a program grants and renews nothing (GDPR Art. 4(11)).
- Without proof of what was shown (a notice) or where it is kept (evidence), an imported grant is recorded as ``unknown``: it is history,
  and permits nothing (GDPR Art. 7(1)).
- A denial stays with every anchor that is of the same subject when it is expressed (an echo); links are asked for before and after, so
  that a merge at the same moment does not slip through.
- The same request again is answered as before; the same id with another body is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from consent.domain.anchor import Anchor
from consent.domain.errors import ConsentError, Reason
from consent.domain.event import DENIALS, GRANTS, Actor, Assurance, ConsentEvent, EventKind, Method, NoticeShown
from consent.domain.purpose import LegalBasis, Published, Purpose
from consent.domain.spoken import is_clear_act, is_proved
from consent.ports.clock import Clock
from consent.ports.id_source import IdSource
from consent.ports.request_store import Answered
from consent.ports.sealing import RequestMac
from consent.ports.subject_directory import SubjectDirectory
from consent.ports.transactor import Transaction, Transactor

LARGEST: Final = 1000
_FUTURE: Final = timedelta(minutes=5)
"""How far a source's clock may be ahead before it is told so."""
_METHOD: Final = "RecordConsent"
SIGNALS: Final = frozenset({Method.GPC, Method.TCF, Method.GPP})
"""Signals and consent strings: evidence, by which nothing is given."""


@dataclass(frozen=True, slots=True)
class Expression:
    """What somebody expressed on an anchor. ``notice_version`` None: the version in force; ``language`` of what was shown."""

    anchor: Anchor
    kind: EventKind
    purpose: str | None
    channel: str | None = None
    recipient: str | None = None
    expressed_at: datetime | None = None
    method: Method = Method.FORM
    actor: Actor = Actor.SELF
    assurance: Assurance = Assurance.DECLARED
    notice_version: int | None = None
    language: str = "fr"
    valid_until: datetime | None = None
    evidence: str = ""
    concerns: UUID | None = None


@dataclass(frozen=True, slots=True)
class RecordConsent:
    """Expressions to record together. ``body`` is the request as it came, to tell a repetition from another request of one id."""

    caller: str
    request_id: str
    expressions: Sequence[Expression]
    body: bytes


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was recorded: the events' ids in the order asked, and the revision from which on every decision knows them."""

    events: tuple[UUID, ...]
    revision: int
    repeated: bool = False


class ConsentRecorder:
    """Handles ``RecordConsent``."""

    def __init__(self, *, transactor: Transactor, directory: SubjectDirectory, macs: RequestMac, ids: IdSource, clock: Clock) -> None:
        self._transactor = transactor
        self._directory = directory
        self._macs = macs
        self._ids = ids
        self._clock = clock

    async def __call__(self, command: RecordConsent) -> Recorded:
        """Record, and return once it is durable.

        Raises:
            ConsentError: ``INVALID_EVENT`` (``item``, ``field``), ``TOO_MANY_ITEMS``, ``PURPOSE_NOT_FOUND``, ``NOTICE_NOT_FOUND``,
                ``REQUEST_ID_REUSED``, ``DIRECTORY_UNAVAILABLE``, ``STORE_UNAVAILABLE``; nothing is recorded then.
        """
        if not 0 < len(command.expressions) <= LARGEST:
            raise ConsentError(Reason.TOO_MANY_ITEMS, given=len(command.expressions), most=LARGEST)
        mac = self._macs.request_mac(command.body)
        denied = {said.anchor for said in command.expressions if said.kind in DENIALS}
        reach = await self._reach(denied)
        ids = [self._ids.new() for _ in command.expressions]

        async def work(tx: Transaction) -> Recorded:
            before = await tx.requests.find(command.caller, _METHOD, command.request_id)
            if before is not None:
                return _again(before, mac)
            published = await tx.catalogue.published()
            now = self._clock.now()
            revision = await tx.events.next_revision()
            events = [
                Item(item, said, published, now).event(event_id, revision)
                for item, (said, event_id) in enumerate(zip(command.expressions, ids, strict=True))
            ]
            await tx.events.append(events, _echoes(events, reach))
            recorded = Recorded(tuple(ids), revision)
            await tx.requests.keep(command.caller, _METHOD, command.request_id, Answered(mac, _answer(recorded)), at=now)
            return recorded

        recorded = await self._transactor.run(work)
        if denied:  # of a repeated request, too: it may have been cut off before this
            await self._catch_up(command.expressions, recorded, reach)
        return recorded

    async def _reach(self, denied: set[Anchor]) -> dict[Anchor, frozenset[Anchor]]:
        if not denied:
            return {}
        return {anchor: subject.anchors - {anchor} for anchor, subject in (await self._directory.subjects(denied)).items()}

    async def _catch_up(self, said: Sequence[Expression], recorded: Recorded, reach: dict[Anchor, frozenset[Anchor]]) -> None:
        """Let the denials stay with whom a merge joined to them while they were being recorded."""
        now = await self._reach({one.anchor for one in said if one.kind in DENIALS})
        late = [
            (other, event_id)
            for one, event_id in zip(said, recorded.events, strict=True)
            if one.kind in DENIALS and one.actor is not Actor.SYSTEM
            for other in now.get(one.anchor, frozenset()) - reach.get(one.anchor, frozenset())
        ]
        if late:
            await self._transactor.run(lambda tx: tx.events.append((), late))


@dataclass(frozen=True, slots=True)
class Item:
    """One expression of a request, and what it is held against."""

    number: int
    said: Expression
    published: Published
    now: datetime

    def event(self, event_id: UUID, revision: int) -> ConsentEvent:
        """Return the event, if the expression is sound.

        Raises:
            ConsentError: ``INVALID_EVENT`` (``item``, ``field``), ``PURPOSE_NOT_FOUND``, ``NOTICE_NOT_FOUND``.
        """
        said, purpose, expressed = self.said, self._purpose(), self.said.expressed_at or self.now
        if expressed > self.now + _FUTURE:
            raise self._fault("expressed_at")
        if not is_clear_act(said.kind, said.actor):
            raise self._fault("actor")
        if said.kind is EventKind.LIFTED and said.method is Method.IMPORT and not said.evidence:
            raise self._fault("evidence")
        if said.kind in GRANTS and said.valid_until is not None and said.valid_until <= expressed:
            raise self._fault("valid_until")
        unproved = said.method is Method.IMPORT and not is_proved(said.kind, said.notice_version, said.evidence)
        unproved = unproved or (said.kind in GRANTS and said.method in SIGNALS)
        return ConsentEvent(
            event_id=event_id,
            anchor=said.anchor,
            kind=EventKind.UNKNOWN if unproved else said.kind,
            purpose=said.purpose,
            purpose_version=self._version(purpose),
            expressed_at=expressed,
            recorded_at=self.now,
            revision=revision,
            channel=said.channel,
            recipient=said.recipient,
            method=said.method,
            actor=said.actor,
            assurance=said.assurance,
            notice=self._shown(purpose),
            valid_until=said.valid_until,
            evidence=said.evidence,
            concerns=said.concerns,
        )

    def _purpose(self) -> Purpose | None:
        said = self.said
        if said.purpose is None:
            if said.kind in DENIALS or said.kind is EventKind.LIFTED:
                return None
            raise self._fault("purpose")
        purpose = self.published.purpose(said.purpose)
        if purpose is None:
            raise ConsentError(Reason.PURPOSE_NOT_FOUND, item=self.number)
        if said.kind in GRANTS and purpose.basis is not LegalBasis.CONSENT:
            raise self._fault("event")
        if said.channel is not None and said.channel not in purpose.channels:
            raise self._fault("channel")
        if said.recipient is not None and said.recipient not in purpose.recipients:
            raise self._fault("recipient")
        return purpose

    def _version(self, purpose: Purpose | None) -> int | None:
        """Return the version of the purpose that was shown; None, under which nothing is permitted, if what was shown has since changed."""
        if purpose is None:
            return None
        older = self.said.kind in GRANTS and self.said.notice_version is not None
        later = self.published.notices.get(purpose.notice, ()) if older else ()
        changed = any(notice.version > (self.said.notice_version or 0) and not notice.compatible for notice in later)
        return None if changed else purpose.version

    def _shown(self, purpose: Purpose | None) -> NoticeShown | None:
        if purpose is None or not purpose.notice:
            return None
        notice = self.published.notice(purpose.notice, self.said.notice_version)
        if notice is None:
            raise ConsentError(Reason.NOTICE_NOT_FOUND, notice=purpose.notice)
        return NoticeShown(notice.notice_id, notice.version, self.said.language, notice.digest)

    def _fault(self, field: str) -> ConsentError:
        return ConsentError(Reason.INVALID_EVENT, item=self.number, field=field)


def _stays(event: ConsentEvent) -> bool:
    """Whether a denial stays with whom it reached: what a program noted of one anchor crosses links only while they last."""
    return event.kind in DENIALS and event.actor is not Actor.SYSTEM


def _echoes(events: Sequence[ConsentEvent], reach: dict[Anchor, frozenset[Anchor]]) -> list[tuple[Anchor, UUID]]:
    return [(other, event.event_id) for event in events if _stays(event) for other in sorted(reach.get(event.anchor, frozenset()))]


def _answer(recorded: Recorded) -> bytes:
    return recorded.revision.to_bytes(8, "big") + b"".join(event_id.bytes for event_id in recorded.events)


def _again(before: Answered, mac: bytes) -> Recorded:
    if before.body_mac != mac:
        raise ConsentError(Reason.REQUEST_ID_REUSED)
    ids = before.answer[8:]
    events = tuple(UUID(bytes=ids[start : start + 16]) for start in range(0, len(ids), 16))
    return Recorded(events, int.from_bytes(before.answer[:8], "big"), repeated=True)
