/** The settings of a client, by gateway. */

import { amountText, countOf, flagOf, objectOf, partsOf, secondsOf, textOf, textsOf } from './arguments';
import { WAIT } from './names';
import { addon } from './native';
import { type DarajaSettings, KINDS, type Kind, PUSH, PUSH_OPTIONS, SETTINGS } from './parameters';
import { isToBeCut } from './values';

/**
 * The times of a wait, in milliseconds.
 *
 * The defaults follow what is known of Daraja: a customer takes about 20 seconds, a prompt lives for about 60, and a query
 * before 10 seconds only learns that it is too early.
 */
export interface WaitOptions {
  /** Milliseconds to wait in all. Default: 120,000. */
  timeout?: number | undefined;
  /** Milliseconds from the push to the first question. Default: 10,000. */
  firstQueryAfter?: number | undefined;
  /** Milliseconds between the first and the second question; each later pause is half as long again. Default: 10,000. */
  queryEvery?: number | undefined;
  /** The longest pause between two questions, in milliseconds. Default: 30,000. */
  longestPause?: number | undefined;
}

/** Pay bill or till. */
export type TransactionType = NonNullable<DarajaSettings['transactionType']>;

/** How parameters of each kind are read. */
const READERS: Readonly<Record<Kind, (name: string, value: unknown) => unknown>> = {
  amount: (_, value) => amountText(value),
  count: countOf,
  fit: (_, value) => (isToBeCut(value) ? 'truncate' : 'refuse'),
  flag: flagOf,
  seconds: secondsOf,
  texts: textsOf,
};

/** A parameter as the native addon takes it. */
function read(name: string, value: unknown): unknown {
  const kind = KINDS[name];
  return kind === undefined ? textOf(name, value) : READERS[kind](name, value);
}

/** The environment variables of a client: `process.env`, or an object like it. */
export type Environ = Readonly<Record<string, string | undefined>>;

/** Settings as the native addon takes them. @internal */
export function settingsData(gateway: string, settings: unknown, environ: Environ | null): string {
  const data: Record<string, unknown> = { gateway };
  for (const [name, value] of Object.entries(partsOf('settings', settings))) {
    if (name === 'wait' || value === undefined || value === null) continue;
    data[SETTINGS[name as keyof typeof SETTINGS]] = read(name, value);
  }
  if (environ !== null) {
    const variables = Object.entries(objectOf('environ', environ)).filter(
      ([name, value]) => value !== undefined && addon.wantsVariable(name),
    );
    data['variables'] = Object.fromEntries(variables.map(([name, value]) => [name, textOf(name, value)]));
  }
  return JSON.stringify(data);
}

/** The times of waits, as the native addon takes them. @internal */
export function waitData(wait: unknown): string | null {
  if (wait === undefined || wait === null) return null;
  const data: Record<string, number> = {};
  for (const [name, value] of Object.entries(partsOf('wait', wait))) {
    if (value !== undefined) data[WAIT[name as keyof typeof WAIT]] = secondsOf(name, value);
  }
  return JSON.stringify(data);
}

/** The parts that every push has: one that is missing is refused by its name. */
const NEEDED = ['phoneNumber', 'amount', 'accountReference'];

/** A push as the native addon takes it. @internal */
export function pushData(push: unknown): string {
  const given = partsOf('push', push);
  const data: Record<string, unknown> = {};
  for (const [name, core] of Object.entries(PUSH)) {
    const value = given[name];
    const isLeftOut = value === undefined || (value === null && name === 'order');
    if (!isLeftOut || NEEDED.includes(name)) data[core] = read(name, value);
  }
  let options: Record<string, unknown> | undefined;
  for (const [name, core] of Object.entries(PUSH_OPTIONS)) {
    const value = given[name];
    if (value === undefined || value === null) continue;
    options ??= {};
    options[core] = read(name, value);
  }
  if (options !== undefined) data['options'] = options;
  return JSON.stringify(data);
}
