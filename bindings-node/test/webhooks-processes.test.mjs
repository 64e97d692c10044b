// Two processes that share a ledger.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startSandbox } from 'lipia/sandbox';
import { darajaBody, pathOf, postAtOnce, silent, until } from './support/shops.mjs';

const PROGRAM = fileURLToPath(new URL('./support/shop-process.mjs', import.meta.url));

async function startShop(folder, environ) {
  const shop = spawn(process.execPath, [PROGRAM, folder], {
    env: { ...process.env, ...environ },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(shop, 'exit');
  const [port] = await once(shop.stdout, 'data');
  return {
    port: Number(port),
    stop: async () => {
      shop.stdin.end();
      return (await ended)[0];
    },
  };
}

test('fifty duplicates to two processes that did not push the payment are told of once in all', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lipia-shops-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const sandbox = await startSandbox();
  t.after(() => sandbox.stop());
  const callbackUrl = 'http://127.0.0.1:9/pay';
  const ledger = `sqlite://${folder}/payments.db`;
  const environ = { ...sandbox.environ('daraja', { callbackUrl }), LIPIA_LEDGER: ledger };
  const shops = await Promise.all([1, 2].map(() => startShop(folder, environ)));
  let codes;
  const told = path.join(folder, 'told');
  try {
    const daraja = sandbox.daraja({ callbackUrl, ledger });
    t.after(() => daraja.close());
    const payment = await daraja.request({ phoneNumber: silent(), amount: 150, accountReference: 'INV-001' });
    const [route, body] = [pathOf(payment), darajaBody(payment)];
    const statuses = await Promise.all(shops.map((shop) => postAtOnce(shop, route, body, 25)));
    assert.deepEqual(statuses.flat(), Array(50).fill(200));
    await until('a shop is told', () => existsSync(told));
    codes = await Promise.all(shops.map((shop) => shop.stop()));
    assert.deepEqual(readFileSync(told, 'utf8').trim().split('\n'), [`${payment.id} success TKM1ABCDEF`]);
    assert.equal((await daraja.payments.get(payment.id)).receipt, 'TKM1ABCDEF');
  } finally {
    codes ??= await Promise.all(shops.map((shop) => shop.stop()));
  }
  assert.deepEqual(codes, [0, 0]);
});
