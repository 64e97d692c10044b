/** An option that does not exist is refused with the nearest name, in every function that takes options. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as lipia from 'lipia';
import { callbacks as forExpress } from 'lipia/express';
import { callbacks as forFastify } from 'lipia/fastify';
import { callbacks as forFetch } from 'lipia/fetch';
import { callbacks as forNode } from 'lipia/node';
import { startSandbox } from 'lipia/sandbox';
import { core } from './support/repository.mjs';
import { KEYS, sale } from './support/sales.mjs';

const BODY = core('vectors', 'callbacks', 'd002_success_balance_item_without_value.json').toString();
const daraja = new lipia.Daraja(KEYS.daraja);
const event = daraja.parseCallback(BODY);
const payment = daraja.reserve(sale());
const path = payment.snapshot().push.callbackUrl;
const at = new Date();
let sandbox;
before(async () => {
  sandbox = await startSandbox();
});
after(() => sandbox.stop());

/** What a call with a wrong option comes to: it throws, rejects, or resolves to a result. */
async function refusalOf(call) {
  try {
    const result = await call();
    assert.ok(result?.ok === false, 'nothing was refused');
    return result.error;
  } catch (error) {
    return error;
  }
}

/** Calls by name: with an option misspelt, and the one that was meant. */
const CALLS = {
  stkPush: [(wrong) => daraja.stkPush(sale(), wrong), { timout: 5000 }, 'timeout'],
  stkPushSafe: [(wrong) => daraja.stkPushSafe(sale(), wrong), { Signal: null }, 'signal'],
  'a push': [(wrong) => daraja.stkPush({ ...sale(), ...wrong }), { acountReference: 'x' }, 'accountReference'],
  'a push of another SDK': [(wrong) => daraja.stkPush({ ...sale(), ...wrong }), { phone: 'x' }, 'phoneNumber'],
  'a push by its description': [(wrong) => daraja.stkPush({ ...sale(), ...wrong }), { desc: 'x' }, 'transactionDesc'],
  push: [(wrong) => daraja.push(payment, wrong), { time_out: 5000 }, 'timeout'],
  pushSafe: [(wrong) => daraja.pushSafe(payment, wrong), { timeoutMs: 5000 }, 'timeout'],
  stkQuery: [(wrong) => daraja.stkQuery('ws_CO_1', wrong), { tiemout: 5000 }, 'timeout'],
  stkQuerySafe: [(wrong) => daraja.stkQuerySafe('ws_CO_1', wrong), { singal: null }, 'signal'],
  'wait for a payment': [(wrong) => daraja.wait(payment, wrong), { timeouts: 5000 }, 'timeout'],
  'wait by id': [(wrong) => daraja.wait('ws_CO_1', wrong), { timeOut: 5000 }, 'timeout'],
  waitSafe: [(wrong) => daraja.waitSafe(payment, wrong), { abortSignal: null }, 'signal'],
  collect: [(wrong) => daraja.collect(sale(), wrong), { timout: 5000 }, 'timeout'],
  collectSafe: [(wrong) => daraja.collectSafe(sale(), wrong), { timout: 5000 }, 'timeout'],
  collectPayment: [(wrong) => daraja.collectPayment(payment, wrong), { timout: 5000 }, 'timeout'],
  collectPaymentSafe: [(wrong) => daraja.collectPaymentSafe(payment, wrong), { timout: 5000 }, 'timeout'],
  receiveCallback: [(wrong) => daraja.receiveCallback({ path, body: BODY }, wrong), { confrim: true }, 'confirm'],
  receiveCallbackSafe: [
    (wrong) => daraja.receiveCallbackSafe({ path, body: BODY }, wrong),
    { cofirm: true },
    'confirm',
  ],
  'an incoming callback': [
    (wrong) => daraja.receiveCallback({ path, body: BODY, ...wrong }),
    { xForwardedFor: '' },
    'forwardedFor',
  ],
  believe: [(wrong) => daraja.believe(payment, event, wrong), { confirmed: true }, 'confirm'],
  believeSafe: [(wrong) => daraja.believeSafe(payment, event, wrong), { confirms: true }, 'confirm'],
  withOptions: [(wrong) => daraja.withOptions(wrong), { waits: {} }, 'wait'],
  'wait of withOptions': [(wrong) => daraja.withOptions({ wait: wrong }), { longest_pause: 1 }, 'longestPause'],
  close: [(wrong) => daraja.drain(wrong), { timout: 1000 }, 'timeout'],
  settings: [(wrong) => new lipia.Daraja({ ...KEYS.daraja, ...wrong }), { passkey: 'x' }, 'passKey'],
  'settings of fromEnv': [(wrong) => lipia.Daraja.fromEnv(wrong, {}), { shortcode: 'x' }, 'shortCode'],
  'settings by another word': [(wrong) => lipia.Daraja.fromEnv(wrong, {}), { callbackURL: 'x' }, 'callbackUrl'],
  'callbacks of Express': [(wrong) => forExpress(daraja, wrong), { confrim: true }, 'confirm'],
  'callbacks of fetch': [(wrong) => forFetch(daraja, wrong), { peers: () => {} }, 'peer'],
  'callbacks of node:http': [(wrong) => forNode(daraja, wrong), { onErrors: () => {} }, 'onError'],
  'callbacks of Fastify': [(wrong) => forFastify(daraja, wrong), { confirmTimout: 1000 }, 'confirmTimeout'],
  'a prune': [(wrong) => daraja.payments.prune(wrong), { older_than: 1000 }, 'olderThan'],
  'an import': [(wrong) => daraja.payments.import(payment, wrong), { tells: true }, 'tell'],
  'check of an event': [(wrong) => event.check(wrong), { phoneNumer: 'x' }, 'phoneNumber'],
  parseAmount: [(wrong) => lipia.parseAmount('1', wrong), { roundamount: true }, 'roundAmount'],
  parseMoney: [(wrong) => lipia.parseMoney('1', wrong), { jsonNumbers: true }, 'jsonNumber'],
  parseAccountReference: [(wrong) => lipia.parseAccountReference('x', wrong), { limits: 3 }, 'limit'],
  parseTransactionDesc: [(wrong) => lipia.parseTransactionDesc('x', wrong), { Fit: 'truncate' }, 'fit'],
  parseCallbackUrl: [(wrong) => lipia.parseCallbackUrl('https://x.co.ke', wrong), { enviroment: 'x' }, 'environment'],
  parseCallback: [(wrong) => lipia.parseCallback(BODY, wrong), { gatway: 'daraja' }, 'gateway'],
  password: [(wrong) => lipia.password({ shortCode: 1, passKey: 'x', at, ...wrong }), { passkey: 'x' }, 'passKey'],
  startSandbox: [(wrong) => startSandbox(wrong), { timescale: 10 }, 'timeScale'],
  'the settings of a sandbox': [(wrong) => sandbox.settings('daraja', wrong), { timout: 1000 }, 'timeout'],
  'a client of a sandbox': [(wrong) => sandbox.daraja(wrong), { callBackUrl: 'x' }, 'callbackUrl'],
  'a sandbox, environ': [(wrong) => sandbox.environ('daraja', wrong), { callback: 'x' }, 'callbackUrl'],
  'a sandbox, until': [(wrong) => sandbox.until({ prompts: 0 }, wrong), { timout: 10 }, 'timeout'],
  'a fault': [
    (wrong) => sandbox.inject({ step: 'push', kind: 'answer_lost', ...wrong }),
    { after_acting: true },
    'afterActing',
  ],
};

describe('an option that does not exist is refused with the nearest name', { concurrency: true }, () => {
  for (const [name, [call, wrong, meant]] of Object.entries(CALLS)) {
    test(name, async () => {
      const error = await refusalOf(() => call(wrong));
      assert.ok(error instanceof lipia.CorrectInputError, error);
      const [given] = Object.keys(wrong);
      assert.deepEqual([error.code, error.field, error.disposition], ['argument_unknown', given, 'not_sent']);
      assert.equal(error.hint, `Write ${meant}.`);
    });
  }
});

describe('what is no object of options at all is refused', { concurrency: true }, () => {
  for (const [name, [call]] of Object.entries(CALLS)) {
    // Where the wrong part is spread into another object these add nothing.
    const isSpread = /\.\.\.wrong/.test(call.toString());
    const odds = isSpread || name === 'wait of withOptions' ? [] : [null, 5000, 'timeout', [1]];
    for (const odd of odds) {
      test(`${name}: ${JSON.stringify(odd)}`, async () => {
        assert.ok((await refusalOf(() => call(odd))) instanceof lipia.CorrectInputError);
      });
    }
  }
});

test('a word that is near to nothing is answered with all that there are', async () => {
  for (const name of ['qqqqqqqq', 'x', '$', 'ünïcödé', `${'y'.repeat(5000)}`]) {
    const error = await refusalOf(() => daraja.drain({ [name]: 1 }));
    assert.equal(error.hint, 'There is timeout.', name);
    assert.ok(error.message.length < 120, error.message);
  }
});

test('what a prototype has is no option, and what is undefined is none either', async () => {
  assert.equal(await daraja.drain(Object.create({ timout: 1 })), true);
  assert.equal(await daraja.drain({ timeout: undefined }), true);
  assert.equal((await refusalOf(() => daraja.drain({ toString: undefined }))).code, 'argument_unknown');
});

test('an unconfirmed success is not believed because of a typo', async () => {
  const live = daraja.reserve(sale());
  const url = live.snapshot().push.callbackUrl;
  const result = await daraja.receiveCallbackSafe({ path: url, body: BODY }, { confrim: true });
  assert.equal(result.ok, false);
  assert.equal(live.snapshot().state, 'reserved');
});
