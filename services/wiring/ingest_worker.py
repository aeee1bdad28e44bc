"""A lane of a bulk load, in a process of its own: ``python -m services.wiring.ingest_worker``, spoken to over its pipes."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, final

import uvloop

from identity.adapters.files import reader_of
from identity.adapters.ingest_process import serve_lane
from identity.domain.mapping_file import parse_mapping
from identity.domain.source_record import RecordAddress, RecordId
from identity.ports.ingest_lane import IngestLane
from identity.ports.purpose_gate import Release, Subject, Use
from identity.usecases.load_chunk import ChunkLoader
from services.database.connection import ConnectionSettings, Database
from services.rpc.private_memory import keep_memory_private
from services.settings import read_settings
from services.wiring.storing import build_storing, open_store


@final
class ClosedGate:
    """A lane stores records, each alone, and the batch link that follows asks: so nothing may be linked or told here. It spares a lane the
    whole of consent.
    """

    async def may_release(self, use: Use, subjects: Sequence[Subject]) -> list[Release]:
        """Permit nothing."""
        del use
        return [Release(permitted=False, ground="") for _ in subjects]

    async def may_link(self, records: Mapping[RecordId, RecordAddress]) -> frozenset[RecordId]:
        """Permit nothing."""
        del records
        return frozenset()

    def warnings_for(self, use: Use) -> tuple[str, ...]:
        """Say nothing: nobody is answered here."""
        del use
        return ()


@asynccontextmanager
async def open_lane(setup: dict[str, Any]) -> AsyncIterator[IngestLane]:
    """Open keys and database as the parent told, and give the lane."""
    settings = read_settings({"ENTENTE_HOME": setup["home"]})
    connection = ConnectionSettings(setup["dsn"], setup["role"])
    mapping = parse_mapping(setup["mapping"])
    async with open_store(settings, Database(owner=connection, identity=connection, consent=connection)) as store:
        storing = build_storing(store, ClosedGate())
        loader = ChunkLoader(
            mapping=mapping,
            reader=reader_of(setup["form"], mapping),
            storer=storing.storer,
            transactor=store.transactor,
            clock=storing.clock,
            assign=False,
        )
        await loader.start()
        yield loader


def main() -> None:
    """Serve one lane until the parent closes it or is gone; its memory, which holds values and keys, is nobody else's."""
    keep_memory_private()
    gc.freeze()  # a chunk is ten thousand objects and no cycle: looking for cycles among them costs a tenth of the time
    gc.set_threshold(200_000, 20, 100)
    uvloop.run(serve_lane(open_lane))


if __name__ == "__main__":
    main()
