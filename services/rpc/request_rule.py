"""What a request must say before anybody looks at the rest of it: purpose, recipient, source system.

Rules
- Read from the message's own descriptor, so that a new request that names one of the three is checked without anybody's care.
- A missing purpose or recipient is told with its field; one that is not the caller's is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from services.rpc.caller import Caller
from services.rpc.errors import EdgeError, EdgeReason, FieldViolation, RequestInvalidError


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for; None where its kind of request names no such thing."""

    purpose: str | None = None
    recipient: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class RequestRule:
    """Which of the three a kind of request carries, and where its source system stands (``source`` or ``record.source``)."""

    purpose: bool
    recipient: bool
    source: bool
    record: bool

    def read(self, request: Message) -> Asked:
        """Return what the request asks for.

        Raises:
            RequestInvalidError: naming each of the three that is missing.
        """
        asked = Asked(
            purpose=getattr(request, "purpose") if self.purpose else None,  # noqa: B009 - a field by descriptor, unknown to types
            recipient=getattr(request, "recipient") if self.recipient else None,  # noqa: B009 - likewise
            source=self._source(request),
        )
        named = {"purpose": asked.purpose, "recipient": asked.recipient, "record.source" if self.record else "source": asked.source}
        if missing := [field for field, value in named.items() if value == ""]:
            raise RequestInvalidError([FieldViolation(field, "required") for field in missing])
        return asked

    def _source(self, request: Message) -> str | None:
        holder = getattr(request, "record") if self.record else request  # noqa: B009 - likewise
        return getattr(holder, "source") if self.source or self.record else None  # noqa: B009 - likewise


@cache
def rule_of(descriptor: Descriptor) -> RequestRule:
    """Return the rule for a kind of request."""
    fields = descriptor.fields_by_name
    record = fields.get("record")
    return RequestRule(
        purpose="purpose" in fields,
        recipient="recipient" in fields,
        source="source" in fields,
        record=record is not None and record.message_type is not None and "source" in record.message_type.fields_by_name,
    )


def check_request(caller: Caller, request: Message) -> Asked:
    """Return what the request asks for, once the caller is found to be registered for it.

    Raises:
        EdgeError: if the request says too little, or the caller asks beyond its registration.
    """
    asked = rule_of(request.DESCRIPTOR).read(request)
    if asked.purpose is not None and asked.purpose not in caller.purposes:
        raise EdgeError(EdgeReason.PURPOSE_NOT_ALLOWED)
    if asked.recipient is not None and asked.recipient not in caller.recipients:
        raise EdgeError(EdgeReason.RECIPIENT_NOT_ALLOWED)
    if asked.source is not None and asked.source not in caller.sources:
        raise EdgeError(EdgeReason.SOURCE_NOT_ALLOWED)
    return asked
