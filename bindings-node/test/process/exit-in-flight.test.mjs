// A process may end at any moment, in any way, with calls under way: that is never a crash.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startSandbox } from 'lipia/sandbox';
import { assertEnded, ROUNDS, repeat, run, whileBusy } from './child.mjs';

/** Answers at once; answers no push; answers no query. */
let sandbox;
let mute;
let deaf;
before(async () => {
  [sandbox, mute, deaf] = await Promise.all([startSandbox(), startSandbox(), startSandbox()]);
  mute.inject({ step: 'push', kind: 'slow_after', seconds: 1_000_000, times: Number.POSITIVE_INFINITY });
  deaf.inject({ step: 'query', kind: 'slow_after', seconds: 1_000_000, times: Number.POSITIVE_INFINITY });
});
after(() => Promise.all([sandbox, mute, deaf].map((each) => each.stop())));

/** Programs that have a call under way when they have said `ready`. */
const CALLS = {
  push: { of: () => mute, program: "daraja.push(daraja.reserve(sale())); say('ready');" },
  '32 pushes': {
    of: () => mute,
    program: "for (let i = 0; i < 32; i += 1) daraja.stkPush(sale()); say('ready');",
  },
  wait: {
    of: () => sandbox,
    program: `
      const payment = daraja.reserve(sale('9001'));
      await daraja.push(payment);
      daraja.wait(payment);
      say('ready');`,
  },
  collect: { of: () => sandbox, program: "daraja.collect(sale('9001')); say('ready');" },
  receiveCallback: {
    of: () => deaf,
    program: `
      const payment = daraja.reserve(sale('9001'));
      const { checkoutRequestId: CheckoutRequestID, merchantRequestId: MerchantRequestID } = await daraja.push(payment);
      const Item = [{ Name: 'Amount', Value: 150 }, { Name: 'MpesaReceiptNumber', Value: 'TKM1ABCDEF' },
        { Name: 'TransactionDate', Value: 20261121100000 }, { Name: 'PhoneNumber', Value: Number(payment.snapshot().push.phoneNumber) }];
      const body = { Body: { stkCallback: { MerchantRequestID, CheckoutRequestID, ResultCode: 0, ResultDesc: 'paid', CallbackMetadata: { Item } } } };
      const path = new URL(payment.snapshot().push.callbackUrl).pathname;
      for (let i = 0; i < 32; i += 1) daraja.receiveCallback({ path, body }, { confirm: true });
      say('ready');`,
  },
  'pushes that are answered all the time': {
    of: () => sandbox,
    program: `
      const on = () => daraja.stkPush(sale()).then(on, on);
      for (let i = 0; i < 32; i += 1) on();
      say('ready');`,
  },
};

/** Ways to end, some milliseconds after `ready`. */
const ENDS = {
  'process.exit': { code: 7, program: (soon) => `setTimeout(() => process.exit(7), ${soon});` },
  'process.exit at once': { code: 7, program: () => 'process.exit(7);' },
  'process.exit in an exit handler': {
    code: 8,
    program: (soon) => `process.on('exit', () => process.exit(8)); setTimeout(() => process.exit(7), ${soon});`,
  },
  'an exit handler that begins calls': {
    code: 7,
    program: (soon) => `
      process.on('exit', () => { for (let i = 0; i < 8; i += 1) daraja.stkPush(sale()).catch(() => {}); daraja.reserve(sale()); });
      setTimeout(() => process.exit(7), ${soon});`,
  },
  'an uncaught exception': {
    code: 1,
    program: (soon) => `setTimeout(() => { throw new Error('on purpose'); }, ${soon});`,
  },
  SIGTERM: {
    code: null,
    signal: 'SIGTERM',
    program: (soon) => `setTimeout(() => process.kill(process.pid, 'SIGTERM'), ${soon});`,
  },
  'SIGINT that a handler turns into an exit': {
    code: 9,
    program: (soon) => `
      process.on('SIGINT', () => process.exit(9));
      setTimeout(() => process.kill(process.pid, 'SIGINT'), ${soon});`,
  },
};

async function endsWell(call, end, rounds) {
  await repeat(rounds, 3, async () => {
    const program = call.program + end.program(Math.random() * 25);
    const ended = await run(program, { sandbox: call.of() });
    assertEnded(ended, { code: end.code, signal: end.signal });
    if (end.code !== 1) assert.equal(ended.stderr, '');
  });
}

for (const [what, call] of Object.entries(CALLS)) {
  describe(`with ${what} under way`, () => {
    for (const [how, end] of Object.entries(ENDS)) {
      test(how, () => endsWell(call, end, Math.ceil(ROUNDS / 5)));
    }
    test('process.exit, many times', () => endsWell(call, ENDS['process.exit'], ROUNDS));
  });
}

test('the same on a machine that is busy', async () => {
  await whileBusy(async () => {
    for (const call of Object.values(CALLS)) await endsWell(call, ENDS['process.exit'], Math.ceil(ROUNDS / 3));
  });
});

test('calls that begin in beforeExit keep the process alive until their answer', async () => {
  const program = `
    process.once('beforeExit', () => { daraja.stkPush(sale()).then(() => say('answered')); });`;
  assertEnded(await run(program, { sandbox }), { stdout: 'answered' });
});

test('process.exit in beforeExit, with calls under way', async () => {
  await repeat(ROUNDS, 3, async () => {
    const program = `
      process.on('beforeExit', () => {
        for (let i = 0; i < 32; i += 1) daraja.stkPush(sale());
        setTimeout(() => process.exit(7), ${Math.random() * 20});
      });`;
    assertEnded(await run(program, { sandbox }), { code: 7 });
  });
});

test('a signal from outside ends it at once', async () => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGKILL']) {
    const ended = await run(CALLS['32 pushes'].program, { sandbox: mute, during: (child) => child.kill(signal) });
    assertEnded(ended, { code: null, signal });
    assert.ok(ended.took < 20_000);
  }
});

test('nothing of ours is an unhandled rejection', async () => {
  const program = `
    process.on('unhandledRejection', (reason) => { say('unhandled ' + reason); process.exitCode = 3; });
    const controller = new AbortController();
    const { signal } = controller;
    const payment = daraja.reserve(sale('9001'));
    await daraja.push(payment);
    const caught = [];
    const held = daraja.wait(payment, { signal });
    caught.push(held.catch(() => {}));
    const looked = daraja.wait(payment, { signal });
    const loop = (async () => { for await (const _ of looked); })();
    caught.push(loop.catch(() => {}));
    for await (const progress of daraja.wait(payment)) break;
    caught.push(daraja.collect(sale(), { signal }).catch(() => {}));
    caught.push(daraja.stkPushSafe(sale('9012')), daraja.waitSafe(payment, { timeout: 200 }));
    setTimeout(() => controller.abort(), 150);
    await Promise.all(caught);
    await daraja.close({ timeout: 1000 });
    say('done');`;
  assertEnded(await run(program, { sandbox }), { stdout: 'done' });
});
