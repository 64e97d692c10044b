/** The callback engine: verifies a callback and decides the answer, for every kind of server. */

import type { Client } from '../client';
import type { ReceivedCallback } from '../event';
import {
  acceptedReply,
  // The class itself; its type is the public one.
  Client as ClientClass,
  CorrectInputError,
  CorrectSettingsError,
  DisbelieveError,
  LipiaError,
  NotInStore,
  refusedType,
  saveHeld,
  saveReceived,
  tellFailure,
  tellOnStderr,
  warn,
} from '../internals';
import type { Payment } from '../payment';
import type { PaymentHandle } from '../payment-handle';
import type { Verdict } from '../words';
import { KeyLock } from './key-lock';
import type { CheckedOptions, FailedCallback } from './options';

/** A longer body is not read: the core refuses it too, and a stranger must not fill the memory with it. @internal */
export const MAX_BODY_BYTES = 64 * 1024;

/** A request that came to a callback URL. @internal */
export interface Delivery {
  path: string;
  body: Uint8Array;
  peer: string | null | undefined;
  forwardedFor: string | readonly string[] | undefined;
}

/** The statuses that are answered. @internal */
export type AnswerStatus = 200 | 400 | 403 | 404 | 405 | 413 | 503;

/** What a gateway is answered, and what is done after that. @internal */
export interface Answer {
  status: AnswerStatus;
  /** Tells the owner of the URL what came in. It never throws, and ends when the owner's function has ended. */
  tell(): Promise<void>;
}

/** What a stranger is told, who may be anybody. */
const TOLD: Readonly<Record<Exclude<AnswerStatus, 200>, string>> = {
  400: 'not a callback',
  403: 'forbidden',
  404: 'not found',
  405: 'post only',
  413: 'too large',
  503: 'not taken in, send it again',
};

/** The text of an answer, as JSON. @internal */
export function textOfAnswer(status: AnswerStatus): string {
  return status === 200 ? acceptedReply() : JSON.stringify({ error: TOLD[status] });
}

/** The headers of an answer. @internal */
export function headersOfAnswer(status: AnswerStatus): Record<string, string> {
  const type = { 'content-type': 'application/json' };
  return status === 405 ? { ...type, allow: 'POST' } : type;
}

async function nobodyToTell(): Promise<void> {}

/** An answer after which nobody is told of anything. @internal */
export function reply(status: AnswerStatus): Answer {
  return { status, tell: nobodyToTell };
}

/** A client, or a function that returns it: called when the first request comes, so that a build needs no credentials. */
export type ClientOrGetter = Client | (() => Client);

/** Takes in the callbacks of one client. @internal */
export class Engine {
  readonly #getClient: () => Client;
  #known: Client | undefined;
  readonly #options: CheckedOptions;
  readonly #locks = new KeyLock();
  /** Without a store: how many flags of a payment were told of. */
  readonly #flagsTold = new Map<string, number>();
  /** How a success is confirmed. */
  readonly #confirming: { confirm: boolean; timeout: number };

  constructor(client: unknown, options: CheckedOptions) {
    this.#options = options;
    this.#confirming = { confirm: options.confirm, timeout: options.confirmTimeout };
    const isGetter = typeof client === 'function' && !(client.prototype instanceof ClientClass);
    this.#getClient = isGetter ? (client as () => Client) : () => client as Client;
    if (!isGetter) void this.#client;
  }

  /** The client. A function that throws is called again for the next request. */
  get #client(): Client {
    if (this.#known !== undefined) return this.#known;
    const client: unknown = this.#getClient();
    if (!(client instanceof ClientClass)) {
      throw refusedType(
        'client',
        client,
        'which is not a client',
        'Give a Daraja, PalPluss, UpesiPay or PayHero of this package, or a function that returns one.',
      );
    }
    if (this.#options.store === undefined) client.hold(this.#options.maxInMemory);
    this.#known = client;
    return client;
  }

  /** What is answered to a request. It never throws. */
  async answer(delivery: Delivery): Promise<Answer> {
    let held: PaymentHandle | null;
    let received: ReceivedCallback;
    try {
      // Asked for before the callback is handed in: the wait that holds the payment ends with it, and may let it go.
      held = this.#heldFor(this.#client, delivery.path);
      const hasStore = this.#options.store !== undefined;
      received = await this.#client.receiveCallback({ ...delivery, hasStore }, this.#confirming);
    } catch (error) {
      return this.#refused(error);
    }
    try {
      return await this.#locks.of(received.paymentId, () => this.#judged(received, held));
    } catch (error) {
      return this.failed(error, { paymentId: received.paymentId, doing: 'store' });
    }
  }

  /** What is answered where something of ours, or of the URL's owner, failed. */
  failed(error: unknown, failed: FailedCallback): Answer {
    this.#report(error, failed);
    return reply(503);
  }

  #refused(error: unknown): Answer {
    if (!(error instanceof LipiaError)) return this.failed(error, { paymentId: null, doing: 'request' });
    if (error instanceof CorrectSettingsError) return this.failed(error, { paymentId: null, doing: 'request' });
    // What the ledger could not keep is posted again, perhaps to a process that can.
    if (error.code.startsWith('ledger_')) return this.failed(error, { paymentId: error.paymentId, doing: 'store' });
    warn(`a callback was refused: ${error.message} (${error.code})`);
    if (error instanceof DisbelieveError) return reply(statusOf(error));
    if (error instanceof CorrectInputError) return reply(400);
    return this.failed(error, { paymentId: null, doing: 'request' });
  }

  /** The live payment that a callback's path may be about, proven or not. */
  #heldFor(client: Client, path: string): PaymentHandle | null {
    const [plain = ''] = path.split(/[?#]/, 1);
    const [id = ''] = plain.slice(plain.replace(/\/+$/, '').lastIndexOf('/') + 1).split('-', 1);
    try {
      return client.find(id);
    } catch {
      return null;
    }
  }

  async #judged(received: ReceivedCallback, found: PaymentHandle | null): Promise<Answer> {
    const { paymentId, verdict } = received;
    const held = verdict === null ? null : (found ?? this.#client.find(paymentId));
    if (verdict !== null) note(paymentId, verdict);
    const { store } = this.#options;
    if (store === undefined) {
      if (held !== null) return this.#judgedAlone(held, verdict);
      return received.isKept ? reply(200) : this.#unknown(received);
    }
    try {
      const { gain, payment, newFlags } =
        held === null
          ? await saveReceived(store, this.#client, received, this.#confirming, (judged) => note(paymentId, judged))
          : await saveHeld(store, held);
      if (gain === 'forward') return this.#moved(payment);
      return newFlags > 0 ? this.#flagged(payment) : reply(200);
    } catch (error) {
      if (error instanceof NotInStore) return this.#unknown(received);
      throw error;
    }
  }

  #judgedAlone(held: PaymentHandle, verdict: Verdict | null): Answer {
    const payment = held.snapshot();
    if (verdict === 'believed' && payment.state === 'settled') return this.#moved(payment);
    return this.#hasNewFlags(payment) ? this.#flagged(payment) : reply(200);
  }

  /** Whether a payment has flags that nobody was told of. */
  #hasNewFlags({ id, flags }: Payment): boolean {
    const told = this.#flagsTold.get(id) ?? 0;
    if (flags.length <= told) return false;
    this.#flagsTold.delete(id);
    this.#flagsTold.set(id, flags.length);
    const [oldest = id] = this.#flagsTold.keys();
    if (this.#flagsTold.size > this.#options.maxInMemory) this.#flagsTold.delete(oldest);
    return true;
  }

  #flagged(payment: Payment): Answer {
    const { onFlagged } = this.#options;
    return {
      status: 200,
      tell: async () => {
        if (onFlagged !== undefined) return this.#tell('onFlagged', payment.id, onFlagged, payment);
        const reason = payment.flags.at(-1)?.reason ?? 'unknown';
        tellFailure(
          `something was said about payment ${payment.id} that was not believed (${reason}): a person has to look at its flags`,
        );
      },
    };
  }

  #moved(payment: Payment): Answer {
    return { status: 200, tell: () => this.#tell('onOutcome', payment.id, this.#options.onOutcome, payment) };
  }

  /**
   * What is answered about a payment of ours that nobody here knows: without somebody to give it to, the gateway is asked
   * to send it again, to a process that knows it or once the payment is saved.
   */
  #unknown(received: ReceivedCallback): Answer {
    const { paymentId } = received;
    const { onUnknown, store } = this.#options;
    if (onUnknown !== undefined) {
      return { status: 200, tell: () => this.#tell('onUnknown', paymentId, onUnknown, received) };
    }
    const why =
      store === undefined
        ? 'this process does not hold the payment, and there is no store to load it from'
        : 'its store has no such payment: save a payment before you push it';
    if (this.#options.onError === undefined) tellFirstOwnerless(store === undefined);
    return this.failed(new Error(`A callback for payment ${paymentId} was not taken in: ${why}.`), {
      paymentId,
      doing: 'unknown',
    });
  }

  async #tell<News>(
    doing: 'onOutcome' | 'onFlagged' | 'onUnknown',
    paymentId: string,
    told: ((news: News) => unknown) | undefined,
    news: News,
  ): Promise<void> {
    try {
      await told?.(news);
    } catch (error) {
      this.#report(error, { paymentId, doing });
    }
  }

  #report(error: unknown, failed: FailedCallback): void {
    const { onError } = this.#options;
    if (onError === undefined) {
      tellFailure(sentenceOf(failed), error);
      return;
    }
    const failedAgain = (again: unknown) => tellFailure('onError failed itself', again);
    try {
      Promise.resolve(onError(error, failed)).catch(failedAgain);
    } catch (again) {
      failedAgain(again);
    }
  }
}

let wasTold = false;

/** Says once in a process, where somebody who starts it looks, what to do about callbacks that nobody owns. */
function tellFirstOwnerless(hasNoStore: boolean): void {
  if (wasTold) return;
  wasTold = true;
  const toDo = hasNoStore
    ? 'After a restart, and with several processes (cluster, PM2, serverless), a callback reaches a process that did not ' +
      'push its payment, and what it says is lost. Give the client a ledger (LIPIA_LEDGER, or the setting ledger), and ' +
      'push with request({ order }).'
    : 'Save each payment before its push (reserve, begin, save, push), in the store that callbacks() was given.';
  tellOnStderr(`a callback came for a payment that nobody here knows, and was answered with 503. ${toDo}`);
}

function sentenceOf({ paymentId, doing }: FailedCallback): string {
  const callback = paymentId === null ? 'a callback' : `a callback for payment ${paymentId}`;
  switch (doing) {
    case 'onOutcome':
    case 'onFlagged':
    case 'onUnknown':
      return `${callback} was taken in and answered, and ${doing} failed`;
    case 'store':
      return `${callback} was answered with 503: the payment could not be loaded or saved`;
    default:
      return `${callback} was answered with 503`;
  }
}

/** The status for a body that is not to be believed. A token that is forged and one of no payment here look alike. */
function statusOf(error: DisbelieveError): AnswerStatus {
  if (error.code.startsWith('callback_token')) return 404;
  if (error.code.startsWith('callback_address')) return 403;
  return 400;
}

function note(paymentId: string, verdict: Verdict): void {
  if (verdict === 'mismatch') {
    warn(`a callback does not fit payment ${paymentId} and was not believed; it is kept with its flags`);
  }
}
