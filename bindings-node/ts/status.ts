/** The gateway's answer to a question. */

import { INSPECT, inspected } from './inspect';
import { describe, type ResultCode } from './result-codes';
import type { Outcome } from './words';

/** What a gateway says of a push when asked. It cannot be forged, but it says less than an `Event`. */
export class Status {
  /** What became of it, as far as the gateway can tell now. */
  readonly outcome: Outcome;
  /** Whether no later answer is expected to change that. */
  readonly isFinal: boolean;
  /** M-Pesa's code, where the answer has one. */
  readonly resultCode: string | null;
  /** The gateway's prose. It differs by year and channel and never decides anything. */
  readonly resultDesc: string | null;
  /** The prompt that was asked about. It embeds the payer's phone number. */
  readonly checkoutRequestId: string | null;
  /** The request's id, where the gateway gives one. */
  readonly merchantRequestId: string | null;
  /** M-Pesa's receipt. Daraja's query has one in version 2 alone (`queryVersion`); without it, it comes with the callback. */
  readonly receipt: string | null;
  /** What was paid in KES, where the gateway says so. */
  readonly amount: number | null;
  /** What only this gateway tells of the transaction, as JSON text. */
  readonly details: string | null;

  /** @internal */
  constructor(data: StatusData) {
    this.outcome = data.outcome;
    this.isFinal = data.final;
    this.resultCode = data.result_code;
    this.resultDesc = data.result_desc;
    this.checkoutRequestId = data.checkout_request_id;
    this.merchantRequestId = data.merchant_request_id;
    this.receipt = data.receipt;
    this.amount = data.amount === null ? null : Number(data.amount);
    this.details = data.details ?? null;
  }

  /** Whether the money was received. */
  get isPaid(): boolean {
    return this.outcome === 'success';
  }

  /** The row of the table for its code, or the row for any other code. */
  describe(): ResultCode {
    return describe(this.resultCode ?? '', this.outcome);
  }

  /** @internal */
  [INSPECT](): object {
    return inspected(this, ['checkoutRequestId', 'details']);
  }
}

/** @internal */
export interface StatusData {
  outcome: Outcome;
  final: boolean;
  result_code: string | null;
  result_desc: string | null;
  checkout_request_id: string | null;
  merchant_request_id: string | null;
  receipt: string | null;
  amount: string | null;
  details?: string | null;
}
