/** The options of a callback handler, checked. */

import { flagOf, functionOf, partsOf, secondsOf } from '../internals';

/** The failed callback that {@link CallbacksOptions.onError} is told of. The gateway was answered 503. */
export interface FailedCallback {
  /** The id of the payment, where it is known. */
  readonly paymentId: string | null;
  /**
   * What failed. `ledger`: neither the ledger nor its spool could keep the callback. `unknown`: neither this process nor a
   * ledger has the payment. `request`: the request could not be read, or the client not be made.
   */
  readonly doing: 'ledger' | 'unknown' | 'request';
}

/** The options of a callback handler. */
export interface CallbacksOptions {
  /**
   * Called when a genuine callback could not be handled, never for a stranger's request. Default: the logger of
   * `setLogger`, or without one Node's warnings.
   */
  onError?: ((error: unknown, failed: FailedCallback) => unknown) | undefined;
  /** Whether a success is believed only after a query confirms it. Default: false. */
  confirm?: boolean | undefined;
  /** Milliseconds for such a query, for which the answer waits. Default: 10,000. */
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
