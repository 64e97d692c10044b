/** The settings of a client, by gateway. */

import { amountText, countOf, flagOf, objectOf, partsOf, secondsOf, textOf, textsOf } from './arguments';
import { PUSH_OPTIONS, SETTINGS, WAIT } from './names';
import { addon } from './native';
import { isToBeCut } from './values';

/**
 * The times of a wait, in milliseconds.
 *
 * The defaults follow what is known of Daraja: a customer takes about 20 seconds, a prompt lives for about 60, and a query
 * before 10 seconds only learns that it is too early.
 */
export interface WaitOptions {
  /** Milliseconds to wait in all. Default: 120,000. */
  timeout?: number | undefined;
  /** Milliseconds from the push to the first question. Default: 10,000. */
  firstQueryAfter?: number | undefined;
  /** Milliseconds between the first and the second question; each later pause is half as long again. Default: 10,000. */
  queryEvery?: number | undefined;
  /** The longest pause between two questions, in milliseconds. Default: 30,000. */
  longestPause?: number | undefined;
}

/** Settings that every client has. */
export interface CommonSettings {
  /**
   * `sandbox` or `production`. With Daraja it chooses the address. Default: `sandbox`. With the other gateways it chooses how
   * strictly callback URLs are checked. Default: `production`, and `sandbox` where `baseUrl` is on this machine.
   */
  environment?: 'sandbox' | 'production' | undefined;
  /** An address in place of the usual one: `https`, or `http` on this machine. */
  baseUrl?: string | undefined;
  /**
   * The URL that results are posted to. Each payment's own token is appended as one more path segment, so route everything
   * below it.
   */
  callbackUrl?: string | undefined;
  /**
   * The secrets that seal callback URLs, newest first, at least 16 bytes each. Default: one that is derived from the client's
   * own secret at the gateway.
   */
  callbackSecrets?: string | readonly string[] | undefined;
  /**
   * Whether each payment's token is appended to the callback URL. Default: true. Without it, anybody who learns the URL can
   * forge a callback.
   */
  callbackToken?: boolean | undefined;
  /**
   * The addresses and ranges that may send callbacks; `published` stands for those that circulate as Safaricom's. Default:
   * every address.
   */
  sourceAddresses?: readonly string[] | undefined;
  /**
   * The addresses and ranges of your own proxies, such as `10.0.0.0/8`. `X-Forwarded-For` is read only where the
   * connection comes from one of them, or over a Unix socket.
   */
  trustedProxies?: readonly string[] | undefined;
  /** Milliseconds for one call: token, request, answer and resends. Default: 30,000. */
  timeout?: number | undefined;
  /** The times of waits. */
  wait?: WaitOptions | undefined;
  /** The largest amount of one push, in whole KES. Default: 250,000, M-Pesa's own limit. */
  maxAmount?: number | undefined;
  /**
   * The most characters of an account reference. Default: 12, as documented. Production is known to take 14 (through PalPluss
   * 120): enough for the account number that a bank's pay bill wants.
   */
  maxReferenceCharacters?: number | undefined;
  /** Whether the gateway's usual guard keeps the merchant from being blocked. Default: true. */
  guard?: boolean | undefined;
  /**
   * How often per minute all clients of the account together ask about payments; 0 for no limit. Clients count together in
   * this process and, with a shared ledger, in all processes that share it. Default: what is known of the gateway, and no
   * limit where `baseUrl` is on this machine.
   */
  questionsPerMinute?: number | undefined;
  /** The root certificates for TLS: `bundled` (the default), which is Mozilla's list, or `operating_system`. */
  tlsRoots?: 'bundled' | 'operating_system' | undefined;
  /** A file of certificates in PEM. TLS trusts these alone. */
  caBundle?: string | undefined;
  /**
   * The address of the ledger of payments: `sqlite:///var/lib/shop/payments.db` for the processes of one machine,
   * `postgres://shop:password@db.example/shop` for many machines. Clients that share a ledger have one payment for one order.
   * Default: the memory of this client alone. `fromEnv` reads `LIPIA_LEDGER`.
   */
  ledger?: string | undefined;
  /**
   * The name of the shop, where several merchants share a ledger. They do not see each other's payments. Default: `default`.
   */
  shop?: string | undefined;
}

/** The settings of a client of Daraja, Safaricom's own API. */
export interface DarajaSettings extends CommonSettings {
  /** The app's consumer key. */
  consumerKey: string;
  /** The app's consumer secret. */
  consumerSecret: string;
  /** The pay bill number; for a till, the head office or store number. */
  shortCode: string | number;
  /** The pass key that Safaricom gave for the short code. */
  passKey: string;
  /** Pay bill (the default) or till. */
  transactionType?: TransactionType | undefined;
  /** The number that receives the money. A till needs it: its till number. Default: `shortCode`. */
  partyB?: string | number | undefined;
  /**
   * The version of Daraja's STK query. Default: `v1`. With `v2` a payment that a query settles has its receipt. Safaricom does
   * not document `v2`; where its address does not exist, the client goes on with `v1`.
   */
  queryVersion?: 'v1' | 'v2' | undefined;
}

/** Pay bill or till. */
export type TransactionType = 'CustomerPayBillOnline' | 'CustomerBuyGoodsOnline' | 'pay_bill' | 'buy_goods';

/** The settings of a client of PalPluss. */
export interface PalPlussSettings extends CommonSettings {
  /** The key from PalPluss's dashboard. */
  apiKey: string;
  /** Whether the key is sent as `Basic <key>`. By default it is sent as the user name of HTTP Basic authentication. */
  plainApiKey?: boolean | undefined;
  /** The payment channel that receives the money. Default: the default channel of the account. */
  channelId?: string | undefined;
  /** The id at PalPluss of the merchant's own Daraja credentials. */
  credentialId?: string | undefined;
}

/** The settings of a client of UpesiPay. */
export interface UpesiPaySettings extends CommonSettings {
  /** The ready token from UpesiPay's dashboard, with or without `Basic` before it. */
  authToken?: string | undefined;
  /** The user name, in place of a ready token. */
  username?: string | undefined;
  /** The password, in place of a ready token. */
  password?: string | undefined;
  /** The generation of UpesiPay's interface that pushes use. Default: 1. */
  generation?: '1' | '2' | 1 | 2 | undefined;
  /** The payment channel that receives the money: its number, or in generation 2 the word `wallet`. */
  channelId?: string | number | undefined;
  /** The id at UpesiPay of the merchant's own Daraja credentials. Generation 1 only. */
  credentialId?: string | undefined;
}

/** The settings of a client of PayHero, which speaks the first generation of UpesiPay's interface. */
export interface PayHeroSettings extends CommonSettings {
  /**
   * PayHero's address: `https`, or `http` on this machine. Lipia has no default, because its authors could not confirm the
   * address and its authorization.
   */
  baseUrl: string;
  /** The ready token from PayHero's dashboard, with or without `Basic` before it. */
  authToken?: string | undefined;
  /** The user name, in place of a ready token. */
  username?: string | undefined;
  /** The password, in place of a ready token. */
  password?: string | undefined;
  /** The number of the payment channel that receives the money. */
  channelId?: string | number | undefined;
  /** The id at PayHero of the merchant's own Daraja credentials. */
  credentialId?: string | undefined;
}

/** A push: the payer, the amount and the reference of the sale. */
export interface StkPush {
  /** The payer's Kenyan mobile number, in any usual spelling. */
  phoneNumber: string | number;
  /** The amount in whole KES. */
  amount: number | bigint | string;
  /** The reference of the sale, such as an invoice number. The customer sees it. With Daraja at most 12 characters. */
  accountReference: string | number;
  /** A description of the sale, at most 13 characters. Default: the reference. */
  transactionDesc?: string | undefined;
  /** The URL for the result of this push, used exactly as given. Default: the client's `callbackUrl` with the payment's token. */
  callbackUrl?: string | undefined;
  /** Whether a text that is too long is refused (`refuse`, the default) or cut (`truncate`). */
  fit?: 'refuse' | 'truncate' | undefined;
  /**
   * The shop's own name for the sale, of 1 to 128 characters. It has one open or paid payment, however often it is requested.
   * For `request` and `collect`.
   */
  order?: string | number | undefined;
  /** Whether a fraction of a shilling is rounded half up. By default it is refused. */
  roundAmount?: boolean | undefined;
}

/** A push through Daraja. */
export interface DarajaPush extends StkPush {
  /** Pay bill or till, for this push. Default: the client's. */
  transactionType?: TransactionType | undefined;
  /** The till that receives the money of this push. Default: the client's. */
  partyB?: string | number | undefined;
}

/** A push through PalPluss. */
export interface PalPlussPush extends StkPush {
  /** The payment channel that receives the money. Default: the client's. */
  channelId?: string | undefined;
  /** The id of the merchant's own Daraja credentials at the gateway. Default: the client's. */
  credentialId?: string | undefined;
}

/** A push through UpesiPay. */
export interface UpesiPayPush extends StkPush {
  /** The payment channel that receives the money. Default: the client's. */
  channelId?: string | number | undefined;
  /** The id of the merchant's own Daraja credentials at the gateway. Default: the client's. */
  credentialId?: string | undefined;
  /** The payer's name. */
  customerName?: string | undefined;
}

/** A push through PayHero. */
export interface PayHeroPush extends StkPush {
  /** The payment channel that receives the money. Default: the client's. */
  channelId?: string | number | undefined;
  /** The id of the merchant's own Daraja credentials at the gateway. Default: the client's. */
  credentialId?: string | undefined;
  /** The payer's name. */
  customerName?: string | undefined;
}

/** How settings that are not plain text are read. */
const READERS: Readonly<Record<string, (name: string, value: unknown) => unknown>> = {
  callbackSecrets: textsOf,
  callbackToken: flagOf,
  guard: flagOf,
  maxAmount: countOf,
  maxReferenceCharacters: countOf,
  questionsPerMinute: countOf,
  plainApiKey: flagOf,
  sourceAddresses: textsOf,
  timeout: secondsOf,
  trustedProxies: textsOf,
};

/** The environment variables of a client: `process.env`, or an object like it. */
export type Environ = Readonly<Record<string, string | undefined>>;

/** Settings as the native addon takes them. @internal */
export function settingsData(gateway: string, settings: unknown, environ: Environ | null): string {
  const data: Record<string, unknown> = { gateway };
  for (const [name, value] of Object.entries(partsOf('settings', settings))) {
    if (name === 'wait' || value === undefined || value === null) continue;
    data[SETTINGS[name as keyof typeof SETTINGS]] = (READERS[name] ?? textOf)(name, value);
  }
  if (environ !== null) {
    const variables = Object.entries(objectOf('environ', environ)).filter(
      ([name, value]) => value !== undefined && addon.wantsVariable(name),
    );
    data['variables'] = Object.fromEntries(variables.map(([name, value]) => [name, textOf(name, value)]));
  }
  return JSON.stringify(data);
}

/** The times of waits, as the native addon takes them. @internal */
export function waitData(wait: unknown): string | null {
  if (wait === undefined || wait === null) return null;
  const data: Record<string, number> = {};
  for (const [name, value] of Object.entries(partsOf('wait', wait))) {
    if (value !== undefined) data[WAIT[name as keyof typeof WAIT]] = secondsOf(name, value);
  }
  return JSON.stringify(data);
}

/** A push as the native addon takes it. @internal */
export function pushData(push: unknown): string {
  const given = partsOf('push', push);
  const data: Record<string, unknown> = {
    phone_number: textOf('phoneNumber', given['phoneNumber']),
    amount: amountText(given['amount']),
    account_reference: textOf('accountReference', given['accountReference']),
  };
  const { transactionDesc, callbackUrl, fit, roundAmount, order } = given;
  if (order !== undefined && order !== null) data['order'] = textOf('order', order);
  if (transactionDesc !== undefined) data['transaction_desc'] = textOf('transactionDesc', transactionDesc);
  if (callbackUrl !== undefined) data['callback_url'] = textOf('callbackUrl', callbackUrl);
  if (fit !== undefined) data['fit'] = isToBeCut(fit) ? 'truncate' : 'refuse';
  if (roundAmount !== undefined) data['round_amount'] = flagOf('roundAmount', roundAmount);
  let options: Record<string, string> | undefined;
  for (const name in PUSH_OPTIONS) {
    const value = given[name];
    if (value === undefined || value === null) continue;
    options ??= {};
    options[PUSH_OPTIONS[name as keyof typeof PUSH_OPTIONS]] = textOf(name, value);
  }
  if (options !== undefined) data['options'] = options;
  return JSON.stringify(data);
}
