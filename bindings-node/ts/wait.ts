/** A wait that is under way: a promise, and the news while it lasts. */

import { type CallOptions, call, signalOf, taken } from './calls';
import { AbortedError, errorOf, type LipiaError } from './errors';
import type { ErrorData, NativeWatch } from './native';
import { Payment, type SnapshotData } from './payment';
import { Status, type StatusData } from './status';

/** What happens while a payment is waited for. `elapsed` is in milliseconds since the wait began. */
export type Progress =
  /** The gateway was asked, and this is its answer. */
  | { readonly kind: 'asked'; readonly elapsed: number; readonly status: Status }
  /** The gateway was asked, and did not tell. The wait goes on. */
  | { readonly kind: 'not_told'; readonly elapsed: number; readonly error: LipiaError }
  /** Something was handed in that did not settle the payment. */
  | { readonly kind: 'news'; readonly elapsed: number }
  /** The payment is settled. The last news. */
  | { readonly kind: 'settled'; readonly payment: Payment }
  /** The time is up, and the payment may yet be paid. The last news. */
  | { readonly kind: 'still_open'; readonly payment: Payment };

interface ProgressData {
  kind: Progress['kind'];
  elapsed: number;
  status?: StatusData;
  error?: ErrorData;
  payment?: SnapshotData;
}

function progressOf(data: ProgressData): Progress {
  const { kind, elapsed } = data;
  if (data.payment !== undefined && (kind === 'settled' || kind === 'still_open')) {
    return { kind, payment: new Payment(data.payment) };
  }
  if (data.status !== undefined) return { kind: 'asked', elapsed, status: new Status(data.status) };
  if (data.error !== undefined) return { kind: 'not_told', elapsed, error: errorOf(data.error) };
  return { kind: 'news', elapsed };
}

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
  constructor(begin: () => NativeWatch, options: CallOptions) {
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

  async #run(begin: () => NativeWatch, options: CallOptions): Promise<Payment> {
    const signal = signalOf(options.signal);
    if (signal?.aborted) throw AbortedError.of(signal, 'not_sent');
    const watch = begin();
    const leave = () => this.#left.abort(signal?.reason);
    signal?.addEventListener('abort', leave, { once: true });
    try {
      for (;;) {
        const data = taken(await call((number) => watch.next(number), this.#left.signal)) as ProgressData;
        const progress = progressOf(data);
        this.#told.push(progress);
        const wake = this.#wake;
        this.#next = this.#turn();
        wake?.();
        if (progress.kind === 'settled' || progress.kind === 'still_open') return progress.payment;
      }
    } finally {
      signal?.removeEventListener('abort', leave);
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
          if (progress.kind === 'settled' || progress.kind === 'still_open') return;
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
