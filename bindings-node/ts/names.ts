/** How the API's names are written here and in the core, whose errors name settings and arguments. */

/** The settings of clients. */
export const SETTINGS = {
  consumerKey: 'consumer_key',
  consumerSecret: 'consumer_secret',
  shortCode: 'short_code',
  passKey: 'pass_key',
  transactionType: 'transaction_type',
  partyB: 'party_b',
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
  callbackUrl: 'callback_url',
  callbackSecrets: 'callback_secrets',
  callbackToken: 'callback_token',
  sourceAddresses: 'source_addresses',
  trustedProxies: 'trusted_proxies',
  timeout: 'timeout_seconds',
  maxAmount: 'max_amount',
  guard: 'guard',
  tlsRoots: 'tls_roots',
  caBundle: 'ca_bundle',
} as const;

/** The parts of a push. */
export const PUSH = {
  phoneNumber: 'phone_number',
  amount: 'amount',
  accountReference: 'account_reference',
  transactionDesc: 'transaction_desc',
  callbackUrl: 'callback_url',
  fit: 'fit',
  roundAmount: 'round_amount',
} as const;

/** The parts of a push that only one gateway has. */
export const PUSH_OPTIONS = {
  transactionType: 'transaction_type',
  partyB: 'party_b',
  channelId: 'channel_id',
  credentialId: 'credential_id',
  customerName: 'customer_name',
} as const;

/** How waits ask. */
export const WAIT = {
  timeout: 'timeout',
  firstQueryAfter: 'first_query_after',
  queryEvery: 'query_every',
  longestPause: 'longest_pause',
} as const;

/** What errors of the core name beyond those. */
const OTHERS = {
  checkoutRequestId: 'checkout_request_id',
  merchantRequestId: 'merchant_request_id',
  paymentId: 'payment_id',
  receiveCallback: 'receive_callback',
  parseCallback: 'parse_callback',
  stkPush: 'stk_push',
  stkQuery: 'stk_query',
  serialize: 'to_json',
  'peer and forwardedFor': 'from_peer',
};

let inApi: ReadonlyMap<string, string> | undefined;

/** The core's names, each with the one that it has here; made when the first error needs it. */
function namesInApi(): ReadonlyMap<string, string> {
  inApi ??= new Map(
    [SETTINGS, PUSH, PUSH_OPTIONS, WAIT, OTHERS].flatMap((names) =>
      Object.entries(names)
        .filter(([here]) => here !== 'timeout')
        .map(([here, core]): [string, string] => [core, here]),
    ),
  );
  return inApi;
}

/** A name of the core's API as it is here. Names of environment variables stay as they are. */
export function nameInApi(name: string): string {
  return namesInApi().get(name) ?? name;
}

/** A sentence of the core with the names that its reader knows. */
export function inApiNames(sentence: string): string {
  return sentence.replace(/[a-z]+(?:_[a-z]+)+/g, nameInApi);
}
