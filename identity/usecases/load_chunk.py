"""Load a chunk of a file: read its rows, name them, and store them in one transaction. One lane of a bulk load."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from identity.domain.ingest import FRESH, IngestCounts, Outcome, RecordResult
from identity.domain.mapping import Refusal, Rejection, RowMapper, SourceMapping
from identity.domain.source_record import RecordRef
from identity.ports.clock import Clock
from identity.ports.ingest_lane import IdentifiedChunk, LoadedChunk
from identity.ports.record_source import Chunk, RowReader
from identity.ports.transactor import Transaction, Transactor
from identity.usecases.store_records import Known, Named, RecordStorer, StoragePlan


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A chunk that waits to be committed. Without a plan, everything is done within the transaction."""

    rejected: list[Rejection]
    kept: list[Named]
    known: Known | None = None
    plan: StoragePlan | None = None


class ChunkLoader:
    """Implements ``IngestLane`` where it stands. Keeps the rows of a chunk between its steps, and nothing after.

    What takes long runs in a thread, so that the transaction of the chunk before goes on meanwhile.
    """

    def __init__(
        self, *, mapping: SourceMapping, reader: RowReader, storer: RecordStorer, transactor: Transactor, clock: Clock, assign: bool
    ) -> None:
        self._mapper = RowMapper(mapping)
        self._mapping = mapping
        self._treatment = storer.treatment(mapping.reading)
        self._reader = reader
        self._storer = storer
        self._transactor = transactor
        self._clock = clock
        self._assign = assign
        self._rejected: list[Rejection] = []
        self._named: list[tuple[int, Named]] = []
        self._prepared: deque[_Prepared] = deque()
        self._all_new = False

    async def start(self) -> None:
        """Look whether the source has no record at all. Then this load's are not looked up: most of a first load's reading.

        Should another writer add some meanwhile, the chunk that repeats one is planned again.
        """
        self._all_new = self._mapping.source not in await self._transactor.run(lambda tx: tx.records.sources(), read_only=True)

    async def identify(self, chunk: Chunk) -> IdentifiedChunk:
        return await asyncio.to_thread(self._identify, chunk)

    def _identify(self, chunk: Chunk) -> IdentifiedChunk:
        source = self._mapping.source
        rows = [read if isinstance(read, Rejection) else self._mapper.map(*read) for read in self._reader.rows(chunk)]
        mapped = [row for row in rows if not isinstance(row, Rejection)]
        self._rejected = [row for row in rows if isinstance(row, Rejection)]
        named = self._storer.name_all([(RecordRef(source, row.key), row.raw, row.deleted) for row in mapped], self._treatment)
        self._named = [(row.line, record) for row, record in zip(mapped, named, strict=True)]
        return IdentifiedChunk(b"".join([record.address.key_mac for record in named]), len(self._rejected))

    async def prepare(self, repeated: Collection[int]) -> None:
        repeats = set(repeated)
        key = self._mapping.key
        named, self._named = self._named, []
        rejected, self._rejected = self._rejected, []
        kept = [record for position, (_, record) in enumerate(named) if position not in repeats]
        rejected += [Rejection(named[position][0], key, Refusal.DUPLICATE_KEY) for position in sorted(repeats)]
        del named
        if kept and not self._assign:
            known = await self._transactor.run(lambda tx: self._storer.look(tx, kept, all_new=self._all_new), read_only=True)
            self._prepared.append(_Prepared(rejected, kept, known, await self._storer.plan(kept, self._mapping.reading, known)))
        else:
            self._prepared.append(_Prepared(rejected, kept))

    async def commit(self) -> LoadedChunk:
        chunk = self._prepared.popleft()
        results = await self._transactor.run(self._work(chunk, self._clock.now())) if chunk.kept else []
        return LoadedChunk(_count(results, chunk.rejected), tuple(chunk.rejected), b"" if self._assign else _fresh(results))

    def _work(self, chunk: _Prepared, at: datetime) -> Callable[[Transaction], Awaitable[list[RecordResult]]]:
        """Return the chunk's unit of work: what was planned, or, if that was overtaken, everything again within the transaction."""
        tried = False

        async def work(tx: Transaction) -> list[RecordResult]:
            nonlocal tried
            overtaken, tried = tried, True
            if chunk.plan and chunk.known and not overtaken and await self._storer.still_holds(tx, chunk.known):
                return await self._storer.apply(tx, chunk.plan, at=at, assign=self._assign)
            self._all_new = False
            return await self._storer.store(tx, chunk.kept, self._mapping.reading, at=at, assign=self._assign)

        return work


def _fresh(results: Sequence[RecordResult]) -> bytes:
    return b"".join([result.record_id.bytes for result in results if result.outcome in FRESH and result.record_id])


def _count(results: Sequence[RecordResult], rejected: Sequence[Rejection]) -> IngestCounts:
    by = Counter(result.outcome for result in results)
    return IngestCounts(
        created=by[Outcome.CREATED],
        updated=by[Outcome.UPDATED],
        unchanged=by[Outcome.UNCHANGED],
        deleted=by[Outcome.DELETED],
        absent=by[Outcome.ABSENT],
        rejected=len(rejected),
        refusals=dict(Counter(rejection.refusal.value for rejection in rejected)),
        unread=dict(Counter(name for result in results for name in result.unread)),
    )
