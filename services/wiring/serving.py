"""``entente serve``: the parent keeps the database up, its workers serve gRPC."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager

from services.rpc.log import EventLog, install
from services.settings import Settings
from services.wiring.consent import build_consent
from services.wiring.database import Database, open_database
from services.wiring.grpc_server import Served, serve
from services.wiring.identity import open_gated, open_identity_on
from services.wiring.scopes import RegisteredScopes
from services.workflows.subject_directory import IdentityDirectory


def serve_contexts(settings: Settings, contexts: Collection[str], *, on_ready: Callable[[str], None]) -> None:
    """Serve the services of some contexts until a signal comes; whichever they are, both stand behind each answer.

    Must run in the main thread, before anything of gRPC exists in this process.

    Raises:
        StartFailedError: if a worker cannot start.
        DatabaseError, IdentityError, ConsentError: if database or keys cannot be used.
        PortTakenError, RegistryError, CertificateError: as ``serve``.
    """
    log = EventLog()
    install(log)
    with asyncio.Runner() as runner:  # the parent's loop only opens and closes: it never runs while workers are forked
        stack = AsyncExitStack()
        try:
            database = runner.run(_prepare(stack, settings))
            serve(settings, lambda: _use_cases(settings, database, contexts), log=log, on_ready=on_ready)
        finally:
            runner.run(stack.aclose())


async def _prepare(stack: AsyncExitStack, settings: Settings) -> Database:
    """Start the database, migrate it, try the keys and see to a catalogue: what is wrong is told once, and not by every worker."""
    database = await stack.enter_async_context(open_database(settings))
    async with open_identity_on(settings, database):
        return database


@asynccontextmanager
async def _use_cases(settings: Settings, database: Database, contexts: Collection[str]) -> AsyncIterator[Served]:
    """Open the use cases inside a worker. It counts as a user of the database itself, in case the parent is killed and it lives on."""
    scopes = RegisteredScopes(settings)
    async with open_database(settings), open_gated(settings, database, scopes) as (identity, consent_store):
        consent = build_consent(settings, identity.store, consent_store, IdentityDirectory(identity.subjects_of), scopes)
        yield Served(identity.served if "identity" in contexts else None, consent.served if "consent" in contexts else None)
