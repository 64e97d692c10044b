/** The gateway's answer to a push. */

import { INSPECT, inspected } from './inspect';
import type { Remark } from './values';
import type { Gateway } from './words';

/** The gateway's "accepted for processing". **Not** a payment. */
export class Acceptance {
  /** The gateway that accepted the push. */
  readonly gateway: Gateway;
  /** The id for queries: the gateway's own where it has one, else `checkoutRequestId`. */
  readonly id: string;
  /** M-Pesa's id for the prompt. It embeds the payer's phone number. PalPluss, UpesiPay and PayHero may leave it out. */
  readonly checkoutRequestId: string | null;
  /** The request's id, where the gateway gives one. */
  readonly merchantRequestId: string | null;
  /** The gateway's own id for the transaction, where it has one besides the two above. */
  readonly transactionId: string | null;
  /** What the gateway says of the request, for a log. */
  readonly description: string | null;
  /** The text that the gateway suggests to show the customer. */
  readonly customerMessage: string | null;
  /** The gateway's id for this very request, which its support desk asks for. Daraja does not give one with an acceptance. */
  readonly requestId: string | null;
  /** The gateway's fee for the push in KES, where the gateway states it. */
  readonly fee: number | null;
  /** Details that only this gateway gives about the transaction, as JSON text. */
  readonly details: string | null;
  /** Remarks on a push that is valid and may still fail: odd characters in the reference, words in the callback URL. */
  readonly warnings: readonly Remark[];

  /** @internal */
  constructor(data: AcceptanceData) {
    this.gateway = data.gateway;
    this.id = data.id;
    this.checkoutRequestId = data.checkout_request_id;
    this.merchantRequestId = data.merchant_request_id;
    this.transactionId = data.transaction_id;
    this.description = data.description;
    this.customerMessage = data.customer_message;
    this.requestId = data.request_id ?? null;
    this.fee = data.fee === undefined || data.fee === null ? null : Number(data.fee);
    this.details = data.details ?? null;
    this.warnings = data.warnings ?? [];
  }

  /** @internal */
  [INSPECT](): object {
    return inspected(this, ['id', 'checkoutRequestId', 'details']);
  }
}

/** @internal */
export interface AcceptanceData {
  gateway: Gateway;
  id: string;
  checkout_request_id: string | null;
  merchant_request_id: string | null;
  transaction_id: string | null;
  description: string | null;
  customer_message: string | null;
  request_id?: string | null;
  fee?: string | null;
  details?: string | null;
  warnings?: Remark[];
}
