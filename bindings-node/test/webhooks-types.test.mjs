// What the compiler says to a user's program.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));

test('every way to mount callbacks compiles under strict, and mistakes do not', async () => {
  const tsc = path.join(path.dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
  const options = [
    '--noEmit',
    '--strict',
    '--exactOptionalPropertyTypes',
    '--module',
    'nodenext',
    '--target',
    'es2022',
  ];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [tsc, ...options, '--skipLibCheck', '--ignoreConfig', '--types', 'node', 'test/support/mounts.mts'],
    { cwd: root, timeout: 120_000 },
  ).catch((error) => error);
  assert.equal(stdout, '');
});
