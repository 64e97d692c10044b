// Files that scripts make.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { made } from '../scripts/native-mirror.mjs';
import { PACKAGE } from './support/repository.mjs';

test('the addon in TypeScript is what its script makes of the Rust sources', () => {
  const checkedIn = readFileSync(path.join(PACKAGE, 'ts', 'addon.ts'), 'utf8').replaceAll('\r\n', '\n');
  assert.ok(checkedIn === made(), 'run `node scripts/native-mirror.mjs` in bindings-node/');
});
