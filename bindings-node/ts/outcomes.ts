/** The handlers of outcomes, which the native addon calls with payments of this thread. */

import { call, calls, functionOfTellings, type Told } from './calls';
import { tellFailure } from './log';
import type { NativeClient } from './native';
import { Payment } from './payment';

/** A handler of outcomes, called with each payment whose outcome is learnt. A rejected promise means "tell me again later". */
export type OutcomeHandler = (payment: Payment) => unknown;

/** Handlers by their numbers. The client stands beside its handler, so that it is not collected as garbage. */
const handlers = new Map<number, { handler: OutcomeHandler; native: NativeClient; isDraining: boolean }>();
let lastHandler = 0;

/** Makes a function the handler of a client, in place of the handler with that number. Returns its number. @internal */
export function handle(native: NativeClient, handler: OutcomeHandler, before: number | null): number {
  const found = before === null ? undefined : handlers.get(before);
  if (before !== null && found !== undefined) {
    found.handler = handler;
    native.startTelling();
    return before;
  }
  functionOfTellings(told);
  const number = ++lastHandler;
  handlers.set(number, { handler, native, isDraining: false });
  native.onOutcome(number);
  return number;
}

/** Lets go of a handler and its client. @internal */
export function letGo(number: number): void {
  handlers.delete(number);
}

async function told([telling, number, data]: Told): Promise<void> {
  let trouble: string | null = null;
  try {
    const found = handlers.get(number);
    if (found === undefined) throw new Error('The client was closed.');
    await found.handler(new Payment(data));
  } catch (error) {
    trouble = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    tellFailure('a handler of outcomes failed, and is told again later', error);
  }
  calls().heard(telling, trouble);
  void untilNoted(number);
}

/** Keeps the process until the ledger has noted what was told: it would be told again. */
async function untilNoted(number: number): Promise<void> {
  const found = handlers.get(number);
  if (found === undefined || found.isDraining) return;
  found.isDraining = true;
  try {
    await call((drain) => found.native.drain(drain));
  } finally {
    found.isDraining = false;
  }
}
