/** The unclaimed payments of a client, which may yet be paid and whose callers went away. */

import { setImmediate } from 'node:timers';
import { concern, LipiaError } from './errors';
import type { PaymentHandle } from './payment-handle';

/** The unclaimed payments that a client shares with its copies from `withOptions`. @internal */
export class UnclaimedPayments {
  /** Payments of calls that ended with `unknown`, until somebody claims them. */
  readonly #unclaimed = new Set<PaymentHandle>();
  /** Those of them whose callers are only now being told. */
  #fresh = new Set<PaymentHandle>();

  /**
   * A call whose caller does not know the payment: its error has it, and where all that the caller learns is `unknown`, the
   * payment is unclaimed until the caller takes it from the error.
   */
  async unlessUnknown<T>(payment: PaymentHandle, call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      concern(error, payment, () => this.#claim(payment));
      if (error instanceof LipiaError && error.disposition === 'unknown') this.#keep(payment);
      throw error;
    }
  }

  #keep(payment: PaymentHandle): void {
    this.#unclaimed.add(payment);
    if (this.#fresh.size === 0) {
      setImmediate(() => {
        this.#fresh = new Set();
      });
    }
    this.#fresh.add(payment);
  }

  /** Ends once those who are being told of their errors could claim their payments: what is unclaimed then, nobody claims. */
  async callersAreTold(): Promise<void> {
    if (this.#fresh.size > 0) await new Promise((resolve) => setImmediate(resolve));
  }

  #claim(payment: PaymentHandle): void {
    this.#unclaimed.delete(payment);
  }

  /**
   * Each is handed out once. Where several callers are told of their errors in the same moment, nobody is handed what is
   * still for one of them to claim. What has not left when nothing is under way never will.
   */
  unclaimed(isAtRest: boolean): PaymentHandle[] {
    const isOneCaller = this.#fresh.size <= 1;
    const unclaimed = [...this.#unclaimed].filter((payment) => isOneCaller || !this.#fresh.has(payment));
    for (const payment of unclaimed) this.#unclaimed.delete(payment);
    return unclaimed.filter((payment) => !isAtRest || payment.snapshot().state !== 'reserved');
  }
}
