"""A lane makes its next chunk ready while the one before is being committed; a failure of either loses nothing of the other's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from identity.adapters.files import RejectsFile, open_source
from identity.domain.errors import IdentityError, Reason
from identity.domain.mapping_file import parse_mapping
from identity.ports.ingest_lane import IdentifiedChunk, IngestLane, LoadedChunk
from identity.ports.record_source import Chunk, RecordSource, SourceFileError
from identity.usecases.ingest_file import IngestFile, IngestSummary
from tests.builders.intake import HEADER, MAPPING, Intake

ROWS = 60  # in chunks of four


class WatchedLane:
    """A lane whose commits wait until its next chunk is prepared, or ``until`` commits were made; then they fail."""

    def __init__(self, lane: IngestLane, *, until: int = ROWS, hang: bool = False) -> None:
        self._lane = lane
        self._until = until
        self._hang = hang
        self._prepared = asyncio.Semaphore(0)
        self.steps: list[str] = []
        self.waiting = 0
        self.most_waiting = 0

    async def identify(self, chunk: Chunk) -> IdentifiedChunk:
        self.waiting += 1
        self.most_waiting = max(self.waiting, self.most_waiting)
        return await self._lane.identify(chunk)

    async def prepare(self, repeated: Collection[int]) -> None:
        if self._hang and self._until == 0:
            self.steps.append("hang")
            await asyncio.Event().wait()
        await self._lane.prepare(repeated)
        self.steps.append("prepare")

    async def commit(self) -> LoadedChunk:
        self.steps.append("commit")
        for _ in range(20):  # time for whatever is done meanwhile
            await asyncio.sleep(0.001)
        if self._until == 0:
            raise IdentityError(Reason.STORE_UNAVAILABLE, cause="gone")
        self._until -= 1
        loaded = await self._lane.commit()
        self.steps.append("committed")
        self.waiting -= 1
        return loaded


class Damaged:
    """A file of which some chunks can be read."""

    def __init__(self, source: RecordSource, chunks: int) -> None:
        self._source = source
        self._chunks = chunks
        self.traits = source.traits
        self.reader = source.reader

    def chunks(self, sizes: Iterable[int]) -> Iterator[Chunk]:
        for number, chunk in enumerate(self._source.chunks(4 for _ in sizes)):
            if number == self._chunks:
                raise SourceFileError("people.csv", "is damaged")
            yield chunk


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    rows = (f"k{n};Zoé;Martin{n};12/03/{1920 + n};p{n}@courriel.example;" for n in range(ROWS))
    path.write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
    return path


class Load:
    """A bulk load in chunks of four rows, of a file that can be damaged, through lanes that can fail."""

    def __init__(self, path: Path) -> None:
        self.intake = Intake(small=4)
        self._path = path
        self.lanes: list[WatchedLane] = []

    async def run(self, *, lanes: int = 1, until: int = ROWS, hang: bool = False, readable: int = ROWS) -> IngestSummary:
        mapping = parse_mapping(MAPPING)
        source = Damaged(open_source(self._path, mapping), readable)
        own = [self.intake.lane(mapping, source.reader, assign=False) for _ in range(lanes)]
        self.lanes = [WatchedLane(lane, until=until, hang=hang) for lane in own]

        @asynccontextmanager
        async def opened(_bulk: bool) -> AsyncIterator[Sequence[IngestLane]]:
            yield self.lanes

        with RejectsFile(self._path) as rejects:
            return await self.intake.ingest_file(IngestFile("crm"), source, lanes=opened, rejects=rejects)


async def test_the_next_chunk_is_made_ready_while_one_is_committed_and_not_the_one_after(path: Path) -> None:
    load = Load(path)
    summary = await load.run()
    [lane] = load.lanes
    assert summary.counts.created == ROWS
    assert lane.steps[:6] == ["prepare", "commit", "prepare", "committed", "commit", "prepare"]
    assert lane.most_waiting == 2


async def test_a_commit_that_fails_while_the_next_chunk_is_made_ready_ends_the_load_and_loses_nothing(path: Path) -> None:
    load = Load(path)
    with pytest.raises(IdentityError, match="STORE_UNAVAILABLE"):
        await load.run(until=3)
    assert len(await load.intake.identities()) == 12
    summary = await load.run(lanes=2)
    assert (summary.counts.unchanged, summary.counts.created) == (12, ROWS - 12)


async def test_a_failed_commit_does_not_wait_for_a_next_chunk_that_never_gets_ready(path: Path) -> None:
    load = Load(path)
    with pytest.raises(IdentityError, match="STORE_UNAVAILABLE"):
        await asyncio.wait_for(load.run(until=1, hang=True), 5)
    assert load.lanes[0].steps[-1] in {"hang", "commit"}
    assert len(await load.intake.identities()) == 4


@pytest.mark.parametrize("lanes", [1, 2])
async def test_what_was_read_of_a_damaged_file_is_stored(path: Path, lanes: int) -> None:
    load = Load(path)
    with pytest.raises(SourceFileError, match="damaged"):
        await load.run(lanes=lanes, readable=7)
    assert len(await load.intake.identities()) == 28
