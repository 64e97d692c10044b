// mpesa-api. It has no setting for the address: the one that it made of its environment is replaced. It takes no port from it, so
// that the agent's default is ours; nothing of the library itself is changed.
import { globalAgent } from 'node:http';
import { packages } from '../packages.mjs';
import * as sale from './sale.mjs';

export const PACKAGE = 'mpesa-api';
const { Mpesa } = packages.load(PACKAGE);

export async function make(where) {
  const { protocol, hostname, port } = new URL(where.base_url);
  // It asks for credentials of other requests, too; a push does without.
  const mpesa = new Mpesa(
    { clientKey: where.consumer_key, clientSecret: where.consumer_secret, securityCredential: 'none' },
    'sandbox',
  );
  mpesa.http.uri = { protocol, hostname };
  globalAgent.defaultPort = Number(port);
  return { mpesa, where };
}

export async function push({ mpesa, where }, reference) {
  // It rejects what is not answered with 2xx; what is, it hands over unread.
  return mpesa.lipaNaMpesaOnline({
    BusinessShortCode: where.short_code,
    passKey: where.pass_key,
    TransactionType: sale.TRANSACTION_TYPE,
    Amount: sale.AMOUNT,
    PartyA: sale.PHONE_NUMBER_INTERNATIONAL,
    PartyB: where.short_code,
    PhoneNumber: sale.PHONE_NUMBER_INTERNATIONAL,
    CallBackURL: where.callback_url,
    AccountReference: reference,
    TransactionDesc: sale.DESCRIPTION,
  });
}
