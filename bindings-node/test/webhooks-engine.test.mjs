// What happens at the edges of a callback URL: payments of other processes, failures, options.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { AbortedError, CorrectInputError, Daraja, setLogger } from 'lipia';
import { callbacks as forExpress } from 'lipia/express';
import { callbacks as forFastify } from 'lipia/fastify';
import { callbacks as forFetch } from 'lipia/fetch';
import { callbacks as forNode } from 'lipia/node';
import { startSandbox } from 'lipia/sandbox';
import { darajaBody, openShop, pathOf, paying, post, silent, until } from './support/shops.mjs';
import { warningOf } from './support/waiting.mjs';

let sandbox;
before(async () => {
  sandbox = await startSandbox();
});
after(() => sandbox.stop());

/** A payment that was pushed by a client of another process: this one does not hold it. */
async function pushedElsewhere(shop) {
  const elsewhere = sandbox.daraja({ callbackUrl: `http://127.0.0.1:${shop.port}/pay` });
  const payment = elsewhere.reserve({ phoneNumber: silent(), amount: 150, accountReference: 'INV-001' });
  await elsewhere.push(payment);
  assert.equal(shop.client.find(payment.id), null);
  return payment;
}

test('collects end at once when their callbacks come', async (t) => {
  const patient = { timeout: 20_000, firstQueryAfter: 20_000 };
  const { client } = await openShop(t, sandbox, { settings: { wait: patient } });
  const push = () => ({ phoneNumber: paying(), amount: 150, accountReference: 'INV-001' });
  const collected = await Promise.all(Array.from({ length: 20 }, () => client.collect(push())));
  assert.ok(collected.every((payment) => payment.isPaid && payment.receipt !== null));
});

test('payments that were pushed are found after the garbage was collected', async () => {
  const program = `
    const { startSandbox } = require('lipia/sandbox');
    (async () => {
      const sandbox = await startSandbox();
      const daraja = sandbox.daraja();
      const reserve = (phoneNumber) => daraja.reserve({ phoneNumber, amount: 150, accountReference: 'INV-001' });
      const unheld = reserve('0712349001').id;
      const pushed = await (async () => {
        const payment = reserve('0713349001');
        await daraja.push(payment);
        return payment.id;
      })();
      for (let turn = 0; turn < 5; turn += 1) { gc(); await new Promise(setImmediate); }
      console.log(JSON.stringify([unheld, pushed].map((id) => daraja.find(id) !== null)));
      await sandbox.stop();
    })();
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', '-e', program], { timeout: 20_000 });
  assert.deepEqual(JSON.parse(stdout), [false, true]);
});

test('a call whose answer is lost, or that is aborted, has its payment among the unclaimed', async () => {
  const alone = await startSandbox();
  try {
    const daraja = alone.daraja();
    alone.inject({ step: 'push', kind: 'answer_lost' });
    const push = { phoneNumber: '0712349001', amount: 150, accountReference: 'INV-001' };
    await assert.rejects(daraja.stkPush(push), { name: 'FindOutError' });
    const [unknown, ...none] = daraja.unclaimed();
    assert.equal(unknown.snapshot().state, 'unknown');
    assert.deepEqual(none, []);
    alone.inject({ step: 'push', kind: 'slow_after', seconds: 50 });
    const aborted = daraja.stkPush({ ...push, phoneNumber: '0712359001' }, { signal: AbortSignal.timeout(100) });
    await assert.rejects(aborted, AbortedError);
    await daraja.drain();
    const [left, ...others] = daraja.unclaimed();
    assert.equal(left.snapshot().state, 'accepted');
    assert.deepEqual(others, []);
    await assert.rejects(daraja.stkPush({ ...push, phoneNumber: '12' }), CorrectInputError);
    assert.deepEqual(daraja.unclaimed(), []);
    assert.equal(alone.prompts, 2);
  } finally {
    await alone.stop();
  }
});

test('a payment that nobody here knows is asked for again', async (t) => {
  const failed = [];
  const shop = await openShop(t, sandbox, { onError: (error, about) => failed.push([error.message, about]) });
  const payment = await pushedElsewhere(shop);
  assert.equal((await post(shop, pathOf(payment), darajaBody(payment))).status, 503);
  assert.deepEqual(failed[0][1], { paymentId: payment.id, doing: 'unknown' });
  assert.match(failed[0][0], /there is no ledger/);
  assert.deepEqual(shop.told, []);
});

test('a client that cannot be made is asked for again with the next request', async (t) => {
  const [failed, made] = [[], []];
  const shop = await openShop(t, sandbox);
  const payment = await shop.request();
  const receive = forFetch(
    () => {
      made.push('made');
      if (made.length === 1) throw new Error('no credentials yet');
      return made.length === 2 ? {} : shop.client;
    },
    { onError: (error, { doing }) => failed.push([error.message, doing]) },
  );
  const answer = async () => {
    const request = new Request(`http://shop${pathOf(payment)}`, { method: 'POST', body: darajaBody(payment) });
    return (await receive(request)).status;
  };
  assert.deepEqual([await answer(), await answer(), await answer(), await answer()], [503, 503, 200, 200]);
  assert.deepEqual(failed[0], ['no credentials yet', 'request']);
  assert.match(failed[1][0], /client is an object, which is not a client/);
  assert.deepEqual([failed.length, made.length], [2, 3]);
});

test('a gateway that must confirm is asked, and a forged success is not confirmed', async (t) => {
  const palpluss = await openShop(t, sandbox, { gateway: 'palpluss' });
  await palpluss.request(paying());
  await until('the shop is told', () => palpluss.told.length === 1);
  assert.ok(palpluss.told[0].isPaid);

  const shop = await openShop(t, sandbox, { confirm: true });
  const payment = await shop.request();
  assert.equal((await post(shop, pathOf(payment), darajaBody(payment))).status, 200);
  assert.deepEqual([shop.told, payment.snapshot().state], [[], 'accepted']);
  sandbox.act(payment.snapshot().checkoutRequestId, 'pay');
  await until('the shop is told', () => shop.told.length === 1);
});

test('failures go to the logger, and without one to a warning of Node, and never a secret with them', async (t) => {
  const shop = await openShop(t, sandbox);
  const told = [];
  const note = (message) => told.push(String(message));
  process.on('warning', note);
  const [first, second] = [await pushedElsewhere(shop), await pushedElsewhere(shop)];
  await post(shop, pathOf(first), darajaBody(first));
  await until('Node warns', () => told.some((text) => text.includes('was answered with 503')));
  process.off('warning', note);
  setLogger({ error: note, warn: note });
  await post(shop, pathOf(second), darajaBody(second, { MpesaReceiptNumber: 'TKM1ABCDEG' }));
  await post(shop, `${pathOf(second).slice(0, -4)}0000`, darajaBody(second));
  await until('the logger is told', () => told.some((text) => text.includes('callback_token_wrong')));
  setLogger(null);
  assert.equal(told.filter((text) => text.includes('was answered with 503')).length, 2, told.join('\n'));
  assert.ok(
    !told.some((text) => text.includes(pathOf(first).slice(-40, -4)) || text.includes(pathOf(second).slice(-40, -4))),
  );
});

test('an onError that fails itself is no end of the process', async (t) => {
  for (const onError of [() => assert.fail('again'), async () => assert.fail('again')]) {
    const warned = warningOf(/onError failed itself/);
    const shop = await openShop(t, sandbox, { onError });
    const payment = await pushedElsewhere(shop);
    assert.equal((await post(shop, pathOf(payment), darajaBody(payment))).status, 503);
    await warned;
  }
});

test('what is no client and what is no option is refused at the start, by its name', () => {
  const daraja = sandbox.daraja();
  const callback = () => {};
  for (const callbacks of [forExpress, forFastify, forFetch, forNode]) {
    const refused = (client, options, says) =>
      assert.throws(
        () => callbacks(client, options),
        (error) => error instanceof CorrectInputError && says.test(`${error.message} ${error.hint}`),
      );
    refused({}, {}, /client is an object, which is not a client/);
    refused(undefined, {}, /client is undefined/);
    refused(Daraja, {}, /client is a function/);
    refused(daraja, null, /callbacks is null/);
    refused(daraja, { on_error: callback }, /Write onError/);
    refused(daraja, { onError: 1 }, /onError is a number/);
    refused(daraja, { onOutcome: callback }, /no onOutcome in callbacks/);
    refused(daraja, { store: {} }, /no store in callbacks/);
    refused(daraja, { confirm: 'no' }, /confirm is a string/);
    refused(daraja, { confirmTimeout: 10 }, /milliseconds/);
    callbacks(daraja, { onError: undefined, confirm: undefined });
  }
  assert.throws(() => forFetch(daraja, { peer: '127.0.0.1' }), /peer is a string/);
  assert.throws(() => forNode(daraja, { peer: callback }), /no peer in callbacks/);
});
