"""A real server with real TLS on a loopback port, over scripted use cases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.consent.client import ConsentServices
from services.consent.client import connect as connect_consent
from services.identity.client import ClientIdentity, IdentityServices, connect
from services.rpc.limits import Limits
from services.rpc.log import EventLog
from services.rpc.server import RpcServer
from services.rpc.telemetry_export import exporting_telemetry
from services.settings import Settings, read_settings
from services.wiring.callers import add_caller, prepare_callers
from services.wiring.certificates import Pki
from services.wiring.grpc_server import build_server
from tests.fakes.consent_usecases import ScriptedConsent
from tests.fakes.identity_usecases import ScriptedUseCases

DESK_METHODS = ("ResolveIdentity", "BatchResolveIdentities", "ExplainMatch")
STEWARD_METHODS = ("ListReviewPairs", "JudgePair", "SplitIdentity", "GetIdentityHistory", "GetRecordStatus")


@dataclass
class Running:
    """A running server and everything that comes out of it."""

    address: str
    home: Path
    script: ScriptedUseCases
    consent: ScriptedConsent = field(default_factory=ScriptedConsent)
    lines: list[str] = field(default_factory=list)
    spans: InMemorySpanExporter = field(default_factory=InMemorySpanExporter)
    metrics: InMemoryMetricReader = field(default_factory=InMemoryMetricReader)
    rpc: RpcServer | None = None

    def identity(self, caller: str) -> ClientIdentity:
        files = Pki(self.home).client_files(caller)
        return ClientIdentity.read(files.key, files.certificate, files.authority)

    def as_(self, caller: str, seconds: float = 5.0) -> AbstractAsyncContextManager[IdentityServices]:
        return connect(self.address, self.identity(caller), deadline_seconds=seconds)

    def consent_as(self, caller: str, seconds: float = 5.0) -> AbstractAsyncContextManager[ConsentServices]:
        return connect_consent(self.address, self.identity(caller), deadline_seconds=seconds)


@pytest.fixture(scope="session")
def pki_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh home: CA, certificates, starter registry, a steward, a desk that looks into two silos and writes into none, and an assistant
    who judges but sees no internal ids; and an editor, who publishes and sees nobody's choices.
    """
    home = tmp_path_factory.mktemp("home")
    now = datetime.now(UTC)
    prepare_callers(home, now)
    add_caller(home, "steward", methods=STEWARD_METHODS, purposes=["unification"], sources=["crm", "webshop"], now=now)
    add_caller(home, "desk", methods=DESK_METHODS, purposes=["service"], sources=["crm", "webshop"], now=now)
    add_caller(home, "assistant", methods=["JudgePair", "SplitIdentity"], purposes=["unification"], sources=["crm", "webshop"], now=now)
    add_caller(home, "editor", methods=["PublishPurpose", "PublishNotice", "ListPurposes", "GetNotice"], purposes=[], now=now)
    return home


@pytest.fixture
def settings(pki_home: Path) -> Settings:
    return replace(read_settings({}), home=pki_home)


Start = Callable[..., AbstractAsyncContextManager[Running]]


@pytest.fixture
def start(settings: Settings) -> Start:
    @asynccontextmanager
    async def started(limits: Limits | None = None, *, production: bool = False) -> AsyncIterator[Running]:
        running = Running("", settings.home, ScriptedUseCases())
        telemetry = exporting_telemetry(running.spans, running.metrics, at_once=True)
        server = build_server(
            replace(settings, production=production),
            running.script.usecases(),
            consent=running.consent.usecases(),
            log=EventLog(running.lines.append),
            limits=limits or Limits(drain_seconds=0.2),
            telemetry=telemetry,
        )
        running.rpc = server
        running.address = f"127.0.0.1:{await server.start('127.0.0.1:0')}"
        try:
            yield running
        finally:
            await server.stop()
            telemetry.close()

    return started


@pytest.fixture
async def server(start: Start) -> AsyncIterator[Running]:
    async with start() as running:
        yield running
