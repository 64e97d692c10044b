/** The gateway's answer to a push. */

import { INSPECT, shown } from './shown';
import type { Gateway } from './words';

/** The gateway's "accepted for processing". **Not** a payment. */
export class Acceptance {
  /** Who accepted it. */
  readonly gateway: Gateway;
  /** The prompt's id; query and callback name it. It embeds the payer's phone number. */
  readonly checkoutRequestId: string;
  /** The request's id, where the gateway gives one. */
  readonly merchantRequestId: string | null;
  /** The gateway's own id for the transaction, where it has one beside the two above. */
  readonly transactionId: string | null;
  /** What the gateway says of the request, for a log. */
  readonly description: string | null;
  /** What the gateway suggests to show the customer. */
  readonly customerMessage: string | null;
  /** What only this gateway tells of the transaction, as JSON text. */
  readonly details: string | null;

  /** @internal */
  constructor(data: AcceptanceData) {
    this.gateway = data.gateway;
    this.checkoutRequestId = data.checkout_request_id;
    this.merchantRequestId = data.merchant_request_id;
    this.transactionId = data.transaction_id;
    this.description = data.description;
    this.customerMessage = data.customer_message;
    this.details = data.details ?? null;
  }

  /** @internal */
  [INSPECT](): object {
    return shown(this, ['checkoutRequestId', 'details']);
  }
}

/** @internal */
export interface AcceptanceData {
  gateway: Gateway;
  checkout_request_id: string;
  merchant_request_id: string | null;
  transaction_id: string | null;
  description: string | null;
  customer_message: string | null;
  details?: string | null;
}
