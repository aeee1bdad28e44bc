"""What is acknowledged survives the death of anyone; what cannot be done is said, by name, and mends itself."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path

import asyncpg
import pytest

from identity.adapters.postgres import PostgresTransactor
from identity.adapters.postgres.records import PostgresRecordStore
from identity.adapters.sql import MIGRATIONS
from identity.domain.errors import IdentityError, Reason
from identity.domain.source_record import RecordHead, RecordId
from identity.ports.transactor import Transaction
from services.database import DatabaseError, DatabaseProblem
from services.database.connection import Database
from services.database.embedded import embedded_database
from services.database.layout import Layout, Status, read_status
from services.database.migration import migrate
from services.database.running import Limits
from tests.builders.stores import moment, record_id, sealed
from tests.fixtures_database import open_transactor, wait_until_stopped
from tests.integration.database.single_user import in_single_user_mode

PATIENT = Limits(connections=4, patience=60)


def transactor_on(database: Database, limits: Limits = PATIENT) -> AbstractAsyncContextManager[PostgresTransactor]:
    return open_transactor(database.identity.dsn, server_settings=database.identity.server_settings, limits=limits)


async def run_in(tx: Transaction, query: str) -> str:
    """Run any statement in a transaction."""
    store = tx.records
    assert isinstance(store, PostgresRecordStore)
    return await store._link.execute(query)


async def status_when(home: Path, *, ready: bool = True, other_than: int = 0) -> Status:
    """Wait for the guard to say that a server, not the one given, is ready."""
    for _ in range(3000):
        status = read_status(Layout(home))
        if status is not None and (status.state == "ready") == ready and status.server_pid != other_than:
            return status
        await asyncio.sleep(0.02)
    raise AssertionError("the database did not come back")


async def write_one(transactor: PostgresTransactor, number: int) -> None:
    async def work(tx: Transaction) -> None:
        if not await tx.records.heads([record_id(number)]):  # the outcome of a lost commit is unknown: look first
            await tx.records.add([sealed(number, keys=(number,))], moment(0))

    await transactor.run(work)


class Writers:
    """Several who write without pause and remember what was acknowledged."""

    def __init__(self, transactor: PostgresTransactor) -> None:
        self.acknowledged: list[int] = []
        self._transactor = transactor
        self._tasks: list[asyncio.Task[None]] = []

    @asynccontextmanager
    async def at_work(self, count: int = 4) -> AsyncIterator[None]:
        self._tasks = [asyncio.create_task(self._write(first, count)) for first in range(1, count + 1)]
        try:
            yield
        finally:
            for task in self._tasks:
                task.cancel()
            for task in self._tasks:
                with suppress(asyncio.CancelledError):
                    await task

    async def until_more(self, number: int) -> None:
        wanted = len(self.acknowledged) + number
        deadline = time.monotonic() + 60
        while len(self.acknowledged) < wanted:
            assert time.monotonic() < deadline, "nothing is acknowledged any more"
            await asyncio.sleep(0.01)

    async def _write(self, first: int, step: int) -> None:
        number = first
        while True:
            await write_one(self._transactor, number)
            self.acknowledged.append(number)
            number += step


async def present(transactor: PostgresTransactor) -> set[RecordId]:
    async def work(tx: Transaction) -> set[RecordId]:
        return {head.record_id async for batch in _batches(tx) for head in batch}

    return await transactor.run(work, read_only=True)


def _batches(tx: Transaction) -> AsyncIterator[list[RecordHead]]:
    return tx.records.scan_heads()


@pytest.mark.parametrize("victim", ["postmaster", "backend", "guard", "guard and postmaster", "everything"])
async def test_what_was_acknowledged_survives_a_sigkill_and_work_goes_on_by_itself(home: Path, victim: str) -> None:
    async with embedded_database(home) as database, transactor_on(database) as transactor:
        writers = Writers(transactor)
        async with writers.at_work():
            await writers.until_more(20)
            before = await status_when(home)
            kill(victim, before)
            await writers.until_more(20)
        assert {record_id(number) for number in writers.acknowledged} <= await present(transactor)


def kill(victim: str, status: Status) -> None:
    backends = [int(line) for line in Path(f"/proc/{status.server_pid}/task/{status.server_pid}/children").read_text().split()]
    chosen = {
        "postmaster": [status.server_pid],
        "backend": backends[-1:],
        "guard": [status.guard_pid],
        "guard and postmaster": [status.guard_pid, status.server_pid],
        "everything": [status.guard_pid, status.server_pid, *backends],
    }[victim]
    for pid in chosen:
        os.kill(pid, signal.SIGKILL)


USER = """
import asyncio, sys
from pathlib import Path
from services.database.embedded import embedded_database
from tests.builders.stores import moment, sealed
from tests.fixtures_database import open_transactor

async def main():
    async with embedded_database(Path(sys.argv[1])) as database, open_transactor(database.identity.dsn) as transactor:
        await transactor.run(lambda tx: tx.records.add([sealed(1)], moment(0)))
        async def half(tx):
            await tx.records.add([sealed(2)], moment(0))
            print("in the middle", flush=True)
            await asyncio.sleep(600)
        await transactor.run(half)

asyncio.run(main())
"""


@pytest.fixture
def user(home: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process, with one record committed and one not."""
    process = subprocess.Popen([sys.executable, "-c", USER, str(home)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3])
    assert process.stdout is not None
    assert process.stdout.readline() == "in the middle\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


async def test_a_user_killed_in_mid_transaction_leaves_what_it_committed_only(home: Path, user: subprocess.Popen[str]) -> None:
    async with embedded_database(home) as database, transactor_on(database) as transactor:
        user.kill()
        user.wait()
        await write_one(transactor, 3)
        assert await present(transactor) == {record_id(1), record_id(3)}


async def test_the_server_stops_when_its_only_user_was_killed(home: Path, user: subprocess.Popen[str]) -> None:
    status = await status_when(home)
    user.kill()
    user.wait()
    wait_until_stopped(home)
    assert not Path(f"/proc/{status.server_pid}").exists()


async def test_after_user_guard_and_server_are_all_killed_the_next_start_finds_everything(home: Path, user: subprocess.Popen[str]) -> None:
    kill("everything", await status_when(home))
    user.kill()
    user.wait()
    async with embedded_database(home) as database, transactor_on(database) as transactor:
        assert await present(transactor) == {record_id(1)}


async def test_a_stale_pid_file_does_not_keep_it_from_starting(home: Path) -> None:
    """The number in it may by now belong to any process; here to one that runs."""
    sleeper = subprocess.Popen(["sleep", "60"])
    pid_file = home / "postgres" / "data" / "postmaster.pid"
    pid_file.write_text(f"{sleeper.pid}\n{pid_file.parent}\n1700000000\n5432\n\n\n  1234567  1\nready   \n")
    owner = pid_file.parent.stat()
    os.chown(pid_file, owner.st_uid, owner.st_gid)
    try:
        async with embedded_database(home) as database, transactor_on(database) as transactor:
            assert await present(transactor) == set()
    finally:
        sleeper.kill()
        sleeper.wait()


@pytest.mark.parametrize("state", ["40001", "40P01"])
async def test_a_lost_race_is_run_again(transactor: PostgresTransactor, state: str) -> None:
    tries = []

    async def work(tx: Transaction) -> int:
        tries.append(await tx.records.count())
        await tx.records.add([sealed(1)], moment(0))
        if len(tries) < 4:
            await run_in(tx, f"DO $$BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END$$")
        return len(tries)

    assert await transactor.run(work) == 4
    assert tries == [0, 0, 0, 0]


async def test_a_storm_of_races_ends_with_every_change_made_once(transactor: PostgresTransactor, clean_database: Database) -> None:
    """All write the same record's next version: only one can win each round."""
    await transactor.run(lambda tx: tx.records.add([sealed(1)], moment(0)))

    async def work(tx: Transaction) -> None:
        head = (await tx.records.heads([record_id(1)]))[record_id(1)]
        await tx.records.add([sealed(1, version=head.version + 1)], moment(0))

    async with transactor_on(clean_database) as many:
        await asyncio.gather(*(many.run(work) for _ in range(12)))
    heads = await transactor.run(lambda tx: tx.records.heads([record_id(1)]), read_only=True)
    assert heads[record_id(1)].version == 13


async def test_work_that_only_reads_sees_one_snapshot_and_holds_nobody_up(transactor: PostgresTransactor) -> None:
    await transactor.run(lambda tx: tx.records.add([sealed(n, keys=(1,)) for n in range(1, 6)], moment(0)))

    async def work(tx: Transaction) -> list[int]:
        sizes = []
        async for batch in tx.records.scan(batch=2):
            sizes.append(len(batch))
            another = [sealed(10 + len(sizes), keys=(1,))]
            await transactor.run(lambda other, another=another: other.records.add(another, moment(1)))
        return [*sizes, await tx.records.count(), len((await tx.records.candidates([1], cap=99)).by_key[1])]

    assert await transactor.run(work, read_only=True) == [2, 2, 1, 5, 5]
    assert await transactor.run(lambda tx: tx.records.count(), read_only=True) == 8


async def test_load_beyond_the_pool_is_shed_and_recovers_by_itself(clean_database: Database) -> None:
    limits = Limits(connections=1, acquire_timeout=0.2)
    done = asyncio.Event()

    async def hold(_tx: Transaction) -> None:
        await done.wait()

    async with transactor_on(clean_database, limits) as transactor:
        holder = asyncio.create_task(transactor.run(hold))
        await asyncio.sleep(0.1)
        with pytest.raises(IdentityError) as shed:
            await transactor.run(lambda tx: tx.records.count())
        assert (shed.value.reason, shed.value.facts["cause"]) == (Reason.STORE_UNAVAILABLE, "overloaded")
        done.set()
        await holder
        assert await transactor.run(lambda tx: tx.records.count()) == 0


async def test_cancelled_work_gives_its_connection_back(clean_database: Database) -> None:
    async with transactor_on(clean_database, Limits(connections=1)) as transactor:
        task = asyncio.create_task(transactor.run(lambda tx: run_in(tx, "SELECT pg_sleep(60)")))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await transactor.run(lambda tx: tx.records.count()) == 0


async def failure(database: Database, query: str, limits: Limits = PATIENT) -> IdentityError:
    async with transactor_on(database, limits) as transactor:
        with pytest.raises(IdentityError) as failed:
            await transactor.run(lambda tx: run_in(tx, query))
    assert failed.value.reason is Reason.STORE_UNAVAILABLE
    return failed.value


async def test_a_statement_that_takes_too_long_is_cancelled(clean_database: Database) -> None:
    error = await failure(clean_database, "SELECT pg_sleep(60)", Limits(statement_timeout=0.2))
    assert error.facts["cause"] == "statement-timeout"


async def test_a_drivers_text_never_leaves(clean_database: Database) -> None:
    for query in ("SELECT 'value-canary'::int4", "SELECT value-canary", "value-canary"):
        error = await failure(clean_database, query)
        assert "canary" not in str(error) + repr(error)
        assert error.__cause__ is None
        assert error.__suppress_context__ or error.__context__ is None or "canary" not in repr(error.__context__)


async def test_values_with_sql_in_them_are_only_values(transactor: PostgresTransactor) -> None:
    hostile = "x'; DROP TABLE identity.record; --"

    async def work(tx: Transaction) -> None:
        await tx.records.add([sealed(1, source=hostile)], moment(0))
        await tx.requests.remember(hostile, hostile, hostile, body_mac=b"m", answer=b"a", at=moment(0))
        assert await tx.requests.recall(hostile, hostile, hostile) == (b"m", b"a")
        assert (await tx.records.find([sealed(1, source=hostile).address]))[sealed(1, source=hostile).address].record_id == record_id(1)

    await transactor.run(work)
    assert await transactor.run(lambda tx: tx.records.count(), read_only=True) == 1


async def test_a_wrong_password_is_named(clean_database: Database) -> None:
    good = clean_database.identity.dsn
    bad = good.replace(good.split(":")[2].split("@")[0], "wrong-canary")
    async with open_transactor(bad) as transactor:
        with pytest.raises(IdentityError) as refused:
            await transactor.run(lambda tx: tx.records.count())
    assert refused.value.facts["cause"] == "wrong-password"
    assert "canary" not in str(refused.value)


async def test_a_server_that_is_away_is_waited_for_no_longer_than_patience() -> None:
    async with open_transactor("postgresql://u:p@127.0.0.1:1/x", limits=Limits(patience=0.3)) as transactor:
        with pytest.raises(IdentityError) as away:
            await transactor.run(lambda tx: tx.records.count())
    assert away.value.facts["cause"] == "unreachable"


async def test_a_database_without_the_schema_is_named(directory: Path) -> None:
    async with embedded_database(directory / "home") as database, transactor_on(database) as transactor:
        with pytest.raises(IdentityError) as bare:
            await transactor.run(lambda tx: tx.records.count())
    assert bare.value.facts["cause"] == "not-migrated"


async def test_a_database_turned_read_only_still_answers_and_says_why_it_takes_nothing(home: Path) -> None:
    in_single_user_mode(home, "ALTER DATABASE entente SET default_transaction_read_only = on;", "entente")
    async with embedded_database(home) as database, transactor_on(database) as transactor:
        assert await present(transactor) == set()
        with pytest.raises(IdentityError) as refused:
            await write_one(transactor, 1)
    assert refused.value.facts["cause"] == "read-only-database"


@pytest.fixture
def small_disk(directory: Path) -> Iterator[Path]:
    """A file system of our own that can be full."""
    mount = directory / "disk"
    mount.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m,mode=711", "tmpfs", mount], check=False).returncode:
        pytest.skip("only root, where mounting is allowed, can make a full disk")
    yield mount
    wait_until_stopped(mount / "home")
    subprocess.run(["umount", mount], check=True)


def resize(disk: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", disk], check=True)


async def test_a_disk_too_full_to_begin_is_said_so_and_begins_when_there_is_room(small_disk: Path) -> None:
    with pytest.raises(DatabaseError) as full:
        async with embedded_database(small_disk / "home"):
            pass
    assert full.value.problem is DatabaseProblem.DISK_FULL
    assert str(small_disk) in str(full.value)
    resize(small_disk, "200m")
    async with embedded_database(small_disk / "home") as database:
        await migrate(database, MIGRATIONS)


async def test_a_disk_that_fills_up_loses_nothing_acknowledged_and_works_on_when_there_is_room(small_disk: Path) -> None:
    resize(small_disk, "90m")
    home = small_disk / "home"
    async with embedded_database(home) as database, transactor_on(database, Limits(patience=2)) as transactor:
        await migrate(database, MIGRATIONS)
        acknowledged: list[int] = []
        with pytest.raises(IdentityError) as full:
            await fill(transactor, acknowledged)
        assert full.value.facts["cause"] in {"disk-full", "unreachable"}
        resize(small_disk, "400m")
    async with embedded_database(home) as database, transactor_on(database) as transactor:
        assert await present(transactor) >= {record_id(n) for n in acknowledged}
        await write_one(transactor, acknowledged[-1] + 501)


async def fill(transactor: PostgresTransactor, acknowledged: list[int]) -> None:
    """Write until nothing goes any more."""
    while True:
        first = len(acknowledged) + 1
        batch = [sealed(number, keys=(number,)) for number in range(first, first + 500)]
        await transactor.run(lambda tx, batch=batch: tx.records.add(batch, moment(0)))
        acknowledged.extend(range(first, first + 500))


async def test_a_home_deleted_under_it_ends_in_a_clear_error_for_the_next(home: Path) -> None:
    async with embedded_database(home):
        pass
    wait_until_stopped(home)
    shutil.rmtree(home / "postgres" / "data" / "global")
    with pytest.raises(DatabaseError) as broken:
        async with embedded_database(home):
            pass
    assert broken.value.problem is DatabaseProblem.START_FAILED
    assert "server.log" in str(broken.value)


async def test_the_owner_can_still_connect_while_the_services_pool_is_full(clean_database: Database) -> None:
    async with transactor_on(clean_database, Limits(connections=2)) as transactor:
        tasks = [asyncio.create_task(transactor.run(lambda tx: run_in(tx, "SELECT pg_sleep(0.3)"))) for _ in range(2)]
        connection = await asyncpg.connect(clean_database.owner.dsn)
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()
        await asyncio.gather(*tasks)
