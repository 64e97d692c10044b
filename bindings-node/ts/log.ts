/** The logger: log lines of Lipia, for the program's own log. */

import { functionOf, refusedType } from './arguments';
import { calls } from './calls';
import { addon } from './native';

/** A logger, such as `console`, pino or winston. */
export interface Logger {
  error?(message: string): void;
  warn?(message: string): void;
  info?(message: string): void;
  debug?(message: string): void;
}

const LEVELS = ['error', 'warn', 'info', 'debug'] as const;

/** The number of the level that the environment variable `LIPIA_LOG` asks for. */
const asked: number | null = addon.logLevelOfEnvironment();

/** `undefined` until the program sets one: of errors Node warns then, so that what loses payments is not silent. */
let logger: Logger | null | undefined;

/**
 * Sets the logger for Lipia's log lines: calls, token renewals, callbacks that were not believed. The lines never have
 * secrets, and phone numbers in them are masked. Until a logger is set, only errors are shown, as Node's warnings on
 * stderr. The environment variable `LIPIA_LOG` (`off`, `error`, `warn`, `info`, `debug`) sets the level whatever the logger has
 * methods for; without a logger it shows the lines on stderr.
 *
 * @param to the logger, or `null` for silence. It gets the levels for which it has a method.
 *
 * @example
 * setLogger(console);
 */
export function setLogger(to: Logger | null): void {
  if (to !== null && typeof to !== 'object' && typeof to !== 'function') {
    throw refusedType('to', to, 'which is not a logger', 'Give console, a logger such as pino, or null.');
  }
  for (const level of LEVELS) {
    if (to?.[level] !== undefined) functionOf(level, to[level]);
  }
  logger = to;
  calls().setLogLevel(LEVELS.reduce((most, level, place) => (to?.[level] === undefined ? most : place + 1), 0));
}

/** Tells one thing. A logger that throws is not a reason to lose a result. @internal */
export function tell([level, message]: [number, string]): void {
  const name = LEVELS[level - 1];
  if (name === undefined || level > (asked ?? LEVELS.length)) return;
  if (logger === undefined) {
    if (asked !== null) process.stderr.write(`lipia: ${name}: ${message}\n`);
    else if (name === 'error') process.emitWarning(message, 'LipiaWarning');
    return;
  }
  try {
    logger?.[name]?.(message);
  } catch {
    // It is the logger's own to say what went wrong with it.
  }
}

/** Tells of something worth a look that a stranger can bring about. @internal */
export function warn(message: string): void {
  tell([2, message]);
}

/**
 * Tells of a failure that nobody catches and that may have a payment in it. So it is not silent without a logger: it is a
 * warning of Node's then. @internal
 */
export function tellFailure(message: string, error?: unknown): void {
  const told = error === undefined ? message : `${message}: ${shownError(error)}`;
  if (logger?.error || asked !== null) tell([1, told]);
  else process.emitWarning(told, 'LipiaWarning');
}

/**
 * Tells of what loses payments until somebody changes the program: on stderr, whatever the logger does with it.
 * @internal
 */
export function tellOnStderr(message: string): void {
  if (logger) tell([1, message]);
  if (logger !== globalThis.console) process.stderr.write(`lipia: error: ${message}\n`);
}

function shownError(error: unknown): string {
  // Read when it is first needed, not whenever the package is.
  const { inspect } = require('node:util') as typeof import('node:util');
  return inspect(error);
}
