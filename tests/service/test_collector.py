"""What a collector really receives over OTLP: allowed attributes, and nothing a request said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from grpc import aio
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.trace import Status, StatusCode

from services.rpc.telemetry import ATTRIBUTES, silent_telemetry
from services.rpc.telemetry_export import build_telemetry

CANARY = "Kanarienvogel-7391"
SECRET = {"entente.caller": "crm", "rpc.method": "m", "rpc.grpc.status_code": "OK", "person.email": CANARY}


class Collector(trace_service_pb2_grpc.TraceServiceServicer, metrics_service_pb2_grpc.MetricsServiceServicer):
    def __init__(self) -> None:
        self.received: list[trace_service_pb2.ExportTraceServiceRequest | metrics_service_pb2.ExportMetricsServiceRequest] = []

    async def Export(self, request, context):  # noqa: N802 - both services call it so
        self.received.append(request)
        traces = isinstance(request, trace_service_pb2.ExportTraceServiceRequest)
        return trace_service_pb2.ExportTraceServiceResponse() if traces else metrics_service_pb2.ExportMetricsServiceResponse()


@asynccontextmanager
async def collector() -> AsyncIterator[tuple[Collector, str]]:
    server, servicer = aio.server(), Collector()
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(servicer, server)
    metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield servicer, f"http://127.0.0.1:{port}"
    finally:
        await server.stop(0)


async def test_a_collector_receives_what_is_allowed_and_nothing_else():
    async with collector() as (received, endpoint):
        telemetry = build_telemetry(endpoint)
        with telemetry.call("entente.identity.v1.RecordService/DeleteRecord", (("baggage", f"a={CANARY}"),)) as span:
            span.set_attribute("person.name", CANARY)
            span.add_event("looked up", {"value": CANARY})
            span.record_exception(ValueError(CANARY))
            span.set_status(Status(StatusCode.ERROR, CANARY))
        telemetry.answered(span, SECRET, 0.01)
        await asyncio.to_thread(telemetry.close)
        text = "".join(map(str, received.received))
    kinds = {type(message).__name__ for message in received.received}
    assert kinds == {"ExportTraceServiceRequest", "ExportMetricsServiceRequest"}
    assert CANARY not in text
    keys = {line.split('"')[1] for line in text.splitlines() if line.strip().startswith("key:")}
    assert keys <= ATTRIBUTES | {"service.name"}
    assert "entente.rpc.calls" in text


def test_without_a_collector_nothing_is_collected():
    telemetry = silent_telemetry()
    with telemetry.call("m", ()) as span:
        assert not span.is_recording()
    telemetry.answered(span, {"rpc.method": "m"}, 0.01)
    telemetry.close()


async def test_a_collector_that_is_not_there_harms_nobody():
    telemetry = build_telemetry("http://127.0.0.1:1")
    with telemetry.call("m", ()) as span:
        pass
    telemetry.answered(span, {"rpc.method": "m"}, 0.01)
    await asyncio.wait_for(asyncio.to_thread(telemetry.close), 8)
