/** Spans and counters: an observer of one's own, and OpenTelemetry's SDK with its exporter, received as a collector would. */

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, afterEach, test } from 'node:test';
import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import {
  BatchSpanProcessor,
  ConsoleSpanExporter,
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { CorrectInputError, Daraja, DisbelieveError, flushObserver, LipiaError, setObserver } from 'lipia';
import { flush, instrument, uninstrument } from 'lipia/opentelemetry';
import { startSandbox } from 'lipia/sandbox';
import { inTime } from './support/waiting.mjs';

const PHONE = '0712000111';
const PUSH = { phoneNumber: PHONE, amount: 150, accountReference: 'INV-001' };

const finished = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(finished)] });
// What is current follows a promise only with the SDK's context manager.
provider.register();
const tracer = provider.getTracer('shop');

after(() => provider.shutdown());
afterEach(() => {
  uninstrument();
  finished.reset();
});

const withShop = async (run) => {
  const sandbox = await startSandbox();
  const daraja = new Daraja(sandbox.settings());
  try {
    await run(daraja, sandbox);
  } finally {
    await daraja.close();
    await sandbox.stop();
  }
};

/** A receiver of OTLP over HTTP, in its form as JSON. */
async function collector() {
  const received = { spans: [], metrics: [] };
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const told = JSON.parse(Buffer.concat(chunks).toString());
    for (const { scopeSpans } of told.resourceSpans ?? []) {
      for (const { scope, spans } of scopeSpans) {
        assert.equal(scope.name, 'lipia');
        received.spans.push(...spans);
      }
    }
    for (const { scopeMetrics } of told.resourceMetrics ?? []) {
      for (const { metrics } of scopeMetrics) received.metrics.push(...metrics);
    }
    response.setHeader('content-type', 'application/json');
    response.end('{}');
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return { ...received, url: `http://127.0.0.1:${server.address().port}`, server };
}

const valuesOf = (attributes) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]));

test('a collector receives the trace and the counters of a payment', () =>
  withShop(async (daraja, sandbox) => {
    const { spans, metrics, url, server } = await collector();
    const tracers = new NodeTracerProvider({
      spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${url}/v1/traces` }))],
    });
    const exporter = new OTLPMetricExporter({ url: `${url}/v1/metrics` });
    const meters = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
    instrument({ tracerProvider: tracers, meterProvider: meters });
    const payment = await daraja.collect(PUSH);
    assert.ok(payment.isPaid);
    await assert.rejects(daraja.receiveCallback({ path: '/pay/strange', body: '{}' }), DisbelieveError);
    flush();
    await tracers.shutdown();
    await meters.shutdown();
    server.close();
    const [push, ...more] = spans.filter(({ name }) => name === 'lipia.push');
    assert.equal(more.length, 0);
    const shown = valuesOf(push.attributes);
    assert.equal(shown['lipia.gateway'], 'daraja');
    assert.equal(shown['lipia.result'], 'accepted');
    assert.equal(shown['lipia.payment.id'], payment.id);
    assert.equal(shown['lipia.phone_number'], '2547***111');
    const within = spans.filter(({ parentSpanId }) => parentSpanId === push.spanId);
    assert.deepEqual(within.map(({ name }) => name).sort(), ['POST', 'lipia.token']);
    const sent = within.find(({ name }) => name === 'POST');
    // The kinds of the protocol: 1 is internal, 3 is a client.
    assert.deepEqual([push.kind, sent.kind], [1, 3]);
    assert.equal(sent.traceId, push.traceId);
    assert.ok(BigInt(sent.endTimeUnixNano) <= BigInt(push.endTimeUnixNano));
    const http = valuesOf(sent.attributes);
    assert.deepEqual([http['http.request.method'], http['http.response.status_code']], ['POST', 200]);
    const counts = new Map();
    for (const { name, sum } of metrics) {
      for (const { asInt, attributes } of sum.dataPoints) {
        const key = `${name} ${valuesOf(attributes)['lipia.result']}`;
        counts.set(key, (counts.get(key) ?? 0) + Number(asInt));
      }
    }
    assert.equal(counts.get('lipia.pushes accepted'), 1);
    assert.equal(counts.get('lipia.tokens fetched'), 1);
    assert.equal(counts.get('lipia.callbacks refused'), 1);
    assert.ok(counts.get('lipia.queries answered') >= 1);
    const told = JSON.stringify([spans, metrics]);
    const secrets = [...Object.values(sandbox.settings()), PHONE, PHONE.slice(1), 'Bearer'].map(String);
    assert.deepEqual(
      secrets.filter((secret) => secret.length > 8 && told.includes(secret)),
      [],
    );
  }));

test('a push is the child of the span that calls, each with its own', () =>
  withShop(async (daraja) => {
    instrument();
    const pay = (number) =>
      tracer.startActiveSpan(`request ${number}`, async (span) => {
        await daraja.collect({ ...PUSH, phoneNumber: `07120000${number}5` });
        span.end();
      });
    await Promise.all([1, 2, 3].map(pay));
    const spans = finished.getFinishedSpans();
    const nameOf = new Map(spans.map((span) => [span.spanContext().spanId, span.name]));
    const parents = spans
      .filter(({ name }) => name === 'lipia.push')
      .map((span) => nameOf.get(span.parentSpanContext?.spanId));
    assert.deepEqual(parents.sort(), ['request 1', 'request 2', 'request 3']);
    const queries = spans.filter(({ name }) => name === 'lipia.query');
    assert.ok(queries.length > 0);
    for (const query of queries) assert.match(nameOf.get(query.parentSpanContext?.spanId), /^request/);
  }));

test('a parent that is not sampled keeps its children out, and its state is passed on', () =>
  withShop(async (daraja) => {
    instrument();
    const unsampled = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 0 };
    await context.with(trace.setSpanContext(context.active(), unsampled), () => daraja.stkPush(PUSH));
    assert.deepEqual(finished.getFinishedSpans(), []);
  }));

test('a push whose answer is lost is a span with an error', () =>
  withShop(async (daraja, sandbox) => {
    instrument();
    await sandbox.inject({ step: 'push', kind: 'answer_lost' });
    const lost = await daraja.stkPush(PUSH).catch((error) => error);
    assert.ok(lost instanceof LipiaError);
    const push = finished.getFinishedSpans().find(({ name }) => name === 'lipia.push');
    assert.equal(push.status.code, SpanStatusCode.ERROR);
    assert.equal(push.attributes['error.type'], lost.code);
    assert.equal(push.attributes['lipia.disposition'], 'unknown');
  }));

test('the console shows a push', () =>
  withShop(async (daraja) => {
    const shown = [];
    const dir = console.dir;
    console.dir = (span) => shown.push(span.name);
    try {
      instrument({
        tracerProvider: new NodeTracerProvider({
          spanProcessors: [new SimpleSpanProcessor(new ConsoleSpanExporter())],
        }),
      });
      await daraja.stkPush(PUSH);
    } finally {
      console.dir = dir;
    }
    assert.ok(shown.includes('lipia.push'), shown.join());
  }));

test('an observer sees a telling, and is taken away', () =>
  withShop(async (daraja) => {
    const [started, ended, counts] = [[], [], []];
    setObserver({
      spanStarted: (span) => started.push(span.id),
      spanEnded: (span) => ended.push(span),
      counted: (count) => counts.push(`${count.counter} ${count.attributes['lipia.result']}`),
    });
    // Its time limit keeps the process alive, which the work behind a handler does not.
    await inTime(
      'the telling',
      new Promise((told) => {
        daraja.onOutcome(told);
        void daraja.collect({ ...PUSH, order: 'order-1' });
      }),
    );
    // The telling ends after its handler has.
    for (let looks = 0; looks < 3000 && !counts.includes('lipia.tellings taken'); looks++) {
      await new Promise((later) => setTimeout(later, 10));
      flushObserver();
    }
    const names = new Set(ended.map(({ name }) => name));
    for (const name of ['lipia.push', 'lipia.token', 'lipia.telling', 'POST']) assert.ok(names.has(name), name);
    for (const { id } of ended) assert.ok(started.includes(id));
    const push = ended.find(({ name }) => name === 'lipia.push');
    assert.equal(push.attributes['lipia.order'], 'order-1');
    assert.equal(push.caller, null);
    assert.ok(push.durationMicros >= 0 && push.startedAtMicros > 1.7e15);
    setObserver(null);
    const before = ended.length;
    await daraja.stkPush({ ...PUSH, phoneNumber: '0712000121' });
    flushObserver();
    assert.equal(ended.length, before);
  }));

test('an observer that throws changes nothing, and what is none is refused', () =>
  withShop(async (daraja) => {
    const throwing = () => {
      throw new Error('broken');
    };
    setObserver({ caller: throwing, spanStarted: throwing, spanEnded: throwing, counted: throwing });
    assert.ok((await daraja.stkPush(PUSH)).id);
    assert.throws(() => setObserver('console'), CorrectInputError);
    assert.throws(() => setObserver({ spanEnded: 1 }), CorrectInputError);
    assert.throws(() => instrument({ provider }), CorrectInputError);
  }));
