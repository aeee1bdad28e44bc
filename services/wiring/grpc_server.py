"""The serving processes: one parent that holds the ports and watches, and workers that serve both contexts behind the gate."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

import uvloop

from consent.domain.errors import ConsentError
from identity.domain.errors import IdentityError
from services.consent.error_catalog import CATALOG as CONSENT_CATALOG
from services.consent.error_catalog import ConsentCatalog
from services.consent.servicer import ConsentUseCases
from services.consent.servicer import hosted as hosted_consent
from services.identity.error_catalog import CATALOG, IdentityCatalog
from services.identity.servicer import IdentityUseCases, hosted
from services.rpc.address import reserve
from services.rpc.limits import Limits
from services.rpc.log import EventLog, install
from services.rpc.registry import CallerRegistry, RegistryError
from services.rpc.server import RpcServer
from services.rpc.telemetry import Telemetry
from services.rpc.telemetry_export import build_telemetry
from services.rpc.workers import StartFailedError, Supervisor, TellParentError
from services.settings import Settings
from services.wiring.authzen import build_authzen
from services.wiring.callers import FILE, METHODS, prepare_callers
from services.wiring.certificates import CertificateError, Pki


@dataclass(frozen=True, slots=True)
class Served:
    """The use cases that are served. Without those of a context its services do not exist."""

    identity: IdentityUseCases | None
    consent: ConsentUseCases | None = None


BuildUseCases: TypeAlias = Callable[[], AbstractAsyncContextManager[Served]]
"""Opens stores and keys and binds the use cases, inside a worker; closes them at the end."""

__all__ = ["BuildUseCases", "Served", "StartFailedError", "build_server", "serve"]


def serve(
    settings: Settings,
    build: BuildUseCases,
    *,
    log: EventLog,
    limits: Limits | None = None,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve in ``settings.workers`` processes until a signal comes. ``on_ready`` is given gRPC's address.

    Must run in the main thread, before anything of gRPC exists in this process.

    Raises:
        PortTakenError: if the address cannot be had.
        StartFailedError: if a worker could not start; it says why.
        RegistryError: if the caller registry cannot be used.
        CertificateError: if keys or certificates cannot be used.
    """
    limits = limits or Limits()
    prepare_for_start(settings)
    with ExitStack() as held:
        address = held.enter_context(closing(reserve(settings.host, settings.port))).address
        if settings.authzen_port is not None:
            held.enter_context(closing(reserve(settings.host, settings.authzen_port)))
        Supervisor(
            work=_Worker(settings, build, log, limits, address),
            count=settings.workers,
            log=log,
            grace_seconds=limits.drain_seconds + 5.0,
            on_ready=(lambda: on_ready(address)) if on_ready is not None else None,
        ).run()


def prepare_for_start(settings: Settings) -> None:
    """Make what a first start needs, and find out in the parent what would keep every worker from starting.

    In production nothing is made: registry, certificates and CA are the operator's.

    Raises:
        RegistryError, CertificateError: if one is missing or cannot be used.
    """
    if not settings.production:
        prepare_callers(settings.home, datetime.now(UTC), (settings.host,))  # noqa: TID251 - a start happens now
    Pki(settings.home).server_credentials(production=settings.production)


def build_server(
    settings: Settings,
    usecases: IdentityUseCases | None,
    *,
    consent: ConsentUseCases | None = None,
    log: EventLog,
    limits: Limits,
    telemetry: Telemetry,
) -> RpcServer:
    """Put one server together: registry, gate, servicers, certificates. Without the use cases of a context its services do not exist.

    Raises:
        RegistryError: if the caller registry cannot be used.
        CertificateError: if keys or certificates cannot be used.
    """
    registry = CallerRegistry(
        settings.home / FILE, METHODS, lambda error: log.event("caller registry not taken up", "error", fault=str(error))
    )
    return RpcServer(
        services=[*(hosted(usecases) if usecases is not None else ()), *(hosted_consent(consent) if consent is not None else ())],
        catalogs=[IdentityCatalog(), ConsentCatalog()],
        credentials=Pki(settings.home).server_credentials(production=settings.production),
        registry=registry,
        limits=limits,
        telemetry=telemetry,
        log=log,
        reflection_on=not settings.production,
    )


@dataclass(frozen=True, slots=True)
class _Worker:
    """What one worker process does."""

    settings: Settings
    build: BuildUseCases
    log: EventLog
    limits: Limits
    address: str

    def __call__(self, ready: Callable[[], None]) -> None:
        install(self.log)
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(self._serve(ready))
        except IdentityError as error:
            self.log.failure("start failed", error, reason=error.reason.value)
            raise TellParentError(f"{CATALOG[error.reason].sentence} ({error})") from error
        except ConsentError as error:
            self.log.failure("start failed", error, reason=error.reason.value)
            raise TellParentError(f"{CONSENT_CATALOG[error.reason].sentence} ({error})") from error
        except (RegistryError, CertificateError) as error:
            raise TellParentError(str(error)) from error

    async def _serve(self, ready: Callable[[], None]) -> None:
        telemetry = build_telemetry(self.settings.otlp_endpoint)
        try:
            async with self.build() as served, AsyncExitStack() as stack:
                server = build_server(
                    self.settings, served.identity, consent=served.consent, log=self.log, limits=self.limits, telemetry=telemetry
                )
                await server.start(self.address)
                if self.settings.authzen_port is not None and served.consent is not None:
                    http = build_authzen(self.settings, served.consent, server, limits=self.limits)
                    await http.start(self.settings.host.strip("[]"), self.settings.authzen_port)
                    stack.push_async_callback(http.stop)
                ready()
                await server.serve_until_signalled([signal.SIGTERM])
        finally:
            telemetry.close()
