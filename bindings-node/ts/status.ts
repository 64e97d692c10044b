/** The gateway's answer to a query. */

import { INSPECT, inspected } from './inspect';
import { describe, type ResultCode } from './result-codes';
import type { Outcome } from './words';

/** The gateway's answer to a query. It cannot be forged, but it says less than an `Event`. */
export class Status {
  /** The outcome of the push, as far as the gateway can tell now. */
  readonly outcome: Outcome;
  /** Whether no later answer is expected to change the outcome. */
  readonly isFinal: boolean;
  /** M-Pesa's code, where the answer has one. */
  readonly resultCode: string | null;
  /** The gateway's own text. It differs by year and channel and never decides anything. */
  readonly resultDesc: string | null;
  /** The id of the prompt. It embeds the payer's phone number. */
  readonly checkoutRequestId: string | null;
  /** The request's id, where the gateway gives one. */
  readonly merchantRequestId: string | null;
  /** M-Pesa's receipt. With Daraja only version 2 of the query (`queryVersion`) has it; else it comes with the callback. */
  readonly receipt: string | null;
  /** The amount paid in KES, where the gateway states it. */
  readonly amount: number | null;
  /** Details that only this gateway gives about the transaction, as JSON text. */
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

  /** The meaning of the result code, with a sentence for the customer. Without a known code: the meaning of the outcome. */
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
