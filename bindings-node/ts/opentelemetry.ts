/**
 * The bridge to OpenTelemetry: Lipia's spans and counters through `@opentelemetry/api`, which the program installs.
 *
 * @packageDocumentation
 */

import type { Context, Counter, HrTime, MeterProvider, Span, SpanContext, TracerProvider } from '@opentelemetry/api';
import { flushObserver, type Observer, partsOf, setObserver, type TelemetrySpan } from './internals';

/** The options of {@link instrument}. */
export interface InstrumentOptions {
  /** Default: OpenTelemetry's global one. */
  tracerProvider?: TracerProvider | undefined;
  /** Default: OpenTelemetry's global one. */
  meterProvider?: MeterProvider | undefined;
}

declare const PACKAGE_VERSION: string;

type Api = typeof import('@opentelemetry/api');

/** How many spans may be open at once; the oldest are let go beyond that. */
const MAX_OPEN = 10_000;

/**
 * Sends the spans and counters of every client of this process to OpenTelemetry. A span of Lipia's is a child of the span that
 * is active where the call begins, such as that of the request that a server answers. Call it once, after the SDK was set up.
 *
 * @throws {Error} `@opentelemetry/api` is not installed.
 *
 * @example
 * instrument();
 */
export function instrument(options: InstrumentOptions = {}): void {
  const { tracerProvider, meterProvider } = partsOf('the options of instrument()', options) as InstrumentOptions;
  // Only here: a program without OpenTelemetry has no such package.
  const api = require('@opentelemetry/api') as Api;
  setObserver(bridge(api, tracerProvider ?? api.trace, meterProvider ?? api.metrics));
}

/** Ends what {@link instrument} began. What was recorded by then is sent. */
export function uninstrument(): void {
  setObserver(null);
}

/** Hands over what was recorded so far. Call it before the SDK is shut down. */
export function flush(): void {
  flushObserver();
}

function bridge(
  api: Api,
  tracers: Pick<TracerProvider, 'getTracer'>,
  meters: Pick<MeterProvider, 'getMeter'>,
): Observer {
  const tracer = tracers.getTracer('lipia', PACKAGE_VERSION);
  const meter = meters.getMeter('lipia', PACKAGE_VERSION);
  const open = new Map<number, Span>();
  const counters = new Map<string, Counter>();

  function parentOf({ parent, caller }: TelemetrySpan): Context {
    const within = parent === null ? undefined : open.get(parent);
    if (within !== undefined) return api.trace.setSpan(api.ROOT_CONTEXT, within);
    const named = caller === null ? undefined : spanContextOf(api, caller);
    return named === undefined ? api.ROOT_CONTEXT : api.trace.setSpanContext(api.ROOT_CONTEXT, named);
  }

  return {
    caller() {
      const current = api.trace.getSpanContext(api.context.active());
      return current === undefined ? null : nameOf(current);
    },
    spanStarted(span) {
      const kind = span.isClient ? api.SpanKind.CLIENT : api.SpanKind.INTERNAL;
      const options = { kind, startTime: timeOf(span.startedAtMicros), attributes: span.attributes };
      open.set(span.id, tracer.startSpan(span.name, options, parentOf(span)));
      if (open.size > MAX_OPEN) open.delete(open.keys().next().value as number);
    },
    spanEnded(span) {
      const started = open.get(span.id);
      if (started === undefined) return;
      open.delete(span.id);
      started.setAttributes(span.attributes);
      const error = span.attributes['error.type'];
      if (span.isError) started.setStatus({ code: api.SpanStatusCode.ERROR, message: String(error) });
      started.end(timeOf(span.startedAtMicros + (span.durationMicros ?? 0)));
    },
    counted({ counter, attributes }) {
      const known = counters.get(counter) ?? meter.createCounter(counter, { unit: '1', valueType: api.ValueType.INT });
      counters.set(counter, known);
      known.add(1, attributes);
    },
  };
}

function timeOf(micros: number): HrTime {
  return [Math.floor(micros / 1e6), (micros % 1e6) * 1000];
}

/** A span's context in one line: a W3C `traceparent`, and the `tracestate` behind a blank. */
function nameOf({ traceId, spanId, traceFlags, traceState }: SpanContext): string {
  const flags = traceFlags.toString(16).padStart(2, '0');
  const state = traceState?.serialize();
  return `00-${traceId}-${spanId}-${flags}${state ? ` ${state}` : ''}`;
}

function spanContextOf(api: Api, name: string): SpanContext | undefined {
  const [, traceId, spanId, flags, state] = /^00-(\w{32})-(\w{16})-(\w{2})(?: (.*))?$/.exec(name) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const context: SpanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) };
  if (state !== undefined) context.traceState = api.createTraceState(state);
  return context;
}
