"""A canary in every field of every request appears in no log, trace, metric or error, however the call ends."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import replace

import pytest
from entente.consent.v1 import catalog_service_pb2, consent_service_pb2, decision_service_pb2
from entente.identity.v1 import record_service_pb2, resolution_service_pb2, stewardship_service_pb2
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from consent.usecases.watch_revocations import Revoked
from identity.domain.errors import IdentityError, Reason
from services.rpc.log import EventLog, install
from services.rpc.telemetry import ATTRIBUTES
from services.wiring.callers import METHODS
from tests.fakes.consent_usecases import GIVEN
from tests.fakes.identity_usecases import PROFILE_VALUE
from tests.service.test_callers import raw_call

CANARY = "Kanarienvogel-7391"
REQUESTS = {
    f"{service.full_name}/{method.name}": method.input_type
    for file in (
        record_service_pb2,
        resolution_service_pb2,
        stewardship_service_pb2,
        catalog_service_pb2,
        consent_service_pb2,
        decision_service_pb2,
    )
    for service in file.DESCRIPTOR.services_by_name.values()
    for method in service.methods
}


USE = {"purpose": "service", "recipient": "crm", "source": "crm"}
NAMED = {
    "channel": "email", "language": "fr", "locale": "fr", "attributes": "email", "min_revision": "r1", "from_revision": "r1",
    "notice_id": "offers", "as_of_time": "left out",
}  # fmt: skip
ID = "01934f7e-6b5a-7c3d-8e21-5d1f0a9b8c7d"
IDS = {"request_id": ID, "identity_id": ID, "record_id": ID, "record_ids": ID, "event_id": ID, "concerns_event_id": ID}
READING = {"extra_kinds": "left out", "date_formats": "left out"}
MANNERS: dict[str, dict[str, str]] = {"accepted": USE | IDS | READING | NAMED, "faulty": USE, "beyond its registration": {}}


def fill(message: Message, proper: dict[str, str]) -> Message:
    """Put the canary into every text of a message but the fields that are ``proper``."""
    for field in message.DESCRIPTOR.fields:
        _fill_field(message, field, proper)
    return message


def _fill_field(message: Message, field: FieldDescriptor, proper: dict[str, str]) -> None:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        if field.name not in proper:
            value = field.message_type.fields_by_name["value"]
            getattr(message, field.name)[CANARY] = 1 if value.enum_type else CANARY
    elif field.message_type is not None and proper.get(field.name) == "left out":
        return
    elif field.message_type is not None:
        inner = getattr(message, field.name)
        fill(inner.add() if field.is_repeated else inner, proper)
        if not field.is_repeated:
            inner.SetInParent()
    elif field.type == FieldDescriptor.TYPE_STRING and field.is_repeated:
        getattr(message, field.name).append(proper.get(field.name, CANARY))
    elif field.type == FieldDescriptor.TYPE_STRING:
        setattr(message, field.name, proper.get(field.name, CANARY))
    elif field.type == FieldDescriptor.TYPE_ENUM:
        setattr(message, field.name, 1)


ENDS = {
    "well": None,
    "with an error that quotes it": ValueError(f"bad value {CANARY}"),
    "with an error of the domain that carries it": IdentityError(Reason.INVALID_ATTRIBUTES, value=CANARY),
    "with an error caused by one that quotes it": RuntimeError(CANARY),
}


@pytest.fixture
def crm_may_everything(server, monkeypatch):
    """Register one caller for every method, so that the canary reaches every servicer."""
    registry = server.rpc._gate._registry
    caller = registry._callers["crm"]
    monkeypatch.setitem(registry._callers, "crm", replace(caller, methods=METHODS))


@pytest.mark.parametrize("how", ENDS)
@pytest.mark.parametrize("manner", MANNERS)
async def test_the_canary_is_nowhere(server, crm_may_everything, capfd, how, manner):
    server.script.fails = server.consent.fails = ENDS[how]
    server.consent.heard.put_nowait(Revoked((GIVEN,), 7))
    server.consent.heard.put_nowait(None)
    if ENDS[how] is not None:
        ENDS[how].__cause__ = KeyError(CANARY)
    hostile = (
        ("x-request-id", CANARY),
        ("baggage", f"name={CANARY}"),
        ("tracestate", "a=" + CANARY.lower()),
        ("user-agent", CANARY),
    )
    told = []
    for path, kind in REQUESTS.items():
        body = fill(GetMessageClass(kind)(), MANNERS[manner]).SerializeToString()
        told.append(await raw_call(server.address, server.identity("crm"), path=f"/{path}", body=body, metadata=hostile))
    reached = len(server.script.asked) + len(server.consent.asked)
    assert reached == (len(REQUESTS) if manner == "accepted" else reached), "the canary must come through to every use case"
    for _ in range(200):  # a span ends just after its answer has left
        if len(server.spans.get_finished_spans()) == len(REQUESTS) <= len(server.lines):
            break
        await asyncio.sleep(0.01)
    assert len(server.spans.get_finished_spans()) == len(REQUESTS) <= len(server.lines)
    everywhere = {
        "log": "".join(server.lines),
        "traces": "".join(span.to_json() for span in server.spans.get_finished_spans()),
        "metrics": server.metrics.get_metrics_data().to_json(),
        "answers": repr(told),
        "output": "".join(capfd.readouterr()),
    }
    assert [place for place, text in everywhere.items() if CANARY.lower() in text.lower()] == []


async def test_a_value_of_a_profile_is_in_its_answer_and_nowhere_else(server, crm_may_everything, capfd):
    """Every method is called; only the one that tells profiles answers with a value, and no log, trace or measure has seen it."""
    told = {}
    server.consent.heard.put_nowait(Revoked((GIVEN,), 7))
    server.consent.heard.put_nowait(None)
    for path, kind in REQUESTS.items():
        body = fill(GetMessageClass(kind)(), MANNERS["accepted"]).SerializeToString()
        told[path] = repr(await raw_call(server.address, server.identity("crm"), path=f"/{path}", body=body))
    for _ in range(200):  # a span ends just after its answer has left
        if len(server.spans.get_finished_spans()) == len(REQUESTS) <= len(server.lines):
            break
        await asyncio.sleep(0.01)
    assert [path for path, answer in told.items() if PROFILE_VALUE in answer] == ["entente.identity.v1.ResolutionService/GetProfile"]
    elsewhere = [*server.lines, *(span.to_json() for span in server.spans.get_finished_spans()), *capfd.readouterr()]
    assert PROFILE_VALUE not in "".join([*elsewhere, server.metrics.get_metrics_data().to_json()])


async def test_spans_and_measures_carry_allowed_attributes_only_and_no_events(server):
    server.script.fails = ValueError(CANARY)
    traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await raw_call(
        server.address, server.identity("callcentre"), metadata=(("traceparent", traceparent), ("baggage", "a=b"), ("tracestate", "x=y"))
    )
    (span,) = server.spans.get_finished_spans()
    assert set(span.attributes) <= ATTRIBUTES
    assert span.attributes["entente.reason"] == "UNEXPECTED"
    assert (list(span.events), list(span.links), span.status.description) == ([], [], None)
    assert f"{span.context.trace_id:032x}" in traceparent
    assert len(span.context.trace_state) == 0
    assert dict(span.resource.attributes) == {"service.name": "entente"}
    points = [
        point
        for resource in server.metrics.get_metrics_data().resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
        for point in metric.data.data_points
    ]
    assert points
    assert all(set(point.attributes) <= ATTRIBUTES and not point.exemplars for point in points)


def test_what_other_code_logs_is_reduced_to_where_it_came_from():
    lines: list[str] = []
    before = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        install(EventLog(lines.append))
        logging.getLogger("grpc._cython").error(f"failed: {CANARY} %s", CANARY)  # noqa: G004 - what careless code does
        logging.getLogger("identity.adapters").warning("constant words %s", CANARY)
        try:
            raise ValueError(CANARY)
        except ValueError:
            logging.getLogger("asyncio").exception("in %s", CANARY)
    finally:
        logging.getLogger().handlers[:] = before[0]
        logging.getLogger().setLevel(before[1])
    logged = [json.loads(line) for line in lines]
    assert CANARY not in "".join(lines)
    assert [entry["logger"] for entry in logged] == ["grpc._cython", "identity.adapters", "asyncio"]
    assert logged[1]["message"] == "constant words %s"
    assert logged[2]["error"] == "ValueError"


def test_a_fact_that_nobody_allowed_is_not_logged_and_no_value_breaks_a_line():
    lines: list[str] = []
    EventLog(lines.append).event("call", method="a\nb\x1b[31m\u2028", email="zoe@mail.example")
    assert len(lines[0].splitlines()) == 1
    assert "\x1b" not in lines[0]
    assert "mail.example" not in lines[0]
