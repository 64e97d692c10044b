/** The answers to requests on a callback URL, for every kind of server. The core decides what is believed, kept and told. */

import type { Client } from '../client';
import {
  acceptedReply,
  // The class itself; its type is the public one.
  Client as ClientClass,
  CorrectInputError,
  DisbelieveError,
  LipiaError,
  refusedType,
  tellFailure,
  tellOnStderr,
  warn,
} from '../internals';
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

/** The texts for refused requests, whose senders may be anybody. */
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

/** A client, or a function that returns it, called with the first request, so that a build does not need credentials. */
export type ClientOrGetter = Client | (() => Client);

/** Hands the callbacks of one client to the core. @internal */
export class Engine {
  readonly #getClient: () => Client;
  #known: Client | undefined;
  readonly #onError: CheckedOptions['onError'];
  /** How a success is confirmed. */
  readonly #confirming: { confirm: boolean; timeout: number };

  constructor(client: unknown, { onError, confirm, confirmTimeout }: CheckedOptions) {
    this.#onError = onError;
    this.#confirming = { confirm, timeout: confirmTimeout };
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
    this.#known = client;
    return client;
  }

  /** What is answered to a request: 200 once the callback is kept. It never throws. */
  async answer(delivery: Delivery): Promise<AnswerStatus> {
    let client: Client;
    try {
      client = this.#client;
    } catch (error) {
      return this.failed(error, 'request');
    }
    try {
      const { isKept, paymentId } = await client.receiveCallback(delivery, this.#confirming);
      return isKept ? 200 : this.#withoutOwner(paymentId);
    } catch (error) {
      return this.#refused(error);
    }
  }

  /** What is answered where something of ours failed: the gateway is asked to send it again. */
  failed(error: unknown, doing: FailedCallback['doing'], paymentId: string | null = null): AnswerStatus {
    this.#report(error, { paymentId, doing });
    return 503;
  }

  #refused(error: unknown): AnswerStatus {
    const isOfStranger = error instanceof DisbelieveError || error instanceof CorrectInputError;
    if (isOfStranger) {
      warn(`a callback was refused: ${error.message} (${error.code})`);
      return statusOf(error);
    }
    if (!(error instanceof LipiaError)) return this.failed(error, 'request');
    return this.failed(error, error.code.startsWith('ledger_') ? 'ledger' : 'request', error.paymentId);
  }

  /** What is answered about a payment that neither this process nor a ledger has: another process may take it in. */
  #withoutOwner(paymentId: string): AnswerStatus {
    if (this.#onError === undefined) tellFirstOwnerless();
    const message = `A callback for payment ${paymentId} was not taken in: this process does not hold the payment, and there is no ledger.`;
    return this.failed(new Error(message), 'unknown', paymentId);
  }

  #report(error: unknown, failed: FailedCallback): void {
    if (this.#onError === undefined) {
      const callback = failed.paymentId === null ? 'a callback' : `a callback for payment ${failed.paymentId}`;
      tellFailure(`${callback} was answered with 503`, error);
      return;
    }
    const failedAgain = (again: unknown) => tellFailure('onError failed itself', again);
    try {
      Promise.resolve(this.#onError(error, failed)).catch(failedAgain);
    } catch (again) {
      failedAgain(again);
    }
  }
}

let wasTold = false;

/** Says once in a process, where somebody who starts it looks, what to do about callbacks that nobody owns. */
function tellFirstOwnerless(): void {
  if (wasTold) return;
  wasTold = true;
  tellOnStderr(
    'a callback came for a payment that nobody here knows, and was answered with 503. ' +
      'After a restart, and with several processes (cluster, PM2, serverless), a callback reaches a process that did not ' +
      'push its payment, and what it says is lost. Give the client a ledger (LIPIA_LEDGER, or the setting ledger), and ' +
      'push with request({ order }).',
  );
}

/** The status for a request that was refused. A forged token and a token of an unknown payment get the same answer. */
function statusOf({ code }: LipiaError): AnswerStatus {
  if (code.startsWith('callback_token')) return 404;
  return code.startsWith('callback_address') ? 403 : 400;
}
