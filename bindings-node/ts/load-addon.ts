/** Finds the native addon that was installed for this machine. */

import type { Addon } from './native';

/** The addon; the packaging's own loader is in its place later. @internal */
export function loadAddon(): Addon {
  return require('./lipia.node') as Addon;
}
