/** Every verb that waits, each with all that it needs. */

import assert from 'node:assert/strict';
import { core } from './repository.mjs';
import { phone, SILENT, sale } from './sales.mjs';

const BODY = core('vectors', 'callbacks', 'd002_success_balance_item_without_value.json').toString();

/** A client with payments at every stage, on which each verb can be tried. */
export async function stage(sandbox, settings) {
  const client = sandbox.daraja(settings);
  const pushed = client.reserve(sale(phone(1, SILENT)));
  const acceptance = await client.push(pushed);
  // Its answer may be here a moment before it is over.
  assert.equal(await client.drain(), true);
  const reserved = client.reserve(sale(phone(2, SILENT)));
  const another = client.reserve(sale(phone(3, SILENT)));
  const { callbackUrl } = pushed.snapshot().push;
  const body = BODY.replace('ws_CO_01062026193556196708374149', acceptance.checkoutRequestId);
  return { client, pushed, reserved, another, acceptance, path: callbackUrl, body, event: client.parseCallback(body) };
}

/** The verbs, by what they are called with. */
export const VERBS = {
  stkPush: ({ client }, options) => client.stkPush(sale(phone(4, SILENT)), options),
  push: ({ client, reserved }, options) => client.push(reserved, options),
  stkQuery: ({ client, acceptance }, options) => client.stkQuery(acceptance, options),
  wait: ({ client, pushed }, options) => client.wait(pushed, options),
  waitById: ({ client, acceptance }, options) => client.wait(acceptance, options),
  collect: ({ client }, options) => client.collect(sale(phone(5, SILENT)), options),
  collectPayment: ({ client, another }, options) => client.collectPayment(another, options),
  receiveCallback: ({ client, path, body }, options) => client.receiveCallback({ path, body }, options),
  believe: ({ client, pushed, event }, options) => client.believe(pushed, event, options),
};

/** The same verbs where they are safe. */
export const SAFE_VERBS = {
  stkPush: ({ client }, options) => client.stkPushSafe(sale(phone(4, SILENT)), options),
  push: ({ client, reserved }, options) => client.pushSafe(reserved, options),
  stkQuery: ({ client, acceptance }, options) => client.stkQuerySafe(acceptance, options),
  wait: ({ client, pushed }, options) => client.waitSafe(pushed, options),
  waitById: ({ client, acceptance }, options) => client.waitSafe(acceptance, options),
  collect: ({ client }, options) => client.collectSafe(sale(phone(5, SILENT)), options),
  collectPayment: ({ client, another }, options) => client.collectPaymentSafe(another, options),
  receiveCallback: ({ client, path, body }, options) => client.receiveCallbackSafe({ path, body }, options),
  believe: ({ client, pushed, event }, options) => client.believeSafe(pushed, event, options),
};
