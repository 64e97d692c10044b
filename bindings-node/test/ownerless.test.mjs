/** The first callback without an owner is reported on stderr, with what to do. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stderrOf } from './process/child.mjs';

/** A shop that restarts between a push and its callbacks; `options` is the text of what it gives to callbacks(). */
const SHOP = (options, logger) => `
  import { createServer } from 'node:http';
  import { once } from 'node:events';
  import { setLogger } from 'lipia';
  import { callbacks } from 'lipia/node';
  import { startSandbox } from 'lipia/sandbox';
  setLogger(${logger});
  const sandbox = await startSandbox();
  const server = createServer((request, response) => receive(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const callbackUrl = 'http://127.0.0.1:' + server.address().port + '/pay';
  const before = sandbox.daraja({ callbackUrl });
  const receive = callbacks(sandbox.daraja({ callbackUrl }), ${options});
  for (const phoneNumber of ['0712341032', '0713341032']) {
    await before.stkPush({ phoneNumber, amount: 150, accountReference: 'INV-001' });
  }
  await sandbox.until({ callbacks_failed: 2 }).catch(() => {});
  console.log(JSON.stringify(sandbox.counters().callbacks_acknowledged));
  server.closeAllConnections();
  server.close();
  await sandbox.stop();
`;

const said = (options, logger = 'null') => stderrOf(SHOP(options, logger));

const HINT = /^lipia: error: a callback came for a payment that nobody here knows, .*Give the client a ledger/gm;

test('without a ledger, once, with what to do', async () => {
  assert.equal((await said('{}')).match(HINT)?.length, 1);
});

test('also where a logger swallows everything', async () => {
  const silent = '{ error() {}, warn() {}, info() {}, debug() {} }';
  assert.equal((await said('{}', silent)).match(HINT)?.length, 1);
});

test('whoever is told in another way is not told on stderr', async () => {
  assert.equal(await said('{ onError: () => {} }'), '');
});
