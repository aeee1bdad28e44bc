"""Traces and metrics, from which everything but an allow-list of attributes is dropped.

Rules
- Only attributes named in ``ATTRIBUTES`` leave: whatever library sets others, they are cut before an exporter sees them.
- Events (they carry exception texts), status texts, links and exemplars never leave.
- A trace may go on from a caller's ``traceparent``; its baggage and ``tracestate`` are dropped, since outsiders write them.
- Without an exporter nothing is collected, at no cost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import metrics, trace
from opentelemetry.context import Context
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.trace import NoOpTracerProvider, Span, SpanKind
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


def _parent(metadata: Iterable[tuple[str, str | bytes]]) -> Context:
    carrier = {key: value for key, value in metadata if key == "traceparent" and isinstance(value, str)}
    return TraceContextTextMapPropagator().extract(carrier, Context())
