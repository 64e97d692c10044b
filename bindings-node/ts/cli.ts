/** `npx lipia`: the same command line as the `lipia` binary. */

import { addon } from './native';

/** Runs the command line with the arguments of this process. @internal */
export function main(): void {
  process.exitCode = addon.runCommandLine(['lipia', ...process.argv.slice(2)]);
}
