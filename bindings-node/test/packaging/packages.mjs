/** The packages as they were built, for the tests of what is installed. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { REPOSITORY } from '../support/repository.mjs';

const { install } = createRequire(import.meta.url)('./try-install.cjs');

/** The folder with the packages that `.ci/node` makes. */
export const PACKAGES = process.env.LIPIA_NODE_PACKAGES ?? path.join(REPOSITORY, '.tools', 'node');
assert.ok(existsSync(PACKAGES), `${PACKAGES} is not there: run .ci/node, or set LIPIA_NODE_PACKAGES.`);

/** A folder for this file's tests, removed when they have ended. */
export function scratchFolder() {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'lipia-packaging-')));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder into which Lipia is installed from the packages alone. */
export function installed(...more) {
  const folder = scratchFolder();
  install(PACKAGES, folder, more);
  return folder;
}
