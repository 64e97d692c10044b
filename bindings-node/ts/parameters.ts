/** The settings of clients and the parts of a push. Made from the core's tables by `make documents`: do not edit. */

import type { WaitOptions } from './settings';

/** Settings that every client has. */
export interface CommonSettings {
  /**
   * `sandbox` or `production`: how strictly callback URLs are checked. Default: `production`, and `sandbox` where
   * `baseUrl` is on this machine or at a cleartext host.
   */
  environment?: 'sandbox' | 'production' | undefined;
  /** An address in place of the usual one: `https`, or `http` on this machine and at `cleartextHosts`. */
  baseUrl?: string | undefined;
  /**
   * The hosts besides this machine that `baseUrl` may name with `http`: whole names or IP addresses, without port. For
   * a developer's own sandbox, such as `sandbox` (a container) or `10.0.2.2` (the machine that runs an Android
   * emulator). There the sandbox's public credentials are taken alone; others are refused before anything is sent.
   * Default: none.
   */
  cleartextHosts?: string | readonly string[] | undefined;
  /**
   * The URL that results are posted to. Each payment's own token is appended as one more path segment, so route
   * everything below it.
   */
  callbackUrl?: string | undefined;
  /**
   * The secrets that seal callback URLs, newest first, at least 16 bytes each. Default: one that is derived from the
   * client's own secret at the gateway.
   */
  callbackSecrets?: string | readonly string[] | undefined;
  /**
   * Whether each payment's token is appended to the callback URL. Default: `true`. Without it, anybody who learns the
   * URL can forge a callback.
   */
  callbackToken?: boolean | undefined;
  /**
   * The addresses and ranges that may send callbacks; `published` stands for those that circulate as Safaricom's.
   * Default: every address.
   */
  sourceAddresses?: string | readonly string[] | undefined;
  /**
   * The addresses and ranges of your own proxies, such as `10.0.0.0/8`. `X-Forwarded-For` is read only where the
   * connection comes from one of them, or over a Unix socket.
   */
  trustedProxies?: string | readonly string[] | undefined;
  /** Milliseconds for one call: token, request, answer and resends. Default: 30,000. */
  timeout?: number | undefined;
  /** The times of waits. */
  wait?: WaitOptions | undefined;
  /** The largest amount of one push, in whole KES. Default: 250,000, M-Pesa's own limit. */
  maxAmount?: number | undefined;
  /**
   * The most characters of an account reference. Default: 12, as documented. Production is known to take 14: enough for
   * the account number that a bank's pay bill wants.
   */
  maxReferenceCharacters?: number | undefined;
  /** Whether the gateway's usual guard keeps the merchant from being blocked. Default: `true`. */
  guard?: boolean | undefined;
  /**
   * The most questions about payments in a minute, of all clients of the account together; 0 for no limit. Clients
   * count together in this process and, with a shared ledger, in all processes that share it. Default: what is known of
   * the gateway, and no limit where `baseUrl` is on this machine or at a cleartext host.
   */
  questionsPerMinute?: number | undefined;
  /** The root certificates for TLS: `bundled` (the default), which is Mozilla's list, or `operating_system`. */
  tlsRoots?: 'bundled' | 'operating_system' | undefined;
  /** A file of certificates in PEM. TLS trusts these alone. */
  caBundle?: string | undefined;
  /**
   * The name of the program, with its version, such as `duka/2.1`. It stands after Lipia's in the user agent of
   * requests.
   */
  application?: string | undefined;
  /**
   * The address of the ledger of payments: `sqlite:///var/lib/shop/payments.db` for the processes of one machine,
   * `postgres://…` for many machines. Clients that share a ledger have one payment for one order. Default: the memory
   * of this client alone.
   */
  ledger?: string | undefined;
  /**
   * The name of the shop, where several merchants share a ledger. They do not see each other's payments. Default:
   * `default`.
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
  transactionType?: 'CustomerPayBillOnline' | 'CustomerBuyGoodsOnline' | 'pay_bill' | 'buy_goods' | undefined;
  /** The number that receives the money. A till needs it: its till number. Default: `shortCode`. */
  partyB?: string | number | undefined;
  /**
   * The version of Daraja's STK query. Default: `v1`. With `v2` a payment that a query settles has its receipt.
   * Safaricom does not document `v2`; where its address does not exist, the client goes on with `v1`.
   */
  queryVersion?: 'v1' | 'v2' | undefined;
  /** `sandbox` (the default) or `production`. It chooses the address. */
  environment?: 'sandbox' | 'production' | undefined;
}

/** The settings of a client of PalPluss. */
export interface PalPlussSettings extends CommonSettings {
  /** The key from PalPluss's dashboard. */
  apiKey: string;
  /** Whether the key is sent as `Basic <key>`. By default it is sent as the user name of HTTP Basic authentication. */
  plainApiKey?: boolean | undefined;
  /** The payment channel that receives the money. Default: the default channel of the account. */
  channelId?: string | number | undefined;
  /** The id at PalPluss of the merchant's own Daraja credentials. */
  credentialId?: string | undefined;
  /**
   * The most characters of an account reference. Default: 12, as documented. Production is known to take 120: enough
   * for the account number that a bank's pay bill wants.
   */
  maxReferenceCharacters?: number | undefined;
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
  /**
   * PayHero's address: `https`, or `http` on this machine and at `cleartextHosts`. Lipia has no default, because its
   * authors could not confirm the address and its authorization.
   */
  baseUrl: string;
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
  /**
   * The URL for the result of this push, used exactly as given. Default: the client's callback URL with this payment's
   * own token.
   */
  callbackUrl?: string | undefined;
  /** Whether a text that is too long is refused (`refuse`, the default) or cut (`truncate`). */
  fit?: 'refuse' | 'truncate' | undefined;
  /** Whether a fraction of a shilling is rounded half up. By default it is refused. */
  roundAmount?: boolean | undefined;
  /**
   * The shop's own name for the sale, of 1 to 128 characters. It has one open or paid payment, however often it is
   * requested. For `request` and `collect`.
   */
  order?: string | number | undefined;
}

/** A push through Daraja. */
export interface DarajaPush extends StkPush {
  /** Pay bill or till, for this push. Default: the client's. */
  transactionType?: 'CustomerPayBillOnline' | 'CustomerBuyGoodsOnline' | 'pay_bill' | 'buy_goods' | undefined;
  /** The till that receives the money of this push. Default: the client's. */
  partyB?: string | number | undefined;
}

/** A push through PalPluss. */
export interface PalPlussPush extends StkPush {
  /** The payment channel that receives the money. Default: the client's. */
  channelId?: string | number | undefined;
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

/** The settings of clients, in this package's spelling and in the core's. @internal */
export const SETTINGS = {
  consumerKey: 'consumer_key',
  consumerSecret: 'consumer_secret',
  shortCode: 'short_code',
  passKey: 'pass_key',
  transactionType: 'transaction_type',
  partyB: 'party_b',
  queryVersion: 'query_version',
  apiKey: 'api_key',
  plainApiKey: 'plain_api_key',
  authToken: 'auth_token',
  username: 'username',
  password: 'password',
  generation: 'generation',
  channelId: 'channel_id',
  credentialId: 'credential_id',
  environment: 'environment',
  baseUrl: 'base_url',
  cleartextHosts: 'cleartext_hosts',
  callbackUrl: 'callback_url',
  callbackSecrets: 'callback_secrets',
  callbackToken: 'callback_token',
  sourceAddresses: 'source_addresses',
  trustedProxies: 'trusted_proxies',
  timeout: 'timeout_seconds',
  maxAmount: 'max_amount',
  maxReferenceCharacters: 'max_reference_characters',
  guard: 'guard',
  questionsPerMinute: 'questions_per_minute',
  tlsRoots: 'tls_roots',
  caBundle: 'ca_bundle',
  application: 'application',
  ledger: 'ledger',
  shop: 'shop',
} as const;

/** The parts of a push that every gateway has. @internal */
export const PUSH = {
  phoneNumber: 'phone_number',
  amount: 'amount',
  accountReference: 'account_reference',
  transactionDesc: 'transaction_desc',
  callbackUrl: 'callback_url',
  fit: 'fit',
  roundAmount: 'round_amount',
  order: 'order',
} as const;

/** The parts of a push that only some gateways have. @internal */
export const PUSH_OPTIONS = {
  transactionType: 'transaction_type',
  partyB: 'party_b',
  channelId: 'channel_id',
  credentialId: 'credential_id',
  customerName: 'customer_name',
} as const;

/** The kinds of parameters that are not plain text. @internal */
export const KINDS: Readonly<Record<string, Kind>> = {
  amount: 'amount',
  callbackSecrets: 'texts',
  callbackToken: 'flag',
  cleartextHosts: 'texts',
  fit: 'fit',
  guard: 'flag',
  maxAmount: 'count',
  maxReferenceCharacters: 'count',
  plainApiKey: 'flag',
  questionsPerMinute: 'count',
  roundAmount: 'flag',
  sourceAddresses: 'texts',
  timeout: 'seconds',
  trustedProxies: 'texts',
};

/** How the value of a parameter is read. */
export type Kind = 'amount' | 'count' | 'fit' | 'flag' | 'seconds' | 'texts';
