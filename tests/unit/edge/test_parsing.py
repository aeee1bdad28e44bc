"""Parsing is total: any message of a method becomes a command, or one refusal that names fields and never values."""

from __future__ import annotations

import re

from entente.identity.v1 import record_service_pb2, resolution_service_pb2, stewardship_service_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.ports.purpose_gate import Use
from services.identity import parsing
from services.rpc.caller import Call, Caller
from services.rpc.errors import RequestInvalidError

CALL = Call(Caller("crm"), "r-1", "a/B", 0.0)
GOOD_UUID = "01934f7e-6b5a-7c3d-8e21-5d1f0a9b8c7d"
PARSERS = {
    "IngestRecords": lambda message: parsing.ingest_records(message, CALL, lambda _body: b"mac"),
    "DeleteRecord": lambda message: parsing.delete_record(message, CALL, lambda _body: b"mac"),
    "GetRecordStatus": parsing.get_record_status,
    "ResolveIdentity": lambda message: parsing.resolve_identity(message, CALL),
    "BatchResolveIdentities": lambda message: parsing.batch_resolve_identities(message, CALL),
    "ExplainMatch": lambda message: parsing.explain_match(message, CALL),
    "GetProfile": lambda message: parsing.get_profile(message, CALL),
    "ListReviewPairs": lambda message: parsing.list_review_pairs(message, CALL),
    "JudgePair": lambda message: parsing.judge_pair(message, CALL, lambda _body: b"mac"),
    "SplitIdentity": lambda message: parsing.split_identity(message, CALL, lambda _body: b"mac"),
    "GetIdentityHistory": lambda message: parsing.get_identity_history(message, CALL),
}
METHODS = {
    method.name: method.input_type
    for file in (record_service_pb2, resolution_service_pb2, stewardship_service_pb2)
    for service in file.DESCRIPTOR.services_by_name.values()
    for method in service.methods
}
CANARY = "Kanarienvogel"
TEXTS = st.one_of(st.text(max_size=20), st.sampled_from([GOOD_UUID, "crm", "42", "service", "\x00", "a" * 5000, "\u202e", "\ufeff"]))
PERSONAL = st.one_of(st.just(""), st.text(max_size=20).map(lambda text: CANARY + text), st.just(CANARY * 400))
NUMBERS = st.integers(-(1 << 31), (1 << 31) - 1)


@st.composite
def of(draw: st.DrawFn, kind: Descriptor) -> Message:
    message = GetMessageClass(kind)()
    for field in kind.fields:
        if draw(st.booleans()):
            fill(draw, message, field)
    return message


def fill(draw: st.DrawFn, message: Message, field: FieldDescriptor) -> None:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        values = NUMBERS if field.message_type.fields_by_name["value"].enum_type is not None else PERSONAL
        getattr(message, field.name).update(draw(st.dictionaries(TEXTS, values, max_size=3)))
    elif field.message_type is not None and field.message_type.full_name == "google.protobuf.Timestamp":
        getattr(message, field.name).seconds = draw(st.integers(-(1 << 63), (1 << 63) - 1))
        getattr(message, field.name).nanos = draw(NUMBERS)
    elif field.message_type is not None and field.is_repeated:
        getattr(message, field.name).extend(draw(st.lists(of(field.message_type), max_size=3)))
    elif field.message_type is not None:
        getattr(message, field.name).CopyFrom(draw(of(field.message_type)))
    elif field.is_repeated:
        getattr(message, field.name).extend(draw(st.lists(TEXTS, max_size=3)))
    elif field.type == FieldDescriptor.TYPE_STRING:
        setattr(message, field.name, draw(PERSONAL if field.GetOptions().debug_redact else TEXTS))
    elif field.type == FieldDescriptor.TYPE_BOOL:
        setattr(message, field.name, draw(st.booleans()))
    elif field.type == FieldDescriptor.TYPE_BYTES:
        setattr(message, field.name, draw(st.binary(max_size=40)))
    else:
        setattr(message, field.name, draw(NUMBERS))


def test_every_method_has_a_parser():
    assert METHODS.keys() == PARSERS.keys()


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_any_message_is_a_command_or_a_refusal_by_fields(data: st.DataObject):
    name = data.draw(st.sampled_from(sorted(METHODS)))
    message = data.draw(of(METHODS[name]))
    try:
        told = repr(PARSERS[name](message))
    except RequestInvalidError as refusal:
        told = repr(refusal.violations)
        fields = [violation.field for violation in refusal.violations]
        assert fields
        assert all(re.fullmatch(r"[a-z_]+(\[\d+\])?(\.[a-z_]+)*", field) for field in fields)
    assert CANARY not in told


def test_stewards_questions_say_who_asks_for_what_and_for_whom():
    use = Use("crm", "unification", "steward")
    queue = stewardship_service_pb2.ListReviewPairsRequest(purpose="unification", recipient="steward")
    history = stewardship_service_pb2.GetIdentityHistoryRequest(purpose="unification", recipient="steward", identity_id=GOOD_UUID)
    assert parsing.list_review_pairs(queue, CALL).use == use
    assert parsing.get_identity_history(history, CALL).use == use
