"""Sends telemetry away, cut down to what ``telemetry`` allows."""

from __future__ import annotations

from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import AlwaysOffExemplarFilter, MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import SpanContext, Status, TraceState

from services.rpc.telemetry import ATTRIBUTES, METRIC_ATTRIBUTES, Telemetry, silent_telemetry

RESOURCE = Resource({"service.name": "entente"})
_EXPORT_SECONDS = 2.0  # a collector that is away must not hold up a stop


class AllowListExporter(SpanExporter):
    """Passes spans on with nothing but allowed attributes."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._inner.export([_bare(span) for span in spans])

    def shutdown(self) -> None:
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return self._inner.force_flush(timeout_millis)


def exporting_telemetry(spans: SpanExporter, reader: MetricReader, *, at_once: bool = False) -> Telemetry:
    """Collect, and give what is allowed to an exporter and a reader. ``at_once`` exports each span as it ends."""
    exporter = AllowListExporter(spans)
    tracers = TracerProvider(resource=RESOURCE, span_limits=SpanLimits(max_attributes=32, max_attribute_length=128))
    tracers.add_span_processor(SimpleSpanProcessor(exporter) if at_once else BatchSpanProcessor(exporter))
    views = [View(instrument_name="*", attribute_keys=set(METRIC_ATTRIBUTES))]
    meters = MeterProvider([reader], RESOURCE, AlwaysOffExemplarFilter(), views=views)

    def close() -> None:
        tracers.shutdown()
        meters.shutdown()

    return Telemetry(tracers, meters, close)


def build_telemetry(otlp_endpoint: str | None) -> Telemetry:
    """Send to an OpenTelemetry collector, or collect nothing if there is none. Call it in the worker, after the fork."""
    if otlp_endpoint is None:
        return silent_telemetry()
    insecure = otlp_endpoint.startswith("http://")
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(otlp_endpoint, insecure, timeout=_EXPORT_SECONDS))
    return exporting_telemetry(OTLPSpanExporter(otlp_endpoint, insecure, timeout=_EXPORT_SECONDS), reader)


def _bare(span: ReadableSpan) -> ReadableSpan:
    kept = {key: value for key, value in (span.attributes or {}).items() if key in ATTRIBUTES}
    return ReadableSpan(
        name=span.name,
        context=_without_state(span.get_span_context()),
        parent=_without_state(span.parent),
        resource=RESOURCE,
        attributes=kept,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _without_state(context: SpanContext | None) -> SpanContext | None:
    if context is None:
        return None
    return SpanContext(context.trace_id, context.span_id, context.is_remote, context.trace_flags, TraceState())
