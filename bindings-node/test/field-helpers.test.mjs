// The helpers that users of pesafy and PesaKit know, over the bodies that every language of Lipia reads.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  CorrectInputError,
  describe,
  getCallbackValue,
  getStkMetadata,
  isKnownStkResultCode,
  isStkCallbackSuccess,
  parseAccountReference,
  parseAmount,
  parseCallback,
  parseTransactionDesc,
  STK_PUSH_LIMITS,
  STK_RESULT_CODES,
} from 'lipia';

const CALLBACKS = new URL('../../core/vectors/callbacks/', import.meta.url);
const EXPECTED = JSON.parse(readFileSync(new URL('expected.json', CALLBACKS), 'utf8'));
// One body is Daraja's own, which the vectors read as UpesiPay's.
const NAMES = readdirSync(CALLBACKS).filter((name) => name in EXPECTED && !name.startsWith('u030'));
const bodyOf = (name) => readFileSync(new URL(name, CALLBACKS));

/** What the helpers must say of a body, made from what the vectors say of it. */
function wanted(name) {
  const { parses, outcome, complete, amount, receipt, date, phone, phone_raw } = EXPECTED[name];
  if (!isDarajas(name) || !parses || outcome !== 'success') {
    return { success: false, values: [undefined, undefined, undefined, undefined], metadata: null };
  }
  const digits = date === null ? null : date.slice(0, 19).replaceAll(/\D/g, '');
  const sum = amount === null ? null : Number(amount);
  return {
    success: true,
    values: [
      sum ?? undefined,
      receipt ?? undefined,
      digits === null ? undefined : Number(digits),
      phone === null ? (phone_raw ?? undefined) : Number(phone),
    ],
    metadata: complete
      ? { amount: sum, mpesaReceiptNumber: receipt, transactionDate: digits, phoneNumber: phone ?? phone_raw }
      : null,
  };
}

function said(callback) {
  const names = ['Amount', 'MpesaReceiptNumber', 'TransactionDate', 'PhoneNumber'];
  return {
    success: isStkCallbackSuccess(callback),
    values: names.map((name) => getCallbackValue(callback, name)),
    metadata: getStkMetadata(callback),
  };
}

const isDarajas = (name) => EXPECTED[name].provider === 'daraja';

/** What JSON.parse makes of a body, but where it hides what the core would have refused. */
const parsedOf = (name, body) => {
  // Of two codes the last is all that is left, and numbers lose their digits.
  if (/^h0(?:38|62|67)/.test(name)) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
};

test('the vectors are there', () => assert.ok(NAMES.length > 130));

for (const name of NAMES) {
  test(`says of ${name} what the vectors say`, () => {
    const body = bodyOf(name);
    const want = wanted(name);
    assert.deepEqual(said(body), want);
    if (EXPECTED[name].error !== 'invalid_utf8') assert.deepEqual(said(body.toString('utf8')), want);
    if (EXPECTED[name].parses) {
      const event = parseCallback(body, { gateway: EXPECTED[name].provider });
      if (EXPECTED[name].provider === 'daraja') assert.deepEqual(said(event), want);
    }
  });
}

test('takes what a parser made of a body, whole or its inner part', () => {
  let taken = 0;
  for (const name of NAMES) {
    const parsed = parsedOf(name, bodyOf(name));
    if (parsed === undefined || !EXPECTED[name].parses || !isDarajas(name)) continue;
    assert.deepEqual(said(parsed), wanted(name), name);
    assert.deepEqual(said(parsed.Body.stkCallback), wanted(name), name);
    taken += 1;
  }
  assert.ok(taken > 60, `${taken}`);
});

const inner = (code, items) => ({
  MerchantRequestID: '1-2-3',
  CheckoutRequestID: 'ws_CO_1',
  ResultCode: code,
  ResultDesc: 'The service request is processed successfully.',
  ...(items === undefined ? {} : { CallbackMetadata: { Item: items } }),
});
const WHOLE = [
  { Name: 'Amount', Value: 10.5 },
  { Name: 'MpesaReceiptNumber', Value: 'NLJ7RT61SV' },
  { Name: 'TransactionDate', Value: 20191219102115 },
  { Name: 'PhoneNumber', Value: 254708374149 },
];

test('only exactly zero is a success', () => {
  assert.ok(isStkCallbackSuccess(inner(0)));
  assert.ok(isStkCallbackSuccess(inner('0')));
  for (const code of ['0abc', '00', '', ' 0', null, false, [], [0], {}, 0.5, 1, '1032', 2 ** 32]) {
    assert.equal(isStkCallbackSuccess(inner(code, WHOLE)), false, JSON.stringify(code));
    assert.equal(getCallbackValue(inner(code, WHOLE), 'Amount'), undefined, JSON.stringify(code));
    assert.equal(getStkMetadata(inner(code, WHOLE)), null, JSON.stringify(code));
  }
});

test('the answer to a query is no callback, although it looks like one', () => {
  const answer = { ResponseCode: '0', ResponseDescription: 'accepted', ...inner('0', WHOLE) };
  assert.equal(isStkCallbackSuccess(answer), false);
});

test('junk in the metadata is no reason to throw', () => {
  for (const items of [null, [], {}, 'x', 5, [null], [[]], [{}], [{ Name: 5, Value: 1 }], [{ Name: 'Amount' }]]) {
    const callback = inner(0, items);
    assert.equal(isStkCallbackSuccess(callback), true);
    assert.equal(getCallbackValue(callback, 'Amount'), undefined);
    assert.equal(getStkMetadata(callback), null);
  }
});

test('two values of a name that differ are none', () => {
  const callback = inner(0, [
    ...WHOLE,
    { Name: 'Amount', Value: 1 },
    { Name: 'Fee', Value: 1 },
    { Name: 'Fee', Value: 2 },
  ]);
  assert.equal(getCallbackValue(callback, 'Amount'), undefined);
  assert.equal(getCallbackValue(callback, 'Fee'), undefined);
  assert.equal(getStkMetadata(callback), null);
});

test('a payment without a date or a phone is a payment', () => {
  assert.deepEqual(getStkMetadata(inner(0, WHOLE.slice(0, 2))), {
    amount: 10.5,
    mpesaReceiptNumber: 'NLJ7RT61SV',
    transactionDate: null,
    phoneNumber: null,
  });
});

test('other values are as the callback has them, and a plain number is one', () => {
  const items = [
    ...WHOLE,
    { Name: 'Balance', Value: '1250.50' },
    { Name: 'Fee', Value: 0 },
    { Name: 'Till', Value: '0712' },
    { Name: 'Long', Value: '12345678901234567890' },
    { Name: 'Flag', Value: true },
  ];
  const value = (name) => getCallbackValue(inner(0, items), name);
  assert.deepEqual(['Balance', 'Fee', 'Till', 'Long', 'Flag', 'amount', 'toString', '__proto__'].map(value), [
    1250.5,
    0,
    '0712',
    '12345678901234567890',
    'true',
    undefined,
    undefined,
    undefined,
  ]);
  assert.equal(getStkMetadata(inner(0, items)).balance, 1250.5);
  const prose = [...WHOLE, { Name: 'Balance', Value: '{Amount=5.00}' }];
  assert.equal('balance' in getStkMetadata(inner(0, prose)), false);
});

test('the date is in East Africa Time, whatever the machine has', () => {
  const late = [...WHOLE.slice(0, 2), { Name: 'TransactionDate', Value: '20251231235959' }];
  assert.equal(getStkMetadata(inner(0, late)).transactionDate, '20251231235959');
  assert.equal(getCallbackValue(inner(0, late), 'TransactionDate'), 20251231235959);
});

test('an event about something else than an STK push is no success of one', () => {
  const body = bodyOf('p011_b2c_null_receipt.json');
  const event = parseCallback(body, { gateway: 'palpluss' });
  assert.equal(event.outcome, 'success');
  assert.equal(isStkCallbackSuccess(event), false);
});

test("another gateway's event is read as well", () => {
  const event = parseCallback(bodyOf('p003_success_with_transaction_fee.json'), { gateway: 'palpluss' });
  assert.equal(isStkCallbackSuccess(event), true);
  assert.equal(getStkMetadata(event).mpesaReceiptNumber, event.receipt);
  assert.equal(getCallbackValue(event, 'Amount'), event.amount);
});

test('what is no body at all is a mistake, and is named', () => {
  for (const nothing of [undefined, null, 5, true, Symbol('x'), () => {}]) {
    for (const helper of [isStkCallbackSuccess, getStkMetadata, (body) => getCallbackValue(body, 'Amount')]) {
      assert.throws(
        () => helper(nothing),
        (error) => error instanceof CorrectInputError && error.field === 'body',
      );
    }
  }
  const loop = { ResultCode: 0 };
  loop.self = loop;
  assert.throws(() => isStkCallbackSuccess(loop), CorrectInputError);
});

test("the codes are the table's", () => {
  const outcomes = Object.fromEntries(
    Object.entries(STK_RESULT_CODES).map(([name, code]) => [name, describe(code).outcome]),
  );
  assert.deepEqual(outcomes, {
    SUCCESS: 'success',
    INSUFFICIENT_BALANCE: 'insufficient_funds',
    CANCELLED_BY_USER: 'cancelled',
    PHONE_UNREACHABLE: 'timeout',
    INVALID_PIN: 'wrong_pin',
  });
  assert.ok(Object.values(STK_RESULT_CODES).every((code) => isKnownStkResultCode(code)));
  assert.ok(Object.isFrozen(STK_RESULT_CODES));
});

test("the limits are the core's", () => {
  const { MIN_AMOUNT, MAX_AMOUNT, MAX_ACCOUNT_REFERENCE, MAX_TRANSACTION_DESC } = STK_PUSH_LIMITS;
  assert.deepEqual([parseAmount(MIN_AMOUNT), parseAmount(MAX_AMOUNT)], [MIN_AMOUNT, MAX_AMOUNT]);
  assert.equal(parseAccountReference('A'.repeat(MAX_ACCOUNT_REFERENCE)).value.length, MAX_ACCOUNT_REFERENCE);
  assert.equal(parseTransactionDesc('A'.repeat(MAX_TRANSACTION_DESC)).value.length, MAX_TRANSACTION_DESC);
  for (const beyond of [
    () => parseAmount(MIN_AMOUNT - 1),
    () => parseAmount(MAX_AMOUNT + 1),
    () => parseAccountReference('A'.repeat(MAX_ACCOUNT_REFERENCE + 1)),
    () => parseTransactionDesc('A'.repeat(MAX_TRANSACTION_DESC + 1)),
  ]) {
    assert.throws(beyond, CorrectInputError);
  }
  assert.ok(Object.isFrozen(STK_PUSH_LIMITS));
});
