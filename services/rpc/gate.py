"""The gate: the one interceptor that every call passes, in and out.

In, in this order and before any servicer: TLS version, caller, method, deadline, calls in flight; only then is the message read, and
purpose, recipient and source system are checked. Out: the answer, or one error built from the catalogues; never an exception's own text.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn, TypeAlias

import grpc
from google.protobuf.message import DecodeError, Message
from grpc import aio

from services.rpc.caller import Call, Caller, enter_call, name_in_certificate
from services.rpc.errors import (
    DETAILS_KEY,
    EdgeError,
    EdgeReason,
    ErrorCatalog,
    Failure,
    FieldViolation,
    RequestInvalidError,
    edge_failure,
    status_of,
    unexpected_failure,
)
from services.rpc.limits import Limits
from services.rpc.log import EventLog
from services.rpc.registry import CallerRegistry
from services.rpc.request_rule import Asked, check_request
from services.rpc.telemetry import CALLER, CODE, METHOD, PURPOSE, REASON, RECIPIENT, REQUEST_ID, Telemetry

REQUEST_ID_KEY = "x-request-id"
_REQUEST_ID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_TLS = b"TLSv1.3"

Context: TypeAlias = "aio.ServicerContext[Any, Any]"
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Continuation: TypeAlias = "Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]]"


class Gate(aio.ServerInterceptor):
    """Lets registered callers through to servicers, and failures out in one shape."""

    def __init__(
        self,
        *,
        registry: CallerRegistry,
        catalogs: Sequence[ErrorCatalog],
        limits: Limits,
        telemetry: Telemetry,
        log: EventLog,
        open_methods: Collection[str] = (),
    ) -> None:
        """Guard every method but ``open_methods`` (paths with their leading slash: health; reflection in development)."""
        self._registry, self._catalogs, self._limits = registry, tuple(catalogs), limits
        self._telemetry, self._log = telemetry, log
        self._open = frozenset(open_methods)
        self._guarded: dict[str, Handler] = {}
        self._running: Counter[str] = Counter()

    async def intercept_service(self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails) -> Handler | None:
        path = handler_call_details.method
        if guarded := self._guarded.get(path):
            return guarded
        handler = await continuation(handler_call_details)
        if handler is None or path in self._open:
            return handler  # None is UNIMPLEMENTED
        if handler.unary_unary is None:
            return None  # a streaming method that nobody opened does not exist
        self._guarded[path] = grpc.unary_unary_rpc_method_handler(self._around(path[1:], handler), None, handler.response_serializer)
        return self._guarded[path]

    def _around(self, method: str, handler: Handler) -> Callable[[bytes, Context], Awaitable[object]]:
        async def serve(raw: bytes, context: Context) -> object:
            served = _Served(method, _request_id(context))
            with self._telemetry.call(method, context.invocation_metadata() or ()) as span:
                started = time.monotonic()
                try:
                    answer = await self._admitted(served, handler, raw, context)
                    context.set_trailing_metadata(((REQUEST_ID_KEY, served.request_id),))
                except asyncio.CancelledError:
                    served.code = grpc.StatusCode.CANCELLED
                    raise
                except Exception as error:  # noqa: BLE001 - the one place where every failure becomes an answer
                    served.failure = self._failure(error, served)
                    served.code = served.failure.spec.code
                finally:
                    seconds = time.monotonic() - started
                    self._telemetry.answered(span, served.attributes(), seconds)
                    self._tell(served, seconds)
            if served.failure is not None:  # told once its span is closed: whoever reads the answer finds the trace
                await _abort(context, served.failure, served.request_id)
            return answer

        return serve

    async def _admitted(self, served: _Served, handler: Handler, raw: bytes, context: Context) -> object:
        caller = self._caller(context)
        served.caller = caller.name
        if served.method not in caller.methods:
            raise EdgeError(EdgeReason.METHOD_NOT_ALLOWED)
        seconds = self._seconds(context)
        with self._place(caller):
            request = _parse(handler, raw)
            served.asked = check_request(caller, request)
            enter_call(Call(caller, served.request_id, served.method, time.monotonic() + seconds))
            timeout = asyncio.timeout(seconds)
            try:
                async with timeout:
                    return await handler.unary_unary(request, context)  # type: ignore[misc,arg-type]  # stubs know only sync handlers
            except TimeoutError:
                if timeout.expired():
                    raise EdgeError(EdgeReason.DEADLINE_PASSED, limit_seconds=self._limits.deadline_seconds) from None
                raise

    def _caller(self, context: Context) -> Caller:
        auth = context.auth_context()
        if list(auth.get("ssl_tls_version", ())) != [_TLS]:
            raise EdgeError(EdgeReason.TLS_TOO_OLD)
        name = name_in_certificate(auth)
        caller = self._registry.find(name) if name is not None else None
        if caller is None:
            raise EdgeError(EdgeReason.CALLER_UNKNOWN)
        return caller

    def _seconds(self, context: Context) -> float:
        remaining: float | None = context.time_remaining()
        if remaining is None:
            raise EdgeError(EdgeReason.DEADLINE_REQUIRED, limit_seconds=self._limits.deadline_seconds)
        return max(0.0, min(remaining, self._limits.deadline_seconds))

    @contextmanager
    def _place(self, caller: Caller) -> Iterator[None]:
        if self._running[caller.name] >= self._limits.calls_per_caller:
            raise EdgeError(EdgeReason.TOO_MANY_CALLS, limit=self._limits.calls_per_caller)
        self._running[caller.name] += 1
        try:
            yield
        finally:
            self._running[caller.name] -= 1

    def _failure(self, error: Exception, served: _Served) -> Failure:
        if isinstance(error, EdgeError):
            return edge_failure(error)
        for catalog in self._catalogs:
            if failure := catalog.describe(error):
                if failure.spec.code is grpc.StatusCode.INTERNAL:
                    self._log.failure("failure", error, method=served.method, request_id=served.request_id, reason=failure.reason)
                return failure
        error_id = secrets.token_hex(8)
        self._log.failure("failure", error, error_id=error_id, method=served.method, caller=served.caller, request_id=served.request_id)
        return unexpected_failure(error_id)

    def _tell(self, served: _Served, seconds: float) -> None:
        self._log.event(
            "call",
            method=served.method,
            caller=served.caller,
            purpose=served.asked.purpose,
            recipient=served.asked.recipient,
            code=served.code.name,
            reason=served.failure.reason if served.failure else None,
            request_id=served.request_id,
            duration_ms=round(seconds * 1000, 2),
        )


class _Served:
    """What is known of a call while it is served, for the log, the trace and the measures."""

    __slots__ = ("asked", "caller", "code", "failure", "method", "request_id")

    def __init__(self, method: str, request_id: str) -> None:
        self.method, self.request_id = method, request_id
        self.caller: str | None = None
        self.asked = Asked()
        self.code = grpc.StatusCode.OK
        self.failure: Failure | None = None

    def attributes(self) -> dict[str, str]:
        facts = {
            METHOD: self.method,
            CODE: self.code.name,
            CALLER: self.caller,
            PURPOSE: self.asked.purpose,
            RECIPIENT: self.asked.recipient,
            REASON: self.failure.reason if self.failure else None,
            REQUEST_ID: self.request_id,
        }
        return {key: value for key, value in facts.items() if value is not None}


def _parse(handler: Handler, raw: bytes) -> Message:
    try:
        return handler.request_deserializer(raw)  # type: ignore[misc,no-any-return]  # every generated handler has one
    except DecodeError:
        raise RequestInvalidError([FieldViolation("", "not a message of this method")]) from None


def _request_id(context: Context) -> str:
    """Return the caller's request id if it is a UUID, or a fresh one: what may be a name or a phone number stays out of logs and traces."""
    for key, value in context.invocation_metadata() or ():
        if key == REQUEST_ID_KEY and isinstance(value, str) and _REQUEST_ID.fullmatch(value):
            return value
    return secrets.token_hex(16)


async def _abort(context: Context, failure: Failure, request_id: str) -> NoReturn:
    status = status_of(failure, request_id)
    trailing = ((DETAILS_KEY, status.SerializeToString()), (REQUEST_ID_KEY, request_id))
    await context.abort(failure.spec.code, status.message, trailing)
