/** The settings of a client, by gateway. */

import { amountText, countOf, flagOf, objectOf, partsOf, secondsOf, textOf, textsOf } from './arguments';
import { PUSH_OPTIONS, SETTINGS, WAIT } from './names';
import { addon } from './native';
import { isToBeCut } from './values';

/** How waits ask. All times in milliseconds. */
export interface WaitOptions {
  /** How long a wait takes at most. Default: 120,000. */
  timeout?: number | undefined;
  /** When the gateway is first asked. Default: 10,000. */
  firstQueryAfter?: number | undefined;
  /** How long after that it is asked again; longer each time. Default: 10,000. */
  queryEvery?: number | undefined;
  /** The longest pause between two questions. Default: 30,000. */
  longestPause?: number | undefined;
}

/** Settings that every client has. */
export interface CommonSettings {
  /** `sandbox` or `production`. Daraja: chooses the address, `sandbox` by default. */
  environment?: 'sandbox' | 'production' | undefined;
  /** Another address than the usual one: `https`, or `http` on this machine. */
  baseUrl?: string | undefined;
  /** Where results are posted. Each payment's own token is appended as one more path segment, so route everything below it. */
  callbackUrl?: string | undefined;
  /** What seals callback URLs, newest first, at least 16 bytes each. Without any, one is derived from the gateway's own secret. */
  callbackSecrets?: string | readonly string[] | undefined;
  /** Whether a payment's token is appended to the callback URL. Without it a callback can be forged by anybody who learns the URL. */
  callbackToken?: boolean | undefined;
  /**
   * Addresses and ranges that callbacks are taken from; `published` stands for those that circulate as Safaricom's.
   * Without a list every address may send one.
   */
  sourceAddresses?: readonly string[] | undefined;
  /**
   * Addresses and ranges of your own proxies, such as `10.0.0.0/8`. `X-Forwarded-For` is read only where the connection
   * comes from one of them, or over a Unix socket.
   */
  trustedProxies?: readonly string[] | undefined;
  /** Milliseconds for one call: token, request, answer and whatever is resent. Default: 30,000. */
  timeout?: number | undefined;
  /** How waits ask. */
  wait?: WaitOptions | undefined;
  /** The most that one push may ask for, in whole KES. Default: 250,000, M-Pesa's own limit. */
  maxAmount?: number | undefined;
  /**
   * The most characters of an account reference. Default: 12, as documented. Production is known to take 14 (through PalPluss
   * 120): enough for the account number that a bank's pay bill wants.
   */
  maxReferenceCharacters?: number | undefined;
  /** `false` for no guard: the gateway's blocks are met as they come. */
  guard?: boolean | undefined;
  /**
   * How fast all clients of the account in this process ask together what became of payments; 0 for as fast as they like.
   * Default: what is known of the gateway, and no limit where the base URL is on this machine.
   */
  questionsPerMinute?: number | undefined;
  /** Whom TLS trusts. Default: `bundled`, Mozilla's list. */
  tlsRoots?: 'bundled' | 'operating_system' | undefined;
  /** A file of certificates in PEM: TLS trusts these alone. */
  caBundle?: string | undefined;
  /**
   * Where payments are kept that several processes, or the next one, share: `sqlite:///var/lib/shop/payments.db` is a file
   * for all processes of this machine, `postgres://shop:password@db.example/shop` a server for those of many machines.
   * Default: the memory of this client alone. `fromEnv` reads `LIPIA_LEDGER`.
   */
  ledger?: string | undefined;
  /**
   * The shop whose orders the client requests, where several merchants share a ledger: they do not see each other's payments.
   * Default: `default`.
   */
  shop?: string | undefined;
}

/** What a client of Daraja is made of. */
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
  /** Who receives the money: for a till, the till number. */
  partyB?: string | number | undefined;
  /**
   * Which version of the STK query asks what became of a push. Default: `v1`. With `v2` a payment that a query settles has
   * its receipt; Safaricom does not document it, and where its address does not exist the client asks `v1` from then on.
   */
  queryVersion?: 'v1' | 'v2' | undefined;
}

/** Pay bill or till. */
export type TransactionType = 'CustomerPayBillOnline' | 'CustomerBuyGoodsOnline' | 'pay_bill' | 'buy_goods';

/** What a client of PalPluss is made of. */
export interface PalPlussSettings extends CommonSettings {
  /** The key from PalPluss's dashboard. */
  apiKey: string;
  /** Whether the key is sent as it is instead of as a user name. */
  plainApiKey?: boolean | undefined;
  /** The payment channel that is paid. */
  channelId?: string | undefined;
  /** The merchant's own Daraja credentials, by their id at PalPluss. */
  credentialId?: string | undefined;
}

/** What a client of UpesiPay is made of. */
export interface UpesiPaySettings extends CommonSettings {
  /** The ready token from UpesiPay's dashboard, with or without `Basic` before it. */
  authToken?: string | undefined;
  /** The user name, where there is no ready token. */
  username?: string | undefined;
  /** The password, where there is no ready token. */
  password?: string | undefined;
  /** Which generation of UpesiPay's interface takes the pushes. Default: 1. */
  generation?: '1' | '2' | 1 | 2 | undefined;
  /** The payment channel that is paid: its number, or in generation 2 the word `wallet`. */
  channelId?: string | number | undefined;
  /** The merchant's own Daraja credentials, by their id at UpesiPay. Generation 1 alone. */
  credentialId?: string | undefined;
}

/** What a client of PayHero is made of. It speaks the first generation of UpesiPay's interface. */
export interface PayHeroSettings extends CommonSettings {
  /**
   * PayHero's address: `https`, or `http` on this machine. It must be given: nobody who works on Lipia has seen the address
   * and its authorization confirmed.
   */
  baseUrl: string;
  /** The ready token from PayHero's dashboard, with or without `Basic` before it. */
  authToken?: string | undefined;
  /** The user name, where there is no ready token. */
  username?: string | undefined;
  /** The password, where there is no ready token. */
  password?: string | undefined;
  /** The payment channel that is paid: its number. */
  channelId?: string | number | undefined;
  /** The merchant's own Daraja credentials, by their id at PayHero. */
  credentialId?: string | undefined;
}

/** What to ask of whom. */
export interface StkPush {
  /** Who pays: any usual spelling of a Kenyan mobile number. */
  phoneNumber: string | number;
  /** Whole KES. */
  amount: number | bigint | string;
  /** What you know the sale by; the customer sees it. With Daraja at most 12 characters. */
  accountReference: string | number;
  /** What the sale is, at most 13 characters. Default: the reference. */
  transactionDesc?: string | undefined;
  /** Where the result of this one push goes, to the letter. Default: the client's callback URL with this payment's own token. */
  callbackUrl?: string | undefined;
  /** Whether a text that is too long is refused (the default) or cut. */
  fit?: 'refuse' | 'truncate' | undefined;
  /**
   * Your own name for the sale, of 1 to 128 characters: it has one open or paid payment, however often it is requested. For
   * `request` and `collect`.
   */
  order?: string | number | undefined;
  /** Whether a fraction of a shilling is rounded (half up) or refused (the default). */
  roundAmount?: boolean | undefined;
}

/** A push through Daraja. */
export interface DarajaPush extends StkPush {
  /** Pay bill or till, for this one push. */
  transactionType?: TransactionType | undefined;
  /** The till that receives the money of this one push. */
  partyB?: string | number | undefined;
}

/** A push through PalPluss. */
export interface PalPlussPush extends StkPush {
  /** The channel that is paid. */
  channelId?: string | undefined;
  /** The merchant's own Daraja credentials. */
  credentialId?: string | undefined;
}

/** A push through UpesiPay. */
export interface UpesiPayPush extends StkPush {
  /** The channel that is paid. */
  channelId?: string | number | undefined;
  /** The merchant's own Daraja credentials. */
  credentialId?: string | undefined;
  /** The payer's name. */
  customerName?: string | undefined;
}

/** A push through PayHero. */
export interface PayHeroPush extends StkPush {
  /** The channel that is paid. */
  channelId?: string | number | undefined;
  /** The merchant's own Daraja credentials. */
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

/** Where the settings of a client come from: `process.env`, or anything like it. */
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

/** How waits ask, as the native addon takes it. @internal */
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
