/** Waiting for a payment: as a promise, as news, both at once, left early. */

import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { AbortedError, LookAtPaymentError, Payment, PaymentWait, Status } from 'lipia';
import { startSandbox } from 'lipia/sandbox';
import { errorOf } from './support/real-values.mjs';
import { phone, SILENT, sale } from './support/sales.mjs';
import { Shop } from './support/shop.mjs';
import { eventually, inTime, turn } from './support/waiting.mjs';

let sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(async () => {
  // Node reports a rejection that nobody handles once the turn is over, and its runner then fails the test.
  await turn();
  await turn();
  await sandbox.stop();
});

/** Waits that ask soon and often, and until the test gives up. */
const OFTEN = { timeout: 60_000, firstQueryAfter: 100, queryEvery: 100, longestPause: 100 };
const asked = () => sandbox.counters().queries;

/** A payment that was pushed. */
async function pushed(number = phone(1), settings = { wait: OFTEN }) {
  const client = sandbox.daraja(settings);
  const payment = client.reserve(sale(number));
  await client.push(payment);
  return { client, payment };
}

async function newsOf(wait) {
  const told = [];
  for await (const progress of wait) told.push(progress);
  return told;
}

const kinds = (told) => told.map((progress) => progress.kind);

describe('a wait is a promise', () => {
  test('of the payment as it was settled', async () => {
    const { client, payment } = await pushed();
    const wait = client.wait(payment);
    assert.ok(wait instanceof PaymentWait);
    const paid = await wait;
    assert.ok(paid instanceof Payment && paid.isPaid);
    assert.equal(await wait, paid, 'awaited again it says the same');
    assert.equal(await Promise.resolve(wait).then((same) => same), paid);
    assert.deepEqual(await Promise.all([wait, wait]), [paid, paid]);
    assert.equal(Object.prototype.toString.call(wait), '[object PaymentWait]');
  });

  test('with then, catch and finally', async () => {
    const { client, payment } = await pushed();
    let ended = 0;
    const wait = client.wait(payment).finally(() => {
      ended += 1;
    });
    assert.equal(await wait.then((paid) => paid.outcome), 'success');
    assert.equal(ended, 1);
    const refused = client.wait(client.reserve(sale(phone(2))));
    assert.ok((await refused.catch((error) => error)) instanceof LookAtPaymentError);
    assert.equal(await refused.then(undefined, (error) => error.code), 'payment_not_sent');
  });

  test('for what is saved, for an acceptance and for an id', async () => {
    const { client, payment } = await pushed();
    const snapshot = payment.snapshot();
    assert.ok((await client.wait(snapshot)).isPaid);
    assert.ok((await client.wait(Payment.deserialize(payment.serialize()))).isPaid);
    const status = await client.wait(snapshot.acceptance);
    assert.ok(status instanceof Status && status.isPaid);
    assert.ok((await client.wait(snapshot.checkoutRequestId)).isPaid);
  });

  test('that is kept when the time is up, and may be asked again', async () => {
    const { client, payment } = await pushed(phone(1, SILENT));
    for (const timeout of [0, 150]) {
      const open = await client.wait(payment, { timeout });
      assert.deepEqual([open.outcome, open.state, open.isPaid], ['pending', 'accepted', false]);
    }
    sandbox.act(payment.snapshot().checkoutRequestId, 'pay');
    assert.ok((await client.wait(payment)).isPaid);
  });

  test('that nobody needs to look at', async () => {
    const { client, payment } = await pushed(phone(1, SILENT));
    client.wait(payment);
    client.wait(payment, { signal: AbortSignal.abort() });
    client.wait(client.reserve(sale(phone(2))));
    sandbox.act(payment.snapshot().checkoutRequestId, 'cancel');
    await eventually('it is settled', () => payment.snapshot().state === 'settled');
    assert.equal(payment.snapshot().outcome, 'cancelled');
  });
});

describe('a wait is news', () => {
  test('of every question and of the end', async () => {
    const { client, payment } = await pushed(phone(1, '9007'));
    const told = await newsOf(client.wait(payment));
    assert.deepEqual(kinds(told.slice(-2)), ['queried', 'settled']);
    assert.ok(told.slice(0, -1).every((progress) => progress.kind === 'queried' && progress.status instanceof Status));
    assert.ok(told.at(-1).payment.isPaid);
    assert.equal(told.length - 1, asked());
    const times = told.slice(0, -1).map((progress) => progress.elapsed);
    // When to ask counts from the push, and what is told from the wait's beginning.
    assert.ok(
      times[0] > 0 && times.at(-1) >= 100 && times[0] < 10_000,
      `elapsed is ${times[0]}: is that in milliseconds?`,
    );
    assert.deepEqual(
      times,
      [...times].sort((one, other) => one - other),
    );
  });

  test('of a question that was not answered', async () => {
    const { client, payment } = await pushed();
    sandbox.inject({ step: 'query', kind: 'unavailable_html' });
    const told = await newsOf(client.wait(payment));
    assert.equal(told[0].kind, 'query_failed');
    assert.equal(told[0].error.kind, 'provider_error');
    assert.equal(told.at(-1).kind, 'settled');
  });

  test('of a time that is up', async () => {
    const { client, payment } = await pushed(phone(1, SILENT));
    const told = await newsOf(client.wait(payment, { timeout: 250 }));
    assert.equal(told.at(-1).kind, 'timed_out');
    assert.equal(told.at(-1).payment.outcome, 'pending');
  });

  test('that is told from the first on, whenever one looks', async () => {
    const { client, payment } = await pushed(phone(1, '9007'));
    const wait = client.wait(payment);
    await wait;
    const [one, another] = await Promise.all([newsOf(wait), newsOf(wait)]);
    assert.ok(one.length >= 2);
    assert.deepEqual(one, another);
  });

  test('and a promise at once, and the gateway is asked no more often', async () => {
    const { client, payment } = await pushed(phone(1, '9007'));
    const wait = client.wait(payment);
    const [paid, one, another] = await Promise.all([wait, newsOf(wait), newsOf(wait)]);
    assert.equal(one.at(-1).payment, paid);
    assert.deepEqual(one, another);
    assert.equal(asked(), one.length - 1);
  });

  test('that throws where the wait cannot begin', async () => {
    const { client } = await pushed();
    const error = await errorOf(() => newsOf(client.wait(client.reserve(sale(phone(2))))));
    assert.ok(error instanceof LookAtPaymentError);
  });
});

describe('a wait that is left early', () => {
  test('asks no more, and leaves the payment to wait for again', async () => {
    const { client, payment } = await pushed(phone(1, SILENT));
    const wait = client.wait(payment);
    for await (const progress of wait) {
      assert.equal(progress.kind, 'queried');
      break;
    }
    const before = asked();
    // Longer than the pause between two questions.
    await client.wait(payment, { timeout: 350 });
    const own = asked() - before;
    assert.ok(own <= 4, `${own} questions: the wait that was left still asks`);
    const error = await errorOf(() => wait);
    assert.ok(error instanceof AbortedError);
    sandbox.act(payment.snapshot().checkoutRequestId, 'pay');
    assert.ok((await client.wait(payment)).isPaid);
    assert.deepEqual([await client.drain(), sandbox.prompts], [true, 1]);
  });

  test('by an error of the loop passes that error on', async () => {
    const { client, payment } = await pushed(phone(1, SILENT));
    const mine = new Error('mine');
    const error = await errorOf(async () => {
      for await (const _ of client.wait(payment)) throw mine;
    });
    assert.equal(error, mine);
  });

  test('after its end has lost nothing', async () => {
    const { client, payment } = await pushed();
    const wait = client.wait(payment);
    for await (const progress of wait) if (progress.kind === 'settled') break;
    assert.ok((await wait).isPaid);
  });

  for (const [name, use] of Object.entries({
    promise: (wait) => wait,
    news: (wait) => newsOf(wait),
    both: (wait) => Promise.all([newsOf(wait), wait]),
    safe: undefined,
  })) {
    test(`by its signal, as ${name}`, async () => {
      const { client, payment } = await pushed(phone(1, SILENT));
      const controller = new AbortController();
      const { signal } = controller;
      const reason = new Error('the shop closes');
      const ended =
        use === undefined
          ? client.waitSafe(payment, { signal }).then(({ error }) => Promise.reject(error))
          : use(client.wait(payment, { signal }));
      ended.catch(() => {});
      await eventually('it asks', () => asked() >= 1);
      assert.equal(getEventListeners(signal, 'abort').length, 1);
      controller.abort(reason);
      const error = await inTime(
        'leaving',
        errorOf(() => ended),
        500,
      );
      assert.ok(error instanceof AbortedError);
      assert.deepEqual([error.name, error.disposition, error.cause], ['AbortError', 'unknown', reason]);
      assert.equal(getEventListeners(signal, 'abort').length, 0);
      sandbox.act(payment.snapshot().checkoutRequestId, 'pay');
      assert.ok((await client.wait(payment)).isPaid);
    });
  }

  test('by its signal after its end changes nothing', async () => {
    const { client, payment } = await pushed();
    const controller = new AbortController();
    const wait = client.wait(payment, { signal: controller.signal });
    const paid = await wait;
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
    controller.abort();
    assert.equal(await wait, paid);
    assert.equal(kinds(await newsOf(wait)).at(-1), 'settled');
  });
});

describe('a callback ends a wait at once', () => {
  /** Whoever is asked is asked after an hour: by callback alone. */
  const BY_CALLBACK = { timeout: 3_600_000, firstQueryAfter: 3_600_000 };

  async function shopWith(use) {
    const shop = await Shop.open();
    try {
      const { client, payment } = await pushed(phone(1, SILENT), { wait: BY_CALLBACK, callbackUrl: shop.callbackUrl });
      shop.receive = (path, body) => client.receiveCallback({ path, body });
      await use(client, payment, shop);
    } finally {
      await shop.close();
    }
  }

  test('as a promise and as news', async () => {
    await shopWith(async (client, payment, shop) => {
      const wait = client.wait(payment);
      const told = newsOf(wait);
      sandbox.act(payment.snapshot().checkoutRequestId, 'pay');
      const paid = await inTime('the wait', wait);
      assert.ok(paid.isPaid && paid.receipt && paid.paidAmount === 150);
      assert.deepEqual(kinds(await told).at(-1), 'settled');
      await eventually('it is heard', () => shop.heard.length === 1);
      assert.deepEqual([shop.verdicts, asked()], [['believed'], 0]);
    });
  });

  test('of collect, too', async () => {
    const shop = await Shop.open();
    try {
      const client = sandbox.daraja({ wait: BY_CALLBACK, callbackUrl: shop.callbackUrl });
      shop.receive = (path, body) => client.receiveCallback({ path, body });
      const payment = await inTime('collect', client.collect(sale()));
      assert.ok(payment.isPaid && payment.receipt);
      assert.equal(asked(), 0);
    } finally {
      await shop.close();
    }
  });

  test('and what is not believed is news', async () => {
    await shopWith(async (client, payment) => {
      const wait = client.wait(payment);
      const told = newsOf(wait);
      const { checkoutRequestId, push } = payment.snapshot();
      const body = {
        Body: {
          stkCallback: {
            MerchantRequestID: 'x',
            CheckoutRequestID: checkoutRequestId,
            ResultCode: 0,
            ResultDesc: 'The service request is processed successfully.',
            CallbackMetadata: {
              Item: [
                { Name: 'Amount', Value: 1 },
                { Name: 'MpesaReceiptNumber', Value: 'UF1TEST0AA' },
                { Name: 'PhoneNumber', Value: 254712345678 },
              ],
            },
          },
        },
      };
      const { verdict } = await client.receiveCallback({ path: push.callbackUrl, body });
      assert.equal(verdict, 'mismatch');
      sandbox.act(checkoutRequestId, 'pay');
      const news = kinds(await told);
      assert.deepEqual([news[0], news.at(-1)], ['callback_received', 'settled']);
      assert.ok((await wait).isPaid);
    });
  });
});
