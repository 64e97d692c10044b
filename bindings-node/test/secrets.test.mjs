/** Nothing that is printed, logged or sent on shows a secret, a payer's number or the token of a callback URL. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { format, inspect } from 'node:util';
import { setLogger } from 'lipia';
import { startSandbox } from 'lipia/sandbox';
import { PHONES, realValues } from './support/real-values.mjs';
import { sale } from './support/sales.mjs';

/** Data that names the prompt or the payer: who saves it needs that. Under `console.log` it shows neither. */
const DATA = /^(?:acceptance|status|event|received|progress)/;

/** What of these a text shows. */
const shownBy = (text, hidden) => hidden.filter((secret) => text.includes(secret));

let sandbox;
let values;
let secrets;
before(async () => {
  sandbox = await startSandbox();
  ({ values, secrets } = await realValues(sandbox));
});
after(() => sandbox.stop());

/** Everything by its name, lists taken apart. */
function each() {
  return Object.entries(values).flatMap(([name, value]) =>
    Array.isArray(value) ? value.map((one, place) => [`${name} ${place}`, one]) : [[name, value]],
  );
}

describe('no secret and no number of a payer is shown', () => {
  const WAYS = {
    'util.inspect': (value) => inspect(value),
    'util.inspect of all of it': (value) => inspect(value, { depth: 10, showHidden: true, getters: true }),
    'util.inspect inside something': (value) => inspect({ value: [value] }, { depth: 10 }),
    'console.log': (value) => format('%o %O %s %j', value, value, value, typeof value.toJSON === 'function' ? 0 : 1),
    String: (value) => String(value),
  };
  for (const [way, show] of Object.entries(WAYS)) {
    test(`by ${way}`, () => {
      for (const [name, value] of each()) {
        assert.deepEqual(shownBy(show(value), [...secrets, ...PHONES]), [], `${name}: ${show(value)}`);
      }
    });
  }

  test('by JSON.stringify', () => {
    for (const [name, value] of each()) {
      const text = JSON.stringify(value) ?? '';
      assert.deepEqual(shownBy(text, DATA.test(name) ? secrets : [...secrets, ...PHONES]), [], `${name}: ${text}`);
    }
  });

  test('by the properties of an error', () => {
    for (const [name, error] of each()) {
      if (!(error instanceof Error)) continue;
      const text = inspect({ ...error }) + error.stack + error.message + error.hint;
      assert.deepEqual(shownBy(text, [...secrets, ...PHONES]), [], name);
    }
  });

  test('by the fields that a log picks by itself', () => {
    for (const [name, value] of each()) {
      if (DATA.test(name) || typeof value !== 'object') continue;
      const own = Object.getOwnPropertyNames(value).filter(
        (field) => field.startsWith('#') || field.includes('native'),
      );
      assert.deepEqual(own, [], name);
    }
  });
});

test('what is shown still says what a reader needs', () => {
  assert.match(inspect(values.paid), /Payment \{[\s\S]*outcome: 'success'/);
  assert.match(inspect(values.acceptance), /Acceptance \{[\s\S]*description: 'Success/);
  assert.match(inspect(values.handle), new RegExp(`PaymentHandle \\{ id: '${values.handle.id}' \\}`));
  assert.match(inspect(values.event), /Event \{[\s\S]*receipt: '\w+'/);
  assert.match(inspect(values.client), /^Daraja \{ gateway: 'daraja' \}$/);
  assert.match(inspect(values.status), /Status \{[\s\S]*resultCode: '0'/);
  assert.match(inspect(values.wait), /^PaymentWait \{/);
  assert.equal(values.acceptance.checkoutRequestId, JSON.parse(JSON.stringify(values.acceptance)).checkoutRequestId);
});

test('a payment that is sent to a browser says what its customer may know', () => {
  assert.deepEqual(JSON.parse(JSON.stringify(values.paid)), {
    id: values.paid.id,
    state: 'settled',
    outcome: 'success',
    isPaid: true,
    amount: 150,
    accountReference: 'INV-001',
    receipt: values.paid.receipt,
    resultCode: '0',
    settledAt: values.paid.settledAt.toISOString(),
  });
  assert.deepEqual(Object.keys(values.handle.toJSON()), Object.keys(values.paid.toJSON()));
});

test('the log shows none of it', async () => {
  const lines = [];
  const keep = (line) => lines.push(line);
  setLogger({ error: keep, warn: keep, info: keep, debug: keep });
  try {
    const daraja = sandbox.daraja();
    const payment = daraja.reserve(sale('0712341032'));
    await daraja.push(payment);
    const { checkoutRequestId, push } = payment.snapshot();
    await daraja.wait(payment);
    await daraja.receiveCallbackSafe({ path: `${push.callbackUrl}x`, body: '{}' });
    sandbox.inject({ step: 'push', kind: 'answer_lost' });
    await daraja.stkPushSafe(sale());
    await daraja.close();
    assert.ok(lines.length > 0, 'nothing was told at all');
    const text = lines.join('\n');
    const tokens = [push.callbackUrl, push.callbackUrl.split('-').at(-1), checkoutRequestId];
    assert.deepEqual(shownBy(text, [...secrets, ...tokens, ...PHONES]), [], text);
  } finally {
    setLogger(null);
  }
});
