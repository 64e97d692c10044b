/** Parity with the core: a verb, field, setting or word that the core has and Node lacks fails here. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as lipia from 'lipia';
import { declared, everything, exportedTypes, kindsOf, members } from './support/declarations.mjs';
import * as apart from './support/names-apart.mjs';
import { camel, snake } from './support/repository.mjs';
import * as rust from './support/rust-source.mjs';
import { REMEDIES } from './support/story.mjs';

/** What the package exports, to look names up in. */
const api = { ...lipia };

const CLIENTS = { daraja: lipia.Daraja, palpluss: lipia.PalPluss, upesipay: lipia.UpesiPay, payhero: lipia.PayHero };

const sorted = (names) => [...names].sort();
const without = (names, others) => sorted([...names].filter((name) => !new Set(others).has(name)));
const inCamel = (names) => [...names].map(camel);

/** The public methods and getters of a class, with those that it inherits. */
function methodsOf(type) {
  const names = new Set();
  for (let at = type.prototype; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) if (name !== 'constructor') names.add(name);
  }
  return names;
}

const EXPORTED = exportedTypes('./index');

test('every public name of the core is in Node, or it is said why not', () => {
  const core = rust.exported();
  const known = new Set([...EXPORTED, ...Object.keys(lipia)]);
  const here = (name) => known.has(name) || known.has(camel(name));
  const missing = [...core].filter((name) => !here(name) && !(name in apart.NAMES_APART));
  assert.deepEqual(missing, [], 'neither exported nor in NAMES_APART');
  assert.deepEqual(without(Object.keys(apart.NAMES_APART), core), [], 'no longer in the core');
  assert.deepEqual(Object.keys(apart.NAMES_APART).filter(here), [], 'in Node after all');
});

test('what is declared is there, and what is there is declared', async () => {
  for (const entry of ['express', 'fastify', 'fetch', 'node', 'opentelemetry', 'sandbox']) {
    const names = Object.keys(await import(`lipia/${entry}`));
    assert.deepEqual(without(names, exportedTypes(`./${entry}`)), [], entry);
  }
  assert.deepEqual(without(Object.keys(lipia), EXPORTED), []);
  for (const [name, value] of Object.entries(lipia)) {
    // Whoever reads a stack or an inspected object meets the name that was imported.
    if (typeof value === 'function') assert.equal(value.name, name);
  }
  assert.doesNotMatch(everything, /[:<|&,(]\s*any\b/, 'the type any');
});

/** Helpers that libraries of the field have, under the same names. */
const HELPERS = [
  'isStkCallbackSuccess',
  'getCallbackValue',
  'getStkMetadata',
  'isKnownStkResultCode',
  'STK_RESULT_CODES',
  'STK_PUSH_LIMITS',
];

test('every helper that the field knows is there, and says what the core says', () => {
  assert.deepEqual(without(HELPERS, Object.keys(lipia)), []);
  const codes = Object.values(lipia.STK_RESULT_CODES);
  assert.equal(new Set(codes).size, codes.length);
  for (const code of codes) assert.ok(lipia.isKnownStkResultCode(code), `${code} is not in the table`);
  const limitOf = (file, type) =>
    Number(rust.text(file).match(new RegExp(`impl ${type} \\{[\\s\\S]*?LIMIT: usize = (\\d+)`))[1]);
  assert.deepEqual(lipia.STK_PUSH_LIMITS, {
    MIN_AMOUNT: 1,
    MAX_AMOUNT: Number(
      rust
        .text('values/amount.rs')
        .match(/max: (\d[\d_]*)/)[1]
        .replaceAll('_', ''),
    ),
    MAX_ACCOUNT_REFERENCE: limitOf('values/reference.rs', 'AccountReference'),
    MAX_TRANSACTION_DESC: limitOf('values/reference.rs', 'TransactionDesc'),
  });
});

/** How a verb of clients may be called, and what it then returns. */
function signatures(name) {
  const found = [...declared('Client').matchAll(new RegExp(`^ {4}${name}\\(([\\s\\S]*?)\\): ([^;]*);`, 'gm'))];
  assert.ok(found.length > 0, `${name} is not declared`);
  return found.map(([, parameters, returns]) => ({ parameters, returns }));
}

describe('clients', () => {
  test("every method of the core's client is a method here", () => {
    const core = rust.clientMethods();
    assert.ok(core.size >= 20, [...core].join());
    for (const [gateway, Client] of Object.entries(CLIENTS)) {
      const missing = without(without(core, Object.keys(apart.CLIENT_METHODS_APART)).map(camel), methodsOf(Client));
      assert.deepEqual(missing, [], gateway);
      assert.ok(members(Client.name).has('gateway') && members(Client.name).has('fromEnv'));
      assert.equal(typeof Client.fromEnv, 'function');
    }
    assert.deepEqual(without(Object.keys(apart.CLIENT_METHODS_APART), core), []);
  });

  test("what a client has is declared, or is the package's own", () => {
    const own = without(methodsOf(lipia.Daraja), [...members('Client'), ...members('Daraja')]);
    assert.deepEqual(own, apart.INTERNAL);
  });

  test('every verb that waits has a twin that is safe, and no other has one for nothing', () => {
    const names = without(methodsOf(lipia.Daraja), ['isAtRest', 'gateway', 'payments', ...apart.INTERNAL]);
    const safe = names.filter((name) => name.endsWith('Safe'));
    const throwing = without(names, safe);
    const waiting = without(throwing, apart.IMMEDIATE);
    assert.ok(waiting.length >= 9, waiting.join());
    for (const name of waiting) {
      const isSafe = names.includes(`${name}Safe`);
      assert.equal(isSafe, !(name in apart.WITHOUT_SAFE_TWIN), name);
      for (const { returns } of signatures(name)) assert.match(returns, /^(?:Promise<|PaymentWait$)/, name);
      if (!isSafe) continue;
      for (const { returns } of signatures(`${name}Safe`)) assert.match(returns, /^Promise<Result</, name);
      assert.deepEqual(
        signatures(`${name}Safe`).map(({ parameters }) => parameters),
        signatures(name).map(({ parameters }) => parameters),
      );
    }
    assert.deepEqual(
      without(
        safe.map((name) => name.slice(0, -'Safe'.length)),
        throwing,
      ),
      [],
    );
    assert.deepEqual(without(apart.IMMEDIATE, names), []);
  });

  test('every verb that waits takes a signal and a time', () => {
    const options = without(members('CallOptions'), []);
    assert.deepEqual(options, ['signal', 'timeout']);
    const own = without(methodsOf(lipia.Daraja), [
      'like',
      'isAtRest',
      'payments',
      'gateway',
      'close',
      'drain',
      // What it finds is told line by line, whatever it is.
      'check',
      'checkSafe',
      // It asks this process alone.
      'guardStanding',
      'guardStandingSafe',
      ...apart.IMMEDIATE,
      ...apart.INTERNAL,
    ]);
    for (const name of own) {
      for (const { parameters } of signatures(name)) {
        assert.match(parameters, /, options\?: (Call|Callback)Options$/, name);
      }
    }
  });
});

describe('values', () => {
  const SAME_FIELDS = [
    ['Acceptance', 'payment/acceptance.rs', 'Acceptance'],
    ['Status', 'meaning/status.rs', 'Status'],
    ['Event', 'meaning/event/mod.rs', 'Event'],
    ['EventCheck', 'meaning/event/check.rs', 'EventCheck'],
    ['Flag', 'payment/flags.rs', 'Flag'],
    ['ResultCode', 'meaning/result_codes/mod.rs', 'ResultCode'],
    ['ReceivedCallback', 'callback/received.rs', 'ReceivedCallback'],
    ['IncomingCallback', 'callback/received.rs', 'IncomingCallback'],
    ['Push', 'values/push.rs', 'Push'],
    ['WaitOptions', 'payment/schedule.rs', 'WaitSeconds'],
    ['WaitOptions', 'payment/schedule.rs', 'WaitOptions'],
  ];

  for (const [here, file, type] of SAME_FIELDS) {
    test(`${here} has the fields of the core's ${type}`, () => {
      assert.deepEqual(
        without(inCamel(rust.fields(file, type)), [...members(here), ...Object.keys(apart.FIELDS_APART)]),
        [],
      );
    });
  }

  const SAME_METHODS = [
    ['PaymentHandle', 'payment/handle/mod.rs', []],
    ['Payment', 'payment/mod.rs', []],
    // What is overdue is told again, and no handler hears of it; nobody waits here for the note that a handler has ended.
    ['Payment', 'client/ledger/payment.rs', ['payment', 'is_overdue', 'noted'], 'LedgerPayment'],
    ['Event', 'meaning/event/mod.rs', ['to_json']],
    ['EventCheck', 'meaning/event/check.rs', []],
    ['Status', 'meaning/status.rs', []],
  ];

  for (const [type, file, others, core = type] of SAME_METHODS) {
    test(`${type} tells all that the core's ${core} tells`, () => {
      const told = without(rust.methods(file, core), others).map((name) => apart.RENAMED[name] ?? camel(name));
      assert.deepEqual(without(told, members(type)), []);
      const inherited = methodsOf(api[type]);
      for (const name of told) {
        const isField = !inherited.has(name) && !(name in api[type]);
        if (isField) assert.match(everything, new RegExp(`readonly ${name}:`), `${type}.${name} is only declared`);
      }
    });
  }

  const OF_THE_LEDGER = [
    ['PaymentSearch', 'ledger/search.rs', 'Search', ['limit', 'page']],
    ['PaymentPage', 'client/payments/ledger.rs', 'PaymentPage', []],
    ['PaymentStory', 'client/payments/ledger.rs', 'PaymentStory', null],
    ['PaymentStory', 'ledger/row.rs', 'Row', null],
    ['ImportOptions', 'client/payments/importing.rs', 'Import', []],
    ['Imported', 'client/payments/importing.rs', 'Imported', []],
    ['Pruned', 'client/payments/pruning.rs', 'Pruned', []],
    ['LedgerReport', 'ledger/report.rs', 'LedgerReport', []],
    ['Reconciled', 'client/ledger/pass.rs', 'Reconciled', []],
  ];

  for (const [here, file, type, own] of OF_THE_LEDGER) {
    test(`${here} has the fields of the core's ${type}, and no others`, () => {
      const apartHere = type === 'Row' ? apart.ROW_APART : Object.keys(apart.LEDGER_FIELDS_APART);
      const core = inCamel(without(rust.fields(file, type), apartHere));
      assert.deepEqual(without(core, members(here)), []);
      if (own !== null) assert.deepEqual(without(members(here), [...core, ...own]), []);
    });
  }

  test("the payments of a ledger can do all that the core's can", () => {
    const core = rust.methods('client/payments/mod.rs', 'Payments');
    assert.ok(core.size >= 14, [...core].join());
    assert.deepEqual(without(inCamel(without(core, Object.keys(apart.PAYMENTS_APART))), methodsOf(lipia.Payments)), []);
    assert.deepEqual(without(Object.keys(apart.PAYMENTS_APART), core), []);
  });

  test('an event is compared with all that it is compared with in the core', () => {
    const core = without(rust.methods('meaning/event/check.rs', 'Expected'), ['new', 'from_texts']);
    const here = core.map((name) => (name === 'phone' ? 'phoneNumber' : camel(name)));
    assert.deepEqual(sorted(here), sorted(members('Expected')));
  });

  test("an error tells all that the core's error tells", () => {
    const core = without(rust.methods('error/mod.rs', 'Error'), Object.keys(apart.ERROR_GETTERS_APART));
    const error = new lipia.LipiaError('', { kind: 'storage', disposition: 'not_sent', code: 'x' });
    for (const name of [...core.map(camel), 'retryAfterSeconds']) assert.ok(name in error, name);
    assert.deepEqual(without(Object.keys(apart.ERROR_GETTERS_APART), rust.methods('error/mod.rs', 'Error')), []);
  });
});

describe('words', () => {
  test('every thing to do next is a class of errors', () => {
    assert.deepEqual(sorted(rust.words('error/mod.rs', 'Remedy')), sorted(Object.keys(REMEDIES)));
    const classes = Object.values(lipia).filter((value) => value?.prototype instanceof lipia.LipiaError);
    assert.deepEqual(
      sorted(classes.map((type) => type.name)),
      sorted([...Object.values(REMEDIES).map((type) => type.name), 'AbortedError']),
    );
    for (const [word, type] of Object.entries(REMEDIES)) assert.equal(snake(type.name), `${word}_error`);
  });

  test('every kind of progress is one here', () => {
    assert.deepEqual(sorted(kindsOf('Progress')), sorted(rust.variants('payment/schedule.rs', 'Progress')));
  });
});

describe('settings and pushes', () => {
  const NAMES = { daraja: 'Daraja', palpluss: 'PalPluss', upesipay: 'UpesiPay', payhero: 'PayHero' };

  /** Whether a constructor knows a setting: it then looks at its value. */
  function knows(Client, name) {
    try {
      new Client({ [name]: Symbol('no setting') });
    } catch (error) {
      return error.code !== 'argument_unknown';
    }
    return true;
  }

  for (const [gateway, name] of Object.entries(NAMES)) {
    test(`every setting is one of ${name}, if ${name} has it`, () => {
      const all = [...rust.settings()].filter(([, owners]) => owners.length === 0 || owners.includes(gateway));
      const wanted = all.map(([setting]) => (setting === 'timeout_seconds' ? 'timeout' : camel(setting)));
      // A gateway may need what the others may leave out.
      const declared = [...new Set([...members('CommonSettings'), ...members(`${name}Settings`)])];
      assert.deepEqual(sorted(declared), sorted([...wanted, 'wait']));
      for (const setting of declared) assert.ok(knows(CLIENTS[gateway], setting), `${name} knows no ${setting}`);
      assert.ok(!knows(CLIENTS[gateway], 'noSuchSetting'));
    });

    test(`every part of a push is one of ${name}, if ${name} has it`, () => {
      const common = without(rust.fields('values/push.rs', 'StkPush'), Object.keys(apart.PUSH_PARTS_APART)).map(camel);
      assert.deepEqual(sorted(members('StkPush')), sorted(common));
      const own = inCamel(rust.optionsOfPush(gateway));
      assert.deepEqual(sorted(members(`${name}Push`)), sorted(own));
    });
  }

  test('what a push may say reaches the gateway', () => {
    const keys = { consumerKey: 'key', consumerSecret: 'secret', shortCode: 174379, passKey: 'pass' };
    const daraja = new lipia.Daraja({ ...keys, callbackUrl: 'http://127.0.0.1:9/pay', baseUrl: 'http://127.0.0.1:9' });
    const push = {
      phoneNumber: '0712345678',
      amount: '149.50',
      accountReference: 'INV-001-TOO-LONG',
      transactionDesc: 'Shoes',
      callbackUrl: 'https://shop.example/elsewhere',
      fit: 'truncate',
      roundAmount: true,
      transactionType: 'buy_goods',
      partyB: 174378,
    };
    // An order is for verbs that claim it: test/ledger.test.mjs.
    assert.deepEqual(
      sorted([...Object.keys(push), 'order']),
      sorted([...members('StkPush'), ...members('DarajaPush')]),
    );
    const asked = daraja.reserve(push).snapshot().push;
    assert.deepEqual(asked, {
      phoneNumber: '254712345678',
      amount: 150,
      accountReference: 'INV-001-TOO-',
      transactionDesc: 'Shoes',
      callbackUrl: 'https://shop.example/elsewhere',
      options: { transaction_type: 'buy_goods', party_b: '174378' },
    });
  });
});
