/** Signals and times of calls, and what is left when their callers have gone. */

import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { AbortedError, CorrectInputError, CorrectSettingsError, FindOutError, LipiaError } from 'lipia';
import { startSandbox } from 'lipia/sandbox';
import { errorOf } from './support/real-values.mjs';
import { phone, sale } from './support/sales.mjs';
import { SAFE_VERBS, stage, VERBS } from './support/verbs.mjs';
import { eventually, inTime, turn } from './support/waiting.mjs';

let sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.stop());

/** Sandbox seconds that are longer than any test waits. */
const LONG = 10_000;
const attempts = () => sandbox.counters().push_attempts;
const listeners = (signal) => getEventListeners(signal, 'abort').length;

/** A reason of the caller's own. */
class ShopClosed extends Error {}

describe('a signal that was aborted before', () => {
  for (const [name, verb] of Object.entries(VERBS)) {
    test(`keeps ${name} from being begun`, async () => {
      const all = await stage(sandbox);
      const sent = sandbox.requests().length;
      const before = all.pushed.serialize();
      const reason = new ShopClosed();
      const signal = AbortSignal.abort(reason);
      const error = await errorOf(() => verb(all, { signal }));
      assert.ok(error instanceof AbortedError && error instanceof LipiaError);
      assert.deepEqual(
        [error.name, error.kind, error.code, error.disposition, error.retryable, error.cause],
        ['AbortError', 'aborted', 'aborted', 'not_sent', false, reason],
      );
      const { ok, error: same } = await SAFE_VERBS[name](all, { signal });
      assert.ok(!ok && same instanceof AbortedError && same.cause === reason);
      await turn();
      assert.equal(sandbox.requests().length, sent, 'something was sent');
      assert.equal(all.client.isAtRest, true);
      assert.deepEqual(all.client.unclaimed(), []);
      assert.equal(all.pushed.serialize(), before);
      assert.equal(all.reserved.snapshot().state, 'reserved');
      assert.equal(listeners(signal), 0);
    });
  }
});

describe('a signal that is none', () => {
  const broken = {
    aborted: false,
    addEventListener: () => {
      throw new TypeError('broken');
    },
  };

  for (const [name, verb] of Object.entries(VERBS)) {
    test(`keeps ${name} from being begun`, async () => {
      const all = await stage(sandbox);
      const sent = sandbox.requests().length;
      for (const signal of ['abort', {}, new AbortController(), new EventTarget(), true]) {
        const error = await errorOf(() => verb(all, { signal }));
        assert.ok(error instanceof CorrectInputError, error);
        assert.deepEqual([error.field, error.code, error.disposition], ['signal', 'type_not_accepted', 'not_sent']);
      }
      const error = await errorOf(() => verb(all, { signal: broken }));
      assert.equal(error.message, 'broken');
      await turn();
      assert.equal(sandbox.requests().length, sent, 'something was sent, and its caller was told of a signal');
      assert.deepEqual([all.client.isAtRest, all.client.unclaimed()], [true, []]);
    });
  }

  test('where there is none is none', async () => {
    const { client } = await stage(sandbox);
    assert.ok(await client.stkPush(sale(), { signal: null, timeout: null }));
  });
});

describe('a push whose caller leaves while the gateway takes its time', () => {
  /** Aborts a verb once the push has reached the gateway. */
  async function leave(client, verb, reason = new ShopClosed()) {
    sandbox.inject({ step: 'push', kind: 'slow_after', seconds: 200 });
    const controller = new AbortController();
    const promise = verb(client, { signal: controller.signal });
    promise.catch(() => {});
    await eventually('the push has arrived', () => attempts() === 1);
    assert.equal(listeners(controller.signal), 1);
    controller.abort(reason);
    const error = await errorOf(() => promise);
    assert.equal(client.isAtRest, false, 'it did not reject at once');
    assert.ok(error instanceof AbortedError);
    assert.deepEqual([error.name, error.disposition, error.cause], ['AbortError', 'unknown', reason]);
    assert.equal(listeners(controller.signal), 0);
    return error;
  }

  for (const [name, verb] of Object.entries({
    stkPush: (client, options) => client.stkPush(sale(), options),
    collect: (client, options) => client.collect(sale(), options),
  })) {
    test(`finds the acceptance of ${name} in unclaimed()`, async () => {
      const client = sandbox.daraja();
      const error = await leave(client, verb);
      assert.ok(error.hint.includes('unclaimed()'));
      assert.equal(client.isAtRest, false, 'the push went away with its caller');
      assert.equal(await client.drain(), true);
      const [payment, ...others] = client.unclaimed();
      assert.deepEqual(others, []);
      assert.deepEqual(client.unclaimed(), [], 'each is handed out once');
      assert.equal(payment.snapshot().state, 'accepted');
      assert.equal(payment.snapshot().checkoutRequestId, sandbox.payments()[0].checkout_request_id);
      assert.deepEqual([attempts(), sandbox.prompts], [1, 1]);
      assert.equal((await client.wait(payment)).isPaid, true);
    });
  }

  for (const [name, verb] of Object.entries({
    push: (client, payment, options) => client.push(payment, options),
    collectPayment: (client, payment, options) => client.collectPayment(payment, options),
  })) {
    test(`finds the acceptance of ${name} in the payment`, async () => {
      const client = sandbox.daraja();
      const payment = client.reserve(sale());
      await leave(client, (_, options) => verb(client, payment, options));
      assert.equal(await client.drain(), true);
      assert.equal(payment.snapshot().state, 'accepted');
      assert.equal(payment.snapshot().checkoutRequestId, sandbox.payments()[0].checkout_request_id);
      const again = await errorOf(() => client.push(payment));
      assert.deepEqual([again.kind, attempts(), sandbox.prompts], ['payment_state', 1, 1]);
    });
  }

  test('keeps it as unknown where its answer is lost', async () => {
    const client = sandbox.daraja();
    sandbox.inject({ step: 'push', kind: 'answer_lost' });
    const controller = new AbortController();
    const promise = client.stkPush(sale(), { signal: controller.signal });
    controller.abort();
    await errorOf(() => promise);
    assert.equal(await client.drain(), true);
    const states = client.unclaimed().map((payment) => payment.snapshot().state);
    // It may not even have begun.
    assert.deepEqual(states, attempts() === 0 ? ['reserved'] : ['unknown']);
    assert.ok(attempts() <= 1);
  });

  test('may leave by any kind of signal', async () => {
    const kinds = { TimeoutError: AbortSignal.timeout(30) };
    if (AbortSignal.any !== undefined) {
      kinds['TimeoutError of any()'] = AbortSignal.any([new AbortController().signal, AbortSignal.timeout(30)]);
    }
    for (const [place, [name, signal]] of Object.entries(kinds).entries()) {
      sandbox.inject({ step: 'push', kind: 'slow_after', seconds: LONG });
      const error = await errorOf(() => sandbox.daraja().stkPush(sale(phone(place)), { signal }));
      assert.ok(error instanceof AbortedError, name);
      assert.deepEqual([error.name, error.cause.name], ['AbortError', 'TimeoutError'], name);
    }
  });
});

test('a query, and a wait by id, end at once when they are aborted', async () => {
  const { client, acceptance } = await stage(sandbox);
  for (const verb of [client.stkQuery, client.wait]) {
    sandbox.inject({ step: 'query', kind: 'slow_before', seconds: LONG });
    const controller = new AbortController();
    const promise = verb.call(client, acceptance, { signal: controller.signal });
    promise.catch(() => {});
    const before = sandbox.counters().queries;
    await eventually('it asks', () => sandbox.requests().length > 0 && sandbox.counters().queries >= before);
    controller.abort(new ShopClosed());
    const error = await inTime(
      'the abort',
      errorOf(() => promise),
      500,
    );
    assert.ok(error instanceof AbortedError && error.cause instanceof ShopClosed);
    sandbox.clearFaults();
  }
});

describe('no listener is left at a signal', () => {
  for (const [name, verb] of Object.entries(VERBS)) {
    test(`by ${name}`, async () => {
      const all = await stage(sandbox);
      const { signal } = new AbortController();
      const ended = verb(all, { signal, timeout: 300 });
      assert.equal(listeners(signal), 1, 'it does not listen at all');
      await ended.catch((error) => assert.ok(error instanceof LipiaError, error));
      await turn();
      assert.equal(listeners(signal), 0);
      // One that fails, and one that is refused before it begins.
      const failing = { ...all, client: sandbox.daraja({ baseUrl: 'http://127.0.0.1:9' }), acceptance: 'ws_CO_1' };
      await verb(failing, { signal, timeout: 300 }).catch(() => {});
      await verb(failing, { signal, timeout: -1 }).catch(() => {});
      await turn();
      assert.equal(listeners(signal), 0);
    });
  }
});

test('twenty cold pushes at once need one token', async () => {
  const client = sandbox.daraja();
  const pushes = await Promise.all(Array.from({ length: 20 }, (_, number) => client.stkPush(sale(phone(number)))));
  assert.equal(new Set(pushes.map((acceptance) => acceptance.checkoutRequestId)).size, 20);
  const { oauth_calls: tokens, push_attempts: sent, prompts } = sandbox.counters();
  assert.deepEqual([tokens, sent, prompts], [1, 20, 20]);
});

test('a push whose answer is lost is sent once and is unknown', async () => {
  const client = sandbox.daraja();
  sandbox.inject({ step: 'push', kind: 'answer_lost', times: Number.POSITIVE_INFINITY });
  const error = await errorOf(() => client.stkPush(sale()));
  assert.ok(error instanceof FindOutError);
  assert.deepEqual([error.disposition, error.retryable, attempts()], ['unknown', false, 1]);
  const [payment, ...others] = client.unclaimed();
  assert.deepEqual([payment.snapshot().state, others], ['unknown', []]);
  assert.equal(payment.snapshot().lastError.disposition, 'unknown');
});

describe("a call's own time", () => {
  const SLOW = {
    stkPush: { step: 'push', kind: 'slow_after', seconds: LONG },
    push: { step: 'push', kind: 'slow_after', seconds: LONG },
    stkQuery: { step: 'query', kind: 'slow_before', seconds: LONG },
  };
  const PATIENT = { timeout: 3_600_000, firstQueryAfter: 100, queryEvery: 100 };

  for (const [name, verb] of Object.entries(VERBS)) {
    test(`ends ${name}`, async () => {
      const all = await stage(sandbox, { wait: PATIENT });
      if (name in SLOW) sandbox.inject({ ...SLOW[name], times: Number.POSITIVE_INFINITY });
      const ended = inTime(name, verb(all, { timeout: 300 }), 5000);
      if (name in SLOW) {
        const error = await errorOf(() => ended);
        assert.equal(error.code, 'no_answer_in_time');
        assert.equal(error.disposition, 'unknown');
      } else {
        const { outcome } = await ended;
        // What only takes in a callback is done before that time.
        if (!['receiveCallback', 'believe'].includes(name)) assert.equal(outcome, 'pending');
      }
    });
  }

  for (const [name, verb] of Object.entries(VERBS)) {
    test(`of ${name} is refused where it is none`, async () => {
      const all = await stage(sandbox);
      const sent = sandbox.requests().length;
      for (const timeout of [
        -1,
        1e300,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        '30',
        5,
        {},
        10n,
        true,
      ]) {
        const error = await errorOf(() => verb(all, { timeout }));
        assert.ok(error instanceof CorrectInputError, String(error));
        assert.deepEqual([error.field, error.disposition], ['timeout', 'not_sent']);
        assert.ok(error.hint);
      }
      assert.equal(sandbox.requests().length, sent);
    });
  }

  test("of a client's child is the child's own, and its token is shared", async () => {
    const client = sandbox.daraja();
    await client.stkPush(sale(phone(1)));
    const hurried = client.withOptions({ timeout: 300, wait: { timeout: 200 } });
    assert.equal(hurried.constructor, client.constructor);
    sandbox.inject({ step: 'push', kind: 'slow_after', seconds: LONG });
    const late = await errorOf(() => hurried.stkPush(sale(phone(2))));
    assert.equal(late.code, 'no_answer_in_time');
    const [payment] = client.unclaimed();
    assert.equal(hurried.find(payment.id).id, payment.id);
    assert.equal((await hurried.wait(payment)).outcome, 'unknown');
    await client.stkPush(sale(phone(3)));
    assert.equal(sandbox.counters().oauth_calls, 1);
  });
});

describe('draining and closing', () => {
  test('is done at once where nothing goes on', async () => {
    const client = sandbox.daraja();
    assert.deepEqual([client.isAtRest, await client.drain(), await client.drain({ timeout: 0 })], [true, true, true]);
    const acceptance = await client.stkPush(sale());
    assert.ok(acceptance.checkoutRequestId && (await client.drain()));
  });

  test('gives up after its time, and can be repeated', async () => {
    const client = sandbox.daraja();
    sandbox.inject({ step: 'push', kind: 'slow_after', seconds: 100 });
    const controller = new AbortController();
    const promise = client.stkPush(sale(), { signal: controller.signal });
    promise.catch(() => {});
    await eventually('the push has arrived', () => attempts() === 1);
    controller.abort();
    assert.equal(await client.drain({ timeout: 0 }), false);
    assert.equal(await inTime('closing', client.drain({ timeout: 100 }), 600), false);
    const [one, another] = await Promise.all([client.drain(), client.drain()]);
    assert.deepEqual([one, another, client.isAtRest], [true, true, true]);
    assert.equal(client.unclaimed().length, 1);
  });

  test('happens at the end of a block', async () => {
    const client = sandbox.daraja();
    assert.equal(typeof client[Symbol.asyncDispose], 'function');
    assert.equal(await client[Symbol.asyncDispose](), undefined);
  });

  test('a client that was closed sends nothing more', async () => {
    const client = sandbox.daraja();
    await client.stkPush(sale());
    assert.equal(await client.close(), true);
    const error = await errorOf(() => client.stkPush(sale(phone(2))));
    assert.deepEqual([error.constructor, error.code], [CorrectSettingsError, 'client_closed']);
    assert.deepEqual([await client.drain(), client.unclaimed(), attempts()], [true, [], 1]);
  });

  test('refuses a time that is none', async () => {
    for (const timeout of [-1, 1e300, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 'soon', 3n]) {
      const error = await errorOf(() => sandbox.daraja().close({ timeout }));
      assert.ok(error instanceof CorrectInputError, `${timeout}: ${error}`);
      assert.equal(error.field, 'timeout');
    }
  });
});
