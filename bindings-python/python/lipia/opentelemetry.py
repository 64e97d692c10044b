"""The bridge to OpenTelemetry: Lipia's spans and counters through ``opentelemetry-api``, which ``pip install
lipia[opentelemetry]`` brings."""

from __future__ import annotations

import atexit

from opentelemetry import metrics, trace
from opentelemetry.context import Context

from . import __version__, telemetry
from ._public import public

#: How many spans may be open at once; the oldest are let go beyond that.
_MAX_OPEN = 10_000


@public
def instrument(
    *,
    tracer_provider: trace.TracerProvider | None = None,
    meter_provider: metrics.MeterProvider | None = None,
) -> None:
    """Sends the spans and counters of every client of this process to OpenTelemetry, blocking or asyncio. A span of Lipia's is a
    child of the span that is current where the call begins, such as that of the request that a server answers.

    Call it once, after the SDK was set up. Without providers OpenTelemetry's global ones are used.

    ::

        lipia.opentelemetry.instrument()
    """
    telemetry.set_observer(_Bridge(tracer_provider, meter_provider))
    # Runs before the SDK is shut down: what was registered last runs first.
    atexit.register(telemetry.flush)


@public
def uninstrument() -> None:
    """Ends what :func:`instrument` began. What was recorded by then is sent."""
    telemetry.set_observer(None)
    atexit.unregister(telemetry.flush)


class _Bridge(telemetry.Observer):
    def __init__(
        self,
        tracer_provider: trace.TracerProvider | None,
        meter_provider: metrics.MeterProvider | None,
    ) -> None:
        self._tracer = trace.get_tracer("lipia", __version__, tracer_provider)
        self._meter = metrics.get_meter("lipia", __version__, meter_provider)
        self._counters: dict[str, metrics.Counter] = {}
        self._open: dict[int, trace.Span] = {}

    def caller(self) -> str | None:
        current = trace.get_current_span().get_span_context()
        return _name(current) if current.is_valid else None

    def span_started(self, span: telemetry.Span) -> None:
        kind = trace.SpanKind.CLIENT if span.is_client else trace.SpanKind.INTERNAL
        started = self._tracer.start_span(
            span.name,
            self._context(span),
            kind,
            span.attributes,
            start_time=span.started_at_micros * 1_000,
        )
        self._open[span.id] = started
        if len(self._open) > _MAX_OPEN:
            del self._open[next(iter(self._open))]

    def span_ended(self, span: telemetry.Span) -> None:
        started = self._open.pop(span.id, None)
        if started is None:
            return
        started.set_attributes(span.attributes)
        if span.is_error:
            reason = str(span.attributes.get("error.type"))
            started.set_status(trace.Status(trace.StatusCode.ERROR, reason))
        started.end((span.started_at_micros + (span.duration_micros or 0)) * 1_000)

    def counted(self, count: telemetry.Count) -> None:
        counter = self._counters.get(count.counter)
        if counter is None:
            counter = self._meter.create_counter(count.counter, unit="1")
            self._counters[count.counter] = counter
        counter.add(1, count.attributes)

    def _context(self, span: telemetry.Span) -> Context:
        """What a span is a child of. Never the context in which it is handed over, which may be another call's."""
        within = self._open.get(span.parent) if span.parent is not None else None
        if within is None and span.caller is not None:
            within = trace.NonRecordingSpan(_span_context(span.caller))
        return Context() if within is None else trace.set_span_in_context(within, Context())


def _name(context: trace.SpanContext) -> str:
    """A span's context in one line: a W3C ``traceparent``, and the ``tracestate`` behind a blank."""
    trace_id = trace.format_trace_id(context.trace_id)
    span_id = trace.format_span_id(context.span_id)
    name = f"00-{trace_id}-{span_id}-{context.trace_flags:02x} {context.trace_state.to_header()}"
    return name.rstrip()


def _span_context(name: str) -> trace.SpanContext:
    parent, _, state = name.partition(" ")
    _, trace_id, span_id, flags = parent.split("-")
    return trace.SpanContext(
        int(trace_id, 16),
        int(span_id, 16),
        is_remote=False,
        trace_flags=trace.TraceFlags(int(flags, 16)),
        trace_state=trace.TraceState.from_header([state]) if state else None,
    )
