// The shop, run as a user runs it, and a sandbox that plays M-Pesa.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Payment } from 'lipia';
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
      SHOP_ASK_AFTER: '500',
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

  async order(orderId, phoneNumber, item = 'coffee') {
    const body = JSON.stringify({ orderId, item, phoneNumber });
    const answer = await fetch(`${this.url}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    return { status: answer.status, told: await answer.json() };
  }

  async look(orderId) {
    return (await fetch(`${this.url}/orders/${orderId}`)).json();
  }

  saved() {
    const names = readdirSync(this.folder).filter((name) => name.endsWith('.json'));
    return names.map((name) => JSON.parse(readFileSync(path.join(this.folder, name), 'utf8')));
  }

  payment(orderId) {
    return Payment.deserialize(this.saved().find((order) => order.orderId === orderId).payment);
  }

  accepted(orderId) {
    return until('the push is accepted', () => this.payment(orderId).checkoutRequestId);
  }

  handedOver() {
    return this.saved()
      .filter((order) => order.handedOverAt !== null)
      .map((order) => order.orderId);
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

test('an order is paid while the customer looks on', async () => {
  assert.equal((await shop.order('INV001', '0712 345 678')).status, 202);
  const stream = await (await fetch(`${shop.url}/orders/INV001/events`)).text();
  const events = stream
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line.slice('data: '.length)));
  assert.equal(events[0].isOpen, true);
  const last = events.at(-1);
  assert.ok(last.isPaid && last.receipt && !last.isOpen, JSON.stringify(last));
  assert.deepEqual(shop.handedOver(), ['INV001']);
  assert.equal(sandbox.prompts, 1);
});

test('what it costs is not for the page to say', async () => {
  await shop.order('INV001', '0712345678', 'samosa');
  await shop.accepted('INV001');
  assert.equal(shop.payment('INV001').push.amount, 50);
  assert.equal((await shop.order('INV002', '0712345678', 'a car')).status, 422);
  assert.equal((await shop.order('../../INV', '0712345678')).status, 422);
  assert.equal((await shop.order('INV003', '0712345678', 'constructor')).status, 422);
  assert.equal((await fetch(`${shop.url}/orders/INV009`)).status, 404);
});

test('a customer who cancels gets nothing and is told', async () => {
  await shop.order('INV001', '0712341032');
  await until('it has ended', async () => !(await shop.look('INV001')).isOpen);
  const order = await shop.look('INV001');
  assert.equal(order.outcome, 'cancelled');
  assert.ok(order.message);
  assert.deepEqual(shop.handedOver(), []);
});

test('twenty clicks at once are one prompt and one delivery', async () => {
  const clicks = await Promise.all(Array.from({ length: 20 }, () => shop.order('INV001', '0712345678')));
  assert.ok(clicks.every(({ status }) => status === 202));
  await until('it is paid', async () => (await shop.look('INV001')).isPaid);
  assert.equal(sandbox.prompts, 1);
  assert.deepEqual(shop.handedOver(), ['INV001']);
});

test('what the customer mistyped is named', async () => {
  const { status, told } = await shop.order('INV001', '0712 345');
  assert.equal(status, 422);
  assert.equal(told.field, 'phoneNumber');
  assert.equal((await shop.order('INV001', undefined)).status, 422);
  assert.equal(sandbox.prompts, 0);
});

test('a restart between push and callback ends paid once', async () => {
  await shop.order('INV001', '0712349000');
  const prompt = await shop.accepted('INV001');
  await shop.end();
  await shop.start();
  sandbox.act(prompt, 'pay');
  await until('its receipt has come', async () => (await shop.look('INV001')).receipt);
  assert.deepEqual(shop.handedOver(), ['INV001']);
  assert.equal(sandbox.prompts, 1);
});

test('a shop that is killed and misses the callback asks when it is back', async () => {
  await shop.order('INV001', '0712349000');
  const prompt = await shop.accepted('INV001');
  await shop.end('SIGKILL');
  sandbox.act(prompt, 'pay');
  await until('the callback has failed', () => sandbox.counters().callbacks_failed === 1);
  await shop.start();
  await until('it is paid', async () => (await shop.look('INV001')).isPaid);
  assert.deepEqual(shop.handedOver(), ['INV001']);
  assert.equal(sandbox.prompts, 1);
});

test('a shop that is killed while it pushes says nothing false and never pushes again', async () => {
  sandbox.inject({ step: 'push', kind: 'slow_after', seconds: 100_000 });
  await shop.order('INV001', '0712349000');
  await until('the phone is prompted', () => sandbox.prompts === 1);
  await shop.end('SIGKILL');
  await shop.start();
  const order = await shop.look('INV001');
  assert.ok(order.isOpen && !/not charged/.test(order.message), JSON.stringify(order));
  sandbox.act(sandbox.payments()[0].checkout_request_id, 'pay');
  await until('it is paid', async () => (await shop.look('INV001')).receipt);
  assert.deepEqual(shop.handedOver(), ['INV001']);
  assert.equal(sandbox.prompts, 1);
});

test('a shop that is ended while it pushes saves the answer first', async () => {
  sandbox.inject({ step: 'push', kind: 'slow_after', seconds: 100 });
  await shop.order('INV001', '0712349000');
  await until('the phone is prompted', () => sandbox.prompts === 1);
  await shop.end();
  assert.equal(shop.payment('INV001').state, 'accepted');
});

test('a lost answer is waited for and never pushed again', async () => {
  sandbox.inject({ step: 'push', kind: 'answer_lost' });
  await shop.order('INV001', '0712345678');
  await until('it is paid', async () => (await shop.look('INV001')).isPaid);
  assert.deepEqual(shop.handedOver(), ['INV001']);
  assert.equal(sandbox.prompts, 1);
});

test('a push that is refused is not charged', async () => {
  await shop.order('INV001', '0712349012');
  await until('it has ended', async () => !(await shop.look('INV001')).isOpen);
  assert.match((await shop.look('INV001')).message, /not charged/);
  assert.equal(sandbox.prompts, 0);
});

test('fifty duplicates are one delivery, and a forged one is none', async () => {
  await shop.order('INV001', '0712349001');
  const CheckoutRequestID = await shop.accepted('INV001');
  const { push, acceptance } = shop.payment('INV001');
  const Item = [
    { Name: 'Amount', Value: 150 },
    { Name: 'MpesaReceiptNumber', Value: 'TKM1ABCDEF' },
    { Name: 'TransactionDate', Value: 20261121100000 },
    { Name: 'PhoneNumber', Value: 254712349001 },
  ];
  const stkCallback = {
    MerchantRequestID: acceptance.merchantRequestId,
    CheckoutRequestID,
    ResultCode: 0,
    ResultDesc: 'told by a test',
    CallbackMetadata: { Item },
  };
  const post = async (url) =>
    (await fetch(url, { method: 'POST', body: JSON.stringify({ Body: { stkCallback } }) })).status;
  const url = push.callbackUrl;
  assert.equal(await post(url.slice(0, -1) + (url.endsWith('0') ? '1' : '0')), 404);
  assert.deepEqual(shop.handedOver(), []);
  const statuses = await Promise.all(Array.from({ length: 50 }, () => post(url)));
  assert.deepEqual([...new Set(statuses)], [200]);
  assert.deepEqual(shop.handedOver(), ['INV001']);
  assert.equal((await shop.look('INV001')).receipt, 'TKM1ABCDEF');
});
