"""A real PostgreSQL for tests: one per kind and session, emptied for each test.

``database`` is the embedded PostgreSQL 18 with its schema; ``clean_database`` the same with empty tables; ``transactor`` a
``PostgresTransactor`` on it, in the role the service has. ``databases("debian")`` is the distribution's PostgreSQL.
"""

from __future__ import annotations

import asyncio
import fcntl
import shutil
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import TypeVar

import asyncpg
import pytest

from consent.adapters.sql import MIGRATIONS as CONSENT_MIGRATIONS
from identity.adapters.postgres import PostgresTransactor
from identity.adapters.sql import MIGRATIONS as IDENTITY_MIGRATIONS
from services.database.connection import Database
from services.database.embedded import embedded_database
from services.database.layout import Layout, lock, unlock
from services.database.migration import migrate
from services.database.running import Limits, open_runner

T = TypeVar("T")

EMBEDDED = "embedded"
DEBIAN = "debian"


def debian_bin_dir() -> Path:
    """Return the newest distribution PostgreSQL's binaries; the suite demands two PostgreSQLs, so there is no skipping it."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not found:
        pytest.fail("the stores are tested on two PostgreSQLs, and the distribution's is absent: run `apt-get install postgresql`")
    return found[-1]


@contextmanager
def passable_directory() -> Iterator[Path]:
    """A temporary directory that PostgreSQL's account can pass through (pytest's own are closed to it when root runs the tests)."""
    made = Path(tempfile.mkdtemp(prefix="entente-"))
    made.chmod(0o711)
    try:
        yield made
    finally:
        for home in made.glob("*/postgres"):
            wait_until_stopped(home.parent)
        shutil.rmtree(made)


def wait_until_stopped(home: Path, patience: float = 30) -> None:
    """Wait until the home's guard, which nobody needs any more, has stopped PostgreSQL and gone."""
    deadline = time.monotonic() + patience
    while (held := lock(Layout(home).guard_lock, fcntl.LOCK_EX)) is None:
        assert time.monotonic() < deadline, "the guard did not go"
        time.sleep(0.02)
    unlock(held)


@asynccontextmanager
async def migrated(home: Path, bin_dir: Path | None = None) -> AsyncIterator[Database]:
    """An embedded database with its schema."""
    async with embedded_database(home, bin_dir=bin_dir) as database:
        await migrate(database, IDENTITY_MIGRATIONS)
        await migrate(database, CONSENT_MIGRATIONS, schema="consent")
        yield database


@contextmanager
def held_open(context: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """Keep an asynchronous context open in a thread of its own, so that tests on many event loops can share it."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        value = asyncio.run_coroutine_threadsafe(context.__aenter__(), loop).result(180)
        try:
            yield value
        finally:
            asyncio.run_coroutine_threadsafe(context.__aexit__(None, None, None), loop).result(60)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture(scope="session")
def databases() -> Iterator[Callable[[str], Database]]:
    """Start a kind of database when it is first asked for, migrated, and stop all at the end."""
    running: dict[str, Database] = {}
    with ExitStack() as stack:

        def get(kind: str) -> Database:
            if kind not in running:
                bin_dir = debian_bin_dir() if kind == DEBIAN else None
                home = stack.enter_context(passable_directory()) / "home"
                running[kind] = stack.enter_context(held_open(migrated(home, bin_dir)))
            return running[kind]

        yield get


@pytest.fixture(scope="session")
def database(databases: Callable[[str], Database]) -> Database:
    """The embedded PostgreSQL with its schema; not emptied between tests."""
    return databases(EMBEDDED)


@pytest.fixture
async def clean_database(database: Database) -> Database:
    """The embedded PostgreSQL with empty tables."""
    await empty(database)
    return database


@pytest.fixture
async def transactor(clean_database: Database) -> AsyncIterator[PostgresTransactor]:
    """Transactions on an empty embedded PostgreSQL, with the service's rights."""
    async with service_transactor(clean_database) as opened:
        yield opened


@asynccontextmanager
async def open_transactor(
    dsn: str, *, server_settings: Mapping[str, str] | None = None, limits: Limits | None = None
) -> AsyncIterator[PostgresTransactor]:
    """Identity's transactor on a pool of its own, as wiring puts it together."""
    async with open_runner(dsn, server_settings=server_settings, limits=limits) as runner:
        yield PostgresTransactor(runner)


def service_transactor(database: Database) -> AbstractAsyncContextManager[PostgresTransactor]:
    """Open a transactor with the service's rights."""
    limits = Limits(connections=4, attempts=8)  # a race that never ends is given up within a quarter of a second
    return open_transactor(database.identity.dsn, server_settings=database.identity.server_settings, limits=limits)


async def empty(database: Database) -> None:
    """Remove every row but the migrations'."""
    connection = await asyncpg.connect(database.owner.dsn)
    try:
        tables = await connection.fetch(
            "SELECT nspname, relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace "
            "WHERE nspname IN ('identity', 'consent') AND relkind = 'r' AND relname <> 'schema_migration'"
        )
        await connection.execute("TRUNCATE " + ", ".join(f"{row['nspname']}.{row['relname']}" for row in tables))
    finally:
        await connection.close()
