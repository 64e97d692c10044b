// Two processes that share a store.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startSandbox } from 'lipia/sandbox';
import { FileStore } from './support/file-store.mjs';
import { darajaBody, pathOf, postAtOnce, silent, until } from './support/shops.mjs';

const PROGRAM = fileURLToPath(new URL('./support/shop-process.mjs', import.meta.url));

async function startShop(folder, meeting, environ) {
  const shop = spawn(process.execPath, [PROGRAM, folder, meeting], {
    env: { ...process.env, ...environ },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(shop, 'exit');
  const [port] = await once(shop.stdout, 'data');
  return {
    port: Number(port),
    pid: shop.pid,
    stop: async () => {
      shop.stdin.end();
      return (await ended)[0];
    },
  };
}

test('fifty duplicates to two processes that both have loaded are told of once in all', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lipia-shops-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const meeting = path.join(folder, 'meeting');
  mkdirSync(meeting);
  const sandbox = await startSandbox();
  t.after(() => sandbox.stop());
  const environ = sandbox.environ('daraja', { callbackUrl: 'http://127.0.0.1:9/pay' });
  const shops = await Promise.all([1, 2].map(() => startShop(folder, meeting, environ)));
  let codes;
  const told = () => readFileSync(path.join(folder, 'told'), 'utf8').trim().split('\n');
  try {
    const daraja = sandbox.daraja();
    const payment = daraja.reserve({ phoneNumber: silent(), amount: 150, accountReference: 'INV-001' });
    await daraja.push(payment);
    await new FileStore(folder).insert(payment.snapshot());
    const [route, body] = [pathOf(payment), darajaBody(payment)];
    const statuses = await Promise.all(shops.map((shop) => postAtOnce(shop, route, body, 25)));
    assert.deepEqual(statuses.flat(), Array(50).fill(200));
    assert.deepEqual(readdirSync(meeting).sort(), shops.map(({ pid }) => String(pid)).sort());
    await until('a shop is told', () => readdirSync(folder).includes('told'));
    assert.equal(JSON.parse(await new FileStore(folder).load(payment.id)).receipt, 'TKM1ABCDEF');
    codes = await Promise.all(shops.map((shop) => shop.stop()));
    assert.deepEqual(told(), [`${payment.id} success TKM1ABCDEF`]);
  } finally {
    codes ??= await Promise.all(shops.map((shop) => shop.stop()));
  }
  assert.deepEqual(codes, [0, 0]);
});
