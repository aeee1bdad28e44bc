"""Ingest a file: all its rows, each once, at the speed of the machine; what is already there is left as it is.

Rules
- A chunk is one transaction. What was acknowledged stays; after a crash the same command goes on where it stopped, since rows that
  are stored count as unchanged.
- Chunks are identified in the order of the file, so that of two rows with one key the first stands, however many lanes there are.
- A lane makes its next chunk ready while the one before is being committed, and goes no further: two chunks a lane are in memory.
- A small file's records are assigned as they are stored. A bulk file's are stored each in an identity of its own; if few are new or
  changed they are assigned afterwards, otherwise the batch link does it, and the summary says so.
- ``full`` deletes the source's records that the file does not have, unless that is more of them than the budget, or a row could not be
  read so far as to know whose it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, repeat
from typing import Any, Final, TypeAlias
from uuid import UUID

from identity.domain.errors import IdentityError, Reason
from identity.domain.ingest import IngestCounts
from identity.domain.source_record import RecordId
from identity.ports.clock import Clock
from identity.ports.ingest_lane import ID_BYTES, KEY_BYTES, IdentifiedChunk, IngestLane
from identity.ports.record_source import Chunk, RecordSource, RejectsSink, SourceFileError, SourceTraits
from identity.ports.transactor import Transaction, Transactor
from identity.usecases.store_records import Assigner, delete_records

SMALL: Final = 5000
"""Most rows of a file, or new records of a bulk load, that are assigned at once rather than by the batch link: seconds of work."""
_SMALL_CHUNK: Final = 250
_BULK_CHUNK: Final = 8000
"""Rows of a bulk transaction: the more, the more blocking keys meet on one page of their index; a lane holds some 20 MB of them."""
_ASSIGN_CHUNK: Final = 100
_DELETE_CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class IngestFile:
    """Take in the file of one source. ``deletion_budget`` is the largest share of the source's records that ``full`` may delete.

    ``store_only`` leaves all assigning to the batch link, however few the records are.
    """

    source: str
    full: bool = False
    deletion_budget: float = 0.2
    store_only: bool = False


@dataclass(frozen=True, slots=True)
class IngestProgress:
    """How far it is: counts so far, and bytes read of the file's size."""

    counts: IngestCounts
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class IngestSummary:
    """What was done. ``linked`` tells whether new records were assigned; otherwise ``entente link`` does it.

    ``absent_kept`` counts records that ``full`` would have deleted, had every row been readable.
    """

    source: str
    traits: SourceTraits
    counts: IngestCounts
    removed: int = 0
    absent_kept: int = 0
    linked: bool = True
    seconds: float = 0.0

    @property
    def rows_per_second(self) -> float:
        """Rows read per second, opening included."""
        return self.counts.read / self.seconds if self.seconds > 0 else 0.0


OpenLanes: TypeAlias = Callable[[bool], AbstractAsyncContextManager[Sequence[IngestLane]]]
"""Opens the lanes of a small (assigning) or a bulk (True) load."""


class SeenKeys:
    """The keyed addresses met so far: some 90 bytes each."""

    def __init__(self) -> None:
        self._keys: set[bytes] = set()
        self.unnamed = 0

    def __contains__(self, key: bytes) -> bool:
        return key in self._keys

    def add(self, identified: IdentifiedChunk) -> list[int]:
        """Add a chunk's keys; return the positions of those that were met before."""
        self.unnamed += identified.unnamed
        repeated = []
        for position, start in enumerate(range(0, len(identified.keys), KEY_BYTES)):
            key = identified.keys[start : start + KEY_BYTES]
            if key in self._keys:
                repeated.append(position)
            self._keys.add(key)
        return repeated


@dataclass(slots=True)
class _Run:
    """The state of one ingest. Lanes take turns: chunk n may be compared with the seen keys once n - 1 was."""

    chunks: Iterator[Chunk]
    size: int
    small: int
    seen: SeenKeys = field(default_factory=SeenKeys)
    counts: IngestCounts = field(default_factory=IngestCounts)
    fresh: list[RecordId] = field(default_factory=list)
    many_fresh: bool = False
    damage: SourceFileError | None = None
    taken: int = 0
    turn: int = 0
    turned: asyncio.Condition = field(default_factory=asyncio.Condition)
    committing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def take(self) -> tuple[int, Chunk | None]:
        """Take the next chunk, with its number, off the file; None where it ends, or is ``damage``d: lanes finish what was read."""
        try:
            chunk = next(self.chunks, None)
        except SourceFileError as error:
            self.damage, chunk = error, None
        self.taken += chunk is not None
        return self.taken - 1, chunk

    async def in_turn(self, number: int, identified: IdentifiedChunk) -> list[int]:
        """Wait for the chunks before; return the positions of keys that were met in one of them, or before in this one."""
        async with self.turned:
            await self.turned.wait_for(lambda: self.turn == number)
            self.turn += 1
            self.turned.notify_all()
            return self.seen.add(identified)

    def keep_fresh(self, fresh: bytes) -> None:
        if self.many_fresh or len(self.fresh) + len(fresh) // ID_BYTES > self.small:
            self.many_fresh = True
            self.fresh.clear()
        else:
            self.fresh += [RecordId(UUID(bytes=fresh[at : at + ID_BYTES])) for at in range(0, len(fresh), ID_BYTES)]


class FileIngester:
    """Handles ``IngestFile``."""

    def __init__(self, *, transactor: Transactor, assigner: Assigner, clock: Clock, small: int = SMALL) -> None:
        """``small``: most rows of a file, or new records of a bulk load, that are assigned at once."""
        self._transactor = transactor
        self._assigner = assigner
        self._clock = clock
        self._small = small

    async def __call__(
        self,
        command: IngestFile,
        source: RecordSource,
        *,
        lanes: OpenLanes,
        rejects: RejectsSink,
        progress: Callable[[IngestProgress], None] = lambda _: None,
    ) -> IngestSummary:
        """Ingest the file and tell what became of its rows.

        Raises:
            SourceFileError: if the file turns out to be damaged; what was read until then is stored.
            IdentityError: ``CHURN_OVER_BUDGET`` if ``full`` would delete too much (then it deletes nothing); ``STORE_UNAVAILABLE``.
        """
        start = self._clock.now()
        small = 0 if command.store_only else self._small
        ahead, bulk = _look_ahead(source, small)
        run = _Run(ahead, source.traits.size, small)
        async with lanes(bulk) as opened:
            await _all([_drive(lane, run, rejects, progress) for lane in opened])
        if run.damage:
            raise run.damage
        linked = await self._assign(run)
        removed, kept = await self._remove_absent(command, run.seen) if command.full else (0, 0)
        seconds = (self._clock.now() - start).total_seconds()
        return IngestSummary(command.source, source.traits, run.counts, removed, kept, linked, seconds)

    async def _assign(self, run: _Run) -> bool:
        """Assign what a bulk load left alone, if it is little; tell whether everything is assigned."""
        for batch in _batches(run.fresh, _ASSIGN_CHUNK):
            at = self._clock.now()

            async def work(tx: Transaction, batch: Sequence[RecordId] = batch, at: datetime = at) -> None:
                await self._assigner.within(tx, batch, at=at)

            await self._transactor.run(work)
        return not run.many_fresh

    async def _remove_absent(self, command: IngestFile, seen: SeenKeys) -> tuple[int, int]:
        """Delete the source's records that were not seen; return how many, and how many were kept because of unreadable rows."""

        async def look(tx: Transaction) -> tuple[list[RecordId], int]:
            stored, absent = 0, list[RecordId]()
            async for heads in tx.records.scan_source(command.source):
                stored += len(heads)
                absent += [head.record_id for head in heads if head.address.key_mac not in seen]
            return absent, stored

        absent, stored = await self._transactor.run(look, read_only=True)
        if seen.unnamed:
            return 0, len(absent)
        if len(absent) > stored * command.deletion_budget:
            raise IdentityError(Reason.CHURN_OVER_BUDGET, absent=len(absent), stored=stored, budget=command.deletion_budget)
        for batch in _batches(absent, _DELETE_CHUNK):
            at = self._clock.now()

            async def work(tx: Transaction, batch: Sequence[RecordId] = batch, at: datetime = at) -> None:
                await delete_records(tx, self._assigner, batch, at=at)

            await self._transactor.run(work)
        return len(absent), 0


def _look_ahead(source: RecordSource, small: int) -> tuple[Iterator[Chunk], bool]:
    """Return the chunks, and whether they are many: small ones first, until the file proves to be large. To 0 every file is large."""
    tried = min(_SMALL_CHUNK, small)
    few = repeat(tried, small // tried + 1) if tried else ()
    chunks = source.chunks(chain(few, repeat(_BULK_CHUNK)))
    first: list[Chunk] = []
    rows = 0
    while rows <= small and (chunk := next(chunks, None)):
        first.append(chunk)
        rows += chunk.rows
    return chain(first, chunks), rows > small


async def _all(drives: Sequence[Coroutine[None, None, None]]) -> None:
    """Run the lanes side by side; when one fails stop the others, and raise its error as it is."""
    tasks = [asyncio.ensure_future(drive) for drive in drives]
    try:
        await asyncio.gather(*tasks)
    finally:
        await _stop(tasks)


async def _stop(tasks: Sequence[asyncio.Future[Any]]) -> None:
    """Cancel what still runs, and wait until it has ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _drive(lane: IngestLane, run: _Run, rejects: RejectsSink, progress: Callable[[IngestProgress], None]) -> None:
    """Feed a lane until the file ends; a chunk that was prepared is committed while the next is made ready."""
    commit: asyncio.Task[None] | None = None
    preparing: asyncio.Task[Chunk | None] | None = None
    try:
        while True:
            preparing = asyncio.create_task(_prepare(lane, run))
            if commit:
                await commit  # first: if it fails the next chunk is given up, and if the next one fails this one is stored
            if (chunk := await preparing) is None:
                return
            commit = asyncio.create_task(_commit(lane, run, chunk.offset, rejects, progress))
    finally:
        await _stop([task for task in (preparing, commit) if task])


async def _prepare(lane: IngestLane, run: _Run) -> Chunk | None:
    """Make the next chunk ready to be committed; return None at the end of the file."""
    number, chunk = run.take()
    if chunk is not None:
        await lane.prepare(await run.in_turn(number, await lane.identify(chunk)))
    return chunk


async def _commit(lane: IngestLane, run: _Run, offset: int, rejects: RejectsSink, progress: Callable[[IngestProgress], None]) -> None:
    """Commit a lane's prepared chunk, in its turn among the lanes, and note what became of it."""
    async with run.committing:
        loaded = await lane.commit()
    run.counts += loaded.counts
    run.keep_fresh(loaded.fresh)
    rejects.add(loaded.rejected)
    progress(IngestProgress(run.counts, offset, run.size))


def _batches(records: Sequence[RecordId], size: int) -> Iterator[Sequence[RecordId]]:
    for start in range(0, len(records), size):
        yield records[start : start + size]
