"""The whole edge on loopback for a moment: a real server with real mTLS, and clients that call it as registered callers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import TypeAlias

from services.identity.client import ClientIdentity, IdentityServices, connect
from services.rpc.limits import Limits
from services.rpc.log import EventLog
from services.rpc.telemetry import silent_telemetry
from services.settings import Settings
from services.wiring.certificates import Pki
from services.wiring.grpc_server import build_server, prepare_for_start
from services.wiring.identity import IdentityContext

CallAs: TypeAlias = Callable[[str], AbstractAsyncContextManager[IdentityServices]]


@asynccontextmanager
async def loopback(settings: Settings, context: IdentityContext) -> AsyncIterator[CallAs]:
    """Serve the context's use cases on a free loopback port, and give what calls them as a named caller."""
    prepare_for_start(settings)
    limits = replace(Limits(), drain_seconds=1.0)
    server = build_server(settings, context.served, log=EventLog(_say_nothing), limits=limits, telemetry=silent_telemetry())
    port = await server.start("127.0.0.1:0")

    def call_as(caller: str) -> AbstractAsyncContextManager[IdentityServices]:
        files = Pki(settings.home).client_files(caller)
        return connect(f"127.0.0.1:{port}", ClientIdentity.read(files.key, files.certificate, files.authority))

    try:
        yield call_as
    finally:
        await server.stop()


def _say_nothing(_line: str) -> None:
    """The command line shows what happens; the server's log would only be in its way."""
