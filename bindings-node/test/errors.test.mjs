/** The fields of an error, and the caller in its stack. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import * as lipia from 'lipia';
import { startSandbox } from 'lipia/sandbox';
import { errorOf, everyError } from './support/real-values.mjs';
import * as rust from './support/rust-source.mjs';
import { NOWHERE, sale } from './support/sales.mjs';
import { REMEDIES } from './support/story.mjs';

let sandbox;
before(async () => {
  sandbox = await startSandbox();
});
after(() => sandbox.stop());

const failing = (settings) => sandbox.daraja({ ...settings });

describe('every error', () => {
  let errors;
  before(async () => {
    errors = await everyError(sandbox);
  });

  test('is of the class that says what to do next, and every class comes', () => {
    const classes = new Set(errors.map((error) => error.constructor));
    assert.deepEqual(classes, new Set([...Object.values(REMEDIES), lipia.AbortedError]));
    for (const error of errors) {
      assert.ok(error instanceof lipia.LipiaError && error instanceof Error);
      assert.equal(error.name, error instanceof lipia.AbortedError ? 'AbortError' : error.constructor.name);
      const others = Object.values(REMEDIES).filter((other) => other !== error.constructor);
      for (const other of others) assert.ok(!(error instanceof other), `${error.name} is a ${other.name}`);
    }
  });

  test('says what happened in words of the closed lists and in sentences', () => {
    for (const error of errors) {
      assert.ok(lipia.ERROR_KINDS.includes(error.kind), error.kind);
      assert.ok(lipia.DISPOSITIONS.includes(error.disposition), error.disposition);
      assert.ok(error.code && error.message && !error.message.includes('\n'), inspect(error));
      assert.equal(error.isValidation, error.kind === 'invalid_input');
      assert.equal(typeof error.retryable, 'boolean');
      // It is safe to send again only what prompted nobody.
      if (error.retryable) assert.notEqual(error.disposition, 'unknown');
      assert.doesNotMatch(`${error.message} ${error.hint}`, /\b[a-z]+_[a-z_]+\b/, 'a name of another language');
    }
  });

  test('is plain data for a log, and all of it under console.log', () => {
    for (const error of errors) {
      const data = error.toLog();
      assert.deepEqual(Object.keys(data), [
        'name',
        'message',
        'kind',
        'disposition',
        'code',
        'hint',
        'field',
        'httpStatus',
        'requestId',
        'paymentId',
        'retryAfterSeconds',
        'retryable',
      ]);
      for (const [name, value] of Object.entries(data)) assert.deepEqual(value, error[name], name);
      const text = inspect(error);
      const header = text.slice(0, text.indexOf(`: ${error.message}\n`));
      assert.ok([error.name, `AbortedError [${error.name}]`].includes(header), text);
      for (const name of ['kind', 'disposition', 'code']) assert.ok(text.includes(`${name}: '${error[name]}'`), text);
    }
  });

  test('is a sentence for the customer under JSON.stringify, and nothing of the gateway', () => {
    for (const error of errors) {
      const data = JSON.parse(JSON.stringify(error));
      assert.deepEqual(Object.keys(data), [
        'code',
        'field',
        'disposition',
        'retryable',
        'retryAfterSeconds',
        'customerMessageEn',
        'customerMessageSw',
      ]);
      assert.ok(data.customerMessageEn.endsWith('.') && data.customerMessageSw.endsWith('.'));
      assert.notEqual(data.customerMessageEn, data.customerMessageSw);
      // Whoever may have been prompted is never invited to pay again.
      if (error.disposition === 'unknown') assert.match(data.customerMessageEn, /do not pay again/, error.name);
      assert.ok(data.field === null || ['phoneNumber', 'amount', 'accountReference'].includes(data.field), data.field);
    }
  });
});

test('an argument that is refused is named, and nothing is sent', async () => {
  const error = await errorOf(() => failing().stkPush({ ...sale(), amount: '99.50' }));
  assert.ok(error instanceof lipia.CorrectInputError);
  assert.deepEqual(
    [error.kind, error.field, error.isValidation, error.disposition, error.retryable, error.httpStatus],
    ['invalid_input', 'amount', true, 'not_sent', false, null],
  );
  const { ok, error: same } = await failing().stkPushSafe({ ...sale(), amount: '99.50' });
  assert.ok(!ok && same instanceof lipia.CorrectInputError);
  assert.deepEqual(same.toLog(), error.toLog());
});

test('a hint is spelt as a program here is', async () => {
  const hintOf = async (push) => (await failing().stkPushSafe({ ...sale(), ...push })).error.hint;
  assert.match(await hintOf({ accountReference: 'INV-0000000000001' }), /`fit: 'truncate'`/);
  assert.match(await hintOf({ amount: 99.5 }), /`roundAmount: true`/);
  assert.match(await hintOf({ amount: 250_001 }), /`maxAmount`/);
  // What the core's sentences have and this package spells in another way has to stand in its table.
  const hints = rust.texts().flatMap((text) => [...text.matchAll(/with_hint\(\s*"([^"]*)"/g)].map(([, hint]) => hint));
  assert.ok(hints.length > 40, `${hints.length}`);
  assert.deepEqual(
    // An assignment in backticks is spelled by the core itself.
    hints.filter((hint) => /::|\w = \w|\bSome\(|\bNone\b|\bTrue\b/.test(hint.replace(/`\w+ = \w+`/g, ''))),
    [],
  );
});

test('an answer of the gateway comes with its code, its status and its id for the request', async () => {
  const error = await errorOf(() => failing().stkPush(sale('0712349012')));
  assert.ok(error instanceof lipia.TryAgainError);
  assert.deepEqual(
    [error.kind, error.code, error.httpStatus, error.disposition, error.retryable, error.isValidation],
    ['subscriber_busy', '500.001.1001', 500, 'rejected', true, false],
  );
  assert.match(error.requestId, /^[\w-]{8,}$/);
  assert.ok(error.hint && error.retryAfterSeconds > 0);
});

test('a connection that is refused has its cause', async () => {
  const error = await errorOf(() => failing(NOWHERE).stkPush(sale()));
  assert.ok(error instanceof lipia.TryAgainError && error.retryable);
  assert.deepEqual([error.kind, error.disposition], ['connection', 'not_sent']);
  const causes = [];
  for (let beneath = error.cause; beneath !== undefined; beneath = beneath.cause) {
    assert.ok(beneath instanceof Error);
    causes.push(beneath.message);
  }
  assert.match(causes.at(-1), /refused/i, causes.join(' < '));
  const refused = await errorOf(() => failing().stkPush({ ...sale(), amount: 0 }));
  assert.ok(!('cause' in refused), 'what has no cause has none');
});

test('a lost answer names the prompt of nobody and says not to push again', async () => {
  sandbox.inject({ step: 'push', kind: 'answer_lost' });
  const error = await errorOf(() => failing().stkPush(sale('0712340005')));
  assert.ok(error instanceof lipia.FindOutError);
  assert.deepEqual([error.disposition, error.retryable, error.checkoutRequestId], ['unknown', false, null]);
  assert.ok(error.hint);
});

describe('the stack of an error shows who called', { concurrency: true }, () => {
  const HERE = fileURLToPath(import.meta.url);
  const bad = () => ({ ...sale(), amount: 0 });

  async function callerOfPush() {
    return await failing(NOWHERE).stkPush(sale());
  }
  async function callerOfBadPush() {
    return await failing().stkPush(bad());
  }
  async function callerOfQuery() {
    return await failing(NOWHERE).stkQuery('ws_CO_191220191020363925');
  }
  async function callerOfCollect() {
    return await failing(NOWHERE).collect(sale());
  }
  async function callerOfPushOfPayment() {
    const client = failing(NOWHERE);
    return await client.push(client.reserve(sale()));
  }
  async function callerOfCollectPayment() {
    const client = failing(NOWHERE);
    return await client.collectPayment(client.reserve(sale()));
  }
  async function callerOfWait() {
    const client = failing();
    return await client.wait(client.reserve(sale()));
  }
  async function callerOfWatch() {
    const client = failing();
    for await (const progress of client.wait(client.reserve(sale()))) return progress;
  }
  async function callerOfWaitById() {
    return await failing().wait('');
  }
  async function callerOfReceive() {
    return await failing().receiveCallback({ path: '/pay', body: '{}' });
  }
  async function callerOfBelieve() {
    return await failing().believe(undefined, undefined);
  }
  async function callerOfSafe() {
    const { ok, error } = await failing(NOWHERE).stkPushSafe(sale());
    assert.ok(!ok);
    throw error;
  }
  async function callerOfSafeBadPush() {
    const { ok, error } = await failing().stkPushSafe(bad());
    assert.ok(!ok);
    throw error;
  }
  async function callerOfAll() {
    return await Promise.all([failing(NOWHERE).stkPush(sale())]);
  }
  function callerOfThen() {
    return failing(NOWHERE)
      .stkPush(sale())
      .then((acceptance) => acceptance.checkoutRequestId);
  }
  async function callerOfCallerOfThen() {
    return await callerOfThen();
  }
  async function callerOfReserve() {
    return failing().reserve(bad());
  }
  async function callerOfConstructor() {
    return new lipia.Daraja({});
  }
  async function callerOfParse() {
    return lipia.parseAmount('x');
  }
  async function callerOfResume() {
    return failing().resume('{}');
  }

  const CALLERS = [
    callerOfPush,
    callerOfBadPush,
    callerOfQuery,
    callerOfCollect,
    callerOfPushOfPayment,
    callerOfCollectPayment,
    callerOfWait,
    callerOfWatch,
    callerOfWaitById,
    callerOfReceive,
    callerOfBelieve,
    callerOfSafe,
    callerOfSafeBadPush,
    callerOfAll,
    callerOfCallerOfThen,
    callerOfReserve,
    callerOfConstructor,
    callerOfParse,
    callerOfResume,
  ];

  for (const caller of CALLERS) {
    test(caller.name, async () => {
      const { stack, message, name } = await errorOf(caller);
      assert.ok(stack.startsWith(`${name}: ${message}\n    at `), stack);
      const frames = stack.split('\n').filter((line) => line.startsWith('    at '));
      const place = frames.findIndex((frame) => frame.includes(caller.name) && frame.includes(HERE));
      assert.ok(place >= 0, stack);
      // And above it hardly anything of the package itself.
      assert.ok(place <= 5, stack);
    });
  }
});
