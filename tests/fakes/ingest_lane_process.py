"""A lane in a process of its own, with the test model: what ``services.wiring.ingest_worker`` is with the packaged one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from identity.adapters.files import reader_of
from identity.adapters.ingest_process import serve_lane
from identity.adapters.keyring import open_key_file
from identity.adapters.sealing import open_sealer
from identity.adapters.system import RandomIds, SystemClock
from identity.domain.mapping_file import parse_mapping
from identity.domain.personal import Access
from identity.ports.ingest_lane import IngestLane
from services.database.connection import ConnectionSettings
from tests.builders.intake import Intake
from tests.fixtures_database import open_transactor


@asynccontextmanager
async def open_lane(setup: dict[str, Any]) -> AsyncIterator[IngestLane]:
    connection = ConnectionSettings(setup["dsn"], setup["role"])
    mapping = parse_mapping(setup["mapping"])
    async with open_transactor(connection.dsn, server_settings=connection.server_settings) as transactor:
        sealer = await open_sealer(transactor, open_key_file(Path(setup["keys"])), Access("tests"))
        intake = Intake(transactor=transactor, sealer=sealer, ids=RandomIds(SystemClock()))
        yield intake.lane(mapping, reader_of(setup["form"], mapping), assign=False)


if __name__ == "__main__":
    asyncio.run(serve_lane(open_lane))
