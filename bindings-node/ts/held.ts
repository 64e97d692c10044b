/** Payments that stay alive although nobody holds them, so that their callbacks find them. */

import { LipiaError } from './errors';
import type { PaymentHandle } from './payment-handle';

/** What a client and all that were made of it `withOptions` hold together. @internal */
export class Held {
  #most = 0;
  readonly #payments = new Map<string, PaymentHandle>();
  #unclaimed: PaymentHandle[] = [];

  /** Whether payments are held. */
  get isOn(): boolean {
    return this.#most > 0;
  }

  /** Holds the latest payments from here on, that many at most. */
  hold(most: number): void {
    this.#most = Math.max(this.#most, most);
  }

  /** A payment that was made or taken up. */
  with(payment: PaymentHandle): PaymentHandle {
    if (!this.isOn) return payment;
    const { id } = payment;
    this.#payments.delete(id);
    this.#payments.set(id, payment);
    if (this.#payments.size > this.#most) {
      const [oldest = id] = this.#payments.keys();
      this.#payments.delete(oldest);
    }
    return payment;
  }

  /** A call whose caller does not know the payment: where all that it learns is `unknown`, the payment is unclaimed. */
  async unlessUnknown<T>(payment: PaymentHandle, call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      if (error instanceof LipiaError && error.disposition === 'unknown') this.#unclaimed.push(payment);
      throw error;
    }
  }

  /** Each is handed out once. What has not left when nothing is under way never will. */
  unclaimed(isAtRest: boolean): PaymentHandle[] {
    const unclaimed = this.#unclaimed;
    this.#unclaimed = [];
    return unclaimed.filter((payment) => !isAtRest || payment.snapshot().state !== 'reserved');
  }
}
