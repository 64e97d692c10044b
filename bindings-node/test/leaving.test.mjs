/** Callers that leave at any moment: no payment is lost, and nobody is prompted twice. */

import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { AbortedError } from 'lipia';
import { startSandbox } from 'lipia/sandbox';
import { phone, sale } from './support/sales.mjs';
import { eventually, turn } from './support/waiting.mjs';

let sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.stop());

const attempts = () => sandbox.counters().push_attempts;
const listeners = (signal) => getEventListeners(signal, 'abort').length;

describe('no payment is lost by callers that leave', () => {
  const ids = () => new Map(sandbox.payments().map((payment) => [payment.checkout_request_id, payment.phone]));

  /** Every prompt is known to its caller or is unclaimed, and every phone was prompted once at most. */
  async function allAreKnown(client, known) {
    assert.equal(await client.drain(), true);
    const prompted = sandbox.counters().prompts_by_phone;
    const kept = new Set();
    for (const payment of client.unclaimed().map((handle) => handle.snapshot())) {
      if (payment.state === 'reserved') {
        // Its caller left before anything was sent.
        assert.equal(prompted[payment.push.phoneNumber], undefined);
        continue;
      }
      assert.ok(payment.checkoutRequestId, payment.state);
      assert.ok(!known.has(payment.checkoutRequestId), 'a payment whose caller knows it was kept');
      kept.add(payment.checkoutRequestId);
    }
    const lost = [...ids()].filter(([id]) => !kept.has(id) && !known.has(id));
    assert.deepEqual(lost, [], `of ${ids().size} payments are lost`);
    assert.equal(Math.max(...Object.values(prompted)), 1);
    return kept;
  }

  async function pushAndLeave(client, number, known, when) {
    const controller = new AbortController();
    const promise = client.stkPush(sale(number), { signal: controller.signal }).catch((error) => {
      assert.ok(error instanceof AbortedError, error);
    });
    await when();
    controller.abort();
    const acceptance = await promise;
    if (acceptance !== undefined) known.add(acceptance.checkoutRequestId);
  }

  test('after any number of turns', async () => {
    const client = sandbox.daraja();
    const known = new Set();
    for (let turns = 0; turns < 40; turns += 1) {
      await pushAndLeave(client, phone(turns), known, async () => {
        for (let turned = 0; turned < turns; turned += 1) await turn();
      });
    }
    await allAreKnown(client, known);
  });

  test('at any moment', async () => {
    const client = sandbox.daraja();
    const known = new Set([(await client.stkPush(sale(phone(9_000)))).checkoutRequestId]);
    // On this machine a push takes a few milliseconds: these moments lie before, amid and after it.
    for (let step = 0; step < 80; step += 1) {
      if (step % 2 === 1) sandbox.inject({ step: 'push', kind: 'slow_after', seconds: 0.3 });
      await pushAndLeave(client, phone(step), known, async () => {
        const until = performance.now() + step * 0.1;
        while (performance.now() < until) await turn();
      });
    }
    sandbox.clearFaults();
    const kept = await allAreKnown(client, known);
    assert.ok(kept.size > 0 && known.size > 1, `${kept.size} were kept, ${known.size} came: the moments are too alike`);
  });

  test('all together', async () => {
    const client = sandbox.daraja();
    const known = new Set();
    const controller = new AbortController();
    const pushes = Array.from({ length: 60 }, (_, number) =>
      client.stkPush(sale(phone(number)), { signal: controller.signal }),
    );
    const ended = Promise.allSettled(pushes);
    await eventually('some have arrived', () => attempts() >= 20);
    controller.abort();
    for (const { value } of await ended) if (value !== undefined) known.add(value.checkoutRequestId);
    assert.equal(listeners(controller.signal), 0);
    await allAreKnown(client, known);
  });
});
