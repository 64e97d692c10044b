/** The options of a callback handler, checked. */

import { flagOf, functionOf, partsOf, secondsOf } from '../internals';

/** Where a failure happened that {@link CallbacksOptions.onError} is told of. The gateway was answered 503. */
export interface FailedCallback {
  /** The payment, where it is known. */
  readonly paymentId: string | null;
  /**
   * What failed. `ledger`: neither the ledger nor its spool could keep the callback. `unknown`: neither this process nor a
   * ledger has the payment. `request`: the request could not be read, or the client not be made.
   */
  readonly doing: 'ledger' | 'unknown' | 'request';
}

/** How the callbacks of a client are taken in. */
export interface CallbacksOptions {
  /**
   * Told of what went wrong with a callback of yours, never of a stranger's. Default: the logger of `setLogger`, and
   * without one a warning of Node's.
   */
  onError?: ((error: unknown, failed: FailedCallback) => unknown) | undefined;
  /** Whether a success is believed only once a query says the same. Default: false. */
  confirm?: boolean | undefined;
  /** Milliseconds for a query that confirms a success. The answer waits for it. Default: 10,000. */
  confirmTimeout?: number | undefined;
}

/** Options that were checked. @internal */
export interface CheckedOptions extends CallbacksOptions {
  confirm: boolean;
  confirmTimeout: number;
}

/** Checks what was given; `also` names the options of one adapter alone. @internal */
export function checkedOptions(options: unknown, also?: 'callbacks of lipia/fetch'): CheckedOptions {
  const { onError, confirm = false, confirmTimeout = 10_000 } = partsOf('callbacks', options, also) as CallbacksOptions;
  secondsOf('confirmTimeout', confirmTimeout);
  return {
    onError: onError === undefined ? undefined : functionOf('onError', onError),
    confirm: flagOf('confirm', confirm),
    confirmTimeout,
  };
}
