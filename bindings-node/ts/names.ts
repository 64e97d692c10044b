/** The names of settings and arguments, in this package's spelling and in the core's, whose errors name them. */

import { PUSH, PUSH_OPTIONS, SETTINGS } from './parameters';

/** How waits ask. */
export const WAIT = {
  timeout: 'timeout',
  firstQueryAfter: 'first_query_after',
  queryEvery: 'query_every',
  longestPause: 'longest_pause',
} as const;

/** Named parts of an argument. Those that the core does not know have no name of its. */
export type Parts = Readonly<Record<string, string>>;

function parts(...names: string[]): Parts {
  return Object.fromEntries(names.map((name) => [name, '']));
}

/** The parts of every argument that is an object, by the name that an error has for that argument. */
export const PARTS = {
  settings: { ...SETTINGS, wait: '' },
  push: { ...PUSH, ...PUSH_OPTIONS },
  wait: WAIT,
  'the options of a call': parts('signal', 'timeout'),
  'the options of a callback': parts('signal', 'timeout', 'confirm'),
  'the options of withOptions()': parts('timeout', 'wait'),
  'the options of check()': parts('reachCallback'),
  'the options of close()': parts('timeout'),
  'the options of drain()': parts('timeout'),
  incoming: parts('path', 'body', 'peer', 'forwardedFor', 'hasStore'),
  expected: parts('amount', 'phoneNumber', 'checkoutRequestId', 'merchantRequestId'),
  callbacks: parts('onError', 'confirm', 'confirmTimeout'),
  'callbacks of lipia/fetch': parts('peer'),
  'the options of parseAmount()': parts('maxAmount', 'roundAmount'),
  'the options of parseMoney()': parts('jsonNumber'),
  'the options of a text': parts('limit', 'fit'),
  'the options of parseCallbackUrl()': parts('environment'),
  'the options of parseCallback()': parts('gateway'),
  'the settings of password()': parts('shortCode', 'passKey', 'at'),
  'the options of startSandbox()': parts('port', 'timeScale'),
  'the options of instrument()': parts('tracerProvider', 'meterProvider'),
  'the options of environ()': parts('callbackUrl'),
  'the options of until()': parts('timeout'),
  search: parts(
    'state',
    'receipt',
    'phoneNumber',
    'reference',
    'since',
    'order',
    'onlyOpen',
    'onlyOwed',
    'limit',
    'page',
  ),
  'the options of a prune': parts('olderThan'),
  'the options of an import': parts('order', 'tell'),
  resolution: parts('isPaid', 'receipt'),
  fault: parts('step', 'kind', 'gateway', 'times', 'seconds', 'afterActing', 'status'),
} as const satisfies Record<string, Parts>;

/** An argument that is an object of named parts. */
export type Argument = keyof typeof PARTS;

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

/** The core's name for a part of a push. @internal */
export function coreNameOf(name: string | null): string | null {
  return (PUSH as Readonly<Record<string, string>>)[name ?? ''] ?? name;
}

/** What is written in another way here than in the core's sentences. */
const SPELLINGS: readonly (readonly [string, string])[] = [
  ['Give a number of seconds that is zero or more.', 'Give a number of milliseconds that is zero or more.'],
];

/** A sentence of the core with the names and spellings that its reader knows. */
export function inApiNames(sentence: string): string {
  const spelt = SPELLINGS.reduce((text, [core, here]) => text.replace(core, here), sentence);
  return spelt.replace(/[a-z]+(?:_[a-z]+)+/g, nameInApi);
}
