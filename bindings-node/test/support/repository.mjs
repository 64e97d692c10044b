/** Where things are in the repository. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of this package. */
export const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));

/** The folder of the whole project. */
export const REPOSITORY = path.dirname(path.resolve(PACKAGE));

/** What stands in a file of the core. */
export function core(...place) {
  return readFileSync(path.join(REPOSITORY, 'core', ...place));
}

/** `phone_number` as `phoneNumber`. */
export function camel(name) {
  return name.replaceAll(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}

/** `phoneNumber` as `phone_number`. */
export function snake(name) {
  return name.replaceAll(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}

/** The same object with its names as they are written in JavaScript. */
export function inCamel(object) {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [camel(name), value]));
}
