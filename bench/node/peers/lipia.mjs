// Lipia: each push is a payment of its own, with its own id, sealed callback URL and password.
import { createRequire } from 'node:module';
import * as sale from './sale.mjs';

const { Daraja, parseCallback } = createRequire(import.meta.url)(process.env.LIPIA_NODE_PACKAGE);

export async function make(where) {
  return new Daraja(where);
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
