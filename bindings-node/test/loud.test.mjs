/** Anything that loses payments is told on stderr where the program has not set a logger. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { stderrOf } from './process/child.mjs';

/** A shop that requests a payment. `setting` is the text of a setting, `logger` of what is done about the log. */
const SHOP = (setting, logger) => `
  import { setLogger } from 'lipia';
  import { startSandbox } from 'lipia/sandbox';
  ${logger}
  const sandbox = await startSandbox();
  const daraja = sandbox.daraja({ ${setting}, callbackUrl: 'https://shop.example/pay' });
  await daraja.request({ order: '17', phoneNumber: '0712345678', amount: 150, accountReference: 'INV-001' });
  await daraja.close();
  await sandbox.stop();
`;

const said = (setting, logger = '') => stderrOf(SHOP(setting, logger));

async function inTemporaryFolder(look) {
  const folder = mkdtempSync(path.join(tmpdir(), 'lipia-loud-'));
  try {
    await look(`ledger: 'sqlite://${folder}/payments.db'`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('orders in memory where customers pay real money', async () => {
  const stderr = await said("environment: 'production'");
  assert.match(stderr, /LipiaWarning: .*an order is claimed in this process's memory/);
});

test('a ledger in a temporary folder', () =>
  inTemporaryFolder(async (ledger) => {
    assert.match(await said(ledger), /LipiaWarning: .*temporary folder/);
  }));

test('a program that sets a logger, or none, has its way', () =>
  inTemporaryFolder(async (ledger) => {
    assert.equal(await said(ledger, 'setLogger(null);'), '');
    const own = "setLogger({ error: (line) => console.error('own: ' + line) });";
    const stderr = await said(ledger, own);
    assert.match(stderr, /^own: .*temporary folder/);
    assert.doesNotMatch(stderr, /LipiaWarning/);
  }));
