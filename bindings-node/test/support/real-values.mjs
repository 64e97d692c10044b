/** Values of every class, made by real sales through the sandbox, and the secrets that they were made with. */

import assert from 'node:assert/strict';
import * as lipia from 'lipia';
import { PHONE, sale } from './sales.mjs';
import { Shop } from './shop.mjs';
import { eventually } from './waiting.mjs';

/** Phones of customers: one who pays, one who cancels, one whose callback names another amount. */
const PAYS = PHONE;
const CANCELS = '0712341032';
const CHEATS = '0712349010';

/** Every spelling in which the payers' numbers could show. */
export const PHONES = [PAYS, CANCELS, CHEATS].map((number) => number.slice(1));

/** Settings of a sandbox's clients that are secret. */
const SECRET = ['consumerKey', 'consumerSecret', 'passKey', 'apiKey', 'authToken'];

/** What a verb fails with. */
export async function errorOf(verb) {
  let value;
  try {
    value = await verb();
  } catch (error) {
    assert.ok(error instanceof Error, `${error} is no error`);
    return error;
  }
  throw new assert.AssertionError({ message: `nothing was thrown, and this came: ${value?.constructor?.name}` });
}

/** An error of every class. */
export async function everyError(sandbox) {
  const daraja = sandbox.daraja();
  const faulty = (gateway, kind) => {
    sandbox.reset();
    sandbox.inject({ step: 'push', kind });
    return sandbox[gateway]().stkPush(sale(CANCELS));
  };
  const errors = [];
  for (const verb of [
    () => daraja.stkPush({ ...sale(), amount: '99.50' }),
    () => new lipia.Daraja({ ...sandbox.settings(), passKey: '' }),
    () => daraja.wait(daraja.reserve(sale())),
    () => daraja.stkPush(sale('0712349012')),
    () => daraja.receiveCallback({ path: '/pay', body: '{}' }),
    () => faulty('daraja', 'answer_lost'),
    () => faulty('palpluss', 'kyc_not_verified'),
    // After it this process sends nothing more for that account.
    () => faulty('palpluss', 'stk_temp_banned'),
    () => daraja.stkPush(sale(), { signal: AbortSignal.abort() }),
    () => sandbox.daraja({ baseUrl: 'http://127.0.0.1:9' }).stkPush(sale()),
  ]) {
    errors.push(await errorOf(verb));
  }
  return errors;
}

/** Values by name, and everything that none of them may show. */
export async function realValues(sandbox) {
  const values = {};
  const secrets = [];
  const shop = await Shop.open();
  try {
    const daraja = sandbox.daraja({ callbackUrl: shop.callbackUrl });
    shop.receive = (path, body) => daraja.receiveCallback({ path, body });
    values.client = daraja;
    values.handle = daraja.reserve(sale(PAYS));
    values.reserved = values.handle.snapshot();
    values.acceptance = await daraja.push(values.handle);
    values.wait = daraja.wait(values.handle);
    values.progress = [];
    for await (const progress of values.wait) values.progress.push(progress);
    await eventually('the callback is heard', () => shop.heard.length === 1);
    [values.received] = shop.heard;
    values.event = values.received.event;
    values.check = values.event.check({ amount: 150, phoneNumber: PAYS });
    values.paid = await daraja.wait(values.handle);
    values.status = await daraja.stkQuery(values.acceptance);
    values.cancelled = await daraja.collect(sale(CANCELS));
    const flagged = daraja.reserve(sale(CHEATS));
    await daraja.push(flagged);
    await eventually('the false callback is heard', () => shop.heard.length === 3);
    values.flagged = flagged.snapshot();
    sandbox.inject({ step: 'push', kind: 'answer_lost' });
    values.lost = await errorOf(() => daraja.stkPush(sale('0712340005')));
    values.unknown = daraja.unclaimed()[0].snapshot();
    for (const gateway of ['palpluss', 'upesipay']) {
      const client = sandbox[gateway]();
      const handle = client.reserve(sale());
      values[`client of ${gateway}`] = client;
      values[`acceptance of ${gateway}`] = await client.push(handle);
      values[`payment of ${gateway}`] = await client.wait(handle);
      values[`status of ${gateway}`] = await client.stkQuery(values[`acceptance of ${gateway}`]);
    }
    values.errors = await everyError(sandbox);
    for (const gateway of lipia.GATEWAYS) {
      const settings = sandbox.settings(gateway);
      secrets.push(...SECRET.filter((name) => name in settings).map((name) => settings[name]));
    }
    for (const name of ['paid', 'cancelled', 'flagged', 'unknown', 'payment of palpluss', 'payment of upesipay']) {
      const { callbackUrl } = values[name].push;
      secrets.push(callbackUrl, callbackUrl.split('/').at(-1), callbackUrl.split('-').at(-1));
    }
    assert.ok(secrets.length >= 20 && secrets.every((secret) => secret.length > 8), 'the secrets are none');
    return { values, secrets };
  } finally {
    await shop.close();
  }
}
