/** Telemetry: spans and counts of what Lipia does, for an observer of the program's own. */

import { functionOf, objectOf } from './arguments';
import { calls, observeCalls } from './calls';
import { warn } from './log';

/** A span that has begun or ended: a push, a question, a token, a callback, a telling, a pass over the ledger, an HTTP request. */
export interface TelemetrySpan {
  /** The number of the span in this process. */
  readonly id: number;
  /** The number of the span within which it began. */
  readonly parent: number | null;
  /** The program's own span within which it began, as the observer's `caller` named it. */
  readonly caller: string | null;
  /** `lipia.push`, `lipia.query`, `lipia.token`, `lipia.callback`, `lipia.telling`, `lipia.reconcile`, `GET` or `POST`. */
  readonly name: string;
  /** Whether it is a request to a server. */
  readonly isClient: boolean;
  /** Microseconds since 1970. */
  readonly startedAtMicros: number;
  /** Microseconds; `null` for a span that has begun. */
  readonly durationMicros: number | null;
  readonly isError: boolean;
  /** By OpenTelemetry's names. None has a secret or a whole phone number. */
  readonly attributes: Readonly<Record<string, string | number>>;
}

/** One more for a counter. */
export interface TelemetryCount {
  /** `lipia.pushes`, `lipia.queries`, `lipia.tokens`, `lipia.callbacks`, `lipia.tellings` or `lipia.reconciliations`. */
  readonly counter: string;
  readonly attributes: Readonly<Record<string, string | number>>;
}

/** An observer. Each method may be missing, and one that throws changes nothing for the call that it was told of. */
export interface Observer {
  /** Names the program's current span when a call begins, in one line; every span of the call has it. */
  caller?(): string | null;
  spanStarted?(span: TelemetrySpan): void;
  spanEnded?(span: TelemetrySpan): void;
  counted?(count: TelemetryCount): void;
}

interface SpanData {
  id: number;
  parent: number | null;
  caller: string | null;
  name: string;
  is_client: boolean;
  started_at_micros: number;
  duration_micros: number | null;
  is_error: boolean;
  attributes: Record<string, string | number>;
}

const METHODS = ['caller', 'spanStarted', 'spanEnded', 'counted'] as const;

let take: ((record: unknown) => void) | undefined;

/**
 * Sets the observer of this process, in place of any earlier one, or takes it away. One thread of Node's observes: the one that
 * called this last. Spans come together with the results of calls, soon after they ended. For OpenTelemetry see
 * `lipia/opentelemetry`.
 *
 * @param observer the observer, or `null` for none.
 * @throws {CorrectInputError} it is not an observer.
 *
 * @example
 * setObserver({ spanEnded: (span) => console.log(span.name, span.durationMicros, span.attributes) });
 */
export function setObserver(observer: Observer | null): void {
  flushObserver();
  take = undefined;
  if (observer === null) {
    observeCalls(undefined);
    return;
  }
  objectOf('observer', observer);
  for (const method of METHODS) {
    if (observer[method] !== undefined) functionOf(method, observer[method]);
  }
  take = (record) => heard(() => tellRecord(observer, record as SpanData | TelemetryCount));
  observeCalls({ caller: () => heard(() => observer.caller?.()) ?? null, record: take });
}

/** Gives the observer what was recorded so far, such as before a program ends. */
export function flushObserver(): void {
  if (take === undefined) return;
  for (const record of JSON.parse(calls().takeTelemetry()) as unknown[]) take(record);
}

function tellRecord(observer: Observer, record: SpanData | TelemetryCount): void {
  if ('counter' in record) observer.counted?.(record);
  else if (record.duration_micros === null) observer.spanStarted?.(spanOf(record));
  else observer.spanEnded?.(spanOf(record));
}

function spanOf(data: SpanData): TelemetrySpan {
  return {
    id: data.id,
    parent: data.parent,
    caller: data.caller,
    name: data.name,
    isClient: data.is_client,
    startedAtMicros: data.started_at_micros,
    durationMicros: data.duration_micros,
    isError: data.is_error,
    attributes: data.attributes,
  };
}

/** An observer that throws is not a reason to lose a result. */
function heard<T>(tell: () => T): T | undefined {
  try {
    return tell();
  } catch (error) {
    warn(`the observer failed: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
