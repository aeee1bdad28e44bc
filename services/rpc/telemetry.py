"""Traces and metrics, from which everything but an allow-list of attributes is dropped.

Rules
- Only attributes named in ``ATTRIBUTES`` leave: whatever library sets others, they are cut before an exporter sees them.
- Events (they carry exception texts), status texts, links and exemplars never leave.
- A trace may go on from a caller's ``traceparent``; its baggage and ``tracestate`` are dropped, since outsiders write them.
- Without an exporter nothing is collected, at no cost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from opentelemetry import metrics, trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.sdk.metrics import AlwaysOffExemplarFilter, MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import NoOpTracerProvider, Span, SpanContext, SpanKind, Status, TraceState
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

METHOD = "rpc.method"
CODE = "rpc.grpc.status_code"
CALLER = "entente.caller"
PURPOSE = "entente.purpose"
RECIPIENT = "entente.recipient"
REASON = "entente.reason"
REQUEST_ID = "entente.request_id"

ATTRIBUTES = frozenset({METHOD, CODE, CALLER, PURPOSE, RECIPIENT, REASON, REQUEST_ID})
METRIC_ATTRIBUTES = frozenset({METHOD, CODE, CALLER, REASON})
_EXPORT_SECONDS = 2.0  # a collector that is away must not hold up a stop
RESOURCE = Resource({"service.name": "entente"})


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


class Telemetry:
    """Spans and measures of calls."""

    def __init__(self, tracers: trace.TracerProvider, meters: metrics.MeterProvider, close: Callable[[], None]) -> None:
        self._tracer = tracers.get_tracer("entente")
        meter = meters.get_meter("entente")
        self._calls = meter.create_counter("entente.rpc.calls", "{call}", "Calls, by method, code, reason and caller.")
        self._seconds = meter.create_histogram("entente.rpc.duration", "s", "Time from the first check to the answer.")
        self._running = meter.create_up_down_counter("entente.rpc.running", "{call}", "Calls in flight.")
        self.close = close

    @contextmanager
    def call(self, method: str, metadata: Iterable[tuple[str, str | bytes]]) -> Iterator[Span]:
        """Trace one call, as a part of the caller's trace if it sent a valid ``traceparent``."""
        parent = _parent(metadata)
        self._running.add(1, {METHOD: method})
        try:
            with self._tracer.start_as_current_span(
                method, parent, SpanKind.SERVER, record_exception=False, set_status_on_exception=False
            ) as span:
                yield span
        finally:
            self._running.add(-1, {METHOD: method})

    def answered(self, span: Span, facts: Mapping[str, str], seconds: float) -> None:
        """Note how a call ended; ``facts`` are attributes by their allowed names."""
        if span.is_recording():
            span.set_attributes(dict(facts))
        labels = {key: value for key, value in facts.items() if key in METRIC_ATTRIBUTES}
        self._calls.add(1, labels)
        self._seconds.record(seconds, labels)


def silent_telemetry() -> Telemetry:
    """Collect nothing."""
    return Telemetry(NoOpTracerProvider(), NoOpMeterProvider(), lambda: None)


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


def _parent(metadata: Iterable[tuple[str, str | bytes]]) -> Context:
    carrier = {key: value for key, value in metadata if key == "traceparent" and isinstance(value, str)}
    return TraceContextTextMapPropagator().extract(carrier, Context())
