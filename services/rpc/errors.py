"""How failures look on the wire: ``google.rpc.Status`` with details, built here and nowhere else.

Rules
- What a caller reads comes from a catalogue (a code and a public sentence for each reason), never from an exception's text.
- Metadata of an error is cut to the keys its catalogue allows.
- An error nobody foresaw is ``INTERNAL`` with one fixed sentence and a random id that is also in the log.
- Refusals of a caller, method, purpose, recipient or source system have one shape: one code, one sentence, no metadata.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import grpc
import grpc.aio
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

EDGE_DOMAIN = "edge.entente"
DETAILS_KEY = "grpc-status-details-bin"
REFUSED = "The caller is not registered for this."


class EdgeReason(StrEnum):
    """Why the edge refuses; the same set as ``EdgeReason`` in ``entente/rpc/v1/edge_reason.proto``."""

    CALLER_UNKNOWN = "CALLER_UNKNOWN"
    TLS_TOO_OLD = "TLS_TOO_OLD"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    PURPOSE_NOT_ALLOWED = "PURPOSE_NOT_ALLOWED"
    RECIPIENT_NOT_ALLOWED = "RECIPIENT_NOT_ALLOWED"
    SOURCE_NOT_ALLOWED = "SOURCE_NOT_ALLOWED"
    REQUEST_INVALID = "REQUEST_INVALID"
    DEADLINE_REQUIRED = "DEADLINE_REQUIRED"
    TOO_MANY_CALLS = "TOO_MANY_CALLS"
    DEADLINE_PASSED = "DEADLINE_PASSED"
    SERVER_STOPPING = "SERVER_STOPPING"
    UNEXPECTED = "UNEXPECTED"


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """A field of a request that cannot be taken, by its path (``queries[3].record.key``), and what it takes. Never its value."""

    field: str
    description: str


class EdgeError(Exception):
    """A refusal by the edge. ``facts`` are limits and ids we minted."""

    def __init__(self, reason: EdgeReason, **facts: str | int | float) -> None:
        self.reason = reason
        self.facts = facts
        super().__init__(reason.value)


class RequestInvalidError(EdgeError):
    """Fields of a request are missing or wrong: all of them at once."""

    def __init__(self, violations: Sequence[FieldViolation]) -> None:
        self.violations = tuple(violations)
        super().__init__(EdgeReason.REQUEST_INVALID)


@dataclass(frozen=True, slots=True)
class ErrorSpec:
    """How one reason is told: code, public sentence, facts that may go out, and seconds to wait before another try (None: do not)."""

    code: grpc.StatusCode
    sentence: str
    metadata_keys: frozenset[str] = frozenset()
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure ready to be told: its domain, reason, how it is told, its facts and the fields concerned."""

    domain: str
    reason: str
    spec: ErrorSpec
    facts: Mapping[str, str | int | float]
    violations: tuple[FieldViolation, ...] = ()


class ErrorCatalog(Protocol):
    """What a context says about its own errors."""

    def describe(self, error: Exception) -> Failure | None:
        """Return how to tell ``error``, or None if it is not one of this context's."""
        ...


_REFUSAL = ErrorSpec(grpc.StatusCode.PERMISSION_DENIED, REFUSED)

EDGE_CATALOG: Mapping[EdgeReason, ErrorSpec] = {
    EdgeReason.CALLER_UNKNOWN: _REFUSAL,
    EdgeReason.TLS_TOO_OLD: _REFUSAL,
    EdgeReason.METHOD_NOT_ALLOWED: _REFUSAL,
    EdgeReason.PURPOSE_NOT_ALLOWED: _REFUSAL,
    EdgeReason.RECIPIENT_NOT_ALLOWED: _REFUSAL,
    EdgeReason.SOURCE_NOT_ALLOWED: _REFUSAL,
    EdgeReason.REQUEST_INVALID: ErrorSpec(grpc.StatusCode.INVALID_ARGUMENT, "Fields of the request are missing or wrong."),
    EdgeReason.DEADLINE_REQUIRED: ErrorSpec(grpc.StatusCode.INVALID_ARGUMENT, "The call needs a deadline.", frozenset({"limit_seconds"})),
    EdgeReason.TOO_MANY_CALLS: ErrorSpec(
        grpc.StatusCode.RESOURCE_EXHAUSTED, "The caller has too many calls in flight.", frozenset({"limit"}), retry_after=0.1
    ),
    EdgeReason.DEADLINE_PASSED: ErrorSpec(
        grpc.StatusCode.DEADLINE_EXCEEDED, "The answer was not ready at the deadline.", frozenset({"limit_seconds"})
    ),
    EdgeReason.SERVER_STOPPING: ErrorSpec(grpc.StatusCode.UNAVAILABLE, "The server is stopping.", retry_after=1.0),
    EdgeReason.UNEXPECTED: ErrorSpec(
        grpc.StatusCode.INTERNAL, "Something failed. The error id finds it in the log.", frozenset({"error_id"})
    ),
}


def edge_failure(error: EdgeError) -> Failure:
    """Return how a refusal by the edge is told."""
    violations = error.violations if isinstance(error, RequestInvalidError) else ()
    return Failure(EDGE_DOMAIN, error.reason.value, EDGE_CATALOG[error.reason], error.facts, violations)


def unexpected_failure(error_id: str) -> Failure:
    """Return how an error nobody foresaw is told: nothing of it but an id."""
    return edge_failure(EdgeError(EdgeReason.UNEXPECTED, error_id=error_id))


def status_of(failure: Failure, request_id: str) -> status_pb2.Status:
    """Build the wire form of a failure."""
    metadata = {key: str(value) for key, value in failure.facts.items() if key in failure.spec.metadata_keys}
    details: list[Message] = [
        error_details_pb2.ErrorInfo(reason=failure.reason, domain=failure.domain, metadata=metadata),
        error_details_pb2.RequestInfo(request_id=request_id),
    ]
    if failure.violations:
        fields = [error_details_pb2.BadRequest.FieldViolation(field=v.field, description=v.description) for v in failure.violations]
        details.append(error_details_pb2.BadRequest(field_violations=fields))
    if failure.spec.retry_after is not None:
        delay = Duration(nanos=int(failure.spec.retry_after * 1e9) % 1_000_000_000, seconds=int(failure.spec.retry_after))
        details.append(error_details_pb2.RetryInfo(retry_delay=delay))
    status = status_pb2.Status(code=failure.spec.code.value[0], message=failure.spec.sentence)
    for detail in details:
        packed = AnyMessage()
        packed.Pack(detail)
        status.details.append(packed)
    return status


@dataclass(frozen=True, slots=True)
class Refusal:
    """A failure as a client reads it. ``reason`` is empty when the call did not reach the server's gate (no connection, unknown method)."""

    code: str
    message: str
    domain: str = ""
    reason: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    violations: tuple[FieldViolation, ...] = ()
    request_id: str = ""


def refusal_of(error: grpc.aio.AioRpcError) -> Refusal:
    """Read what a server told of a failure."""
    return refusal_in(error.code().name, error.details() or "", error.trailing_metadata() or ())


def refusal_in(code: str, message: str, trailing: Iterable[tuple[str, str | bytes]]) -> Refusal:
    """Read what the trailing metadata of a failed call tells of it."""
    raw = next((value for key, value in trailing if key == DETAILS_KEY), None)
    if not isinstance(raw, bytes):
        return Refusal(code, message)
    info, about, bad = error_details_pb2.ErrorInfo(), error_details_pb2.RequestInfo(), error_details_pb2.BadRequest()
    for detail in status_pb2.Status.FromString(raw).details:
        for known in (info, about, bad):
            detail.Unpack(known)
    violations = tuple(FieldViolation(found.field, found.description) for found in bad.field_violations)
    return Refusal(code, message, info.domain, info.reason, dict(info.metadata), violations, about.request_id)
