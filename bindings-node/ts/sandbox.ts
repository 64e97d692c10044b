/**
 * The sandbox for your own tests: Daraja, PalPluss, UpesiPay and PayHero on a local port, with scripted customers.
 *
 * @packageDocumentation
 */

import type { Daraja, PalPluss, PayHero, UpesiPay } from './gateways';
import * as internals from './internals';
import { addon, flagOf, nameInApi, optionsOf, partsOf, textOf } from './internals';
import type { NativeSandbox } from './native';
import type { DarajaSettings, PalPlussSettings, PayHeroSettings, UpesiPaySettings } from './parameters';
import type { WaitOptions } from './settings';
import type { Gateway } from './words';

/** The options of a sandbox. */
export interface SandboxOptions {
  /** The port. Default: one that the system chooses. */
  port?: number | undefined;
  /** Sandbox seconds that pass in a second. Default: 100, at which a customer who takes 17 seconds is done in under 0.2. */
  timeScale?: number | undefined;
}

/** A fault that the sandbox plays once, or several times. */
export interface Fault {
  /** The step at which it goes wrong. */
  step: 'oauth' | 'push' | 'query' | 'callback';
  /** The name of the fault: `answer_lost`, `system_busy`, `unavailable_html` …; {@link Sandbox.faults} lists them. */
  kind: string;
  /** The gateway at which it goes wrong. Default: whichever comes first. */
  gateway?: Gateway | undefined;
  /** How many times it goes wrong. Default: once. `Infinity`: always. */
  times?: number | undefined;
  /** The length of a fault that takes time, in sandbox seconds. */
  seconds?: number | undefined;
  /** Whether the gateway does its work although the answer is spoilt. */
  afterActing?: boolean | undefined;
  /** The HTTP status of a fault that can have any, from 200 to 599. */
  status?: number | undefined;
}

/** The counters of a sandbox. */
export interface Counters {
  /** The number of times that a phone was prompted. */
  prompts: number;
  push_attempts: number;
  oauth_calls: number;
  queries: number;
  prompts_by_phone: Record<string, number>;
  [name: string]: unknown;
}

/** The callback URL for tests that do not receive callbacks. Nothing listens there, and nothing leaves this machine. */
const NOWHERE = 'http://127.0.0.1:9/pay';

/**
 * A server on 127.0.0.1 that plays Daraja, PalPluss, UpesiPay and PayHero. It prompts no phone and moves no money. Made by
 * {@link startSandbox}.
 *
 * The last four digits of the phone number choose what the customer does ({@link Sandbox.scenarios} lists them), and so
 * does {@link Sandbox.scriptPhone}. {@link Sandbox.inject} makes something go wrong on the way. Callbacks are posted to
 * this machine only.
 */
export class Sandbox {
  readonly #native: NativeSandbox;
  /** The sandbox's address. Daraja and UpesiPay are at it, the others below it: {@link Sandbox.settings} has each one's. */
  readonly baseUrl: string;
  /**
   * The address of a page with a phone, for a browser on this machine. The page shows the prompt, takes a PIN of any four
   * digits, and lists what goes over the wire. A phone that is open there waits up to a minute for its person.
   */
  readonly phoneUrl: string;
  /** The sandbox's port. */
  readonly port: number;
  /** Sandbox seconds that pass in a second. */
  readonly timeScale: number;

  /** @internal */
  constructor(native: NativeSandbox, timeScale: number) {
    this.#native = native;
    this.baseUrl = native.baseUrl;
    this.phoneUrl = native.phoneUrl;
    this.port = native.port;
    this.timeScale = timeScale;
  }

  /** The times of waits at the sandbox's speed, for a client that you make: `Daraja.fromEnv({ wait: sandbox.wait })`. */
  get wait(): WaitOptions {
    const scale = Math.max(this.timeScale, 1);
    const milliseconds = (seconds: number) => Math.max((seconds * 1000) / scale, 100);
    return {
      timeout: Math.max(milliseconds(120), 5000),
      firstQueryAfter: milliseconds(10),
      queryEvery: milliseconds(10),
      longestPause: milliseconds(30),
    };
  }

  /** The settings with which a client of Daraja speaks to this sandbox, and waits at its speed. */
  settings(gateway?: 'daraja', own?: Partial<DarajaSettings>): DarajaSettings;
  /** The settings with which a client of PalPluss speaks to this sandbox, and waits at its speed. */
  settings(gateway: 'palpluss', own?: Partial<PalPlussSettings>): PalPlussSettings;
  /** The settings with which a client of UpesiPay speaks to this sandbox, and waits at its speed. */
  settings(gateway: 'upesipay', own?: Partial<UpesiPaySettings>): UpesiPaySettings;
  /** The settings with which a client of PayHero speaks to this sandbox, and waits at its speed. */
  settings(gateway: 'payhero', own?: Partial<PayHeroSettings>): PayHeroSettings;
  settings(gateway: Gateway = 'daraja', own: object = {}): object {
    partsOf('settings', own);
    const keys = JSON.parse(addon.sandboxKeys(gateway)) as Record<string, string>;
    return {
      ...Object.fromEntries(Object.entries(keys).map(([name, value]) => [nameInApi(name), value])),
      baseUrl: this.baseUrl + addon.sandboxBasePath(gateway),
      environment: 'sandbox',
      callbackUrl: NOWHERE,
      wait: this.wait,
      ...own,
    };
  }

  /** A client of Daraja that speaks to this sandbox. */
  daraja(settings?: Partial<DarajaSettings>): Daraja {
    return new internals.Daraja(this.settings('daraja', settings));
  }

  /** A client of PalPluss that speaks to this sandbox. */
  palpluss(settings?: Partial<PalPlussSettings>): PalPluss {
    return new internals.PalPluss(this.settings('palpluss', settings));
  }

  /** A client of UpesiPay that speaks to this sandbox. */
  upesipay(settings?: Partial<UpesiPaySettings>): UpesiPay {
    return new internals.UpesiPay(this.settings('upesipay', settings));
  }

  /** A client of PayHero that speaks to this sandbox. */
  payhero(settings?: Partial<PayHeroSettings>): PayHero {
    return new internals.PayHero(this.settings('payhero', settings));
  }

  /**
   * The settings as environment variables, for `fromEnv` and for other processes. They do not have the times of waits: see
   * {@link Sandbox.wait}.
   */
  environ(gateway: Gateway = 'daraja', options?: { callbackUrl?: string | undefined }): Record<string, string> {
    const own = optionsOf('the options of environ()', options);
    const settings: Record<string, unknown> = { ...this.settings(gateway as 'daraja'), ...own };
    const variables = { ...VARIABLES[gateway], ...COMMON_VARIABLES };
    return Object.fromEntries(Object.entries(variables).map(([name, variable]) => [variable, String(settings[name])]));
  }

  /** The number of times that a phone was prompted. */
  get prompts(): number {
    return this.counters().prompts;
  }

  /** The counters: `prompts`, `prompts_by_phone`, `push_attempts`, `oauth_calls`, `queries` … */
  counters(): Counters {
    return JSON.parse(this.#native.counters()) as Counters;
  }

  /**
   * Waits until counters have reached the given numbers, by the names of {@link Sandbox.counters}.
   *
   * @param atLeast the least number for each counter.
   * @param options `timeout`: milliseconds to wait at most. Default: 10,000.
   * @throws {Error} the time is up, and the message says what was counted; or there is no counter of that name.
   *
   * @example
   * await sandbox.until({ callbacks_acknowledged: 1 });
   */
  async until(atLeast: Record<string, number>, options?: { timeout?: number | undefined }): Promise<void> {
    const { timeout = 10_000 } = optionsOf('the options of until()', options);
    for (const deadline = Date.now() + timeout; ; await pause()) {
      const missing = missingFrom(this.counters(), atLeast);
      if (missing.length === 0) return;
      if (Date.now() > deadline) throw new Error(`In the sandbox ${missing.join(', ')}.`);
    }
  }

  /** The things that customers can do, each with its name, the last four digits that choose it, and a description. */
  async scenarios(): Promise<{ name: string; phone_ending: string; about: string }[]> {
    return (await this.#told('scenarios')) as { name: string; phone_ending: string; about: string }[];
  }

  /** The faults for {@link Sandbox.inject}, each with its name, its steps, its gateway (`null`: every one), and a description. */
  async faults(): Promise<{ name: string; steps: string[]; gateway: Gateway | null; about: string }[]> {
    const { kinds } = (await this.#told('faults')) as { kinds: unknown };
    return kinds as { name: string; steps: string[]; gateway: Gateway | null; about: string }[];
  }

  /** A resource that the sandbox has about itself, over HTTP. */
  async #told(path: string): Promise<unknown> {
    const answer = await fetch(`${this.baseUrl}/_sandbox/${path}`);
    return answer.json();
  }

  /** The payments that the sandbox knows. */
  payments(): Record<string, unknown>[] {
    return JSON.parse(this.#native.payments()) as Record<string, unknown>[];
  }

  /** The requests that the sandbox received, byte for byte, with the sandbox's own keys and passwords. */
  requests(): Record<string, unknown>[] {
    return JSON.parse(this.#native.requests()) as Record<string, unknown>[];
  }

  /** Sets what the customer with this number (`2547…`) does from now on: `pay`, `cancel`, `silent` … */
  scriptPhone(phoneNumber: string, scenario: string): void {
    this.#native.scriptPhone(textOf('phoneNumber', phoneNumber), textOf('scenario', scenario));
  }

  /**
   * Makes something go wrong at a step.
   *
   * @example
   * sandbox.inject({ step: 'push', kind: 'answer_lost' });
   */
  inject(fault: Fault): void {
    partsOf('fault', fault);
    const { step, kind, gateway, times = 1, seconds, afterActing, status } = fault;
    this.#native.inject(
      JSON.stringify({
        step,
        kind,
        gateway,
        times: times === Number.POSITIVE_INFINITY ? null : times,
        seconds,
        after_acting: afterActing === undefined ? undefined : flagOf('afterActing', afterActing),
        status,
      }),
    );
  }

  /** Removes the faults of {@link Sandbox.inject} that have not happened yet. */
  clearFaults(): void {
    this.#native.clearFaults();
  }

  /** Makes the customer of an open prompt act now: `pay`, `cancel` … */
  act(checkoutRequestId: string, ending: string): void {
    this.#native.act(textOf('checkoutRequestId', checkoutRequestId), textOf('ending', ending));
  }

  /** Invalidates every OAuth token. */
  killTokens(): void {
    this.#native.killTokens();
  }

  /** Forgets payments, counters, scripts and faults. */
  reset(): void {
    this.#native.reset();
  }

  /** Stops the sandbox. A second call does nothing. */
  async stop(): Promise<void> {
    this.#native.stop();
  }

  /** {@link Sandbox.stop}, at the end of an `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** Between two looks at the counters. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

function missingFrom(counters: Counters, atLeast: Record<string, number>): string[] {
  return Object.entries(atLeast).flatMap(([name, wanted]) => {
    const counted = counters[name];
    if (typeof counted !== 'number')
      throw new Error(`Nothing is counted as ${name}. There is: ${Object.keys(counters).join(', ')}.`);
    return counted < wanted ? [`${name} is ${counted} and not ${wanted}`] : [];
  });
}

/** The variables that `fromEnv` reads settings from. */
const VARIABLES: Readonly<Record<Gateway, Readonly<Record<string, string>>>> = {
  daraja: {
    consumerKey: 'MPESA_CONSUMER_KEY',
    consumerSecret: 'MPESA_CONSUMER_SECRET',
    shortCode: 'MPESA_SHORTCODE',
    passKey: 'MPESA_PASSKEY',
    baseUrl: 'MPESA_BASE_URL',
  },
  palpluss: { apiKey: 'PALPLUSS_API_KEY', baseUrl: 'PALPLUSS_BASE_URL' },
  upesipay: { authToken: 'UPESIPAY_AUTH_TOKEN', channelId: 'UPESIPAY_CHANNEL_ID', baseUrl: 'UPESIPAY_BASE_URL' },
  payhero: { authToken: 'PAYHERO_AUTH_TOKEN', channelId: 'PAYHERO_CHANNEL_ID', baseUrl: 'PAYHERO_BASE_URL' },
};

const COMMON_VARIABLES = { environment: 'MPESA_ENVIRONMENT', callbackUrl: 'MPESA_CALLBACK_URL' };

/**
 * Starts a sandbox on 127.0.0.1.
 *
 * @throws {Error} the port is taken.
 * @throws {RangeError} the port or the time scale is not valid.
 *
 * @example
 * const sandbox = await startSandbox();
 * const daraja = sandbox.daraja();
 * const payment = await daraja.collect({ phoneNumber: '0712345678', amount: 150, accountReference: 'INV-001' });
 * assert(payment.isPaid && sandbox.prompts === 1);
 * await sandbox.stop();
 */
export async function startSandbox(options?: SandboxOptions): Promise<Sandbox> {
  const { port = 0, timeScale = 100 } = optionsOf('the options of startSandbox()', options);
  if (!(timeScale > 0 && Number.isFinite(timeScale))) {
    throw new RangeError(`timeScale is ${timeScale}: give a positive number, such as 100.`);
  }
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new RangeError(`port is ${port}: give a whole number from 0 to 65535.`);
  }
  // Tokens live by the clock of the client, which runs no faster.
  const lifetime = Math.min(Math.floor(3599 * Math.max(timeScale, 1)), 2 ** 32 - 1);
  return new Sandbox(addon.startSandbox(port, timeScale, lifetime), timeScale);
}
