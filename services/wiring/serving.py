"""``entente serve``: the parent keeps the database up, its workers serve gRPC."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from services.identity.servicer import IdentityUseCases
from services.rpc.log import EventLog, install
from services.settings import Settings
from services.wiring.database import Database, open_database
from services.wiring.grpc_server import serve_identity
from services.wiring.identity import build_identity, open_identity_on
from services.wiring.storing import open_store


def serve_everything(settings: Settings, *, on_ready: Callable[[str], None]) -> None:
    """Serve until a signal comes. Must run in the main thread, before anything of gRPC exists in this process.

    Raises:
        StartFailedError: if a worker cannot start.
        SettingsError: in production, for want of a purpose gate.
        DatabaseError, IdentityError: if database or keys cannot be used.
        PortTakenError, RegistryError, CertificateError: as ``serve_identity``.
    """
    log = EventLog()
    install(log)
    with asyncio.Runner() as runner:  # the parent's loop only opens and closes: it never runs while workers are forked
        stack = AsyncExitStack()
        try:
            database = runner.run(_prepare(stack, settings))
            serve_identity(settings, lambda: _use_cases(settings, database), log=log, on_ready=on_ready)
        finally:
            runner.run(stack.aclose())


async def _prepare(stack: AsyncExitStack, settings: Settings) -> Database:
    """Start the database, migrate it and try the keys, so that what is wrong is told once and not by every worker."""
    database = await stack.enter_async_context(open_database(settings))
    async with open_identity_on(settings, database):
        return database


@asynccontextmanager
async def _use_cases(settings: Settings, database: Database) -> AsyncIterator[IdentityUseCases]:
    """Open the use cases inside a worker. It counts as a user of the database itself, in case the parent is killed and it lives on."""
    async with open_database(settings), open_store(settings, database) as store:
        yield build_identity(settings, store).served
