"""What a request must say before anybody looks at the rest of it: purpose, recipient, source system.

Rules
- Read from the message's own descriptor, so that a new request that names one of the three is checked without anybody's care.
- A missing purpose or recipient is told with its field; one that is not the caller's is refused.
- A source system counts wherever in a request it is named (``source``, ``queries[3].record.source``): every one must
  be the caller's. One that is left empty inside a question is told with its path by whoever reads the question.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from services.rpc.caller import Caller
from services.rpc.errors import EdgeError, EdgeReason, FieldViolation, RequestInvalidError


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for; None where its kind of request names no such thing. ``sources``: every source system that it names."""

    purpose: str | None = None
    recipient: str | None = None
    sources: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RequestRule:
    """Which of the three a kind of request must carry, and where its own source system stands (``source`` or ``record.source``)."""

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
            sources=frozenset(named_sources(request)),
        )
        own = {"record.source" if self.record else "source": self._source(request)}
        named = {"purpose": asked.purpose, "recipient": asked.recipient, **own}
        if missing := [field for field, value in named.items() if value == ""]:
            raise RequestInvalidError([FieldViolation(field, "required") for field in missing])
        return asked

    def _source(self, request: Message) -> str | None:
        holder = getattr(request, "record") if self.record else request  # noqa: B009 - likewise
        return getattr(holder, "source") if self.source or self.record else None  # noqa: B009 - likewise


def named_sources(message: Message) -> Iterator[str]:
    """Iterate over the source systems that a message names, however deep."""
    for field in _fields_towards_source(message.DESCRIPTOR):
        held = getattr(message, field.name)
        if field.message_type is None:
            yield from filter(None, held if field.is_repeated else [held])
        elif field.message_type.GetOptions().map_entry:
            for inner in held.values():
                yield from named_sources(inner)
        elif field.is_repeated:
            for inner in held:
                yield from named_sources(inner)
        elif message.HasField(field.name):
            yield from named_sources(held)


@cache
def _fields_towards_source(descriptor: Descriptor) -> tuple[FieldDescriptor, ...]:
    """Return the fields of a kind of message that are a source system, or hold a message that names one."""
    return tuple(field for field in descriptor.fields if _is_source(field) or any(map(_is_source, _fields_below(field))))


def _is_source(field: FieldDescriptor) -> bool:
    return field.name == "source" and _is_text(field)


def _is_text(field: FieldDescriptor | None) -> bool:
    """Whether there is such a field, and it is a name: publishing a purpose hands over the purpose itself, for no purpose."""
    return field is not None and field.type == FieldDescriptor.TYPE_STRING


def _fields_below(field: FieldDescriptor) -> Iterator[FieldDescriptor]:
    """Iterate over every field that a message in ``field`` can hold, however deep; each kind of message once."""
    seen, waiting = set(), [field.message_type]
    while waiting:
        kind = waiting.pop()
        if kind is not None and kind.full_name not in seen:
            seen.add(kind.full_name)
            yield from kind.fields
            waiting += [inner.message_type for inner in kind.fields]


@cache
def rule_of(descriptor: Descriptor) -> RequestRule:
    """Return the rule for a kind of request."""
    fields = descriptor.fields_by_name
    record = fields.get("record")
    return RequestRule(
        purpose=_is_text(fields.get("purpose")),
        recipient=_is_text(fields.get("recipient")),
        source=_is_text(fields.get("source")),
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
    if not asked.sources <= caller.sources:
        raise EdgeError(EdgeReason.SOURCE_NOT_ALLOWED)
    return asked
