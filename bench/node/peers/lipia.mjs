// Lipia: each push is a payment of its own, with its own id, sealed callback URL and password.
import { packages } from '../packages.mjs';
import * as sale from './sale.mjs';

export const PACKAGE = 'lipia';
const { Daraja, parseCallback } = packages.load(PACKAGE);

export async function make(where) {
  return new Daraja({
    consumerKey: where.consumer_key,
    consumerSecret: where.consumer_secret,
    shortCode: where.short_code,
    passKey: where.pass_key,
    callbackUrl: where.callback_url,
    baseUrl: where.base_url,
    timeout: where.timeout_seconds * 1000,
  });
}

export function push(client, accountReference) {
  return client.stkPush({
    phoneNumber: sale.PHONE_NUMBER,
    amount: sale.AMOUNT,
    accountReference,
    transactionDesc: sale.DESCRIPTION,
  });
}

const OPTIONS = { gateway: 'daraja' };

export function parse(body) {
  return parseCallback(body, OPTIONS);
}
