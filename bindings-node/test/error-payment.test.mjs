/** The payment of an error, for each caller its own; `ask`, and when a payment is to be asked about again. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { inspect } from 'node:util';
import * as lipia from 'lipia';
import { startSandbox } from 'lipia/sandbox';
import { NOWHERE, phone, sale } from './support/sales.mjs';

let sandbox;
let daraja;
before(async () => {
  sandbox = await startSandbox();
});
beforeEach(() => {
  sandbox.reset();
  daraja = sandbox.daraja();
});
after(() => sandbox.stop());

const lost = () => sandbox.inject({ step: 'push', kind: 'answer_lost', times: Number.POSITIVE_INFINITY });
const pushOf = (number) => ({ ...sale(phone(number)), accountReference: `INV-${number}` });
const referenceOf = (payment) => payment.snapshot().push.accountReference;

async function errorOf(call) {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

describe('an error has its payment', () => {
  test('whichever verb it comes from, thrown or in a result', async () => {
    const nowhere = sandbox.daraja(NOWHERE);
    const reserved = () => nowhere.reserve(sale());
    const verbs = {
      stkPush: [(client) => client.stkPush(sale()), (client) => client.stkPushSafe(sale())],
      push: [(client, payment) => client.push(payment), (client, payment) => client.pushSafe(payment)],
      collect: [(client) => client.collect(sale()), (client) => client.collectSafe(sale())],
      collectPayment: [
        (client, payment) => client.collectPayment(payment),
        (client, payment) => client.collectPaymentSafe(payment),
      ],
      wait: [(client, payment) => client.wait(payment), (client, payment) => client.waitSafe(payment)],
      ask: [(client, payment) => client.ask(payment), (client, payment) => client.askSafe(payment)],
      'ask, saved': [
        (client, payment) => client.ask(payment.snapshot()),
        (client, payment) => client.askSafe(payment.snapshot()),
      ],
      stkQuery: [(client, payment) => client.stkQuery(payment), (client, payment) => client.stkQuerySafe(payment)],
    };
    for (const [name, [throws, safe]] of Object.entries(verbs)) {
      for (const call of [throws, async (...given) => Promise.reject((await safe(...given)).error)]) {
        const payment = reserved();
        const error = await errorOf(call(nowhere, payment));
        assert.ok(error instanceof lipia.LipiaError, inspect(error));
        assert.ok(error.payment instanceof lipia.PaymentHandle, name);
        assert.equal(error.paymentId, error.payment.id, name);
        if (!name.startsWith('stkPush') && name !== 'collect') assert.equal(error.paymentId, payment.id, name);
        assert.equal(error.toLog().paymentId, error.paymentId);
        assert.ok(!JSON.stringify(error).includes(error.paymentId), 'no id for a browser');
      }
    }
  });

  test('an aborted call has it too', async () => {
    sandbox.inject({ step: 'push', kind: 'slow_after', seconds: 50 });
    const error = await errorOf(daraja.stkPush(sale(), { signal: AbortSignal.timeout(100) }));
    assert.ok(error instanceof lipia.AbortedError);
    assert.equal(error.payment.id, error.paymentId);
    await daraja.drain();
    assert.equal(error.payment.snapshot().state, 'accepted');
    assert.deepEqual(daraja.unclaimed(), [], 'whoever took it has claimed it');
  });

  test('and one that concerns none has none', async () => {
    for (const call of [daraja.stkPush({ ...sale(), amount: 0 }), daraja.stkQuery('')]) {
      const error = await errorOf(call);
      assert.deepEqual([error.payment, error.paymentId], [null, null]);
    }
  });
});

describe('nobody is handed the payment of another', () => {
  test('of many calls that fail together each has its own', async () => {
    lost();
    const numbers = Array.from({ length: 40 }, (_, number) => number + 1);
    const told = await Promise.all(
      numbers.map(async (number) => {
        const { error } = await daraja[number % 2 ? 'stkPushSafe' : 'collectSafe'](pushOf(number), { timeout: 500 });
        const own = error === undefined ? null : referenceOf(error.payment);
        return [number, own, daraja.unclaimed().map(referenceOf)];
      }),
    );
    for (const [number, own, swept] of told) {
      if (own !== null) assert.equal(own, `INV-${number}`);
      assert.deepEqual(swept, []);
    }
    await nextTurn();
    assert.deepEqual(daraja.unclaimed(), []);
  });

  test('what no caller takes is there for a sweep, all of it', async () => {
    lost();
    const results = await Promise.all(
      Array.from({ length: 60 }, (_, number) => daraja.stkPushSafe(pushOf(number + 1))),
    );
    const unknown = results.filter(({ ok, error }) => !ok && error.disposition === 'unknown').length;
    assert.equal(unknown, 60);
    await nextTurn();
    await nextTurn();
    const swept = daraja.unclaimed();
    assert.equal(new Set(swept.map(({ id }) => id)).size, 60);
    assert.deepEqual(daraja.unclaimed(), []);
  });

  test('more than two thousand are kept', async () => {
    const client = sandbox.daraja({ guard: false, timeout: 20_000 });
    const calls = [];
    const left = new AbortController();
    for (let number = 0; number < 2_100; number += 1) calls.push(client.stkPushSafe(sale(), { signal: left.signal }));
    left.abort();
    await Promise.all(calls);
    await nextTurn();
    await nextTurn();
    assert.equal(client.unclaimed().length, 2_100);
    await client.drain({ timeout: 60_000 });
  });
});

describe('ask', () => {
  test('asks now, and writes what is learnt', async () => {
    const payment = daraja.reserve(sale('0712341032'));
    await daraja.push(payment);
    let asked = await daraja.ask(payment);
    for (let times = 0; asked.outcome === 'pending' && times < 50; times += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      asked = await daraja.ask(payment);
    }
    assert.equal(asked.outcome, 'cancelled');
    assert.equal(payment.snapshot().outcome, 'cancelled');
    assert.ok(asked.orderFreeAt instanceof Date && asked.lookAgainAt instanceof Date, 'known from a query alone');
    assert.equal(asked.orderFreeAt.getTime() - asked.sentAt.getTime(), 90_000);
  });

  test('takes a saved payment', async () => {
    const payment = daraja.reserve(sale());
    await daraja.push(payment);
    await daraja.wait(payment);
    const other = sandbox.daraja();
    const asked = await other.ask(lipia.Payment.deserialize(payment.serialize()));
    assert.deepEqual([asked.outcome, asked.lookAgainAt, asked.orderFreeAt], ['success', null, null]);
    for (const prompt of [payment, asked, asked.acceptance, asked.acceptance.id]) {
      assert.equal((await other.stkQuery(prompt)).outcome, 'success');
    }
  });
});
