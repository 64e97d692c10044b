// The command line, as npx runs it.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startSandbox } from 'lipia/sandbox';
import { assertEnded, environFor, PACKAGE, runNode } from './child.mjs';

const LIPIA = path.join(PACKAGE, 'dist', 'cli.js');

let sandbox;
before(async () => {
  sandbox = await startSandbox();
});
after(() => sandbox.stop());

const lipia = (args, { ready, during } = {}) =>
  runNode([LIPIA, ...args], { environ: environFor(sandbox), ready, during });
const push = (ending) => ['push', '--phone', `071234${ending}`, '--amount', '150', '--reference', 'INV-001'];

test('its exit status says what a script must know', async () => {
  assertEnded(await lipia(push('5678')), { code: 0 });
  assertEnded(await lipia(push('5')), { code: 2 });
  sandbox.inject({ step: 'push', kind: 'answer_lost' });
  assertEnded(await lipia(push('5679')), { code: 5 });
  assertEnded(await lipia(['no-such-verb']), { code: 2 });
});

describe('a signal ends it', { skip: process.platform === 'win32' }, () => {
  /** As an impatient user: one that comes before the command line listens is not its. */
  const pressed = (signal) => (child) => {
    const timer = setInterval(() => child.kill(signal), 100);
    child.on('exit', () => clearInterval(timer));
  };

  for (const signal of ['SIGINT', 'SIGTERM']) {
    test(`${signal}, while it plays M-Pesa`, async () => {
      const ended = await lipia(['sandbox', '--port', '0'], { ready: /^http/m, during: pressed(signal) });
      assertEnded(ended, { code: 0 });
      assert.ok(ended.took < 10_000);
    });
  }

  test('SIGINT, while it waits for a customer', async () => {
    const ended = await lipia([...push('9001'), '--wait'], { ready: /ws_CO/, during: pressed('SIGINT') });
    assert.equal(ended.signal, null);
    assert.notEqual(ended.code, 0);
    assert.ok(ended.took < 10_000);
  });
});
