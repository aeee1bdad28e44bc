"""Take in what people expressed elsewhere: what is already here is not recorded again, and what is not proved permits nothing.

Rules
- Every grant that comes by file needs proof, however it was once expressed: the version of the notice that was shown, and where the proof
  is kept. Without it is recorded as ``unknown``: history that permits nothing (GDPR Art. 7(1)). What takes away needs none.
- A row at fault is left out and told by its line and column, never by a value; the others are recorded.
- A row that was recorded before is not recorded again, so that a file can be imported as often as one likes; one without a time is the same
  whenever it is imported.
- A browser's signal (GPC) is an objection to each purpose that heeds it, once (``spoken.py``). Consent strings (TCF, GPP) are evidence of a
  row and decide nothing by themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from consent.domain.anchor import Anchor
from consent.domain.errors import ConsentError, Reason
from consent.domain.event import DENIALS, GRANTS, ConsentEvent, EventKind
from consent.domain.purpose import Published
from consent.domain.spoken import SIGNAL, is_proved, signal_objections
from consent.ports.clock import Clock
from consent.ports.sealing import RequestMac
from consent.ports.transactor import Transaction, Transactor
from consent.usecases.record_consent import LARGEST, SIGNALS, ConsentRecorder, Expression, Item, RecordConsent

_COLUMNS: Final = {"expressed_at": "at"}
"""Fields of an expression that a file names otherwise."""
_COLUMN_OF: Final = {Reason.PURPOSE_NOT_FOUND: "purpose", Reason.NOTICE_NOT_FOUND: "notice_version"}
_NO_ID: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row of a file. ``signal``: it is a browser's refusal signal, and the expression only says on which anchor, and when."""

    line: int
    said: Expression
    signal: bool = False


@dataclass(frozen=True, slots=True)
class RowRefused:
    """A row that was not recorded: its line, the column at fault, and why."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of some rows. ``unproved`` of those ``recorded`` permit nothing; ``present`` were here already."""

    recorded: int = 0
    unproved: int = 0
    present: int = 0
    refused: tuple[RowRefused, ...] = ()

    def __add__(self, other: Imported) -> Imported:
        return Imported(
            self.recorded + other.recorded, self.unproved + other.unproved, self.present + other.present, self.refused + other.refused
        )


class ConsentImporter:
    """Handles rows, some hundreds at a time."""

    def __init__(self, *, transactor: Transactor, recorder: ConsentRecorder, macs: RequestMac, clock: Clock) -> None:
        self._transactor = transactor
        self._recorder = recorder
        self._macs = macs
        self._clock = clock

    async def __call__(self, caller: str, rows: Sequence[ImportRow]) -> Imported:
        """Record the rows that are sound and new, and return once they are durable.

        Raises:
            ConsentError: ``DIRECTORY_UNAVAILABLE``, ``STORE_UNAVAILABLE``, ``EVENT_ALTERED``; what was recorded so far stays.
        """
        anchors = {row.said.anchor for row in rows}

        async def read(tx: Transaction) -> tuple[Published, list[ConsentEvent]]:
            return await tx.catalogue.published(), await tx.events.of(anchors)

        published, events = await self._transactor.run(read, read_only=True)
        sorted_out = _Sorting(published, events, self._clock.now())
        for row in rows:
            sorted_out.take(row)
        done = Imported(present=sorted_out.present, refused=tuple(sorted_out.refused))
        new = list(sorted_out.new)
        for start in range(0, len(new), LARGEST):
            done += await self._record(caller, new[start : start + LARGEST])
        return done

    async def _record(self, caller: str, some: Sequence[Expression]) -> Imported:
        """Record expressions under an id made of what they say: the same again is the same request."""
        body = "\n".join(map(_line, some)).encode("utf-8", "surrogatepass")
        request_id = str(UUID(bytes=self._macs.request_mac(b"import\n" + body)[:16]))
        recorded = await self._recorder(RecordConsent(caller, request_id, some, body))
        if recorded.repeated:
            return Imported(present=len(some))
        return Imported(recorded=len(some), unproved=sum(said.kind is EventKind.UNKNOWN for said in some))


class _Sorting:
    """Sorts rows into new ones, those already here, and those at fault."""

    def __init__(self, published: Published, events: Iterable[ConsentEvent], now: datetime) -> None:
        self._published = published
        self._now = now
        self._heard: defaultdict[Anchor, list[ConsentEvent]] = defaultdict(list)
        for event in events:
            self._heard[event.anchor].append(event)
        self._signalled: set[Anchor] = set()
        self.new: dict[Expression, None] = {}
        self.present = 0
        self.refused: list[RowRefused] = []

    def take(self, row: ImportRow) -> None:
        """Sort a row."""
        for said in self._signal(row) if row.signal else [row.said]:
            try:
                Item(0, said, self._published, self._now).event(_NO_ID, 0)
            except ConsentError as error:
                self.refused.append(_refused(row.line, error))
                return
            proved = said if _is_dated_and_proved(said) else replace(said, kind=EventKind.UNKNOWN)
            same = [event for event in self._heard[proved.anchor] if _same(proved, event)]
            if proved in self.new or (same and not self._was_answered(proved, same)):
                self.present += 1
            else:  # what is said anew is dated, so that it is another request than the first time
                self.new[replace(proved, expressed_at=self._now) if same else proved] = None

    def _was_answered(self, said: Expression, same: Sequence[ConsentEvent]) -> bool:
        """Whether a no without a date, which was recorded before, was answered since: then whoever lists it again says it again."""
        if said.expressed_at is not None or said.kind not in DENIALS:
            return False
        answers = [event.instant for event in self._heard[said.anchor] if event.kind in GRANTS or event.kind is EventKind.LIFTED]
        return any(answer >= max(event.instant for event in same) for answer in answers)

    def _signal(self, row: ImportRow) -> list[Expression]:
        """Return what a browser's signal says that it has not said before."""
        anchor = row.said.anchor
        at = row.said.expressed_at or self._now
        said = () if anchor in self._signalled else signal_objections(SIGNAL, self._heard[anchor], self._published, at)
        self._signalled.add(anchor)
        self.present += not said
        return [
            replace(row.said, kind=one.kind, purpose=one.purpose, method=one.method, assurance=one.assurance, actor=one.actor)
            for one in said
        ]


def _is_dated_and_proved(said: Expression) -> bool:
    """Whether a row can stand as it is: a yes that nobody can date must not answer a no."""
    if said.kind in GRANTS and (said.expressed_at is None or said.method in SIGNALS):
        return False
    return is_proved(said.kind, said.notice_version, said.evidence)


def _same(said: Expression, event: ConsentEvent) -> bool:
    """Whether an event is what a row says. What a row leaves open (a time, a version of the notice) is no difference."""
    notice = event.notice.version if event.notice else None
    return (
        said.expressed_at in {None, event.expressed_at}
        and said.notice_version in {None, notice}
        and (said.kind, said.purpose, said.channel, said.recipient) == (event.kind, event.purpose, event.channel, event.recipient)
        and (said.method, said.actor, said.assurance) == (event.method, event.actor, event.assurance)
        and (said.valid_until, said.evidence) == (event.valid_until, event.evidence)
    )


def _refused(line: int, error: ConsentError) -> RowRefused:
    field = str(error.facts.get("field", _COLUMN_OF.get(error.reason, "")))
    return RowRefused(line, _COLUMNS.get(field, field), error.reason.value)


def _line(said: Expression) -> str:
    """Write an expression so that no two read alike."""
    return repr((said.anchor.source, said.anchor.mac, *(getattr(said, field.name) for field in fields(said) if field.name != "anchor")))
