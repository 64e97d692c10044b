// The shop, run as a user runs it, and a sandbox that plays M-Pesa.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startSandbox } from 'lipia/sandbox';

const HERE = import.meta.dirname;
/** How long anything may take before it counts as hanging, in milliseconds. */
const LIMIT = 30_000;

/** Waits until it holds, and returns what it says. */
async function until(what, holds) {
  for (const end = Date.now() + LIMIT; ; await pause(20)) {
    const held = await holds();
    if (held) return held;
    assert.ok(Date.now() < end, `waited ${LIMIT} ms until ${what}`);
  }
}

/** A running shop; it can be ended and started again on its port and folder. */
class Shop {
  #log = '';

  static async open(sandbox) {
    const shop = new Shop();
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    shop.url = `http://127.0.0.1:${free.address().port}`;
    free.close();
    shop.folder = mkdtempSync(path.join(tmpdir(), 'duka-'));
    shop.environ = {
      ...process.env,
      ...sandbox.environ('daraja', { callbackUrl: `${shop.url}/pay` }),
      PORT: new URL(shop.url).port,
      SHOP_ORDERS: shop.folder,
      LIPIA_LEDGER: `sqlite://${shop.folder}/payments.db`,
    };
    await shop.start();
    return shop;
  }

  async start() {
    this.running = spawn(process.execPath, ['shop.js'], { cwd: HERE, env: this.environ, stdio: 'pipe' });
    for (const stream of [this.running.stdout, this.running.stderr]) stream.on('data', (text) => (this.#log += text));
    await until('the shop answers', async () => {
      assert.equal(this.running.exitCode, null, this.#log);
      return fetch(this.url).then(
        (answer) => answer.ok,
        () => false,
      );
    });
  }

  /** Ends it: politely, or at once. A second time does nothing. */
  async end(how = 'SIGTERM') {
    if (this.running.exitCode !== null || this.running.signalCode !== null) return;
    const killer = setTimeout(() => this.running.kill('SIGKILL'), LIMIT);
    this.running.kill(how);
    await once(this.running, 'exit');
    clearTimeout(killer);
    if (how === 'SIGTERM') assert.equal(this.running.exitCode, 0, this.#log);
  }

  async pay(orderId, phoneNumber, item = 'coffee') {
    const body = JSON.stringify({ item, phone: phoneNumber });
    const answer = await fetch(`${this.url}/orders/${orderId}/pay`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    return { status: answer.status, told: await answer.json() };
  }

  async look(orderId) {
    return (await fetch(`${this.url}/orders/${orderId}`)).json();
  }

  /** Orders whose goods were handed over. */
  handedOver() {
    const names = existsSync(this.folder) ? readdirSync(this.folder) : [];
    return names.filter((name) => name.endsWith('.paid')).map((name) => name.slice(0, -'.paid'.length));
  }

  isPaid(orderId) {
    return until('the goods are handed over', () => this.handedOver().includes(orderId));
  }
}

let sandbox;
let shop;
beforeEach(async () => {
  sandbox = await startSandbox();
  shop = await Shop.open(sandbox);
});
afterEach(async () => {
  await shop.end();
  await sandbox.stop();
  rmSync(shop.folder, { recursive: true });
});

test('the file for the sandbox names what the sandbox accepts', () => {
  const lines = readFileSync(path.join(HERE, 'sandbox.env'), 'utf8')
    .split('\n')
    .filter((line) => /^[^#]/.test(line));
  const named = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const { MPESA_ENVIRONMENT: _, ...accepted } = sandbox.environ();
  assert.deepEqual(Object.keys(named).sort(), Object.keys(accepted).sort());
  for (const [name, value] of Object.entries(named)) assert.ok(name.endsWith('_URL') || value === accepted[name], name);
});

test('an order is paid', async () => {
  const { status, told } = await shop.pay('INV001', '0712 345 678');
  assert.deepEqual([status, told.outcome], [202, 'pending']);
  assert.match(told.customerMessageSw, /\w/);
  await shop.isPaid('INV001');
  const shown = await until('its receipt is shown', async () => {
    const order = await shop.look('INV001');
    return order.receipt && order;
  });
  assert.deepEqual([shown.state, shown.outcome], ['settled', 'success']);
  assert.equal(sandbox.prompts, 1);
});

test('what it costs is not for the page to say', async () => {
  await shop.pay('INV001', '0712345678', 'samosa');
  assert.equal(sandbox.payments()[0].amount, 50);
  for (const [id, item] of [['INV002', 'a car'], ['..%2FINV', 'coffee'], ['INV003', 'constructor']]) {
    assert.equal((await shop.pay(id, '0712345678', item)).status, 422);
  }
  assert.equal((await fetch(`${shop.url}/orders/INV009`)).status, 404);
});

test('twenty clicks at once are one prompt and one delivery', async () => {
  const clicks = await Promise.all(Array.from({ length: 20 }, () => shop.pay('INV001', '0712345678')));
  assert.deepEqual([...new Set(clicks.map(({ status }) => status))], [202]);
  await shop.isPaid('INV001');
  assert.equal((await shop.pay('INV001', '0712345678')).told.outcome, 'success');
  assert.equal(sandbox.prompts, 1);
});

test('a customer who cancels gets nothing, is told, and may pay again', async () => {
  await shop.pay('INV001', '0712341032');
  const ended = await until('it has ended', async () => {
    const order = await shop.look('INV001');
    return order.state === 'settled' && order;
  });
  assert.deepEqual([ended.outcome, ended.orderFreeAt], ['cancelled', null]);
  assert.deepEqual(shop.handedOver(), []);
  await shop.pay('INV001', '0712345678');
  await shop.isPaid('INV001');
});

test('what the customer mistyped is named', async () => {
  const { status, told } = await shop.pay('INV001', '0712 345');
  assert.deepEqual([status, told.field], [400, 'phoneNumber']);
  assert.equal(sandbox.prompts, 0);
});

test('a restart between push and callback ends paid once', async () => {
  await shop.pay('INV001', '0712349000');
  await shop.end();
  await shop.start();
  sandbox.act(sandbox.payments()[0].checkout_request_id, 'pay');
  await shop.isPaid('INV001');
  assert.equal(sandbox.prompts, 1);
});

test('a shop that is killed and misses the callback asks when it is back', async () => {
  await shop.pay('INV001', '0712349000');
  await shop.end('SIGKILL');
  sandbox.act(sandbox.payments()[0].checkout_request_id, 'pay');
  await until('the callback has failed', () => sandbox.counters().callbacks_failed === 1);
  await shop.start();
  await shop.isPaid('INV001');
  assert.equal(sandbox.prompts, 1);
});

test('a shop that is killed while it pushes says nothing false and never pushes again', async () => {
  sandbox.inject({ step: 'push', kind: 'slow_after', seconds: 100_000 });
  const click = shop.pay('INV001', '0712349000').catch(() => 'nobody answered');
  await until('the phone is prompted', () => sandbox.prompts === 1);
  await shop.end('SIGKILL');
  assert.equal(await click, 'nobody answered');
  await shop.start();
  const { status, told } = await shop.pay('INV001', '0712349000');
  assert.equal(status, 202);
  assert.match(told.customerMessageEn, /not pay again/);
  sandbox.act(sandbox.payments()[0].checkout_request_id, 'pay');
  await shop.isPaid('INV001');
  assert.equal(sandbox.prompts, 1);
});

test('a push that is refused frees the order', async () => {
  const { status, told } = await shop.pay('INV001', '0712349012');
  assert.equal(status, 503);
  assert.match(told.customerMessageEn, /try again/);
  await shop.pay('INV001', '0712345678');
  await shop.isPaid('INV001');
});

test('a forged callback hands nothing over', async () => {
  await shop.pay('INV001', '0712349001');
  const [{ callback_url: url, checkout_request_id: CheckoutRequestID }] = sandbox.payments();
  const stkCallback = { MerchantRequestID: '1', CheckoutRequestID, ResultCode: 0, ResultDesc: 'told by a test' };
  const forged = url.slice(0, -1) + (url.endsWith('0') ? '1' : '0');
  const answer = await fetch(forged, { method: 'POST', body: JSON.stringify({ Body: { stkCallback } }) });
  assert.equal(answer.status, 404);
  assert.equal((await shop.look('INV001')).state, 'accepted');
  assert.deepEqual(shop.handedOver(), []);
});
