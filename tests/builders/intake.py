"""Everything that takes records in, over one store, with files written on the fly."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from identity.adapters.files import RejectsFile, open_source
from identity.domain.ingest import IncomingRecord, IngestCounts
from identity.domain.mapping import SourceMapping
from identity.domain.mapping_file import parse_mapping
from identity.domain.personal import Personal
from identity.domain.source_record import IdentityId, RecordId, RecordRef
from identity.domain.standardise import STANDARDISER, Standardiser
from identity.ports.ingest_lane import IngestLane
from identity.ports.linker import Linker
from identity.ports.sealer import RecordContent, Sealer
from identity.ports.transactor import Transaction, Transactor
from identity.usecases.delete_record import RecordDeleter
from identity.usecases.ingest_file import SMALL, FileIngester, IngestFile, IngestProgress, IngestSummary, OpenLanes
from identity.usecases.ingest_records import RecordIngester
from identity.usecases.load_chunk import ChunkLoader
from identity.usecases.record_status import GetRecordStatus, RecordStatus, RecordStatusReader
from identity.usecases.store_records import RecordStorer
from tests.builders.identities import CountingIds, World

MAPPING = """\
source = "crm"
key = "id"
format = { delimiter = ";", encoding = "utf-8" }
deleted = "gone"
[attributes]
given_name = "first"
family_name = "last"
birth_date = { column = "born", format = "%d/%m/%Y" }
email = "mail"
"""
HEADER = "id;first;last;born;mail;gone"


def record(key: str, *, source: str = "crm", deleted: bool = False, **raw: str) -> IncomingRecord:
    """Return a record that arrives."""
    return IncomingRecord(RecordRef(source, key), Personal(raw), deleted)


class Intake:
    """Use cases of ingest, wired to a world's stores and model."""

    def __init__(
        self,
        *,
        transactor: Transactor | None = None,
        sealer: Sealer | None = None,
        small: int = SMALL,
        ids: CountingIds | None = None,
        linker: Linker | None = None,
        standardiser: Standardiser = STANDARDISER,
    ) -> None:
        """``sealer`` must unseal by the same ``standardiser``; ``ids`` are those of records, and after them of identities."""
        self.world = World(transactor=transactor, sealer=sealer, linker=linker, ids=ids)
        self.transactor = self.world.transactor
        self.sealer = self.world.sealer
        self.storer = RecordStorer(
            sealer=self.sealer,
            ids=ids or CountingIds(1 << 100),
            access=self.world.access,
            models=self.world.models,
            assigner=self.world.assigner,
            standardiser=standardiser,
        )
        clock, assigner = self.world.clock, self.world.assigner
        self.ingest = RecordIngester(transactor=self.transactor, storer=self.storer, clock=clock)
        self.delete = RecordDeleter(transactor=self.transactor, sealer=self.sealer, clock=clock, assigner=assigner)
        self.status_reader = RecordStatusReader(transactor=self.transactor, sealer=self.sealer)
        self.ingest_file = FileIngester(transactor=self.transactor, assigner=assigner, clock=clock, small=small)
        self.progress: list[IngestProgress] = []

    async def status(self, key: str, source: str = "crm") -> RecordStatus:
        return await self.status_reader(GetRecordStatus(RecordRef(source, key)))

    async def identities(self) -> dict[IdentityId, frozenset[RecordId]]:
        return await self.world.identities()

    async def content(self, key: str) -> RecordContent:
        """Return what is stored of a record, unsealed."""
        status = await self.status(key)

        async def work(tx: Transaction) -> RecordContent:
            [version] = (await tx.records.read([status.record_id])).values()
            return self.sealer.unseal([version])[0].reveal(self.world.access)

        return await self.transactor.run(work, read_only=True)

    async def file(
        self,
        path: Path,
        *rows: str,
        mapping: str = MAPPING,
        lanes: int = 1,
        full: bool = False,
        store_only: bool = False,
        open_lanes: OpenLanes | None = None,
    ) -> IngestSummary:
        """Write ``rows`` under the usual header and take the file in."""
        path.write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
        return await self.existing_file(path, mapping=mapping, lanes=lanes, full=full, store_only=store_only, open_lanes=open_lanes)

    async def existing_file(
        self,
        path: Path,
        *,
        mapping: str = MAPPING,
        lanes: int = 1,
        full: bool = False,
        store_only: bool = False,
        open_lanes: OpenLanes | None = None,
    ) -> IngestSummary:
        read = parse_mapping(mapping)
        source = open_source(path, read)

        @asynccontextmanager
        async def local(bulk: bool) -> AsyncIterator[Sequence[IngestLane]]:
            yield [self.lane(read, source.reader, assign=not bulk) for _ in range(lanes)]

        with RejectsFile(path) as rejects:
            return await self.ingest_file(
                IngestFile(read.source, full=full, store_only=store_only),
                source,
                lanes=open_lanes or local,
                rejects=rejects,
                progress=self.progress.append,
            )

    def lane(self, mapping: SourceMapping, reader, *, assign: bool) -> ChunkLoader:
        return ChunkLoader(
            mapping=mapping, reader=reader, storer=self.storer, transactor=self.transactor, clock=self.world.clock, assign=assign
        )


def counts(**given: int) -> IngestCounts:
    """Return counts without their reasons, for comparing."""
    return IngestCounts(**given)
