/** The wait for a payment: a promise of the payment, and an iterator over the progress. */

import { type CallOptions, call, callOptionsOf, signalOf, taken, whenAborted } from './calls';
import { AbortedError, concern, errorOf, type LipiaError } from './errors';
import type { ErrorData, NativeWatch } from './native';
import { Payment, type SnapshotData } from './payment';
import type { PaymentHandle } from './payment-handle';
import { Status, type StatusData } from './status';

/** The progress of a wait. `elapsed` is in milliseconds since the wait began. */
export type Progress =
  /** The gateway was asked, and answered. */
  | { readonly kind: 'queried'; readonly elapsed: number; readonly status: Status }
  /** A query failed. The wait goes on. */
  | { readonly kind: 'query_failed'; readonly elapsed: number; readonly error: LipiaError }
  /** A callback came that did not settle the payment. */
  | { readonly kind: 'callback_received'; readonly elapsed: number }
  /** The payment is settled. The last item. */
  | { readonly kind: 'settled'; readonly payment: Payment }
  /** The time is up, and the payment may yet be paid. The last item. */
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

/** Begins a wait, and names its payment. */
type Begin = (options: { timeout: number | null }) => [payment: PaymentHandle, start: () => NativeWatch];

/**
 * A wait for a payment. Await it for the payment, or iterate over it for what happens meanwhile. Both at once is fine, and
 * does not ask the gateway more often.
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

  /** Iterates over the progress, from the first item. Leaving the loop ends the wait and leaves the payment as it is. */
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
