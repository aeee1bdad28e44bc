"""Source systems are found wherever a request names one."""

from __future__ import annotations

import pytest
from entente.consent.v1 import catalog_service_pb2, consent_service_pb2, decision_service_pb2
from entente.identity.v1 import record_service_pb2, resolution_service_pb2, stewardship_service_pb2
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from services.rpc.caller import Caller
from services.rpc.errors import EdgeError
from services.rpc.request_rule import Asked, check_request, named_sources

REQUESTS = {
    method.input_type.name: method.input_type
    for file in (record_service_pb2, resolution_service_pb2, stewardship_service_pb2, consent_service_pb2, decision_service_pb2)
    for service in file.DESCRIPTOR.services_by_name.values()
    for method in service.methods
}


def fill(message: Message, source: str) -> int:
    """Fill every field of a message, twice where it repeats, with ``source`` wherever one is named; return how often it was."""
    named = 0
    for field in message.DESCRIPTOR.fields:
        if field.message_type is not None and not field.message_type.GetOptions().map_entry:
            inner = getattr(message, field.name)
            named += sum(fill(inner.add(), source) for _ in range(2)) if field.is_repeated else fill(inner, source)
            if not field.is_repeated:
                inner.SetInParent()
        elif field.type == FieldDescriptor.TYPE_STRING and not field.is_repeated:
            setattr(message, field.name, source if field.name == "source" else "service")
            named += field.name == "source"
    return named


@pytest.mark.parametrize("name", REQUESTS)
def test_every_source_that_a_request_names_is_found(name):
    message = GetMessageClass(REQUESTS[name])()
    assert list(named_sources(message)) == []
    named = fill(message, "webshop")
    assert list(named_sources(message)) == ["webshop"] * named
    assert named == {
        "IngestRecordsRequest": 1,
        "BatchResolveIdentitiesRequest": 2,
        "ExplainMatchRequest": 2,
        "JudgePairRequest": 2,
        "RecordConsentRequest": 2,
        "BatchDecideRequest": 2,
    }.get(
        name,
        int(
            name
            in {
                "DeleteRecordRequest",
                "GetRecordStatusRequest",
                "ResolveIdentityRequest",
                "GetProfileRequest",
                "ListConsentEventsRequest",
                "GetReceiptRequest",
                "DecideRequest",
            }
        ),
    ), "the test fills what there is"


def test_a_purpose_that_is_published_is_not_what_it_is_published_for():
    request = catalog_service_pb2.PublishPurposeRequest()
    request.purpose.purpose_id = "offers-email"
    assert check_request(Caller("editor"), request) == Asked()


def test_one_foreign_source_among_many_refuses_the_whole_request():
    caller = Caller("crm", purposes=frozenset({"service"}), recipients=frozenset({"crm"}), sources=frozenset({"crm"}))
    request = resolution_service_pb2.BatchResolveIdentitiesRequest(purpose="service", recipient="crm")
    for _ in range(3):
        request.queries.add().record.source = "crm"
    assert check_request(caller, request).sources == {"crm"}
    request.queries[1].record.source = "webshop"
    with pytest.raises(EdgeError, match="SOURCE_NOT_ALLOWED"):
        check_request(caller, request)
