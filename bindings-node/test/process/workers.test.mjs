// Worker threads: each has its own calls, all share one runtime, and any of them may end at any moment.
import { after, before, test } from 'node:test';
import { startSandbox } from 'lipia/sandbox';
import { assertEnded, ROUNDS, repeat, run, whileBusy } from './child.mjs';

let sandbox;
let mute;
before(async () => {
  [sandbox, mute] = await Promise.all([startSandbox(), startSandbox()]);
  mute.inject({ step: 'push', kind: 'slow_after', seconds: 1_000_000, times: Number.POSITIVE_INFINITY });
});
after(() => Promise.all([sandbox.stop(), mute.stop()]));

/** Makes workers in the program of a child. A worker posts `ready` or what else it has to say. */
const WORKERS = `
import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
let workers = 0;
const worker = (program) => new Worker(\`
  const { parentPort, workerData } = require('node:worker_threads');
  const lipia = require('lipia');
  const daraja = lipia.Daraja.fromEnv({ wait: JSON.parse(process.env.SANDBOX_WAIT) });
  let sales = 0;
  const sale = (ending = String(3000 + (workerData.place * 40 + (sales++ % 40)) % 2000)) =>
    ({ phoneNumber: process.env.PHONES + ending, amount: 150, accountReference: 'INV-001' });
  \${program}\`, { eval: true, execArgv: [], workerData: { place: workers++ } });
const ended = async (thread) => (await once(thread, 'exit'))[0];
`;

const program = (text) => WORKERS + text;

test('fifty workers, one after the other, that push and end', async () => {
  const text = program(`
    for (let i = 0; i < 50; i += 1) {
      const thread = worker("daraja.stkPush(sale()).then(() => parentPort.postMessage('pushed'))");
      const [[message], code] = await Promise.all([once(thread, 'message'), ended(thread)]);
      if (message !== 'pushed' || code !== 0) throw new Error(message + ' ' + code);
    }
    say('done');`);
  assertEnded(await run(text, { sandbox }), { stdout: 'done' });
});

test('twenty workers at once that require the package and end', async () => {
  const text = program(`
    const codes = await Promise.all(Array.from({ length: 20 }, () => ended(new Worker("require('lipia')", { eval: true, execArgv: [] }))));
    say(codes.every((code) => code === 0) ? 'done' : String(codes));`);
  for (let round = 0; round < 3; round += 1) assertEnded(await run(text, { sandbox }), { stdout: 'done' });
});

const TERMINATED = {
  'pushes that get no answer': {
    of: () => mute,
    work: 'for (let i = 0; i < 16; i += 1) daraja.stkPush(sale()).catch(() => {});',
  },
  'pushes that are answered all the time': {
    of: () => sandbox,
    work: 'const on = () => daraja.stkPush(sale()).then(on, on); for (let i = 0; i < 16; i += 1) on();',
  },
  waits: {
    of: () => sandbox,
    work: "for (let i = 0; i < 16; i += 1) daraja.wait('ws_CO_' + i).catch(() => {});",
  },
};

async function terminated({ of, work }, rounds) {
  await repeat(rounds, 2, async () => {
    const text = program(`
      for (let i = 0; i < 8; i += 1) {
        const thread = worker(${JSON.stringify(`${work} parentPort.postMessage('ready');`)});
        await once(thread, 'message');
        setTimeout(() => thread.terminate(), Math.random() * 15);
        await ended(thread);
      }
      // The main thread is well.
      say((await daraja.stkQuerySafe('ws_CO_1')).ok === undefined ? 'broken' : 'done');`);
    assertEnded(await run(text, { sandbox: of() }), { stdout: 'done' });
  });
}

for (const [what, calls] of Object.entries(TERMINATED)) {
  test(`workers that are terminated with ${what} under way`, () => terminated(calls, ROUNDS));
}

test('the same on a machine that is busy', async () => {
  await whileBusy(async () => {
    for (const calls of Object.values(TERMINATED)) await terminated(calls, Math.ceil(ROUNDS / 3));
  });
});

test('the process may exit while workers have calls under way', async () => {
  await repeat(ROUNDS, 2, async () => {
    const text = program(`
      const threads = [0, 1, 2, 3].map(() => worker(${JSON.stringify(`${TERMINATED['pushes that are answered all the time'].work} parentPort.postMessage('ready');`)}));
      await Promise.all(threads.map((thread) => once(thread, 'message')));
      const on = () => daraja.stkPush(sale()).then(on, on);
      for (let i = 0; i < 16; i += 1) on();
      setTimeout(() => process.exit(7), ${Math.random() * 25});`);
    assertEnded(await run(text, { sandbox }), { code: 7 });
  });
});

test('a worker may call process.exit with calls under way', async () => {
  await repeat(ROUNDS, 2, async () => {
    const text = program(`
      const thread = worker("const on = () => daraja.stkPush(sale()).then(on, on); for (let i = 0; i < 16; i += 1) on(); setTimeout(() => process.exit(3), ${Math.random() * 20});");
      say(String(await ended(thread)));`);
    assertEnded(await run(text, { sandbox }), { stdout: '3' });
  });
});

test('a worker that throws with calls under way ends alone', async () => {
  const text = program(`
    const thread = worker("for (let i = 0; i < 16; i += 1) daraja.stkPush(sale()).catch(() => {}); setTimeout(() => { throw new Error('on purpose'); }, 5);");
    const [error] = await once(thread, 'error');
    await daraja.stkPush(sale());
    say(error.message);`);
  assertEnded(await run(text, { sandbox }), { stdout: 'on purpose' });
});

test('a worker ends while the main thread goes on pushing', async () => {
  const text = program(`
    let pushed = 0;
    let going = true;
    // Safe: it pushes so often that it comes to customers again who have not answered their prompt yet.
    const on = async () => { while (going) { await daraja.stkPushSafe(sale()); pushed += 1; } };
    const pushing = [on(), on(), on()];
    for (let i = 0; i < 5; i += 1) {
      const before = pushed;
      const thread = worker("daraja.stkPush(sale()).then(() => parentPort.postMessage('pushed'))");
      await ended(thread);
      while (pushed < before + 5) await new Promise(setImmediate);
    }
    going = false;
    await Promise.all(pushing);
    say('done');`);
  assertEnded(await run(text, { sandbox }), { stdout: 'done' });
});

test('the main thread and four workers push at once, on one thread of ours', async () => {
  const text = program(`
    import { readdirSync, readFileSync } from 'node:fs';
    const work = "Promise.all(Array.from({ length: 25 }, () => daraja.stkPush(sale()))).then((all) => { parentPort.postMessage(all.length); })";
    const threads = [0, 1, 2, 3].map(() => worker(work));
    const counts = await Promise.all([...threads.map(async (thread) => (await once(thread, 'message'))[0]),
      Promise.all(Array.from({ length: 25 }, (_, place) => daraja.stkPush(sale(String(6000 + place))))).then((all) => all.length)]);
    // What a thread is called is seen on Linux alone.
    const names = process.platform === 'linux'
      ? readdirSync('/proc/self/task').map((id) => {
          // A thread may end in this moment.
          try { return readFileSync('/proc/self/task/' + id + '/comm', 'utf8').trim(); } catch { return ''; }
        })
      : ['lipia'];
    say(counts.join() + ' ' + names.filter((name) => name.startsWith('lipia')).join());`);
  assertEnded(await run(text, { sandbox }), { stdout: '25,25,25,25,25 lipia' });
});

test('a sandbox of its own in a worker, and one in the main thread', async () => {
  const text = program(`
    import { startSandbox } from 'lipia/sandbox';
    const work = \`
      const { startSandbox } = require('lipia/sandbox');
      startSandbox().then(async (own) => {
        const payment = await own.daraja().collect(sale());
        parentPort.postMessage(payment.outcome);
      });\`;
    const own = await startSandbox();
    const threads = [0, 1].map(() => worker(work));
    const told = await Promise.all(threads.map(async (thread) => {
      const [[outcome], code] = await Promise.all([once(thread, 'message'), ended(thread)]);
      return outcome + code;
    }));
    const payment = await own.daraja().collect(sale());
    say(told.join() + ' ' + payment.outcome);`);
  assertEnded(await run(text, { sandbox }), { stdout: 'success0,success0 success' });
});

test('a worker that started a sandbox ends by itself', async () => {
  const text = program(`
    const thread = worker("const { startSandbox } = require('lipia/sandbox'); startSandbox().then((own) => parentPort.postMessage(own.baseUrl));");
    await Promise.all([once(thread, 'message'), ended(thread)]);
    say('done');`);
  assertEnded(await run(text, { sandbox }), { stdout: 'done' });
});
