"""Every store suite runs over memory, the embedded PostgreSQL and the distribution's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from identity.adapters.memory import MemoryTransactor
from identity.ports.transactor import Transactor
from services.database.connection import Database
from tests.fixtures_database import DEBIAN, EMBEDDED, empty, service_transactor

MEMORY = "memory"


@pytest.fixture(params=[MEMORY, EMBEDDED, DEBIAN])
async def transactor(request: pytest.FixtureRequest, databases: Callable[[str], Database]) -> AsyncIterator[Transactor]:
    if request.param == MEMORY:
        yield MemoryTransactor()
        return
    database = databases(request.param)
    await empty(database)
    async with service_transactor(database) as opened:
        yield opened
