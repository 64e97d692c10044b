/** A wait for a payment: a promise, and its progress while it lasts. */

import { type CallOptions, call, callOptionsOf, signalOf, taken, whenAborted } from './calls';
import { AbortedError, concern, errorOf, type LipiaError } from './errors';
import type { ErrorData, NativeWatch } from './native';
import { Payment, type SnapshotData } from './payment';
import type { PaymentHandle } from './payment-handle';
import { Status, type StatusData } from './status';

/** What happens while a payment is waited for. `elapsed` is in milliseconds since the wait began. */
export type Progress =
  /** The gateway was asked, and this is its answer. */
  | { readonly kind: 'queried'; readonly elapsed: number; readonly status: Status }
  /** The gateway was asked, and did not tell. The wait goes on. */
  | { readonly kind: 'query_failed'; readonly elapsed: number; readonly error: LipiaError }
  /** Something was handed in that did not settle the payment. */
  | { readonly kind: 'callback_received'; readonly elapsed: number }
  /** The payment is settled. The last news. */
  | { readonly kind: 'settled'; readonly payment: Payment }
  /** The time is up, and the payment may yet be paid. The last news. */
  | { readonly kind: 'timed_out'; readonly payment: Payment };

interface ProgressData {
  kind: Progress['kind'];
  elapsed: number;
  status?: StatusData;
  error?: ErrorData;
  payment?: SnapshotData;
}

function progressOf(data: ProgressData): Progress {
  const { kind, elapsed } = data;
  if (data.payment !== undefined && (kind === 'settled' || kind === 'timed_out')) {
    return { kind, payment: new Payment(data.payment) };
  }
  if (data.status !== undefined) return { kind: 'queried', elapsed, status: new Status(data.status) };
  if (data.error !== undefined) return { kind: 'query_failed', elapsed, error: errorOf(data.error) };
  return { kind: 'callback_received', elapsed };
}

/** What a wait is for, and how it begins. */
type Begin = (options: { timeout: number | null }) => [payment: PaymentHandle, start: () => NativeWatch];

/**
 * A wait that is under way. Await it for the payment, or iterate over it for what happens meanwhile; both at once is
 * fine, and asks the gateway no more often.
 *
 * @example
 * const payment = await daraja.wait(handle);
 *
 * for await (const progress of daraja.wait(handle)) console.log(progress.kind);
 */
export class PaymentWait implements Promise<Payment>, AsyncIterable<Progress> {
  readonly #told: Progress[] = [];
  readonly #left = new AbortController();
  readonly #ended: Promise<Payment>;
  #wake: (() => void) | undefined;
  #next: Promise<void>;

  /** @internal */
  constructor(begin: Begin, options: CallOptions | undefined) {
    this.#next = this.#turn();
    this.#ended = this.#run(begin, options);
    // Whoever only iterates learns of a failure there.
    this.#ended.then(
      () => this.#wake?.(),
      () => this.#wake?.(),
    );
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #run(begin: Begin, options: CallOptions | undefined): Promise<Payment> {
    const given = callOptionsOf(options);
    const signal = signalOf(given.signal);
    if (signal?.aborted) throw AbortedError.of(signal, 'not_sent');
    const [payment, start] = begin(given);
    try {
      return await this.#follow(payment, start(), signal);
    } catch (error) {
      concern(error, payment);
      throw error;
    }
  }

  async #follow(payment: PaymentHandle, watch: NativeWatch, signal: AbortSignal | undefined): Promise<Payment> {
    const stop = signal && whenAborted(signal, () => this.#left.abort(signal.reason));
    try {
      for (;;) {
        const data = taken(await call((number) => watch.next(number), this.#left.signal)) as ProgressData;
        const progress = progressOf(data);
        if (progress.kind === 'query_failed') concern(progress.error, payment);
        this.#told.push(progress);
        const wake = this.#wake;
        this.#next = this.#turn();
        wake?.();
        if (progress.kind === 'settled' || progress.kind === 'timed_out') return progress.payment;
      }
    } finally {
      stop?.();
    }
  }

  /** The news from the first on. Leaving the loop ends the wait, and leaves the payment as it is. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Progress, void, undefined> {
    try {
      for (let place = 0; ; ) {
        const progress = this.#told[place];
        if (progress !== undefined) {
          place += 1;
          yield progress;
          if (progress.kind === 'settled' || progress.kind === 'timed_out') return;
          continue;
        }
        await Promise.race([this.#next, this.#ended]);
      }
    } finally {
      // Of whoever left early nobody may be waiting for the payment.
      this.#ended.catch(() => {});
      this.#left.abort();
    }
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise.
  then<Kept = Payment, Failed = never>(
    onFulfilled?: ((payment: Payment) => Kept | PromiseLike<Kept>) | null,
    onRejected?: ((reason: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<Kept | Failed> {
    return this.#ended.then(onFulfilled, onRejected);
  }

  catch<Failed = never>(
    onRejected?: ((reason: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<Payment | Failed> {
    return this.#ended.catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<Payment> {
    return this.#ended.finally(onFinally);
  }

  get [Symbol.toStringTag](): string {
    return 'PaymentWait';
  }
}
