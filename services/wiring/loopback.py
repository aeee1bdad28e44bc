"""The whole edge on loopback for a moment: a real server with real mTLS, and clients that call it as registered callers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace

from services.consent import client as consent_client
from services.consent.client import ConsentServices
from services.identity import client as identity_client
from services.identity.client import IdentityServices
from services.rpc.client import ClientIdentity
from services.rpc.limits import Limits
from services.rpc.log import EventLog
from services.rpc.telemetry import silent_telemetry
from services.settings import Settings
from services.wiring.certificates import Pki
from services.wiring.contexts import Contexts
from services.wiring.grpc_server import build_server, prepare_for_start


@dataclass(frozen=True, slots=True)
class Line:
    """Calls what is served, as a named caller with its own certificate."""

    settings: Settings
    address: str

    def identity_as(self, caller: str) -> AbstractAsyncContextManager[IdentityServices]:
        """Connect to who is who."""
        return identity_client.connect(self.address, self._certificate(caller))

    def consent_as(self, caller: str) -> AbstractAsyncContextManager[ConsentServices]:
        """Connect to what may be done."""
        return consent_client.connect(self.address, self._certificate(caller))

    def _certificate(self, caller: str) -> ClientIdentity:
        files = Pki(self.settings.home).client_files(caller)
        return ClientIdentity.read(files.key, files.certificate, files.authority)


@asynccontextmanager
async def loopback(settings: Settings, contexts: Contexts) -> AsyncIterator[Line]:
    """Serve the contexts' use cases on a free loopback port, and give what calls them."""
    prepare_for_start(settings)
    limits = replace(Limits(), drain_seconds=1.0)
    server = build_server(
        settings,
        contexts.identity.served,
        consent=contexts.consent.served,
        log=EventLog(_say_nothing),
        limits=limits,
        telemetry=silent_telemetry(),
    )
    port = await server.start("127.0.0.1:0")
    try:
        yield Line(settings, f"127.0.0.1:{port}")
    finally:
        await server.stop()


def _say_nothing(_line: str) -> None:
    """The command line shows what happens; the server's log would only be in its way."""
