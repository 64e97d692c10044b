/** Any value into any argument: an error of Lipia's that names the argument, and never anything else. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as lipia from 'lipia';
import { startSandbox } from 'lipia/sandbox';
import { members } from './support/declarations.mjs';
import { Booby, ODDITIES } from './support/oddities.mjs';
import { core } from './support/repository.mjs';
import { KEYS, sale } from './support/sales.mjs';
import { inTime, turn } from './support/waiting.mjs';

const BODY = core('vectors', 'callbacks', 'd002_success_balance_item_without_value.json').toString();
const CLIENTS = { daraja: lipia.Daraja, palpluss: lipia.PalPluss, upesipay: lipia.UpesiPay, payhero: lipia.PayHero };

// What a client does where all is well would take its time: nothing listens there, and nothing is asked twice.
const SHORT = { timeout: 100, wait: { timeout: 0 } };
const daraja = new lipia.Daraja({ ...KEYS.daraja, ...SHORT });
const payment = daraja.reserve(sale());
const event = daraja.parseCallback(BODY);
const { callbackUrl } = payment.snapshot().push;

/** Every argument of every call: what it is called with an odd value for it. */
function* calls() {
  yield* [
    ['parsePhoneNumber', (value) => lipia.parsePhoneNumber(value)],
    ['parseAmount', (value) => lipia.parseAmount(value)],
    ['parseAmount options', (value) => lipia.parseAmount(5, value)],
    ['parseAmount maxAmount', (value) => lipia.parseAmount(5, { maxAmount: value })],
    ['parseAmount roundAmount', (value) => lipia.parseAmount(5, { roundAmount: value })],
    ['parseMoney', (value) => lipia.parseMoney(value)],
    ['parseMoney options', (value) => lipia.parseMoney('5', value)],
    ['parseMoney jsonNumber', (value) => lipia.parseMoney('5', { jsonNumber: value })],
    ['parseCallbackUrl', (value) => lipia.parseCallbackUrl(value)],
    ['parseCallbackUrl options', (value) => lipia.parseCallbackUrl('https://shop.example/pay', value)],
    ['environment', (value) => lipia.parseCallbackUrl('https://shop.example/pay', { environment: value })],
    ['parseCallback', (value) => lipia.parseCallback(value)],
    ['parseCallback options', (value) => lipia.parseCallback(BODY, value)],
    ['parseCallback gateway', (value) => lipia.parseCallback(BODY, { gateway: value })],
    ['password', (value) => lipia.password(value)],
    ['password at', (value) => lipia.password({ shortCode: 174379, passKey: 'pass', at: value })],
    ['password shortCode', (value) => lipia.password({ shortCode: value, passKey: 'pass', at: new Date() })],
    ['password passKey', (value) => lipia.password({ shortCode: 174379, passKey: value, at: new Date() })],
    ['describe', (value) => lipia.describe(value)],
    ['isKnownStkResultCode', (value) => lipia.isKnownStkResultCode(value)],
    ['deserialize', (value) => lipia.Payment.deserialize(value)],
    ['resultCodes', (value) => lipia.resultCodes(value)],
    ['acceptedReply', (value) => lipia.acceptedReply(value)],
    ['isStkCallbackSuccess', (value) => lipia.isStkCallbackSuccess(value)],
    ['getCallbackValue', (value) => lipia.getCallbackValue(value, 'Amount')],
    ['getCallbackValue name', (value) => lipia.getCallbackValue(BODY, value)],
    ['getStkMetadata', (value) => lipia.getStkMetadata(value)],
    ['event.value', (value) => event.value(value)],
    ['event.check', (value) => event.check(value)],
  ];
  for (const parse of [lipia.parseAccountReference, lipia.parseTransactionDesc]) {
    yield* [
      [parse.name, (value) => parse(value)],
      [`${parse.name} options`, (value) => parse('5', value)],
      [`${parse.name} limit`, (value) => parse('5', { limit: value })],
      [`${parse.name} fit`, (value) => parse('5', { fit: value })],
    ];
  }
  for (const name of members('Expected')) yield [`event.check ${name}`, (value) => event.check({ [name]: value })];
  yield [
    'setLogger',
    (value) => {
      lipia.setLogger(value);
      lipia.setLogger(null);
    },
  ];
  yield [
    'setObserver',
    (value) => {
      lipia.setObserver(value);
      lipia.setObserver(null);
    },
  ];
  yield ['flushObserver', (value) => lipia.flushObserver(value)];
  yield* callsOfConstructors();
  yield* callsOfClients();
}

function* callsOfConstructors() {
  for (const [gateway, Client] of Object.entries(CLIENTS)) {
    const keys = KEYS[gateway];
    yield [`new ${Client.name}`, (value) => new Client(value)];
    for (const name of [...members('CommonSettings'), ...members(`${Client.name}Settings`)]) {
      yield [`new ${Client.name} ${name}`, (value) => new Client({ ...keys, [name]: value })];
    }
    for (const name of members('WaitOptions')) {
      yield [`new ${Client.name} wait.${name}`, (value) => new Client({ ...keys, wait: { [name]: value } })];
    }
    yield [`${Client.name}.fromEnv`, (value) => Client.fromEnv(value, {})];
    yield [`${Client.name}.fromEnv environ`, (value) => Client.fromEnv(keys, value)];
    const client = new Client({ ...keys, ...SHORT });
    for (const name of [...members('StkPush'), ...members(`${Client.name}Push`)]) {
      yield [`${gateway}.reserve ${name}`, (value) => client.reserve({ ...sale(), [name]: value })];
    }
    yield [`${gateway}.parseCallback`, (value) => client.parseCallback(value)];
  }
  for (const name of ['MPESA_CONSUMER_KEY', 'MPESA_SHORTCODE', 'MPESA_ENVIRONMENT', 'MPESA_BASE_URL']) {
    yield [name, (value) => lipia.Daraja.fromEnv({}, { [name]: value })];
    yield [`${name} beside settings`, (value) => lipia.Daraja.fromEnv(KEYS.daraja, { [name]: value })];
  }
}

/** The verbs that wait, thrown and safe. */
const VERBS = {
  stkPush: (value) => [value],
  request: (value) => [value],
  push: (value) => [value],
  ask: (value) => [value],
  stkQuery: (value) => [value],
  wait: (value) => [value],
  collect: (value) => [value],
  collectPayment: (value) => [value],
  receiveCallback: (value) => [value],
  believe: (value) => [value, event],
};

const OPTIONS_OF = {
  stkPush: [{ ...sale(), amount: 0 }],
  request: [{ ...sale(), amount: 0 }],
  push: [undefined],
  ask: [payment],
  stkQuery: [''],
  wait: [payment],
  collect: [{ ...sale(), amount: 0 }],
  collectPayment: [undefined],
  receiveCallback: [{ path: callbackUrl, body: '{}' }],
  believe: [undefined, event],
};

function* callsOfClients() {
  for (const [verb, args] of Object.entries(VERBS)) {
    for (const name of [verb, `${verb}Safe`]) {
      yield [name, (value) => daraja[name](...args(value))];
      yield [`${name} options`, (value) => daraja[name](...OPTIONS_OF[verb], value)];
      yield [`${name} options.signal`, (value) => daraja[name](...OPTIONS_OF[verb], { signal: value })];
      yield [`${name} options.timeout`, (value) => daraja[name](...OPTIONS_OF[verb], { timeout: value })];
    }
  }
  yield* [
    ['request order', (value) => daraja.request({ ...sale(), amount: 0, order: value })],
    ['onOutcome', (value) => daraja.onOutcome(value)],
    ['start', (value) => daraja.start(value)],
    ['payments.get', (value) => daraja.payments.get(value)],
    ['payments.ofOrder', (value) => daraja.payments.ofOrder(value)],
    ['payments.search', (value) => daraja.payments.search(value)],
    ['payments.ask', (value) => daraja.payments.ask(value)],
    ['payments.ask options', (value) => daraja.payments.ask('', value)],
    ['payments.release', (value) => daraja.payments.release(value)],
    ['payments.resolve', (value) => daraja.payments.resolve(value, { isPaid: false })],
    ['payments.resolve resolution', (value) => daraja.payments.resolve(payment, value)],
    ['payments.resolve receipt', (value) => daraja.payments.resolve(payment, { isPaid: true, receipt: value })],
    ['payments.story', (value) => daraja.payments.story(value)],
    ['payments.retell', (value) => daraja.payments.retell(value)],
    ['payments.prune', (value) => daraja.payments.prune(value)],
    ['payments.prune olderThan', (value) => daraja.payments.prune({ olderThan: value })],
    ['payments.prunable', (value) => daraja.payments.prunable(value)],
    ['payments.prunable olderThan', (value) => daraja.payments.prunable({ olderThan: value })],
    ['payments.import', (value) => daraja.payments.import(value)],
    ['payments.import options', (value) => daraja.payments.import('', value)],
    ['payments.import order', (value) => daraja.payments.import('', { order: value })],
    ['payments.import tell', (value) => daraja.payments.import('', { tell: value })],
    ['payments.report', (value) => daraja.payments.report(value)],
    ['payments.reconcile', (value) => daraja.payments.reconcile(value)],
    ['reserve', (value) => daraja.reserve(value)],
    ['reserveSafe', (value) => daraja.reserveSafe(value)],
    ['parseCallbackSafe', (value) => daraja.parseCallbackSafe(value)],
    ['resume', (value) => daraja.resume(value)],
    ['find', (value) => daraja.find(value)],
    ['unclaimed', (value) => daraja.unclaimed(value)],
    ['withOptions', (value) => daraja.withOptions(value)],
    ['withOptions timeout', (value) => daraja.withOptions({ timeout: value })],
    ['withOptions wait', (value) => daraja.withOptions({ wait: value })],
    ['check', (value) => daraja.check(value)],
    ['check reachCallback', (value) => daraja.check({ reachCallback: value })],
    ['checkSafe', (value) => daraja.checkSafe(value)],
    ['guardStanding', (value) => daraja.guardStanding(value)],
    ['guardStandingSafe', (value) => daraja.guardStandingSafe(value)],
    ['notify', (value) => payment.notify(value)],
    ['believe event', (value) => daraja.believe(payment, value)],
    ['believe confirm', (value) => daraja.believe(undefined, event, { confirm: value })],
    ['close', (value) => daraja.withOptions({}).close(value)],
    ['drain', (value) => daraja.drain(value)],
    ['drain timeout', (value) => daraja.drain({ timeout: value })],
    ['receiveCallback body', (value) => daraja.receiveCallback({ path: callbackUrl, body: value })],
    ['receiveCallback path', (value) => daraja.receiveCallback({ path: value, body: BODY })],
  ];
  for (const name of members('PaymentSearch')) {
    yield [`payments.search ${name}`, (value) => daraja.payments.search({ [name]: value })];
  }
  const incoming = { path: callbackUrl, body: '{}' };
  for (const name of ['peer', 'forwardedFor']) {
    yield [`receiveCallback ${name}`, (value) => daraja.receiveCallback({ ...incoming, [name]: value })];
  }
  yield ['receiveCallback confirm', (value) => daraja.receiveCallback(incoming, { confirm: value })];
}

const CALLS = [...calls()];

/** What a call comes to: an error, or nothing. */
async function errorOf(name, call, value) {
  let result;
  try {
    result = call(value);
  } catch (error) {
    // The wait for a payment must know at once what it is given, and a proxy of the caller's own may throw even then.
    const isOwn = /^wait(?:Safe)?$/.test(name) && (error instanceof Booby || isRevoked(value));
    assert.ok(!WAITING.test(name) || isOwn, `${name} threw at once: ${error}`);
    return error;
  }
  if (typeof result?.then !== 'function' || result === value) return result?.ok === false ? result.error : undefined;
  assert.match(name, WAITING);
  try {
    const settled = await inTime(name, result, 10_000);
    return settled?.ok === false ? settled.error : undefined;
  } catch (error) {
    return error;
  }
}

/** Calls that come to a promise. */
const WAITING =
  /^(?:payments\.\w+|request|stkPush|push|ask|stkQuery|wait|collect|collectPayment|receiveCallback|believe|close|drain|check|guardStanding)(?:Safe)?(?: |$)/;

const OF_ANOTHER_LANGUAGE = /\b[a-z]+(?:_[a-z]+)+\b/;

/** Names of the core's that mean something to a JavaScript program too: words of arguments, variables, codes. */
function inItsOwnWords(error) {
  const text = `${error.message} ${error.hint}`;
  const [name] = text.match(OF_ANOTHER_LANGUAGE) ?? [];
  return name === undefined || WORDS.has(name);
}

const WORDS = new Set(['pay_bill', 'buy_goods', 'operating_system']);

const isRevoked = (value) => value === ODDITIES['a revoked proxy'];

const isPartOfNull = (name, of) => of === 'null' && (name.endsWith(' options') || name === 'close' || name === 'drain');

function complaint(name, of, error) {
  const label = `${name} of ${of}`;
  if (error === undefined || error instanceof Booby) return undefined;
  // A proxy that is revoked is a TypeError whoever touches it, and so is null whose parts are asked for.
  if (error instanceof TypeError && (of === 'a revoked proxy' || isPartOfNull(name, of))) return undefined;
  if (!(error instanceof lipia.LipiaError)) return `${label}: ${error?.stack ?? error}`;
  if (error.message === '' || error.message.length > 1000) return `${label}: its message has ${error.message.length}`;
  if (/\p{Cc}|\p{Cs}/u.test(error.message)) return `${label}: unprintable: ${JSON.stringify(error.message)}`;
  if (!inItsOwnWords(error)) return `${label}: not a name of this API: ${error.message} ${error.hint}`;
  if (!error.hint && !['connection', 'aborted'].includes(error.kind))
    return `${label}: it does not say what to do: ${error.message}`;
  // An argument as it is written here, or a variable of the environment; of an argument that there is not, its name.
  const named = error.code === 'argument_unknown' ? /^[\w$-]{1,60}$/ : /^(?:[a-z][A-Za-z]*|[A-Z]+(?:_[A-Z]+)+)$/;
  if (error.field !== null && !named.test(error.field)) return `${label}: the field is ${error.field}`;
  return undefined;
}

describe('an odd value is taken or refused, and nothing else', () => {
  for (const [name, call] of CALLS) {
    test(`as ${name}`, async () => {
      const complaints = [];
      for (const [of, value] of Object.entries(ODDITIES)) {
        // That is a time, and it would be waited for.
        if (name.endsWith('timeout') && typeof value === 'number' && value >= 2 ** 31) continue;
        const found = complaint(name, of, await errorOf(name, call, value));
        if (found !== undefined) complaints.push(found);
      }
      await turn();
      assert.deepEqual(complaints, []);
    });
  }
});

test('every function of the package is tried with odd values', () => {
  const functions = Object.entries(lipia).filter(
    ([, value]) => typeof value === 'function' && !/^class\b/.test(Function.prototype.toString.call(value)),
  );
  const tried = new Set(CALLS.map(([name]) => name));
  const missing = functions.map(([name]) => name).filter((name) => !tried.has(name));
  assert.deepEqual(missing, []);
  const verbs = [...members('Client')].filter((name) => !['gateway', 'isAtRest', 'like', 'payments'].includes(name));
  const untried = verbs.filter((name) => !tried.has(name) && !tried.has(`daraja.${name}`));
  assert.deepEqual(untried, []);
});

describe('a sandbox takes or refuses an odd value', () => {
  let sandbox;
  before(async () => {
    sandbox = await startSandbox();
  });
  after(() => sandbox.stop());

  const fault = { step: 'push', kind: 'answer_lost' };
  const OF_A_SANDBOX = {
    inject: (value) => sandbox.inject(value),
    'inject step': (value) => sandbox.inject({ ...fault, step: value }),
    'inject kind': (value) => sandbox.inject({ ...fault, kind: value }),
    'inject gateway': (value) => sandbox.inject({ ...fault, gateway: value }),
    'inject times': (value) => sandbox.inject({ ...fault, times: value }),
    'inject seconds': (value) => sandbox.inject({ ...fault, seconds: value }),
    'inject afterActing': (value) => sandbox.inject({ ...fault, afterActing: value }),
    scriptPhone: (value) => sandbox.scriptPhone(value, 'pay'),
    'scriptPhone scenario': (value) => sandbox.scriptPhone('254712345678', value),
    act: (value) => sandbox.act(value, 'pay'),
    'act ending': (value) => sandbox.act('ws_CO_1', value),
    environ: (value) => sandbox.environ(value),
    settings: (value) => sandbox.settings(value),
    'settings own': (value) => sandbox.settings('daraja', value),
    daraja: (value) => sandbox.daraja(value),
    // A port or a speed that fits would start one more sandbox for each.
    'startSandbox port': (value) =>
      value === 0 || value === 0 ? undefined : startSandbox({ port: value, timeScale: 0 }),
    'startSandbox timeScale': (value) => startSandbox({ port: -1, timeScale: value }),
  };
  for (const [name, call] of Object.entries(OF_A_SANDBOX)) {
    test(`as ${name}`, async () => {
      for (const [of, value] of Object.entries(ODDITIES)) {
        try {
          const result = call(value);
          // Settings may well have a `then` of the caller's own.
          if (result instanceof Promise) await inTime(`${name} of ${of}`, result);
        } catch (error) {
          assert.ok(error instanceof Error && !(error instanceof assert.AssertionError), `${of}: ${error}`);
        }
      }
      sandbox.clearFaults();
      assert.equal(sandbox.prompts, 0, 'it still answers');
    });
  }
});
