/** The shop of the recipe for a cluster: four workers, one file, faults and kills: one prompt for an order, every payment marked once. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startSandbox } from 'lipia/sandbox';
import { freePort } from '../support/ports.mjs';
import { environOfShop, linesOf, ORDERS as ORDERS_OF_THE_SHOP, projectOf } from './support/recipes.mjs';

const PROGRAM = fileURLToPath(new URL('./support/cluster.mjs', import.meta.url));
const ORDERS = 300;
/** How many customers click at the same moment. */
const AT_ONCE = 12;
const KILLS = 6;
const CALLBACKS_LOST = 5;
/** For how long the shop may go on telling, in milliseconds. A telling whose worker was killed is begun again after a minute. */
const SETTLING = 100_000;

/** The processes of a shop: what is posted to them, and which of them live. */
async function openShop(t, sandbox) {
  const folder = mkdtempSync(path.join(tmpdir(), 'lipia-cluster-'));
  const port = await freePort();
  const environ = environOfShop(sandbox, folder, port);
  const shop = spawn(process.execPath, [PROGRAM], {
    cwd: projectOf('workers', 'PM2, and a cluster', { 'orders.mjs': ORDERS_OF_THE_SHOP }),
    env: environ,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const workers = [];
  shop.stdout.on('data', (text) => {
    for (const [, pid] of String(text).matchAll(/worker (\d+)/g)) workers.push(Number(pid));
  });
  let log = '';
  shop.stderr.on('data', (text) => {
    log = (log + text).slice(-4000);
  });
  const ended = once(shop, 'exit');
  t.after(async () => {
    shop.stdin.end();
    await Promise.race([ended, pause(10_000, undefined, { ref: false })]);
    shop.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const lines = (name) => linesOf(folder, name);
  while (workers.length < 4) await pause(10);
  return { port, ledger: environ.LIPIA_LEDGER, workers, lines, log: () => log };
}

/** Clicks until the shop has an answer, and says which worker gave it: a worker that dies, or an error that says that nobody was prompted, is tried again. */
async function click(shop, order, phone) {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const answer = await fetch(`http://127.0.0.1:${shop.port}/orders/${order}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({ phone }),
      signal: AbortSignal.timeout(10_000),
    }).then(
      async (response) => ({
        status: response.status,
        worker: response.headers.get('x-worker'),
        told: await response.json(),
      }),
      () => null,
    );
    if (answer?.status === 202) return answer.worker;
    assert.notEqual(answer?.status, 400, JSON.stringify(answer?.told));
    await pause(50);
  }
  throw new assert.AssertionError({ message: `order ${order} was never answered` });
}

test('300 orders, each clicked twice at once, are prompted for once and marked once', {
  timeout: 240_000,
}, async (t) => {
  const sandbox = await startSandbox();
  t.after(() => sandbox.stop());
  const shop = await openShop(t, sandbox);
  for (const [step, kind, times] of [
    ['push', 'answer_lost', 15],
    ['push', 'connection_refused', 15],
    ['push', 'system_busy', 15],
    ['query', 'answer_lost', 10],
    ['callback', 'callback_twice', 15],
    ['callback', 'callback_lost', CALLBACKS_LOST],
  ]) {
    sandbox.inject({ step, kind, times });
  }
  const phones = Array.from({ length: ORDERS }, (_, order) => `2547${String(order).padStart(4, '0')}0005`);
  const paid = () => sandbox.payments().filter(({ state }) => state === 'paid');

  let killed = 0;
  let isOver = false;
  const kills = (async () => {
    while (!isOver && killed < KILLS) {
      await pause(300);
      // Some worker always serves: a callback that meets a closed port is lost, as Daraja posts once.
      if (shop.workers.length < 4) continue;
      process.kill(shop.workers.splice(Math.floor(Math.random() * 4), 1)[0], 'SIGKILL');
      killed += 1;
    }
  })();
  let inTwoWorkers = 0;
  const waiting = phones.map((phone, order) => ({ phone, order: `order-${order}` }));
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const { order, phone } = next;
        const [one, other] = await Promise.all([click(shop, order, phone), click(shop, order, phone)]);
        inTwoWorkers += one === other ? 0 : 1;
      }
    }),
  );
  isOver = true;
  const clickedAt = performance.now();
  await kills;

  // What lost its callback is asked about, by a person here: the workers would, and more slowly. What lost its acceptance as
  // well, because its sender died or the answer was lost, can be told by nobody: it stays unknown, and is not prompted again.
  const marked = () => shop.lines('marked');
  const daraja = sandbox.daraja({ ledger: shop.ledger });
  t.after(() => daraja.close());
  const open = async () => {
    const payments = [];
    for (const state of ['sending', 'accepted', 'unknown']) {
      payments.push(...(await daraja.payments.search({ state, limit: ORDERS })).payments);
    }
    return payments;
  };
  // Payments that are paid at the gateway and open here, and whether a question may still settle any.
  const look = async () => {
    const isPaid = new Set(paid().map(({ phone }) => phone));
    const stillOpen = await open();
    return {
      stillOpen,
      untold: stillOpen.filter(({ push }) => isPaid.has(push.phoneNumber)),
      mayEnd: stillOpen.every(({ acceptance, state }) => acceptance === null && state === 'unknown'),
      unmarked: isPaid.size - marked().length,
    };
  };
  let found = await look();
  for (const deadline = Date.now() + SETTLING; Date.now() < deadline; found = await look()) {
    if (found.mayEnd && found.unmarked === found.untold.length) break;
    const askable = found.stillOpen.filter(({ acceptance }) => acceptance !== null);
    await Promise.all(askable.map((payment) => daraja.payments.ask(payment).catch(() => {})));
    await pause(250);
  }
  const { stillOpen, untold } = found;

  const { prompts_by_phone: prompts, faults_played: faults } = sandbox.counters();
  const twice = Object.entries(prompts).filter(([, count]) => count > 1);
  assert.deepEqual(twice, [], `prompted twice; ${shop.log()}`);
  assert.equal(new Set(marked()).size, marked().length, 'marked twice');
  const paidPhones = new Set(paid().map(({ phone }) => phone));
  const markedPhones = marked().map((order) => phones[Number(order.slice('order-'.length))]);
  assert.deepEqual(
    markedPhones.filter((phone) => !paidPhones.has(phone)),
    [],
    'marked and not paid',
  );
  t.diagnostic(
    `${Math.round((performance.now() - clickedAt) / 1000)} s after the last click: ` +
      `${Object.keys(prompts).length} prompts, ${paid().length} paid, of ${untold.length} nobody could tell, ` +
      `${marked().length} marked, ${shop.lines('told').length} told, ${killed} kills, ${faults} faults, ` +
      `${inTwoWorkers} orders clicked in two workers`,
  );
  assert.equal(marked().length, paid().length - untold.length, 'a paid order is not marked');
  const askable = stillOpen.filter(({ acceptance, state }) => acceptance !== null || state !== 'unknown');
  assert.deepEqual(askable, [], 'a question could still settle it');
  // A payment that nobody could tell of lost its answer and its callback. A customer buys one thing after the other, so a kill
  // loses one order of each at most; what else is lost are the callbacks that the faults lose.
  assert.ok(untold.length <= AT_ONCE * killed + CALLBACKS_LOST, `${untold.length} payments of which nobody could tell`);
  assert.ok(killed >= 4 && faults >= 60 && inTwoWorkers >= ORDERS / 3, 'the storm was none');
});
