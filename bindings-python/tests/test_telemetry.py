"""Spans and counters: an observer of one's own, and OpenTelemetry's SDK with its exporter, received as a collector would."""

import asyncio
import io
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from documents import block_with
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    ConsoleSpanExporter,
    SimpleSpanProcessor,
)
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import lipia
import lipia.opentelemetry
import lipia.telemetry

PAYS = "0712000111"


class Seen(lipia.telemetry.Observer):
    def __init__(self):
        self.started, self.ended, self.counts = [], [], []

    def span_started(self, span):
        self.started.append(span)

    def span_ended(self, span):
        self.ended.append(span)

    def counted(self, count):
        self.counts.append(count)


@pytest.fixture(autouse=True)
def nobody_observes():
    yield
    lipia.opentelemetry.uninstrument()


@pytest.fixture
def exported():
    """Spans in memory, with a tracer of the program's own."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    lipia.opentelemetry.instrument(tracer_provider=provider)
    return exporter, provider.get_tracer("shop")


class Collector(ThreadingHTTPServer):
    """A receiver of OTLP over HTTP, which decodes what comes with OpenTelemetry's own messages."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Received)
        self.spans, self.metrics = [], []
        self.scopes = ("lipia",)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Received(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/v1/traces":
            request = ExportTraceServiceRequest.FromString(body)
            for resource in request.resource_spans:
                for scope in resource.scope_spans:
                    assert scope.scope.name in self.server.scopes
                    self.server.spans += scope.spans
        else:
            request = ExportMetricsServiceRequest.FromString(body)
            for resource in request.resource_metrics:
                for scope in resource.scope_metrics:
                    self.server.metrics += scope.metrics
        self.send_response(200)
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def collector():
    with Collector() as running:
        yield running
        running.shutdown()


def values(attributes):
    """Attributes as OTLP has them."""
    return {
        one.key: one.value.string_value
        if one.value.HasField("string_value")
        else one.value.int_value
        for one in attributes
    }


def test_a_collector_receives_the_trace_and_the_counters_of_a_payment(sandbox, collector):
    tracers = TracerProvider()
    exporter = OTLPSpanExporter(endpoint=f"{collector.url}/v1/traces")
    tracers.add_span_processor(BatchSpanProcessor(exporter))
    reader = PeriodicExportingMetricReader(
        OTLPMetricExporter(endpoint=f"{collector.url}/v1/metrics")
    )
    meters = MeterProvider([reader])
    lipia.opentelemetry.instrument(tracer_provider=tracers, meter_provider=meters)
    with sandbox.daraja() as daraja:
        payment = daraja.collect(phone_number=PAYS, amount=150, account_reference="INV-001")
        with pytest.raises(lipia.DisbelieveError):
            daraja.receive_callback("/pay/strange", b"{}")
    assert payment.is_paid
    tracers.shutdown()
    meters.shutdown()
    [push] = [span for span in collector.spans if span.name == "lipia.push"]
    shown = values(push.attributes)
    assert shown["lipia.gateway"] == "daraja"
    assert shown["lipia.result"] == "accepted"
    assert shown["lipia.payment.id"] == payment.id
    assert shown["lipia.phone_number"] == "2547***111"
    assert push.kind == push.SPAN_KIND_INTERNAL
    within = {span.name: span for span in collector.spans if span.parent_span_id == push.span_id}
    assert set(within) == {"lipia.token", "POST"}
    sent = within["POST"]
    assert sent.kind == sent.SPAN_KIND_CLIENT
    assert sent.trace_id == push.trace_id
    assert push.start_time_unix_nano <= sent.start_time_unix_nano
    assert sent.start_time_unix_nano <= sent.end_time_unix_nano <= push.end_time_unix_nano
    http = values(sent.attributes)
    assert (http["http.request.method"], http["http.response.status_code"]) == ("POST", 200)
    assert http["server.address"] == "127.0.0.1"
    [refused] = [span for span in collector.spans if span.name == "lipia.callback"]
    assert refused.status.code == refused.status.STATUS_CODE_ERROR
    assert values(refused.attributes)["error.type"] == "callback_token_missing"
    counts = {}
    for metric in collector.metrics:
        for point in metric.sum.data_points:
            result = values(point.attributes)["lipia.result"]
            counts[metric.name, result] = counts.get((metric.name, result), 0) + point.as_int
    assert counts["lipia.pushes", "accepted"] == 1
    assert counts["lipia.tokens", "fetched"] == 1
    assert counts["lipia.callbacks", "refused"] == 1
    assert counts["lipia.queries", "answered"] >= 1
    told = "\n".join(str(record) for record in [*collector.spans, *collector.metrics])
    secrets = [*sandbox.settings().values(), "0712000111", "712000111", "Bearer"]
    shown = [str(secret) for secret in secrets if len(str(secret)) > 8 and str(secret) in told]
    assert not shown, shown


def test_the_program_of_the_document_is_seen_in_a_collector(sandbox, collector, tmp_path):
    program = tmp_path / "shop.py"
    program.write_text(block_with("docs/observability.md", "opentelemetry"), encoding="utf-8")
    environ = {
        **os.environ,
        **sandbox.environ(callback_url="http://127.0.0.1:9/pay"),
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
    }
    collector.scopes = ("lipia", "shop")
    ran = subprocess.run(
        [sys.executable, str(program)], env=environ, capture_output=True, text=True, timeout=120
    )
    assert (ran.returncode, ran.stdout) == (0, "success\n"), ran.stderr
    [checkout] = [span for span in collector.spans if span.name == "checkout"]
    [push] = [span for span in collector.spans if span.name == "lipia.push"]
    assert push.parent_span_id == checkout.span_id


def test_a_push_is_the_child_of_the_span_that_calls(sandbox, exported):
    exporter, tracer = exported
    with tracer.start_as_current_span("the request") as request, sandbox.daraja() as daraja:
        daraja.stk_push(phone_number=PAYS, amount=150, account_reference="INV-001")
    spans = {span.name: span for span in exporter.get_finished_spans()}
    push = spans["lipia.push"]
    assert push.parent.span_id == request.get_span_context().span_id
    assert push.context.trace_id == request.get_span_context().trace_id
    assert spans["POST"].parent.span_id == push.context.span_id
    assert push.end_time >= spans["POST"].end_time


def test_in_asyncio_each_task_has_its_own_parent(sandbox, exported):
    exporter, tracer = exported

    async def pay(daraja, number):
        with tracer.start_as_current_span(f"request {number}"):
            await daraja.collect(
                phone_number=f"07120{number:03}45", amount=150, account_reference="INV-001"
            )

    async def both():
        async with lipia.AsyncDaraja(**sandbox.settings()) as daraja:
            await asyncio.gather(*(pay(daraja, number) for number in range(5)))

    asyncio.run(both())
    spans = exporter.get_finished_spans()
    requests = {
        span.context.span_id: span.name for span in spans if span.name.startswith("request")
    }
    pushes = {
        requests[span.parent.span_id]: span.attributes["lipia.phone_number"]
        for span in spans
        if span.name == "lipia.push"
    }
    assert set(pushes) == {f"request {number}" for number in range(5)}
    queries = [span for span in spans if span.name == "lipia.query"]
    assert queries
    assert all(span.parent.span_id in requests for span in queries)


def test_a_parent_that_is_not_sampled_keeps_its_children_out(sandbox, exported):
    exporter, _ = exported
    unsampled = trace.SpanContext(1, 2, is_remote=True, trace_flags=trace.TraceFlags(0))
    with (
        trace.use_span(trace.NonRecordingSpan(unsampled)),
        sandbox.daraja() as daraja,
    ):
        daraja.stk_push(phone_number=PAYS, amount=150, account_reference="INV-001")
    assert exporter.get_finished_spans() == ()


def test_a_refused_push_is_a_span_with_an_error(sandbox, exported):
    exporter, _ = exported
    sandbox.inject("push", "answer_lost")
    with sandbox.daraja() as daraja, pytest.raises(lipia.LipiaError) as lost:
        daraja.stk_push(phone_number=PAYS, amount=150, account_reference="INV-001")
    [push] = [span for span in exporter.get_finished_spans() if span.name == "lipia.push"]
    assert push.status.status_code is trace.StatusCode.ERROR
    assert push.attributes["error.type"] == lost.value.code
    assert push.attributes["lipia.disposition"] == "unknown"


def test_the_console_shows_a_push(sandbox):
    console = io.StringIO()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(out=console)))
    lipia.opentelemetry.instrument(tracer_provider=provider)
    with sandbox.daraja() as daraja:
        daraja.stk_push(phone_number=PAYS, amount=150, account_reference="INV-001")
    assert '"name": "lipia.push"' in console.getvalue()


def test_an_observer_sees_a_telling_and_is_replaced(sandbox):
    seen, told = Seen(), threading.Event()
    lipia.telemetry.set_observer(seen)
    with sandbox.daraja() as daraja:
        daraja.on_outcome(lambda payment: told.set())
        daraja.collect(phone_number=PAYS, amount=150, account_reference="INV-001", order="order-1")
        assert told.wait(30)
    lipia.telemetry.flush()
    names = [span.name for span in seen.ended]
    assert {"lipia.push", "lipia.query", "lipia.token", "lipia.telling"} <= set(names)
    assert {span.id for span in seen.ended} <= {span.id for span in seen.started}
    [push] = [span for span in seen.ended if span.name == "lipia.push"]
    assert push.attributes["lipia.order"] == "order-1"
    assert push.duration_micros is not None
    assert push.caller is None
    assert ("lipia.tellings", "taken") in [
        (count.counter, count.attributes["lipia.result"]) for count in seen.counts
    ]
    lipia.telemetry.set_observer(None)
    before = len(seen.ended)
    with sandbox.daraja() as daraja:
        daraja.stk_push(phone_number="0712000121", amount=150, account_reference="INV-001")
    assert len(seen.ended) == before


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_observer_that_fails_changes_nothing(sandbox):
    class Broken(lipia.telemetry.Observer):
        def caller(self):
            raise RuntimeError("the caller is broken")

        def span_ended(self, span):
            raise RuntimeError("the observer is broken")

    lipia.telemetry.set_observer(Broken())
    with sandbox.daraja() as daraja:
        assert daraja.stk_push(phone_number=PAYS, amount=150, account_reference="INV-001").id


def test_what_is_not_an_observer_is_refused():
    with pytest.raises(TypeError, match="is a str, which is not a"):
        lipia.telemetry.set_observer("console")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_child_that_is_forked_observes_its_own_calls(sandbox):
    seen = Seen()
    lipia.telemetry.set_observer(seen)
    with sandbox.daraja() as daraja:
        daraja.stk_push(phone_number=PAYS, amount=150, account_reference="INV-001")
        before = len(seen.ended)
        child = os.fork()
        if child == 0:
            try:
                daraja.stk_push(phone_number="0712000121", amount=150, account_reference="INV-001")
                pushes = [span for span in seen.ended[before:] if span.name == "lipia.push"]
                os._exit(0 if len(pushes) == 1 else 3)
            except BaseException:
                os._exit(4)
        _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert len(seen.ended) == before
