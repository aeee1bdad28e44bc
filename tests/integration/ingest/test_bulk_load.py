"""A bulk load in several processes on a real PostgreSQL: sealed, counted, killed and taken up again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from identity.adapters.files import RejectsFile, open_source, reader_form
from identity.adapters.ingest_process import ProcessLane, set_up_lanes, start_process_lanes
from identity.adapters.keyring import open_key_file
from identity.adapters.postgres import PostgresTransactor
from identity.adapters.sealing import AesGcmSealer, open_sealer
from identity.adapters.system import RandomIds, SystemClock
from identity.domain.errors import IdentityError, Reason
from identity.domain.mapping_file import parse_mapping
from identity.domain.personal import Access
from identity.ports.ingest_lane import IngestLane
from identity.usecases.ingest_file import IngestFile, IngestProgress, IngestSummary
from services.database.connection import Database
from tests.builders.intake import HEADER, MAPPING, Intake

ROOT = Path(__file__).parents[3]
CANARY = "Zéphyrine"
ROWS = 12_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    rows = (f"canary-key-{n};{CANARY}{n};Martin;12/03/{1920 + n % 80};p{n}@canary.example;" for n in range(ROWS))
    path.write_text("\n".join((HEADER, *rows, "torn", "canary-key-5;Autre;;;;")) + "\n", encoding="utf-8")
    return path


class Load:
    """A bulk load with lanes in processes, which a test may harm while it runs."""

    def __init__(self, transactor: PostgresTransactor, sealer: AesGcmSealer, database: Database, keys: Path) -> None:
        self.intake = Intake(transactor=transactor, sealer=sealer, ids=RandomIds(SystemClock()), small=1000)
        self._setup = {"dsn": database.identity.dsn, "role": database.identity.role, "keys": str(keys), "mapping": MAPPING}
        self.lanes: list[ProcessLane] = []
        self.steps: list[IngestProgress] = []

    async def run(self, path: Path, harm=lambda _: None) -> IngestSummary:
        source = open_source(path, parse_mapping(MAPPING))

        @asynccontextmanager
        async def lanes(bulk: bool) -> AsyncIterator[Sequence[IngestLane]]:
            assert bulk
            command = [sys.executable, "-m", "tests.fakes.ingest_lane_process"]
            environment = {**os.environ, "PYTHONPATH": str(ROOT)}
            setup = {**self._setup, "form": reader_form(source)}
            async with (
                start_process_lanes(command, count=2, environment=environment) as self.lanes,
                set_up_lanes(self.lanes, setup) as lanes,
            ):
                yield lanes

        def progress(step: IngestProgress) -> None:
            self.steps.append(step)
            harm(self)

        with RejectsFile(path) as rejects:
            return await self.intake.ingest_file(IngestFile("crm"), source, lanes=lanes, rejects=rejects, progress=progress)


@pytest.fixture
async def load(transactor: PostgresTransactor, clean_database: Database, tmp_path: Path) -> Load:
    keys = tmp_path / "keys"
    sealer = await open_sealer(transactor, open_key_file(keys), Access("tests"))
    return Load(transactor, sealer, clean_database, keys)


async def count(database: Database, query: str, *, as_service: bool = False) -> int:
    connection = await asyncpg.connect(database.identity.dsn if as_service else database.owner.dsn)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_a_file_loaded_in_processes_is_stored_once_sealed_and_again_changes_nothing(
    load: Load, clean_database: Database, path: Path
) -> None:
    await stored_once(load, clean_database, path)
    for lane in load.lanes:
        with pytest.raises(ProcessLookupError):
            os.kill(lane.pid, 0)
    for table in ("record", "record_version", "block_key", "identity", "assignment", "wrapped_key", "request"):
        for canary in (CANARY, "zephyrine", "canary"):
            found = f"t::text ILIKE '%{canary}%' OR t::text ILIKE '%{canary.encode().hex()}%'"
            assert await count(clean_database, f"SELECT count(*) FROM identity.{table} AS t WHERE {found}") == 0, table


async def stored_once(load: Load, clean_database: Database, path: Path) -> None:
    summary = await load.run(path)
    assert (summary.counts.created, summary.counts.rejected, summary.linked) == (ROWS, 2, False)
    assert summary.counts.refusals == {"too-few-fields": 1, "record-key-seen-before": 1}
    assert (await load.intake.content("canary-key-5")).raw["given_name"] == f"{CANARY}5"
    assert await count(clean_database, "SELECT count(*) FROM identity.assignment WHERE valid_to IS NULL") == ROWS
    again = await load.run(path)
    assert (again.counts.unchanged, again.counts.created, again.counts.rejected) == (ROWS, 0, 2)
    assert await count(clean_database, "SELECT count(*) FROM identity.record_version") == ROWS


async def test_a_killed_lane_is_reported_nothing_stored_is_half_and_the_same_command_goes_on(
    load: Load, clean_database: Database, path: Path
) -> None:
    def kill(load: Load) -> None:
        if len(load.steps) == 3:
            os.kill(load.lanes[0].pid, signal.SIGKILL)

    with pytest.raises(IdentityError) as caught:
        await load.run(path, kill)
    assert (caught.value.reason, caught.value.facts) == (Reason.STORE_UNAVAILABLE, {"cause": "ingest-lane-died"})
    acknowledged = load.steps[-1].counts.created
    stored = await count(clean_database, "SELECT count(*) FROM identity.record")
    assert 0 < acknowledged <= stored < ROWS
    for table in ("record_version", "identity", "assignment"):
        assert await count(clean_database, f"SELECT count(*) FROM identity.{table}") == stored
    summary = await load.run(path)
    assert (summary.counts.unchanged, summary.counts.created) == (stored, ROWS - stored)
    assert await count(clean_database, "SELECT count(DISTINCT record_id) FROM identity.assignment WHERE valid_to IS NULL") == ROWS


async def test_a_server_connection_lost_in_the_middle_is_made_up_for(load: Load, clean_database: Database, path: Path) -> None:
    ended: list[asyncio.Task[int]] = []

    def disconnect(load: Load) -> None:
        if len(load.steps) == 2:
            others = "application_name = 'entente' AND pid <> pg_backend_pid()"
            query = f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {others}"
            ended.append(asyncio.ensure_future(count(clean_database, query, as_service=True)))

    summary = await load.run(path, disconnect)
    assert summary.counts.created + summary.counts.unchanged == ROWS
    assert await ended[0] > 0
    assert await count(clean_database, "SELECT count(*) FROM identity.record") == ROWS
    assert await count(clean_database, "SELECT count(*) FROM identity.assignment") == ROWS


async def test_a_lane_that_cannot_open_its_keys_says_why(load: Load, path: Path, tmp_path: Path) -> None:
    (tmp_path / "keys" / "kek.json").chmod(0o644)
    with pytest.raises(IdentityError) as caught:
        await load.run(path)
    assert caught.value.reason is Reason.KEY_RING_UNUSABLE
