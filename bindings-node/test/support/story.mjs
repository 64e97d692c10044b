/**
 * Plays a story of `core/scenarios` against the sandbox: through the verbs that throw, and through those that resolve to
 * a result. What each step means stands in `core/scenarios/README.md`.
 */

import assert from 'node:assert/strict';
import * as lipia from 'lipia';
import { startSandbox } from 'lipia/sandbox';
import { differences } from './differences.mjs';
import { camel, inCamel, snake } from './repository.mjs';
import { Shop } from './shop.mjs';
import { eventually } from './waiting.mjs';

/** The class of errors for each thing to do next. */
export const REMEDIES = {
  correct_input: lipia.CorrectInputError,
  correct_settings: lipia.CorrectSettingsError,
  look_at_payment: lipia.LookAtPaymentError,
  find_out: lipia.FindOutError,
  try_again: lipia.TryAgainError,
  hold_back: lipia.HoldBackError,
  change_request: lipia.ChangeRequestError,
  disbelieve: lipia.DisbelieveError,
};

/** The verbs that throw. */
export const THROWING = {
  name: 'verbs that throw',
  call: async (client, verb, ...args) => client[verb](...args),
};

/** The verbs that resolve to a result. */
export const SAFE = {
  name: 'verbs that are safe',
  async call(client, verb, ...args) {
    const result = await client[`${verb}Safe`](...args);
    assert.deepEqual(Object.keys(result), result.ok ? ['ok', 'data'] : ['ok', 'error']);
    if (result.ok) return result.data;
    assert.ok(result.error instanceof lipia.LipiaError);
    throw result.error;
  },
};

const milliseconds = (seconds) => Math.round(seconds * 1000);

/** Settings of a story, whose times are seconds, for a client, whose times are milliseconds. */
function inMilliseconds(settings) {
  const times = Object.entries(inCamel(settings));
  return Object.fromEntries(
    times.map(([name, value]) => [name, typeof value === 'number' ? milliseconds(value) : value]),
  );
}

const timeoutOf = (step) => (step.timeout === undefined ? {} : { timeout: milliseconds(step.timeout) });

class Play {
  clients = new Map();
  at = 'first';
  payment = undefined;
  event = undefined;
  prompt = undefined;

  constructor(story, style, sandbox, shop) {
    this.story = story;
    this.style = style;
    this.sandbox = sandbox;
    this.shop = shop;
    if (story.callbacks) {
      const confirm = story.confirm ?? false;
      shop.receive = (path, body) => style.call(this.client('first'), 'receiveCallback', { path, body }, { confirm });
    }
  }

  client(name = this.at) {
    const known = this.clients.get(name);
    if (known !== undefined) return known;
    const settings = inMilliseconds(this.story.settings ?? {});
    if (this.story.callbacks) settings.callbackUrl = this.shop.callbackUrl;
    settings.wait = { ...this.sandbox.wait, ...inMilliseconds(this.story.wait ?? {}) };
    const client = this.sandbox[this.story.gateway ?? 'daraja'](settings);
    this.clients.set(name, client);
    return client;
  }

  call(verb, ...args) {
    return this.style.call(this.client(), verb, ...args);
  }

  async play() {
    for (const { times = 1, ...fault } of this.story.faults ?? []) {
      this.sandbox.inject({ ...inCamel(fault), times: times === 'forever' ? Number.POSITIVE_INFINITY : times });
    }
    for (const [place, step] of this.story.steps.entries()) {
      for (let time = 0; time < (step.times ?? 1); time += 1) {
        const found = await this.step(step);
        const expected = step.expect ?? {};
        const differing = differences(expected, found);
        if (found.error !== undefined && expected.error === undefined)
          differing.push(`there is the error ${found.error.code}`);
        assert.deepEqual(differing, [], `step ${place + 1}, ${step.do}`);
      }
    }
    for (const client of this.clients.values()) {
      assert.equal(await client.drain(), true, 'something of it still goes on');
      assert.equal(client.isAtRest, true);
    }
    assert.deepEqual(differences(this.story.counters, this.sandbox.counters()), [], 'in the end');
    if (this.story.sold) {
      assert.deepEqual(differences(this.story.sold, this.sandbox.payments().at(-1)), [], 'what was asked for');
    }
    assert.deepEqual(this.shop.mistakes, []);
  }

  /** Does a step; what came of it, by the names that a step expects. */
  async step(step) {
    const name = camel(`do_${step.do}`);
    assert.equal(typeof this[name], 'function', `nobody knows the step ${step.do}`);
    try {
      return (await this[name](step)) ?? {};
    } catch (error) {
      if (!(error instanceof lipia.LipiaError)) throw error;
      return { error: saidOfError(error) };
    }
  }

  get thePayment() {
    assert.ok(this.payment, 'no payment was reserved yet');
    return this.payment;
  }

  get thePrompt() {
    const known = this.payment ? this.payment.snapshot().checkoutRequestId : this.prompt;
    return known ?? this.sandbox.payments().at(-1).checkout_request_id;
  }

  filledIn(text) {
    const withId = text.replaceAll('{payment_id}', () => this.payment?.id ?? '');
    return withId.replaceAll('{checkout_request_id}', () => this.thePrompt);
  }

  // The steps, by their names.

  async doStkPush(step) {
    const acceptance = await this.call('stkPush', inCamel(step.push));
    this.prompt = acceptance.checkoutRequestId;
    return accepted(acceptance);
  }

  async doReserve(step) {
    this.payment = await this.call('reserve', inCamel(step.push));
  }

  async doPush() {
    return accepted(await this.call('push', this.thePayment));
  }

  async doCollect(step) {
    return { payment: saidOfPayment(await this.call('collect', inCamel(step.push), timeoutOf(step))) };
  }

  async doCollectPayment(step) {
    return { payment: saidOfPayment(await this.call('collectPayment', this.thePayment, timeoutOf(step))) };
  }

  async doWait(step) {
    return { payment: saidOfPayment(await this.call('wait', this.thePayment, timeoutOf(step))) };
  }

  async doWaitById(step) {
    return { status: saidOfStatus(await this.call('wait', this.thePrompt, timeoutOf(step))) };
  }

  async doWatch(step) {
    const told = [];
    for await (const progress of this.client().wait(this.thePayment, timeoutOf(step))) {
      const word = saidOfProgress(progress);
      if (told.at(-1) !== word) told.push(word);
    }
    return { told };
  }

  async doQuery(step) {
    return { status: saidOfStatus(await this.call('stkQuery', step.checkout_request_id ?? this.thePrompt)) };
  }

  doLook() {
    return { payment: saidOfPayment(this.thePayment.snapshot()) };
  }

  doClaim() {
    const kept = this.client().unclaimed();
    assert.equal(kept.length, 1, 'one payment is unclaimed');
    [this.payment] = kept;
    return this.doLook();
  }

  doResume(step) {
    const saved = { ...JSON.parse(this.thePayment.serialize()), ...step.edit };
    this.at = step.to;
    this.payment = this.client().resume(JSON.stringify(saved));
  }

  async doHear(step) {
    const wanted = step.expect.verdicts.length;
    await eventually(`${wanted} callbacks are heard`, () => this.shop.heard.length >= wanted);
    return { verdicts: this.shop.verdicts };
  }

  async doDeliver(step) {
    const url = step.path ?? this.thePayment.snapshot().push.callbackUrl;
    const received = await this.style.call(
      this.client(step.to),
      'receiveCallback',
      { path: this.filledIn(url), body: this.filledIn(step.body) },
      { confirm: this.story.confirm ?? false },
    );
    assert.equal(received.paymentId, this.thePayment.id);
    this.event = received.event;
    return { verdict: received.verdict };
  }

  async doBelieve() {
    return { verdict: await this.call('believe', this.thePayment, this.event) };
  }

  doAct(step) {
    this.sandbox.act(this.thePrompt, step.ending);
  }

  doScript(step) {
    this.sandbox.scriptPhone(step.phone_number, step.scenario);
  }

  doClearFaults() {
    this.sandbox.clearFaults();
  }

  doKillTokens() {
    this.sandbox.killTokens();
  }
}

function accepted(acceptance) {
  assert.ok(acceptance instanceof lipia.Acceptance && acceptance.checkoutRequestId);
  return { accepted: true };
}

function saidOfError(error) {
  const [remedy] = Object.entries(REMEDIES).find(([, remedyClass]) => error.constructor === remedyClass) ?? [];
  assert.ok(remedy && error.message && error.code && !error.message.includes('\n'));
  const fields = Object.entries(error.toLog()).map(([name, value]) => [snake(name), value]);
  return { ...Object.fromEntries(fields), field: error.field && snake(error.field), remedy };
}

function saidOfPayment(payment) {
  assert.ok(payment instanceof lipia.Payment);
  return {
    state: payment.state,
    outcome: payment.outcome,
    result_code: payment.resultCode,
    is_paid: payment.isPaid,
    receipt: payment.receipt !== null,
    paid_amount: payment.paidAmount === null ? null : String(payment.paidAmount),
    flags: payment.flags.map((flag) => flag.reason),
  };
}

function saidOfStatus(status) {
  assert.ok(status instanceof lipia.Status);
  return { outcome: status.outcome, is_final: status.isFinal, result_code: status.resultCode };
}

function saidOfProgress(progress) {
  switch (progress.kind) {
    case 'queried':
      return `asked: ${progress.status.outcome}`;
    case 'query_failed':
      return `not told: ${progress.error.kind}`;
    case 'settled':
      return `settled: ${progress.payment.outcome}`;
    case 'timed_out':
      return `open: ${progress.payment.outcome}`;
    default:
      return progress.kind;
  }
}

/** Plays a story, and fails where anything comes otherwise than it says. */
export async function play(story, style) {
  const { time_scale: timeScale = 100 } = story.sandbox ?? {};
  const sandbox = await startSandbox({ timeScale });
  const shop = await Shop.open();
  try {
    await new Play(story, style, sandbox, shop).play();
  } finally {
    await shop.close();
    await sandbox.stop();
  }
}
