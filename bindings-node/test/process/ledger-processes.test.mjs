/** Processes and threads that share a ledger, and what its background work means for the end of a process. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { startSandbox } from 'lipia/sandbox';
import { assertEnded, PACKAGE, run, runNode } from './child.mjs';

let sandbox;
let folder;
let environ;
beforeEach(async () => {
  sandbox = await startSandbox();
  folder = mkdtempSync(path.join(tmpdir(), 'lipia-processes-'));
  environ = { LIPIA_LEDGER: `sqlite://${folder}/payments.db` };
});
afterEach(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** How many payments the ledger still owes a handler. */
async function owed() {
  const cli = path.join(PACKAGE, 'dist', 'cli.js');
  const said = await runNode([cli, 'payments', 'check', '--json'], { environ: { ...sandbox.environ(), ...environ } });
  assertEnded(said);
  return JSON.parse(said.stdout).owed;
}

const ORDER = `const order = { ...sale('5000'), order: 'order-17' };`;

test('a fork and its parent get one payment for one order', async () => {
  const program = `
    import { fork } from 'node:child_process';
    import { fileURLToPath } from 'node:url';
    import { once } from 'node:events';
    ${ORDER}
    if (process.send === undefined) {
      const own = await daraja.request(order); // the file is open here when the child begins
      const child = fork(fileURLToPath(import.meta.url));
      const [[id], [code]] = await Promise.all([once(child, 'message'), once(child, 'exit')]);
      say([id === own.id, code].join());
    } else {
      process.send((await daraja.request(order)).id);
      process.disconnect();
    }`;
  assertEnded(await run(program, { sandbox, environ, asFile: true }), { stdout: 'true,0' });
  assert.equal(sandbox.prompts, 1);
});

test('worker threads get one payment for one order, and a handler of one of them is told', async () => {
  const program = `
    import { once } from 'node:events';
    import { fileURLToPath } from 'node:url';
    import { isMainThread, parentPort, Worker } from 'node:worker_threads';
    ${ORDER}
    if (isMainThread) {
      const workers = [1, 2].map(() => new Worker(fileURLToPath(import.meta.url)));
      const ids = await Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0]));
      const own = await daraja.collect(order);
      const told = await Promise.race(workers.map(async (worker) => (await once(worker, 'message'))[0]));
      for (const worker of workers) worker.postMessage('close');
      await Promise.all(workers.map((worker) => once(worker, 'exit')));
      say([...ids.map((id) => id === own.id), own.outcome, told].join());
    } else {
      parentPort.once('message', () => daraja.close());
      daraja.onOutcome((payment) => parentPort.postMessage(payment.outcome));
      parentPort.postMessage((await daraja.request(order)).id);
    }`;
  assertEnded(await run(program, { sandbox, environ, asFile: true }), { stdout: 'true,true,success,success' });
  assert.equal(sandbox.prompts, 1);
  assert.equal(await owed(), 0);
});

test('worker threads that are terminated while they sell leave their orders to the others', async () => {
  const program = `
    import { once } from 'node:events';
    import { fileURLToPath } from 'node:url';
    import { isMainThread, parentPort, Worker } from 'node:worker_threads';
    const orders = Array.from({ length: 12 }, (_, number) => ({ ...sale(String(5000 + number)), order: 'order-' + number }));
    const sell = () => Promise.allSettled(orders.map((order) => daraja.collect(order)));
    if (isMainThread) {
      const told = new Set();
      // Told by a worker that may have ended before the ledger noted it: after a minute it would be told again.
      const doubtful = new Set();
      const workers = [1, 2, 3, 4].map(() => new Worker(fileURLToPath(import.meta.url)));
      const ends = workers.map((worker) => once(worker, 'exit'));
      for (const worker of workers) {
        worker.on('message', (order) => {
          told.add(order);
          if (worker !== workers[3]) doubtful.add(order);
        });
      }
      await Promise.race(workers.map((worker) => once(worker, 'message')));
      // In the middle of pushes, waits and handlers.
      await Promise.all(workers.slice(0, 3).map((worker) => worker.terminate()));
      const settled = await sell();
      while (told.size < orders.length) await new Promise((resolve) => setTimeout(resolve, 20));
      workers[3].postMessage('close');
      await Promise.all(ends);
      await daraja.close();
      say(settled.every(({ value }) => value?.isPaid) + ',' + told.size + ',' + doubtful.size);
    } else {
      parentPort.once('message', () => daraja.close());
      daraja.onOutcome((payment) => parentPort.postMessage(payment.order));
      sell();
    }`;
  const ended = await run(program, { sandbox, environ, asFile: true });
  assertEnded(ended);
  assert.match(ended.stdout.trim(), /^true,12,\d+$/);
  assert.equal(sandbox.prompts, 12);
  const doubtful = Number(ended.stdout.split(',')[2]);
  assert.ok((await owed()) <= doubtful, `${await owed()} are owed, of which ${doubtful} may be`);
});

test('the work behind a handler keeps no process alive', async () => {
  const program = `
    daraja.onOutcome(() => {});
    daraja.start();
    const { id } = await daraja.request({ ...sale('9001'), order: 'order-17' });
    say(id.length);`;
  assertEnded(await run(program, { sandbox, environ }), { stdout: '32' });
});

test('a handler that has begun keeps its process until it has ended, and the ledger has noted that', async () => {
  const program = `
    ${ORDER}
    const serves = setInterval(() => {}, 1000);
    await new Promise((begun) => {
      daraja.onOutcome(async (payment) => {
        clearInterval(serves); // from here on nothing but the handler keeps the process
        begun();
        await new Promise((resolve) => setTimeout(resolve, 300).unref());
        say(payment.outcome);
      });
      daraja.collect(order);
    });`;
  assertEnded(await run(program, { sandbox, environ }), { stdout: 'success' });
  assert.equal(await owed(), 0);
});

test('a call keeps its process also where it begins while a telling is on its way', async () => {
  const sold = `${ORDER}
    await daraja.collect(order);`;
  assertEnded(await run(sold, { sandbox, environ }));
  const program = `
    daraja.onOutcome((payment) => say(payment.outcome));
    const busyUntil = performance.now() + 1000; // the thread hears of nothing, and the telling comes
    while (performance.now() < busyUntil);
    await daraja.payments.report();
    await daraja.close();
    say('closed');`;
  assertEnded(await run(program, { sandbox, environ }), { stdout: 'success\nclosed' });
  assert.equal(await owed(), 0);
});

test('a process that is killed in its handler leaves the telling to another', async () => {
  const program = `
    ${ORDER}
    daraja.onOutcome(() => process.kill(process.pid, 'SIGKILL'));
    await daraja.collect(order);
    setInterval(() => {}, 1000);`;
  const ended = await run(program, { sandbox, environ });
  assert.equal(ended.signal, 'SIGKILL');
  assert.equal(await owed(), 1);
  const daraja = sandbox.daraja({ ledger: environ.LIPIA_LEDGER });
  const [payment] = await daraja.payments.ofOrder('order-17');
  assert.ok(payment.isPaid);
  await daraja.close();
});
