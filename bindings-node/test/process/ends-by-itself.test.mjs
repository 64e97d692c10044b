// A program ends when it has nothing more to do: a client that is idle keeps no process alive, a call that is under way does.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startSandbox } from 'lipia/sandbox';
import { assertEnded, run } from './child.mjs';

let sandbox;
before(async () => {
  sandbox = await startSandbox();
});
after(() => sandbox.stop());

describe('a process with an idle client ends by itself', () => {
  const programs = {
    'that was only made': "say('done');",
    'with a payment that was reserved': "daraja.reserve(sale()); say('done');",
    'after a push': "await daraja.stkPush(sale()); say('done');",
    'after a push that was refused': "await daraja.stkPushSafe(sale('9012')); say('done');",
    'after a collect': "say((await daraja.collect(sale())).isPaid ? 'done' : 'not paid');",
    'after a wait': `
      const payment = daraja.reserve(sale());
      await daraja.push(payment);
      say((await daraja.wait(payment)).isPaid ? 'done' : 'not paid');`,
    'after a loop over a wait that was left early': `
      const payment = daraja.reserve(sale('9001'));
      await daraja.push(payment);
      for await (const progress of daraja.wait(payment)) { say(progress.kind === 'queried' ? 'done' : progress.kind); break; }`,
    'after a wait whose time was up': `
      const payment = daraja.reserve(sale('9001'));
      await daraja.push(payment);
      const last = await daraja.wait(payment, { timeout: 300 });
      say(last.outcome === 'pending' ? 'done' : last.outcome);`,
    'after a wait that was aborted': `
      const payment = daraja.reserve(sale('9001'));
      await daraja.push(payment);
      await daraja.wait(payment, { signal: AbortSignal.timeout(50) }).catch((error) => say(error.name === 'AbortError' ? 'done' : String(error)));`,
    'after a call that was refused before it began': `
      await daraja.stkPush({ ...sale(), phoneNumber: 'none' }).catch((error) => say(error.field === 'phoneNumber' ? 'done' : String(error)));`,
    'after close': "await daraja.stkPush(sale()); say(await daraja.drain() ? 'done' : 'not at rest');",
    'that has a logger': "lipia.setLogger({ info() {} }); await daraja.stkPush(sale()); say('done');",
  };
  for (const [what, program] of Object.entries(programs)) {
    test(what, async () => {
      const ended = await run(program, { sandbox });
      assertEnded(ended, { stdout: 'done' });
      assert.ok(ended.took < 10_000, `it took ${ended.took} ms to end`);
      assert.equal(ended.stderr, '');
    });
  }

  test('with a sandbox of its own, whether it was stopped or not', async () => {
    for (const last of ['await own.stop();', '']) {
      const program = `
        import { startSandbox } from 'lipia/sandbox';
        const own = await startSandbox();
        const payment = await own.daraja().collect({ phoneNumber: '0712345678', amount: 150, accountReference: 'INV-001' });
        ${last}
        console.log(payment.outcome);`;
      assertEnded(await run(program), { stdout: 'success' });
    }
  });
});

describe('a process with a call under way stays until its answer', () => {
  /** Nothing else keeps these programs alive: an await at the top does not, and would end them with code 13. */
  const programs = {
    push: "daraja.stkPush(sale()).then(() => say('answered'));",
    wait: `
      const payment = daraja.reserve(sale());
      daraja.push(payment).then(() => daraja.wait(payment)).then((paid) => say(paid.isPaid ? 'answered' : paid.outcome));`,
    collect: "daraja.collect(sale()).then((paid) => say(paid.isPaid ? 'answered' : paid.outcome));",
    'second of two': `
      const controller = new AbortController();
      daraja.wait('ws_CO_1', { signal: controller.signal }).catch(() => {});
      daraja.stkPush(sale()).then(() => say('answered'));
      controller.abort();`,
  };
  for (const [what, program] of Object.entries(programs)) {
    test(what, async () => {
      sandbox.inject({ step: 'push', kind: 'slow_after', seconds: 50 });
      const ended = await run(program, { sandbox });
      assertEnded(ended, { stdout: 'answered' });
      assert.ok(ended.took > 500, `it ended after ${ended.took} ms, before its answer`);
    });
  }

  test('push that was aborted: its answer is still learnt', async () => {
    sandbox.inject({ step: 'push', kind: 'slow_after', seconds: 50 });
    const program = `
      const payment = daraja.reserve(sale());
      process.on('exit', () => say(payment.snapshot().state));
      daraja.push(payment, { signal: AbortSignal.timeout(100) }).catch((error) => say(error.name + ' ' + error.disposition));`;
    assertEnded(await run(program, { sandbox }), { stdout: 'AbortError unknown\naccepted' });
  });

  test('push that was aborted, no longer than its time', async () => {
    sandbox.inject({ step: 'push', kind: 'slow_after', seconds: 1_000_000 });
    const program = `
      const payment = daraja.reserve(sale());
      process.on('exit', () => say(payment.snapshot().state));
      daraja.push(payment, { signal: AbortSignal.timeout(100), timeout: 1000 }).catch((error) => say(error.name));`;
    const ended = await run(program, { sandbox });
    assertEnded(ended, { stdout: 'AbortError\nunknown' });
    assert.ok(ended.took < 10_000, `it took ${ended.took} ms to end`);
  });
});
