/** The options of a callback handler, checked. */

import type { ReceivedCallback } from '../event';
import { countOf, flagOf, functionOf, partsOf, secondsOf, storeOf } from '../internals';
import type { Payment } from '../payment';
import type { PaymentStore } from './store';

/** Where a failure happened that {@link CallbacksOptions.onError} is told of. */
export interface FailedCallback {
  /** The payment, where it is known. */
  readonly paymentId: string | null;
  /**
   * What failed: telling `onOutcome`, `onFlagged` or `onUnknown`; taking the callback in (`store`: loading or saving failed, `unknown`:
   * nobody here knows the payment, `request`: the request could not be read). The gateway was answered 503 in the last three.
   */
  readonly doing: 'onOutcome' | 'onFlagged' | 'onUnknown' | 'store' | 'unknown' | 'request';
}

/** What is done with the callbacks of a client. */
export interface CallbacksOptions {
  /**
   * Told, after the answer, of each payment that a callback moved forward: a new outcome, or the receipt of a success that
   * had none. Once for all duplicates. What it throws goes to `onError` and changes nothing.
   *
   * @deprecated for payments that you keep yourself. Payments of `request` are told to `client.onOutcome`.
   */
  onOutcome?: ((payment: Payment) => unknown) | undefined;
  /**
   * Where payments are kept that several processes, or the next one, take callbacks for. Default: the memory of this
   * process, for the payments that this client made or took up since.
   *
   * @deprecated a store cannot claim an order. Give the client a `ledger`, and push with `request({ order })`.
   */
  store?: PaymentStore | undefined;
  /**
   * Told, after the answer, of a callback whose payment neither this process nor the store knows. Its URL was made by you;
   * its amount was compared with nothing. Without this function the gateway is answered 503.
   *
   * @deprecated a ledger keeps such a callback.
   */
  onUnknown?: ((received: ReceivedCallback) => unknown) | undefined;
  /**
   * Told, after the answer, of a payment about which something was said that was not believed: another amount, a code that
   * nobody knows. `payment.flags` has what it was; the payment is as open or settled as before. A person has to look. Once
   * for all duplicates. Default: as `onError`'s.
   *
   * @deprecated for payments that you keep yourself. Of payments of the ledger `payment.flags` has it.
   */
  onFlagged?: ((payment: Payment) => unknown) | undefined;
  /**
   * Told of what went wrong with a callback of yours, never of a stranger's. Default: the logger of `setLogger`, and
   * without one a warning of Node's.
   */
  onError?: ((error: unknown, failed: FailedCallback) => unknown) | undefined;
  /** Whether a success is believed only once a query says the same. Default: false. */
  confirm?: boolean | undefined;
  /** Milliseconds for a query that confirms a success. The answer waits for it. Default: 10,000. */
  confirmTimeout?: number | undefined;
  /**
   * Without a store: how many payments are held in memory, the latest ones. Default: 10,000.
   *
   * @deprecated for payments that you keep yourself.
   */
  maxInMemory?: number | undefined;
}

/** Options that were checked. @internal */
export interface CheckedOptions extends CallbacksOptions {
  confirm: boolean;
  confirmTimeout: number;
  maxInMemory: number;
}

/** Checks what was given; `also` names the options of one adapter alone. @internal */
export function checkedOptions(options: unknown, also?: 'callbacks of lipia/fetch'): CheckedOptions {
  const given = partsOf('callbacks', options, also) as CallbacksOptions;
  for (const name of ['onOutcome', 'onFlagged', 'onUnknown', 'onError'] as const) {
    if (given[name] !== undefined) functionOf(name, given[name]);
  }
  const { confirm = false, confirmTimeout = 10_000, maxInMemory = 10_000 } = given;
  secondsOf('confirmTimeout', confirmTimeout);
  return {
    ...given,
    store: given.store === undefined ? undefined : storeOf(given.store),
    confirm: flagOf('confirm', confirm),
    confirmTimeout,
    maxInMemory: countOf('maxInMemory', maxInMemory),
  };
}
