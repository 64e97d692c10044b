// The packages that are measured, installed into a folder of their own as a user installs them.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const home = process.env.LIPIA_BENCH_NODE_PACKAGES;
const require = createRequire(path.join(home, 'package.json'));

export const packages = {
  /** A package, as `require` gives it. */
  load: (name) => require(name),
  /** Its name and version. */
  version: (name) => `${name} ${manifest(name).version}`,
};

const folder = (name) => path.join(home, 'node_modules', name);

function manifest(name) {
  return JSON.parse(readFileSync(path.join(folder(name), 'package.json'), 'utf8'));
}

/** A package and all that it needs, and what they take on disk. */
export function sizeOf(name) {
  const found = new Set();
  const waiting = [name];
  while (waiting.length > 0) {
    const one = waiting.pop();
    if (found.has(one)) continue;
    let needed;
    try {
      needed = manifest(one);
    } catch {
      // Of another platform: optional, and not installed.
      continue;
    }
    found.add(one);
    waiting.push(...Object.keys({ ...needed.dependencies, ...needed.optionalDependencies }));
  }
  const bytes = [...found].reduce((sum, one) => sum + bytesOf(folder(one)), 0);
  return { bytes, packages: [...found].sort() };
}

function bytesOf(place) {
  return readdirSync(place, { recursive: true })
    .map((name) => statSync(path.join(place, name)))
    .reduce((sum, status) => sum + (status.isFile() ? status.size : 0), 0);
}
