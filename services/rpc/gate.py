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
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
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
Answered: TypeAlias = "Callable[[_Served, Handler, bytes, Context], Awaitable[object]]"
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
        self._streaming: Counter[str] = Counter()
        self._stopping = asyncio.Event()

    async def intercept_service(self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails) -> Handler | None:
        path = handler_call_details.method
        if guarded := self._guarded.get(path):
            return guarded
        handler = await continuation(handler_call_details)
        if handler is None or path in self._open:
            return handler  # None is UNIMPLEMENTED
        if not self._registry.knows(path[1:]):
            return None  # a method that nobody opened, and nobody can be registered for, does not exist
        if handler.unary_unary is not None:
            serve = self._around(path[1:], handler, self._admitted)
            self._guarded[path] = grpc.unary_unary_rpc_method_handler(serve, None, handler.response_serializer)
        elif handler.unary_stream is not None:
            told = self._around(path[1:], handler, self._streamed)
            self._guarded[path] = grpc.unary_stream_rpc_method_handler(told, None, handler.response_serializer)
        return self._guarded.get(path)  # a method that takes a stream does not exist

    def guard(self, method: str, handler: Handler) -> Callable[[bytes, Context], Awaitable[object]]:
        """Return what serves a call of ``method`` (without the leading slash) that came another way than gRPC, behind the same checks."""
        return self._around(method, handler, self._admitted)

    def end_streams(self) -> None:
        """End every answer of many messages, and each that is begun from now on: the server is stopping."""
        self._stopping.set()

    def _around(self, method: str, handler: Handler, answered: Answered) -> Callable[[bytes, Context], Awaitable[object]]:
        async def serve(raw: bytes, context: Context) -> object:
            served = _Served(method, _request_id(context))
            with self._telemetry.call(method, context.invocation_metadata() or ()) as span:
                started = time.monotonic()
                try:
                    answer = await answered(served, handler, raw, context)
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
            if served.stuck:
                raise asyncio.CancelledError  # a message that nobody takes is in the way of any status
            if served.failure is not None:  # told once its span is closed: whoever reads the answer finds the trace
                await _abort(context, served.failure, served.request_id)
            return answer

        return serve

    async def _admitted(self, served: _Served, handler: Handler, raw: bytes, context: Context) -> object:
        caller, seconds = self._known(served, context, self._limits.deadline_seconds)
        with _place(caller, self._running, self._limits.calls_per_caller):
            request = _entered(served, caller, seconds, handler, raw)
            async with _within(seconds, self._limits.deadline_seconds):
                return await handler.unary_unary(request, context)  # type: ignore[misc,arg-type]  # stubs know only sync handlers

    async def _streamed(self, served: _Served, handler: Handler, raw: bytes, context: Context) -> None:
        caller, seconds = self._known(served, context, self._limits.stream_seconds)
        with _place(caller, self._streaming, self._limits.streams_per_caller):
            request = _entered(served, caller, seconds, handler, raw)
            answers: Any = handler.unary_stream(request, context)  # type: ignore[misc,arg-type]  # likewise
            telling = asyncio.create_task(self._tell_all(served, request, answers, context))
            stopping = asyncio.create_task(self._stopping.wait())
            try:
                async with _within(seconds, self._limits.stream_seconds):
                    await asyncio.wait({telling, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if not telling.done():
                    raise EdgeError(EdgeReason.SERVER_STOPPING)
                telling.result()
            finally:
                await _ended(telling, stopping)

    async def _tell_all(self, served: _Served, request: Message, answers: AsyncGenerator[object, None], context: Context) -> None:
        """Write each answer, for as long as the caller is registered for what it asked: longer than a registration may last."""
        async with aclosing(answers):
            async for answer in answers:
                check_request(self._registered(served), request)
                served.stuck = True
                async with _within(self._limits.write_seconds, self._limits.write_seconds):
                    await context.write(answer)
                served.stuck = False

    def _known(self, served: _Served, context: Context, most: float) -> tuple[Caller, float]:
        """Return who calls, once it is registered for the method, and the seconds that its call may last."""
        served.caller = self._name(context)
        return self._registered(served), self._seconds(context, most)

    def _registered(self, served: _Served) -> Caller:
        caller = self._registry.find(served.caller) if served.caller is not None else None
        if caller is None:
            served.caller = None
            raise EdgeError(EdgeReason.CALLER_UNKNOWN)
        if served.method not in caller.methods:
            raise EdgeError(EdgeReason.METHOD_NOT_ALLOWED)
        return caller

    def _name(self, context: Context) -> str | None:
        auth = context.auth_context()
        if list(auth.get("ssl_tls_version", ())) != [_TLS]:
            raise EdgeError(EdgeReason.TLS_TOO_OLD)
        return name_in_certificate(auth)

    def _seconds(self, context: Context, most: float) -> float:
        remaining: float | None = context.time_remaining()
        if remaining is None:
            raise EdgeError(EdgeReason.DEADLINE_REQUIRED, limit_seconds=most)
        return max(0.0, min(remaining, most))

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

    __slots__ = ("asked", "caller", "code", "failure", "method", "request_id", "stuck")

    def __init__(self, method: str, request_id: str) -> None:
        self.method, self.request_id = method, request_id
        self.caller: str | None = None
        self.asked = Asked()
        self.code = grpc.StatusCode.OK
        self.failure: Failure | None = None
        self.stuck = False

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


def _entered(served: _Served, caller: Caller, seconds: float, handler: Handler, raw: bytes) -> Message:
    """Read the request, hold the caller to its registration, and make the call the current one."""
    request = _parse(handler, raw)
    served.asked = check_request(caller, request)
    enter_call(Call(caller, served.request_id, served.method, time.monotonic() + seconds))
    return request


@contextmanager
def _place(caller: Caller, taken: Counter[str], most: int) -> Iterator[None]:
    if taken[caller.name] >= most:
        raise EdgeError(EdgeReason.TOO_MANY_CALLS, limit=most)
    taken[caller.name] += 1
    try:
        yield
    finally:
        taken[caller.name] -= 1


@asynccontextmanager
async def _within(seconds: float, limit: float) -> AsyncIterator[None]:
    """Give what is done inside so many seconds; ``limit`` is the most that anybody gets."""
    timeout = asyncio.timeout(seconds)
    try:
        async with timeout:
            yield
    except TimeoutError:
        if timeout.expired():
            raise EdgeError(EdgeReason.DEADLINE_PASSED, limit_seconds=limit) from None
        raise


async def _ended(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks and wait until they are over, so that nothing writes after the end."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


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
