/** Comparing what came with what was expected. */

import { inspect, isDeepStrictEqual } from 'node:util';

const isGroup = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Where `found` differs from what is expected of it, as sentences; what nothing is expected of is left alone. */
export function differences(expected, found, within = '') {
  return Object.entries(expected).flatMap(([name, value]) => {
    const there = found[name];
    if (isGroup(value) && isGroup(there)) return differences(value, there, `${within}${name}.`);
    if (isDeepStrictEqual(there, value) && name in found) return [];
    return [`${within}${name} is ${inspect(there)}, expected ${inspect(value)}`];
  });
}
