/** `npx lipia`: the same command line as the `lipia` binary. */

import { addon } from './native';

const nothing = () => {};

/** Runs the command line with the arguments of this process. @internal */
export function main(): void {
  // Node's own handlers raise a signal again, and the command line's pass it back to them, without end. Once it was
  // listened to and is no more, a signal is nobody's and does what it does in any program.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, nothing).off(signal, nothing);
  process.exitCode = addon.runCommandLine(['lipia', ...process.argv.slice(2)]);
}
