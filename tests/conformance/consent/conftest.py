"""Every suite of consent's ports runs over memory, the embedded PostgreSQL and the distribution's."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import pytest

from consent.adapters.keys import derive_keys
from consent.adapters.memory import MemoryTransactor
from consent.adapters.postgres import SESSION, PostgresTransactor
from services.database.connection import Database
from services.database.running import Limits, open_runner
from tests.fixtures_database import DEBIAN, EMBEDDED, empty

MEMORY = "memory"
KEYS = derive_keys(lambda use: hashlib.sha256(use.encode()).digest())


@asynccontextmanager
async def consent_transactor(database: Database) -> AsyncIterator[PostgresTransactor]:
    """Transactions with the rights that consent has."""
    settings = database.consent
    limits = Limits(connections=4, attempts=8)
    async with open_runner(settings.dsn, server_settings={**settings.server_settings, **SESSION}, limits=limits) as runner:
        yield PostgresTransactor(runner, KEYS)


@pytest.fixture(params=[MEMORY, EMBEDDED, DEBIAN])
async def transactor(
    request: pytest.FixtureRequest, databases: Callable[[str], Database]
) -> AsyncIterator[MemoryTransactor | PostgresTransactor]:
    if request.param == MEMORY:
        yield MemoryTransactor()
        return
    database = databases(request.param)
    await empty(database)
    async with consent_transactor(database) as opened:
        yield opened


@dataclass
class Stored:
    """A store in PostgreSQL, and an insider who may do everything to its tables."""

    transactor: PostgresTransactor
    database: Database

    async def insider(self, *statements: str) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.database.owner.dsn)
        try:
            return [row for statement in statements for row in await connection.fetch(statement)]
        finally:
            await connection.close()


@pytest.fixture(params=[EMBEDDED, DEBIAN])
async def stored(request: pytest.FixtureRequest, databases: Callable[[str], Database]) -> AsyncIterator[Stored]:
    database = databases(request.param)
    await empty(database)
    async with consent_transactor(database) as opened:
        yield Stored(opened, database)
