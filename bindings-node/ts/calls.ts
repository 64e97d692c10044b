/** The calls in flight, which the native addon settles by their numbers. */

import { optionsOf, refusedType, secondsOrNone } from './arguments';
import { AbortedError, errorOf, refusalOf } from './errors';
import { tell } from './log';
import { type Answer, addon, type NativeCalls } from './native';
import type { SnapshotData } from './payment';

/** The options of one call. */
export interface CallOptions {
  /**
   * Aborts the call. A push that is in flight goes on and still learns its answer; `error.payment` is its payment.
   */
  signal?: AbortSignal | undefined;
  /** Milliseconds for this call; for a wait, the whole time of the wait. */
  timeout?: number | undefined;
}

/** The options of a call, checked: `timeout` is in seconds. @internal */
export function callOptionsOf(options: CallOptions | undefined): {
  signal: AbortSignal | undefined;
  timeout: number | null;
} {
  const { signal, timeout } = optionsOf('the options of a call', options);
  return { signal, timeout: secondsOrNone('timeout', timeout) };
}

type Settle = (answer: Answer) => void;

const underWay = new Map<number, Settle>();
let lastCall = 0;
let opened: NativeCalls | undefined;

/** A payment that a handler is told of: the number of the telling, of the handler, and the payment. @internal */
export type Told = [telling: number, handler: number, payment: SnapshotData];

let tellOutcome: ((told: Told) => void) | undefined;

/** Gives tellings of outcomes to a function. @internal */
export function functionOfTellings(tells: (told: Told) => void): void {
  tellOutcome = tells;
}

let observation: Observation | undefined;

/** What an observer has of the calls: the name of the span that is current, and the records. @internal */
export interface Observation {
  caller(): string | null;
  record(record: unknown): void;
}

/** Gives spans and counts to an observer, or to nobody. @internal */
export function observeCalls(by: Observation | undefined): void {
  calls().observe(by !== undefined);
  observation = by;
}

/** What stands in the place of a call's number before a line of the log, a telling, and a span or a count. */
const LOG = 0;
const TELLING = -1;
const TELEMETRY = -2;

/** What the native addon has for this thread: pairs of a call's number and its answer. */
function deliver(results: string): void {
  for (const [call, answer] of JSON.parse(results) as [number, Answer][]) {
    if (call === LOG) {
      tell(answer as unknown as [number, string]);
      continue;
    }
    if (call === TELLING) {
      tellOutcome?.(answer as unknown as Told);
      continue;
    }
    if (call === TELEMETRY) {
      observation?.record(answer);
      continue;
    }
    const settle = underWay.get(call);
    underWay.delete(call);
    settle?.(answer);
  }
}

/** The calls of this thread. @internal */
export function calls(): NativeCalls {
  opened ??= addon.openCalls(deliver);
  return opened;
}

/** Begins a call and waits for its answer. @internal */
export function call(begin: (call: number) => unknown, signal?: AbortSignal | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const heard = signalOf(signal);
    if (heard?.aborted) throw AbortedError.of(heard, 'not_sent');
    const number = ++lastCall;
    if (heard === undefined) {
      start(begin, number);
      underWay.set(number, resolve);
      return;
    }
    const leave = () => {
      underWay.delete(number);
      calls().cancel(number);
      reject(AbortedError.of(heard, 'unknown'));
    };
    // First of all: of a call that has begun nobody may learn merely that its signal is none.
    const stop = whenAborted(heard, leave);
    try {
      start(begin, number);
    } catch (error) {
      stop();
      throw error;
    }
    underWay.set(number, (answer) => {
      stop();
      resolve(answer);
    });
  });
}

function start(begin: (call: number) => unknown, number: number): void {
  if (observation !== undefined) calls().callWithin(observation.caller());
  const refusal = begin(number);
  if (typeof refusal === 'string') throw from(call, refusalOf(refusal));
}

/** A signal, where one is given: one of this realm or another, or of a package that stands in for it. @internal */
export function signalOf(signal: unknown): AbortSignal | undefined {
  if (signal === undefined || signal === null) return undefined;
  const given = signal as Partial<AbortSignal>;
  if (
    typeof signal === 'object' &&
    typeof given.aborted === 'boolean' &&
    typeof given.addEventListener === 'function'
  ) {
    return signal as AbortSignal;
  }
  throw refusedType('signal', signal, 'which is not an AbortSignal', 'Give the signal of an AbortController.');
}

/** Who waits for each signal. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `leave` when the signal is aborted, until what this returns is called. A signal has one listener, however many
 * calls share it: Node warns of more than ten.
 *
 * @internal
 */
export function whenAborted(signal: AbortSignal, leave: () => void): () => void {
  const those = waiting.get(signal) ?? listening(signal);
  those.add(leave);
  return () => {
    those.delete(leave);
    if (those.size === 0 && waiting.get(signal) === those) {
      waiting.delete(signal);
      signal.removeEventListener('abort', listeners.get(those) ?? leave);
    }
  };
}

const listeners = new WeakMap<Set<() => void>, () => void>();

function listening(signal: AbortSignal): Set<() => void> {
  const those = new Set<() => void>();
  const tellAll = () => {
    waiting.delete(signal);
    for (const leave of [...those]) leave();
  };
  // First: what stands in for a signal may throw here.
  signal.addEventListener('abort', tellAll, { once: true });
  waiting.set(signal, those);
  listeners.set(those, tellAll);
  return those;
}

/** What an answer holds, or its error thrown. Called by the verb itself, so that the error's stack shows who called that. @internal */
export function taken(answer: Answer): unknown {
  if ('error' in answer) throw from(taken, errorOf(answer.error));
  return answer.ok;
}

/** The same for an answer that is still text. @internal */
export function takenNow(json: string): unknown {
  const answer = JSON.parse(json) as Answer;
  if ('error' in answer) throw from(takenNow, errorOf(answer.error));
  return answer.ok;
}

/** What the native addon made, or the error that came in its place. @internal */
export function made<T>(found: T | string): T {
  if (typeof found === 'string') throw from(made, refusalOf(found));
  return found;
}

/** An error whose stack begins with whoever called a function of this file. */
function from(below: (...given: never[]) => unknown, error: Error): Error {
  Error.captureStackTrace(error, below);
  return error;
}
