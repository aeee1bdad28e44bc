"""HTTP/1.1 over mutual TLS, behind the same gate as gRPC: for callers that have no gRPC.

Rules
- The caller is the certificate, as in gRPC; no header says who somebody is. TLS 1.3 and a certificate of our CA, or there is no connection.
- A body is read up to the limit of a message and within the time of a write; then the gate looks at the caller, before anybody reads it.
- What is refused is refused in the same words, under the HTTP status that stands for the code.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, NoReturn, TypeAlias, cast

import grpc
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from services.rpc.address import PortTakenError
from services.rpc.credentials import Credentials
from services.rpc.errors import EDGE_DOMAIN, FieldViolation, Refusal, refusal_in
from services.rpc.gate import REQUEST_ID_KEY, Context
from services.rpc.limits import Limits

Serve: TypeAlias = Callable[[bytes, Context], Awaitable[object]]
"""What the gate made of a method (``Gate.guard``)."""

_PEER: Final = "peer"
_HEADER_BYTES: Final = 16 << 10
_PASSED_ON: Final = (REQUEST_ID_KEY, "traceparent")
STATUS: Final[Mapping[str, int]] = {
    "INVALID_ARGUMENT": 400,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "FAILED_PRECONDITION": 409,
    "ABORTED": 409,
    "RESOURCE_EXHAUSTED": 429,
    "CANCELLED": 499,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
"""HTTP status by code (google.rpc.Code); any other is 500."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end: the URIs of its verified certificate, and the version of TLS."""

    uris: tuple[str, ...]
    tls: str


class RefusedError(Exception):
    """The gate refused a call, or it failed; ``refusal`` is what may be told."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(refusal.reason)


class HttpContext:
    """A call as the gate sees it: what of a gRPC context it asks for."""

    def __init__(self, peer: Peer, headers: Mapping[str, str], seconds: float) -> None:
        self._peer, self._seconds = peer, seconds
        self._metadata = tuple((key, headers[key]) for key in _PASSED_ON if key in headers)
        self.request_id = ""

    def auth_context(self) -> Mapping[str, list[bytes]]:
        """Return what TLS knows of the caller, under gRPC's names."""
        return {"peer_uri": [uri.encode() for uri in self._peer.uris], "ssl_tls_version": [self._peer.tls.encode()]}

    def time_remaining(self) -> float:
        """Return the seconds that any call gets: HTTP has no deadline of the caller's."""
        return self._seconds

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        """Return the headers that mean something to us."""
        return self._metadata

    def set_trailing_metadata(self, metadata: tuple[tuple[str, str], ...]) -> None:
        """Take the id under which the call was logged."""
        self.request_id = dict(metadata).get(REQUEST_ID_KEY, "")

    async def abort(self, code: grpc.StatusCode, message: str, trailing: tuple[tuple[str, str | bytes], ...]) -> NoReturn:
        """End the call with a failure."""
        raise RefusedError(refusal_in(code.name, message, trailing))


async def call(serve: Serve, request: Request, body: bytes, limits: Limits) -> tuple[object, str]:
    """Make a call through the gate; return its answer and the request id.

    Raises:
        RefusedError: if it is refused or fails.
    """
    context = HttpContext(request.state.peer, request.headers, limits.deadline_seconds)
    answer = await serve(body, cast("Context", context))  # what the gate asks of it, and no more
    return answer, context.request_id


async def read_body(request: Request, limits: Limits) -> bytes | None:
    """Return the body, or None if it is larger than a message may be, or does not come."""
    body = bytearray()
    try:
        async with asyncio.timeout(limits.write_seconds):
            async for piece in request.stream():
                body += piece
                if len(body) > limits.message_bytes:
                    return None
    except (TimeoutError, ClientDisconnect):
        return None
    return bytes(body)


def refused(refusal: Refusal) -> Response:
    """Tell a refusal: reason, sentence, fields; nothing of the inside."""
    told = {
        "code": refusal.code,
        "reason": refusal.reason,
        "domain": refusal.domain,
        "message": refusal.message,
        "metadata": dict(refusal.metadata),
        "violations": [{"field": violation.field, "description": violation.description} for violation in refusal.violations],
        "request_id": refusal.request_id,
    }
    headers = {"Cache-Control": "no-store", **({"X-Request-ID": refusal.request_id} if refusal.request_id else {})}
    return JSONResponse({"error": told}, STATUS.get(refusal.code, 500), headers)


def too_large() -> Response:
    """Tell that a body is too large, or did not come; the connection ends with it."""
    violation = FieldViolation("", "a body within the limits of size and time")
    told = refused(Refusal("INVALID_ARGUMENT", "The body cannot be read.", EDGE_DOMAIN, "REQUEST_INVALID", {}, (violation,)))
    told.status_code = 413
    told.headers["Connection"] = "close"
    return told


class _CertifiedProtocol(H11Protocol):
    """HTTP/1.1 that hands the caller's certificate to the application, where only the connection itself can have put it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the class above
        super().connection_made(transport)
        certificate = transport.get_extra_info("peercert") or {}
        tls = transport.get_extra_info("ssl_object")
        uris = tuple(value for kind, value in certificate.get("subjectAltName", ()) if kind == "URI")
        self.app_state = {**self.app_state, _PEER: Peer(uris, (tls.version() if tls is not None else None) or "")}


class HttpServer:
    """Serves an application over mutual TLS in a running loop."""

    def __init__(self, app: ASGIApp, *, credentials: Credentials, limits: Limits) -> None:
        self._limits, self._tls = limits, _mutual_tls(credentials)
        self._config = Config(
            app,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=limits.calls,
            h11_max_incomplete_event_size=_HEADER_BYTES,
        )
        self._state = ServerState()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen, and return the port; 0 picks a free one.

        Raises:
            PortTakenError: if the address cannot be had.
        """
        self._config.load()
        try:
            self._server = await asyncio.get_running_loop().create_server(
                self._protocol, host, port, ssl=self._tls, ssl_handshake_timeout=self._limits.handshake_seconds, reuse_port=True
            )
        except OSError:
            raise PortTakenError(f"{host}:{port}") from None
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Take no new connection, let running calls finish within the drain time, then cut the rest off."""
        if self._server is None:
            return
        self._server.close()
        for connection in list(self._state.connections):
            connection.shutdown()
        if self._state.tasks:
            await asyncio.wait(self._state.tasks, timeout=self._limits.drain_seconds)
        for task in list(self._state.tasks):
            task.cancel()
        for connection in list(self._state.connections):
            cast("H11Protocol", connection).transport.abort()

    def _protocol(self) -> asyncio.Protocol:
        return _CertifiedProtocol(self._config, self._state, {}, asyncio.get_running_loop())


def _mutual_tls(credentials: Credentials) -> ssl.SSLContext:
    """Demand TLS 1.3 and a client certificate signed by the CA."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=credentials.authority.decode("ascii"))
    context.set_alpn_protocols(["http/1.1"])
    _load_chain(context, credentials)
    return context


def _load_chain(context: ssl.SSLContext, credentials: Credentials) -> None:
    """Load key and chain, which the standard library takes from files only: from one in memory, that no disk ever holds."""
    with os.fdopen(os.memfd_create("tls", os.MFD_CLOEXEC), "wb") as file:
        file.write(credentials.key + b"\n" + credentials.chain)
        file.flush()
        context.load_cert_chain(f"/proc/self/fd/{file.fileno()}")
