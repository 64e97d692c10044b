/** `npx lipia`: the same command line as the `lipia` binary. */

import { addon } from './internals';

/** Runs the command line with the arguments of this process. @internal */
export function main(): void {
  leaveSignals();
  process.exitCode = addon.runCommandLine(['lipia', ...process.argv.slice(2)]);
}

/**
 * Takes back Node's own answer to signals. The command has its own, with what it knows of the payment and an exit status,
 * and calls whatever was there before it; Node's would raise the signal again, for ever.
 */
function leaveSignals(): void {
  const ignore = () => {};
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // What Node stops listening for has the system's own answer again.
    process.on(signal, ignore);
    process.removeListener(signal, ignore);
  }
}
