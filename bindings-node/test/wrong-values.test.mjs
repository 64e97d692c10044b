/** Wrong arguments, settings, variables and bodies are named, each by what the API calls it. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as lipia from 'lipia';
import { startSandbox } from 'lipia/sandbox';
import { core } from './support/repository.mjs';
import { KEYS, sale } from './support/sales.mjs';

const BODY = core('vectors', 'callbacks', 'd002_success_balance_item_without_value.json').toString();
const daraja = new lipia.Daraja(KEYS.daraja);
const event = daraja.parseCallback(BODY);
const { callbackUrl } = daraja.reserve(sale()).snapshot().push;
const gateways = { Daraja: lipia.Daraja, PalPluss: lipia.PalPluss, UpesiPay: lipia.UpesiPay, PayHero: lipia.PayHero };

/** What a call is refused with, whether it throws, rejects or comes to a result. */
async function refusalOf(call) {
  let result;
  try {
    result = await call();
  } catch (error) {
    return error;
  }
  assert.ok(result?.ok === false, 'nothing was refused');
  return result.error;
}

describe('a wrong argument is named', () => {
  const PUSHES = [
    [{ accountReference: null }, 'accountReference', 'type_not_accepted'],
    [{ accountReference: undefined }, 'accountReference', 'type_not_accepted'],
    [{ transactionDesc: false }, 'transactionDesc', 'type_not_accepted'],
    [{ roundAmount: 'false' }, 'roundAmount', 'type_not_accepted'],
    [{ fit: 'cut' }, 'fit', 'fit_unknown'],
    [{ phoneNumber: undefined }, 'phoneNumber', 'type_not_accepted'],
    [{ phoneNumber: 712345678.5 }, 'phoneNumber', 'type_not_accepted'],
    [{ phoneNumber: '07\ud800' }, 'phoneNumber', 'text_not_unicode'],
    [{ amount: undefined }, 'amount', 'type_not_accepted'],
    [{ amount: Number.NaN }, 'amount', 'amount_unreadable'],
    [{ amount: -0 }, 'amount', 'amount_below_minimum'],
    [{ amount: 0.1 + 0.2 }, 'amount', 'amount_fraction'],
    [{ amount: 1e21 }, 'amount', 'amount_unreadable'],
    [{ amount: 250_001 }, 'amount', 'amount_above_maximum'],
    [{ amount: '1,000' }, 'amount', 'amount_unreadable'],
    [{ amount: [150] }, 'amount', 'type_not_accepted'],
    [{ callbackUrl: 'not a url' }, 'callbackUrl', 'callback_url_unreadable'],
    [{ phone: '0712345678' }, 'phone', 'argument_unknown'],
    [{ phone_number: '0712345678' }, 'phone_number', 'argument_unknown'],
    [{ channelId: '1' }, 'channelId', 'option_unknown'],
  ];
  for (const [wrong, field, code] of PUSHES) {
    test(`of a push: ${Object.keys(wrong)} ${String(Object.values(wrong)[0])}`, async () => {
      const push = { ...sale(), ...wrong };
      const error = await refusalOf(() => daraja.reserve(push));
      assert.ok(error instanceof lipia.CorrectInputError, error);
      assert.deepEqual([error.field, error.disposition], [field, 'not_sent']);
      assert.equal(error.code, code);
      assert.ok(error.hint);
      for (const verb of ['stkPush', 'stkPushSafe', 'collect', 'collectSafe', 'reserveSafe']) {
        const same = await refusalOf(() => daraja[verb](push));
        assert.deepEqual(same.toLog(), error.toLog(), verb);
      }
    });
  }

  const SETTINGS = [
    [{ consumerKey: '' }, 'consumerKey', 'consumer_key_empty'],
    [{ shortCode: '12' }, 'shortCode', 'short_code_unreadable'],
    [{ passKey: ' ' }, 'passKey', 'pass_key_empty'],
    [{ environment: 'prod' }, 'environment', 'environment_unknown'],
    [{ baseUrl: 'http://api.example.com' }, 'baseUrl', 'base_url_not_https'],
    [{ baseUrl: 'http://sandbox:8600' }, 'baseUrl', 'base_url_not_https'],
    [{ cleartextHosts: ['http://sandbox'] }, 'cleartextHosts', 'cleartext_host_unreadable'],
    [{ cleartextHosts: 'sandbox:8600' }, 'cleartextHosts', 'cleartext_host_unreadable'],
    [{ cleartextHosts: 1 }, 'cleartextHosts', 'type_not_accepted'],
    [{ baseUrl: 'http://sandbox:8600', cleartextHosts: ['sandbox'] }, 'consumerKey', 'cleartext_keys'],
    [{ callbackUrl: 'shop.example/pay' }, 'callbackUrl', 'callback_url_unreadable'],
    [{ callbackSecrets: 'short' }, 'callbackSecrets', 'callback_secret_too_short'],
    [{ callbackSecrets: [Buffer.from('a-secret-that-is-long-enough')] }, 'callbackSecrets', 'type_not_accepted'],
    [{ sourceAddresses: ['nowhere'] }, 'sourceAddresses', 'source_address_unreadable'],
    [{ trustedProxies: ['10.0.0.0/8'] }, 'trustedProxies', 'source_addresses_missing'],
    [{ sourceAddresses: ['published'], trustedProxies: ['1'] }, 'trustedProxies', 'trusted_proxy_unreadable'],
    [{ trustedProxies: 1 }, 'trustedProxies', 'type_not_accepted'],
    [{ timeout: 0 }, 'timeout', 'timeout_zero'],
    [{ timeout: 30 }, 'timeout', 'time_too_short'],
    [{ timeout: -1 }, 'timeout', 'seconds_unreadable'],
    [{ timeout: Number.NaN }, 'timeout', 'seconds_unreadable'],
    [{ timeout: Number.POSITIVE_INFINITY }, 'timeout', 'seconds_unreadable'],
    [{ timeout: '30' }, 'timeout', 'type_not_accepted'],
    [{ wait: 60 }, 'wait', 'type_not_accepted'],
    [{ wait: { timeout: -1 } }, 'timeout', 'seconds_unreadable'],
    [{ wait: { first_query_after: 1000 } }, 'first_query_after', 'argument_unknown'],
    [{ maxAmount: -5 }, 'maxAmount', 'number_out_of_range'],
    [{ maxReferenceCharacters: 15 }, 'maxReferenceCharacters', 'max_reference_characters_out_of_range'],
    [{ passKey: '"pass"' }, 'passKey', 'pass_key_in_quotes'],
    [{ passKey: 'MTc0Mzc5a2V5MjAyNjExMjEwOTMwMDA=' }, 'passKey', 'pass_key_is_password'],
    [{ guard: 'no' }, 'guard', 'type_not_accepted'],
    [{ callbackToken: 0 }, 'callbackToken', 'type_not_accepted'],
    [{ tlsRoots: 'system' }, 'tlsRoots', 'tls_roots_unknown'],
    [{ caBundle: '/no/such/file.pem' }, 'caBundle', 'ca_bundle_unreadable'],
    [{ transactionType: 'gift' }, 'transactionType', 'transaction_type_unknown'],
    [{ partyB: 'x' }, 'partyB', 'short_code_unreadable'],
    [{ apiKey: 'x' }, 'apiKey', 'setting_of_another_gateway'],
    [{ consumer_key: 'x' }, 'consumer_key', 'argument_unknown'],
  ];
  for (const [wrong, field, code] of SETTINGS) {
    test(`of settings: ${Object.keys(wrong)} ${JSON.stringify(Object.values(wrong)[0])}`, async () => {
      const error = await refusalOf(() => new lipia.Daraja({ ...KEYS.daraja, ...wrong }));
      assert.ok(error instanceof lipia.CorrectSettingsError || error instanceof lipia.CorrectInputError, error);
      assert.deepEqual([error.field, error.code, error.disposition], [field, code, 'not_sent']);
      assert.ok(error.hint);
    });
  }

  test('of another spelling, with the right one', async () => {
    const error = await refusalOf(() => daraja.reserve({ ...sale(), phone_number: 1 }));
    assert.match(error.hint, /phoneNumber/);
    const nameless = await refusalOf(() => daraja.reserve({ ...sale(), 42: 1 }));
    assert.match(nameless.hint, /^There is phoneNumber, /);
  });
});

const VARIABLES = {
  Daraja: {
    MPESA_CONSUMER_KEY: 'key',
    MPESA_CONSUMER_SECRET: 'secret',
    MPESA_SHORTCODE: '174379',
    MPESA_PASSKEY: 'pass',
  },
  PalPluss: { PALPLUSS_API_KEY: 'key' },
  UpesiPay: { UPESIPAY_AUTH_TOKEN: 'token', UPESIPAY_CHANNEL_ID: '1' },
  PayHero: { PAYHERO_AUTH_TOKEN: 'token', PAYHERO_BASE_URL: 'https://payhero.example' },
};

for (const [name, variables] of Object.entries(VARIABLES)) {
  test(`a variable of ${name} that is missing or wrong is named`, async () => {
    assert.ok(gateways[name].fromEnv({}, variables) instanceof gateways[name]);
    // The channel of UpesiPay may be left out, and PayHero's address be given in the program.
    for (const missing of Object.keys(variables).filter((variable) => !/_(?:CHANNEL_ID|BASE_URL)$/.test(variable))) {
      const { [missing]: _, ...rest } = variables;
      for (const environ of [rest, { ...variables, [missing]: '' }, { ...variables, [missing]: undefined }]) {
        const error = await refusalOf(() => gateways[name].fromEnv({}, environ));
        assert.ok(error instanceof lipia.CorrectSettingsError, error);
        assert.equal(error.field, missing);
        assert.ok(error.message.includes(missing) && error.hint);
      }
      const half = await refusalOf(() => gateways[name].fromEnv({}, { ...variables, [missing]: '\ud800' }));
      assert.equal(half.field, missing);
    }
  });
}

test('all variables that are missing are named at once, and near names are pointed out', async () => {
  const error = await refusalOf(() =>
    lipia.Daraja.fromEnv({}, { DARAJA_CONSUMER_KEY: 'k', CONSUMER_SECRET: 's', MPESA_SHORT_CODE: '174379' }),
  );
  for (const name of ['MPESA_CONSUMER_KEY', 'MPESA_CONSUMER_SECRET', 'MPESA_SHORTCODE', 'MPESA_PASSKEY']) {
    assert.ok(error.message.includes(name), error.message);
  }
  for (const name of ['DARAJA_CONSUMER_KEY', 'CONSUMER_SECRET', 'MPESA_SHORT_CODE']) {
    assert.match(error.hint, new RegExp(`\\b${name} is set; Lipia reads`), error.hint);
  }
});

test('a till is set up by the environment, and a setting under another name is not ignored', async () => {
  const sandbox = await startSandbox();
  try {
    const environ = { ...sandbox.environ(), MPESA_TILL_NUMBER: '6500001' };
    await lipia.Daraja.fromEnv({}, environ).stkPush({ phoneNumber: '0712345678', amount: 1, accountReference: 'TILL' });
    const push = sandbox.requests().find(({ path }) => path.includes('stkpush'));
    const { TransactionType, PartyB } = JSON.parse(push.body);
    assert.deepEqual([TransactionType, PartyB], ['CustomerBuyGoodsOnline', '6500001']);
  } finally {
    await sandbox.stop();
  }
  for (const name of ['MPESA_ENV', 'DARAJA_ENVIRONMENT', 'mpesa_environment']) {
    const environ = { ...VARIABLES.Daraja, [name]: 'production' };
    const error = await refusalOf(() => lipia.Daraja.fromEnv({}, environ));
    assert.deepEqual([error.code, error.field], ['variable_misnamed', 'MPESA_ENVIRONMENT']);
    assert.match(error.message, new RegExp(name));
    assert.ok(lipia.Daraja.fromEnv({ environment: 'sandbox' }, environ));
  }
});

test('the real environment is read where none is given, and a setting goes before it', async () => {
  const before = { ...process.env };
  try {
    Object.assign(process.env, VARIABLES.Daraja);
    assert.ok(lipia.Daraja.fromEnv());
    delete process.env.MPESA_PASSKEY;
    assert.match((await refusalOf(() => lipia.Daraja.fromEnv())).message, /MPESA_PASSKEY/);
    assert.ok(lipia.Daraja.fromEnv({ passKey: 'pass' }));
  } finally {
    for (const name of Object.keys(VARIABLES.Daraja)) delete process.env[name];
    Object.assign(process.env, before);
  }
});

const HUGE = {
  'a million brackets': '['.repeat(1_000_000),
  'a hundred thousand objects': '{"a":'.repeat(100_000),
  'a code of many digits': `{"Body":{"stkCallback":{"ResultCode":${'9'.repeat(60_000)}}}}`,
  'many escapes': `{"Body":"${'\\u0000'.repeat(10_000)}"}`,
  nothing: '\0'.repeat(60_000),
  'fifty million letters': 'x'.repeat(50_000_000),
};

for (const [name, body] of Object.entries(HUGE)) {
  test(`a body of any size and depth is disbelieved: ${name}`, async () => {
    for (const gateway of [undefined, ...lipia.GATEWAYS]) {
      for (const holder of [body, Buffer.from(body)]) {
        const error = await refusalOf(() => lipia.parseCallback(holder, { gateway }));
        assert.ok(error instanceof lipia.DisbelieveError, error);
      }
    }
    const error = await refusalOf(() => daraja.receiveCallback({ path: callbackUrl, body }));
    assert.ok(error instanceof lipia.DisbelieveError, error);
  });
}

test('whole numbers of every kind are numbers', () => {
  for (const phone of [712345678, 254712345678, 712345678n]) {
    assert.equal(lipia.parsePhoneNumber(phone).number, '254712345678');
  }
  for (const amount of [150, 150n, '150', '150.00', 150.0]) assert.equal(lipia.parseAmount(amount), 150);
});

test('bytes that change after a call has begun change nothing', async () => {
  const sandbox = await startSandbox();
  try {
    const client = sandbox.daraja();
    const live = client.reserve(sale());
    await client.push(live);
    const { checkoutRequestId, push } = live.snapshot();
    const body = Buffer.from(
      JSON.stringify({
        Body: {
          stkCallback: {
            MerchantRequestID: 'x',
            CheckoutRequestID: checkoutRequestId,
            ResultCode: 1032,
            ResultDesc: 'x',
          },
        },
      }),
    );
    const received = client.receiveCallback({ path: push.callbackUrl, body });
    body.fill(0);
    assert.equal((await received).event.outcome, 'cancelled');
  } finally {
    await sandbox.stop();
  }
});

test('what nobody made is no value of a class', async () => {
  for (const odd of [Object.create(lipia.PaymentHandle.prototype), Object.create(lipia.Event.prototype), {}]) {
    for (const call of [
      () => daraja.push(odd),
      () => daraja.collectPayment(odd),
      () => daraja.believe(odd, event),
      () => daraja.wait(odd),
    ]) {
      const error = await refusalOf(call);
      assert.ok(error instanceof lipia.CorrectInputError, error);
      assert.equal(error.field, 'payment');
    }
  }
});
