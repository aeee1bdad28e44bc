"""A gRPC server that speaks mTLS only, behind the gate, with limits, health and a graceful stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import grpc
from grpc import aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from services.rpc.address import PortTakenError
from services.rpc.credentials import Credentials
from services.rpc.errors import ErrorCatalog
from services.rpc.gate import Gate
from services.rpc.limits import Limits
from services.rpc.log import EventLog
from services.rpc.registry import CallerRegistry
from services.rpc.telemetry import Telemetry

HEALTH_METHOD = "/grpc.health.v1.Health/Check"
REFLECTION_METHODS = tuple(f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo" for version in ("v1alpha", "v1"))


@dataclass(frozen=True, slots=True)
class Hosted:
    """A service to host: its full name and what adds its servicer to a server."""

    name: str
    add: Callable[[aio.Server], None]


class RpcServer:
    """One server process: start it, and it serves until stopped."""

    def __init__(
        self,
        *,
        services: Sequence[Hosted],
        catalogs: Sequence[ErrorCatalog],
        credentials: Credentials,
        registry: CallerRegistry,
        limits: Limits,
        telemetry: Telemetry,
        log: EventLog,
        reflection_on: bool = False,
    ) -> None:
        self._limits, self._log, self._credentials = limits, log, credentials
        open_methods = (HEALTH_METHOD, *(REFLECTION_METHODS if reflection_on else ()))
        self._gate = Gate(registry=registry, catalogs=catalogs, limits=limits, telemetry=telemetry, log=log, open_methods=open_methods)
        self._server = aio.server(interceptors=[self._gate], options=limits.channel_arguments(), maximum_concurrent_rpcs=limits.calls)
        self._health = health.aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        self._names = ("", *(service.name for service in services))
        for service in services:
            service.add(self._server)
        if reflection_on:
            names = [*self._names[1:], reflection.SERVICE_NAME, health.SERVICE_NAME]
            reflection.enable_server_reflection(names, self._server)

    @property
    def gate(self) -> Gate:
        """The gate, for what else is served by this process: its limits count for all of it."""
        return self._gate

    async def start(self, address: str) -> int:
        """Listen on ``address`` (``127.0.0.1:7443``; port 0 picks a free one) and return the port.

        Raises:
            PortTakenError: if the address cannot be had.
        """
        try:
            port = self._server.add_secure_port(address, _mutual_tls(self._credentials))
        except RuntimeError:
            raise PortTakenError(address) from None
        await self._server.start()
        await self._set_health(health_pb2.HealthCheckResponse.SERVING)
        self._log.event("listening", address=address, port=port)
        return port

    async def stop(self) -> None:
        """Say so in health, take no new calls, end streams, let running calls finish within the drain time, then stop."""
        self._log.event("stopping", grace_seconds=self._limits.drain_seconds)
        await self._set_health(health_pb2.HealthCheckResponse.NOT_SERVING)
        self._gate.end_streams()
        await self._server.stop(self._limits.drain_seconds)
        self._log.event("stopped")

    async def serve_until_signalled(self, signals: Collection[signal.Signals] = (signal.SIGTERM, signal.SIGINT)) -> None:
        """Serve until one of ``signals`` comes, then stop gracefully."""
        told = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in signals:
            loop.add_signal_handler(number, told.set)
        await told.wait()
        await self.stop()

    async def _set_health(self, status: health_pb2.HealthCheckResponse.ServingStatus) -> None:
        for name in self._names:
            await self._health.set(name, status)


def _mutual_tls(credentials: Credentials) -> grpc.ServerCredentials:
    """Demand a client certificate signed by the CA; gRPC refuses every other connection in the handshake."""
    return grpc.ssl_server_credentials([(credentials.key, credentials.chain)], credentials.authority, require_client_auth=True)
