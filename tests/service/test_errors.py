"""How failures are told: one gate, stable reasons, nothing of the inside."""

from __future__ import annotations

import json
import re

import pytest
from entente.identity.v1 import judgement_pb2
from entente.identity.v1 import record_service_pb2 as record_pb
from entente.identity.v1 import resolution_service_pb2 as resolution_pb
from entente.identity.v1 import source_record_pb2 as source_pb
from entente.identity.v1 import stewardship_service_pb2 as stewardship_pb
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from identity.domain.errors import IdentityError, Reason
from services.identity.client import CallFailedError
from services.identity.error_catalog import CATALOG, DOMAIN
from services.rpc.errors import FieldViolation, Refusal
from tests.service.test_callers import RESOLVE, raw_call

ASK = {"purpose": "service", "recipient": "callcentre", "attributes": {"city": "Lyon"}}


async def refusal(server, services_call) -> Refusal:
    with pytest.raises(CallFailedError) as caught:
        await services_call
    return caught.value.refusal


@pytest.mark.parametrize("reason", list(Reason))
async def test_an_error_of_the_domain_is_told_by_its_catalogue(server, reason):
    server.script.fails = IdentityError(reason, count=3, secret="Zoé Martin", identity_id="i-1")
    async with server.as_("callcentre") as services:
        told = await refusal(server, services.resolution.resolve(**ASK))
    spec = CATALOG[reason]
    assert (told.code, told.message, told.domain, told.reason) == (spec.code.name, spec.sentence, DOMAIN, reason.value)
    assert set(told.metadata) == {"count", "identity_id"} & spec.metadata_keys
    assert "Zoé" not in str(told)


@pytest.mark.parametrize("error", [ValueError("Zoé Martin, zoe@mail.example"), KeyError("zoe@mail.example"), RecursionError("Zoé")])
async def test_an_error_nobody_foresaw_tells_an_id_that_is_in_the_log_and_nothing_else(server, error):
    server.script.fails = error
    async with server.as_("callcentre") as services:
        told = await refusal(server, services.resolution.resolve(**ASK))
    assert (told.code, told.reason, told.message) == ("INTERNAL", "UNEXPECTED", "Something failed. The error id finds it in the log.")
    error_id = told.metadata["error_id"]
    assert re.fullmatch(r"[0-9a-f]{16}", error_id)
    logged = [json.loads(line) for line in server.lines if error_id in line]
    assert logged[0]["error"] == type(error).__name__
    assert "identity_usecases.py" in logged[0]["where"]
    assert "mail.example" not in "".join(server.lines) + str(told)


async def test_the_callers_request_id_comes_back_and_a_dangerous_one_does_not(server):
    good = await raw_call(server.address, server.identity("callcentre"), body=b"", metadata=(("x-request-id", UUID),))
    bad = await raw_call(server.address, server.identity("callcentre"), body=b"", metadata=(("x-request-id", "a b {evil} \\n"),))
    long = await raw_call(server.address, server.identity("callcentre"), body=b"", metadata=(("x-request-id", "a" * 65),))
    assert isinstance(good, Refusal)
    assert good.request_id == UUID
    for told in (bad, long):
        assert isinstance(told, Refusal)
        assert re.fullmatch(r"[0-9a-f]{32}", told.request_id)
    assert "evil" not in "".join(server.lines)


@pytest.mark.parametrize(
    "personal", ["+33639980012", "0639980012", "Zoe.Lefevre", "customer-4711", "1840229750123", f"{'0639980012' * 3}-1"]
)
async def test_a_request_id_that_names_a_person_reaches_neither_log_nor_trace(server, personal):
    told = await raw_call(server.address, server.identity("callcentre"), body=b"", metadata=(("x-request-id", personal),))
    assert isinstance(told, Refusal)
    assert re.fullmatch(r"[0-9a-f]{32}", told.request_id)
    seen = "".join(server.lines) + "".join(span.to_json() for span in server.spans.get_finished_spans())
    assert told.request_id in seen
    assert personal not in seen


UUID = "01934f7e-6b5a-7c3d-8e21-5d1f0a9b8c7d"
NAME = source_pb.SourceRecordName(source="crm", key="42")
QUERY = resolution_pb.IdentityQuery(record=NAME)
BAD: dict[str, tuple[str, str, Message, list[str]]] = {
    "no purpose and no recipient": ("callcentre", RESOLVE, resolution_pb.ResolveIdentityRequest(query=QUERY), ["purpose", "recipient"]),
    "no query": ("callcentre", RESOLVE, resolution_pb.ResolveIdentityRequest(purpose="service", recipient="callcentre"), ["query"]),
    "no attribute": (
        "callcentre",
        RESOLVE,
        resolution_pb.ResolveIdentityRequest(
            query=resolution_pb.IdentityQuery(attributes=source_pb.PersonAttributes()), purpose="service", recipient="callcentre"
        ),
        ["query.attributes"],
    ),
    "too long and too many": (
        "callcentre",
        RESOLVE,
        resolution_pb.ResolveIdentityRequest(
            query=resolution_pb.IdentityQuery(
                attributes=source_pb.PersonAttributes(city="x" * 4097, extra={f"e{n}": "v" for n in range(33)})
            ),
            purpose="service",
            recipient="callcentre",
        ),
        ["query.attributes.extra", "query.attributes.city"],
    ),
    "every query of a batch": (
        "crm",
        "/entente.identity.v1.ResolutionService/BatchResolveIdentities",
        resolution_pb.BatchResolveIdentitiesRequest(
            queries=[QUERY, resolution_pb.IdentityQuery(), resolution_pb.IdentityQuery(record=source_pb.SourceRecordName())],
            purpose="service",
            recipient="crm",
        ),
        ["queries[1]", "queries[2].record.source", "queries[2].record.key"],
    ),
    "no records": (
        "crm",
        "/entente.identity.v1.RecordService/IngestRecords",
        record_pb.IngestRecordsRequest(source="crm"),
        ["records", "request_id"],
    ),
    "too many records": (
        "crm",
        "/entente.identity.v1.RecordService/IngestRecords",
        record_pb.IngestRecordsRequest(source="crm", records=[source_pb.SourceRecord(key="1")] * 5001, request_id=UUID),
        ["records"],
    ),
    "no source": ("crm", "/entente.identity.v1.RecordService/DeleteRecord", record_pb.DeleteRecordRequest(), ["record.source"]),
    "no key": (
        "crm",
        "/entente.identity.v1.RecordService/DeleteRecord",
        record_pb.DeleteRecordRequest(record=source_pb.SourceRecordName(source="crm", key="a\nb"), request_id="7"),
        ["record.key", "request_id"],
    ),
    "an unspecified verdict": (
        "steward",
        "/entente.identity.v1.StewardshipService/JudgePair",
        stewardship_pb.JudgePairRequest(left=judgement_pb2.RecordSelector(record_id="1"), request_id=UUID),
        ["left.record_id", "right", "verdict"],
    ),
    "a verdict of another age": (
        "steward",
        "/entente.identity.v1.StewardshipService/JudgePair",
        stewardship_pb.JudgePairRequest(
            left=judgement_pb2.RecordSelector(record_id=UUID),
            right=judgement_pb2.RecordSelector(record=NAME),
            verdict=77,
            request_id=UUID,  # type: ignore[arg-type]  # the wrong type is the point
        ),
        ["verdict"],
    ),
    "a split of nothing": (
        "steward",
        "/entente.identity.v1.StewardshipService/SplitIdentity",
        stewardship_pb.SplitIdentityRequest(identity_id=UUID.upper(), request_id=UUID),
        ["identity_id", "record_ids"],
    ),
    "a record twice": (
        "steward",
        "/entente.identity.v1.StewardshipService/SplitIdentity",
        stewardship_pb.SplitIdentityRequest(identity_id=UUID, record_ids=[UUID, UUID], request_id=UUID),
        ["record_ids"],
    ),
    "a negative page": (
        "steward",
        "/entente.identity.v1.StewardshipService/ListReviewPairs",
        stewardship_pb.ListReviewPairsRequest(purpose="unification", recipient="steward", page_size=-1),
        ["page_size"],
    ),
    "a time outside time": (
        "steward",
        "/entente.identity.v1.StewardshipService/GetIdentityHistory",
        stewardship_pb.GetIdentityHistoryRequest(
            identity_id=UUID, purpose="unification", recipient="steward", as_of_time=Timestamp(seconds=1 << 60)
        ),
        ["as_of_time"],
    ),
}


@pytest.mark.parametrize("what", BAD)
async def test_every_fault_of_a_request_is_told_at_once_by_its_field(server, what):
    caller, path, message, fields = BAD[what]
    told = await raw_call(server.address, server.identity(caller), path=path, body=message.SerializeToString())
    assert isinstance(told, Refusal)
    assert (told.code, told.reason, told.domain) == ("INVALID_ARGUMENT", "REQUEST_INVALID", "edge.entente")
    assert sorted(violation.field for violation in told.violations) == sorted(fields)
    assert all(isinstance(violation, FieldViolation) and violation.description for violation in told.violations)
    assert server.script.asked == []
