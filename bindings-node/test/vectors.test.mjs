/**
 * Runs every case of `core/vectors` through the Node API: the same cases that every other language runs.
 *
 * A failing run names all failing cases at once, so that a change of policy shows its whole extent.
 */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import * as lipia from 'lipia';
import { differences } from './support/differences.mjs';
import { core, REPOSITORY } from './support/repository.mjs';

const read = (...place) => JSON.parse(core('vectors', ...place));

/** What a function comes to, or the code of the error that names this argument. */
function orCode(field, verb, values, nothing) {
  try {
    return { ...values(verb()), error: null };
  } catch (error) {
    assert.ok(error instanceof lipia.CorrectInputError, error);
    assert.deepEqual([error.field, error.disposition], [field, 'not_sent']);
    return { ...nothing, error: error.code };
  }
}

function checked(field, verb) {
  const values = ({ value, remarks }) => ({ value, warnings: remarks.map((remark) => remark.code) });
  return orCode(field, verb, values, { value: null, warnings: [] });
}

function phone({ input }) {
  const number = ({ number, masked }) => {
    assert.ok(masked.includes('*') && masked !== number);
    return { normalised: number };
  };
  const found = orCode('phoneNumber', () => lipia.parsePhoneNumber(input), number, { normalised: null });
  return { normalised: found.normalised };
}

function amount({ input, max, round }) {
  const options = { maxAmount: max, roundAmount: round };
  return orCode(
    'amount',
    () => lipia.parseAmount(input, options),
    (amount) => ({ amount }),
    { amount: null },
  );
}

function money({ input, kind }) {
  const parse = () => lipia.parseMoney(input, { jsonNumber: kind === 'number' });
  return orCode('amount', parse, (cents) => ({ cents }), { cents: null });
}

const TEXTS = {
  account_reference: ['accountReference', lipia.parseAccountReference],
  transaction_desc: ['transactionDesc', lipia.parseTransactionDesc],
};

function reference({ field, input, limit, fit }) {
  const [name, parse] = TEXTS[field];
  return checked(name, () => parse(input, { limit, fit }));
}

function callbackUrl({ input, environment }) {
  return checked('callbackUrl', () => lipia.parseCallbackUrl(input, { environment }));
}

function password({ short_code: shortCode, pass_key: passKey, at }) {
  try {
    return { ...lipia.password({ shortCode, passKey, at: new Date(at) }), error: null };
  } catch (error) {
    assert.ok(error instanceof lipia.CorrectInputError || error instanceof lipia.CorrectSettingsError, error);
    assert.ok(['shortCode', 'passKey'].includes(error.field), error.field);
    return { password: null, timestamp: null, error: error.code };
  }
}

function resultCode({ code }) {
  const row = lipia.describe(code);
  assert.equal(lipia.isKnownStkResultCode(code), row.code !== '*', code);
  return { known: lipia.isKnownStkResultCode(code), outcome: row.outcome, final: row.isFinal, fault: row.fault };
}

/** How a file's cases are run, and how many there were when this was last looked at. */
const RUNNERS = {
  'phones.json': [phone, 109],
  'amounts.json': [amount, 56],
  'money.json': [money, 52],
  'references.json': [reference, 34],
  'callback_urls.json': [callbackUrl, 79],
  'passwords.json': [password, 23],
  'result_codes.json': [resultCode, 50],
};

for (const [name, [run, least]] of Object.entries(RUNNERS)) {
  test(`every case of ${name} comes out as in every other language`, () => {
    const { cases } = read(name);
    assert.ok(cases.length >= least, `${name} has lost cases: ${cases.length}`);
    const failures = cases.flatMap((expected, place) => {
      const found = run(expected);
      const wanted = Object.fromEntries(Object.keys(found).map((field) => [field, expected[field]]));
      return differences(wanted, found).map((difference) => `${place} (${expected.reason}): ${difference}`);
    });
    assert.deepEqual(failures, []);
  });
}

test('every file of vectors has a runner', () => {
  const files = readdirSync(path.join(REPOSITORY, 'core', 'vectors'));
  assert.deepEqual(files.sort(), [...Object.keys(RUNNERS), 'callbacks'].sort());
  const bodies = readdirSync(path.join(REPOSITORY, 'core', 'vectors', 'callbacks'));
  const listed = Object.keys(read('callbacks', 'expected.json'));
  assert.deepEqual(bodies.sort(), [...listed, 'expected.json', 'README.md'].sort());
});

test('every row of the table of result codes has a vector', () => {
  const known = read('result_codes.json').cases.filter((expected) => expected.known);
  const codes = lipia.resultCodes().map((row) => row.code);
  assert.deepEqual([...codes].sort(), [...new Set(known.map(({ code }) => code)), '*'].sort());
  for (const row of lipia.resultCodes()) {
    assert.ok(row.meaning && row.advice && row.customerMessageEn && row.customerMessageSw);
    assert.deepEqual(lipia.describe(row.code), row);
  }
});

/** How many bodies of each gateway there were when this was last looked at. */
const GATEWAYS = { daraja: 104, palpluss: 23, upesipay: 18, payhero: 6 };

const EXPECTED = read('callbacks', 'expected.json');

/** The bodies of a gateway, with what is expected of each. */
function bodies(gateway) {
  const cases = Object.entries(EXPECTED).filter(([, expected]) => expected.provider === gateway);
  assert.ok(cases.length >= GATEWAYS[gateway], `${gateway}: the corpus has lost cases: ${cases.length}`);
  return cases.map(([name, expected]) => ({ name, body: core('vectors', 'callbacks', name), expected }));
}

/** What the API says of a body, by the names of `expected.json`. */
function said(parse) {
  let event;
  try {
    event = parse();
  } catch (error) {
    assert.ok(error instanceof lipia.DisbelieveError, error);
    assert.equal(error.kind, 'invalid_callback');
    return { parses: false, error: error.code };
  }
  assert.ok(event instanceof lipia.Event);
  assert.equal(event.isSuccess, event.outcome === 'success');
  return {
    parses: true,
    error: null,
    provider: event.gateway,
    outcome: event.outcome,
    final: event.isFinal,
    complete: event.complete,
    result_code: event.resultCode,
    receipt: event.receipt,
    amount: event.amount === null ? null : String(event.amount),
    amount_cents: event.amountCents,
    phone: event.phone,
    phone_raw: event.phoneRaw,
    date: event.date === null ? null : event.date.getTime(),
    checkout_request_id: event.checkoutRequestId,
    merchant_request_id: event.merchantRequestId,
    reference: event.reference,
    warnings: event.warnings,
  };
}

/** What must be said of a body, as far as something is said at all. */
function wanted(expected, found) {
  const date = expected.date ? Date.parse(expected.date) : null;
  return Object.fromEntries(Object.keys(found).map((field) => [field, field === 'date' ? date : expected[field]]));
}

function failuresOf(gateway, readers) {
  return bodies(gateway).flatMap(({ name, body, expected }) =>
    readers(name, body).flatMap(([reader, parse]) => {
      const found = said(parse);
      return differences(wanted(expected, found), found).map((difference) => `${name}, ${reader}: ${difference}`);
    }),
  );
}

/** The text of a body as it came; nothing for bytes that are no text. */
function textOf(body) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}

/** Bodies of which JSON.parse loses something, and what. Who parses before Lipia does cannot be told of it. */
const LOST_BY_JSON_PARSE = {
  'd202_success_numbers_with_exponents.json': 'the phone as it was written',
  'h029_result_code_2pow64.json': 'the code is rounded to a double',
  'h038_duplicate_result_code.json': 'the last of two codes is taken',
  'h062_amount_many_decimals.json': 'the amount is rounded to a double',
  'h067_phone_huge_number.json': 'the number is rounded to a double',
};

/** What JSON.parse makes of a text, if it is an object, as what a framework's parser hands on. */
function parsed(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

describe('a callback says what it says everywhere', () => {
  for (const [gateway, Client] of Object.entries({
    daraja: lipia.Daraja,
    palpluss: lipia.PalPluss,
    upesipay: lipia.UpesiPay,
    payhero: lipia.PayHero,
  })) {
    test(`of ${gateway}, as bytes`, () => {
      const failures = failuresOf(gateway, (_, body) => {
        // A pool's buffer, of which the body is a part; and a view of another kind.
        const roomy = Buffer.concat([Buffer.from('{"'), body, Buffer.from('"}')]);
        const copied = new Uint8Array(body);
        return [
          ['Buffer', () => lipia.parseCallback(body, { gateway })],
          ['part of a Buffer', () => lipia.parseCallback(roomy.subarray(2, -2), { gateway })],
          ['Uint8Array', () => lipia.parseCallback(copied, { gateway })],
          ['ArrayBuffer', () => lipia.parseCallback(copied.buffer, { gateway })],
          [
            'DataView',
            () => lipia.parseCallback(new DataView(roomy.buffer, roomy.byteOffset + 2, body.length), { gateway }),
          ],
        ];
      });
      assert.deepEqual(failures, []);
    });

    test(`of ${gateway}, as text`, () => {
      const failures = failuresOf(gateway, (_, body) => {
        const text = textOf(body);
        return text === undefined ? [] : [['text', () => lipia.parseCallback(text, { gateway })]];
      });
      assert.deepEqual(failures, []);
    });

    test(`of ${gateway}, as what JSON.parse makes of it`, () => {
      let count = 0;
      const failures = failuresOf(gateway, (name, body) => {
        const object = parsed(textOf(body));
        if (object === undefined || name in LOST_BY_JSON_PARSE) return [];
        count += 1;
        return [['parsed', () => lipia.parseCallback(object, { gateway })]];
      });
      assert.deepEqual(failures, []);
      assert.ok(count >= { daraja: 85, palpluss: 22, upesipay: 18, payhero: 6 }[gateway], `only ${count} were read`);
    });

    test(`of ${gateway}, through its client`, () => {
      const client = clientOf(gateway, Client);
      const failures = failuresOf(gateway, (_, body) => [
        ['thrown', () => client.parseCallback(body)],
        ['result', () => opened(client.parseCallbackSafe(body))],
      ]);
      assert.deepEqual(failures, []);
    });

    test(`of ${gateway}, told apart by its shape`, () => {
      const failures = bodies(gateway).flatMap(({ name, body, expected: named }) => {
        const found = said(() => lipia.parseCallback(body));
        let expected = wanted(named, found);
        if (name === 'p029_data_wrapped.json') {
          // A shape that no gateway has.
          expected = { parses: false, error: 'unrecognised_shape' };
        } else if (name === 'u030_raw_daraja_body_forwarded.json') {
          // Another gateway's own shape.
          expected = said(() => lipia.parseCallback(body, { gateway: 'daraja' }));
        } else if (gateway === 'payhero') {
          // Its bodies have UpesiPay's shape.
          expected = said(() => lipia.parseCallback(body, { gateway: 'upesipay' }));
        } else if (gateway === 'daraja' && !found.parses) {
          // No hostile body of Daraja's may pass as another gateway's; under which code it is refused differs.
          return named.parses ? [`${name}: not told apart`] : [];
        }
        return differences(expected, found).map((difference) => `${name}: ${difference}`);
      });
      assert.deepEqual(failures, []);
    });
  }
});

function clientOf(gateway, Client) {
  const keys = { consumerKey: 'key', consumerSecret: 'secret', shortCode: 174379, passKey: 'pass' };
  return new Client(
    {
      daraja: keys,
      palpluss: { apiKey: 'key' },
      upesipay: { authToken: 'token', channelId: 1 },
      payhero: { baseUrl: 'https://payhero.example', authToken: 'token', channelId: 1 },
    }[gateway],
  );
}

function opened(result) {
  if (result.ok) return result.data;
  throw result.error;
}

test('what JSON.parse loses is lost, or it would be in the list for nothing', () => {
  for (const name of Object.keys(LOST_BY_JSON_PARSE)) {
    const body = core('vectors', 'callbacks', name);
    const found = said(() => lipia.parseCallback(JSON.parse(body), { gateway: 'daraja' }));
    assert.notDeepEqual(differences(wanted(EXPECTED[name], found), found), [], name);
  }
});

test('a body that was kept is the body that came', () => {
  for (const gateway of Object.keys(GATEWAYS)) {
    for (const { name, body, expected } of bodies(gateway)) {
      if (!expected.parses) continue;
      const holders = [body, textOf(body), new Uint8Array(body)];
      for (const holder of holders) {
        const event = lipia.parseCallback(holder, { gateway });
        assert.ok(event.raw instanceof Uint8Array && Buffer.from(event.raw).equals(body), name);
      }
    }
  }
});

test("a value of a callback is found by the gateway's own name for it", () => {
  const event = lipia.parseCallback(
    core('vectors', 'callbacks', 'd001_success_documented_four_items_float_amount.json'),
  );
  assert.equal(Number(event.value('Amount')), event.amount);
  assert.equal(event.value('MpesaReceiptNumber'), event.receipt);
  assert.equal(event.value('NoSuchName'), null);
});
