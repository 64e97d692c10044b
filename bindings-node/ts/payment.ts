/** The payment: a snapshot of one sale. */

import { Acceptance, type AcceptanceData } from './acceptance';
import { textOf } from './arguments';
import { takenNow } from './calls';
import { errorOf, type LipiaError } from './errors';
import { INSPECT, inspected } from './inspect';
import { addon, type ErrorData } from './native';
import { describe, type ResultCode } from './result-codes';
import type { Remark } from './values';
import type { Gateway, Outcome, PaymentState } from './words';

const timeOf = (text: string | null): Date | null => (text === null ? null : new Date(text));

const instantOrNull = (milliseconds: number | null): Date | null =>
  milliseconds === null ? null : new Date(milliseconds);

/** The validated push of a payment: payer, amount, reference and callback URL. */
export interface Push {
  /** The payer's phone number: `2547…`. */
  readonly phoneNumber: string;
  /** The amount in whole KES. */
  readonly amount: number;
  /** The merchant's reference for the sale. */
  readonly accountReference: string;
  /** The description of the sale. */
  readonly transactionDesc: string;
  /** The URL that the gateway posts the result to. It ends with this payment's own secret token. */
  readonly callbackUrl: string;
  /** Options that only one gateway has. */
  readonly options: Readonly<Record<string, string>>;
}

/** A callback or an answer that was not believed. The payment keeps it for a person to look at. */
export interface Flag {
  /** The time at which it came. */
  readonly at: Date;
  /** Why it was not believed: `amount_differs`, `phone_differs`, `success_incomplete` … */
  readonly reason: string;
  /** The body of a callback, cut at 4 KiB. */
  readonly body: string | null;
}

/** @internal */
export interface PaymentData {
  id: string;
  gateway: Gateway;
  state: PaymentState;
  outcome: Outcome;
  push: {
    phone_number: string;
    amount: number;
    account_reference: string;
    transaction_desc: string;
    callback_url: string;
    options?: Record<string, string>;
    warnings?: Remark[];
  };
  acceptance: AcceptanceData | null;
  result_code: string | null;
  receipt: string | null;
  paid_amount: string | null;
  paid_by: string | null;
  paid_at: string | null;
  reserved_at: string;
  sent_at: string | null;
  settled_at: string | null;
  revision: number;
  flags: { at: string; reason: string; body: string | null }[];
  flags_dropped?: number;
}

/** @internal */
export interface SnapshotData {
  /** The payment as it is saved. */
  json: string;
  last_error: ErrorData | null;
  /** Milliseconds since 1970. */
  look_again_at: number | null;
  order_free_at: number | null;
  /** Of a payment that the ledger handed out. */
  order?: string | null;
  order_is_paid?: boolean;
  is_paid_twice?: boolean;
  is_existing?: boolean;
  attempt?: number;
}

interface CustomerData {
  state: PaymentState;
  outcome: Outcome;
  message: { en: string; sw: string };
  order_free_at: string | null;
}

/** The payment as its customer may see it: `res.json(payment.forCustomer())`. */
export interface CustomerView {
  /** How far the payment has come. */
  readonly state: PaymentState;
  /** The outcome so far. */
  readonly outcome: Outcome;
  /** A sentence for the customer, in English. */
  readonly customerMessageEn: string;
  /** A sentence for the customer, in Swahili. */
  readonly customerMessageSw: string;
  /** {@link Payment.orderFreeAt}: the time after which a page may offer to pay again. */
  readonly orderFreeAt: Date | null;
}

/**
 * A snapshot of one sale's payment. {@link Payment.serialize} saves it, and `client.resume` makes it live again.
 *
 * @example
 * if (payment.isPaid) console.log('paid:', payment.receipt);
 * else console.log(payment.outcome, payment.describe().customerMessageEn);
 */
export class Payment {
  /** The payment's own id, made before anything was sent. */
  readonly id: string;
  /** The gateway that prompts the phone. */
  readonly gateway: Gateway;
  /** How far the payment has come. */
  readonly state: PaymentState;
  /** The outcome so far. Only `success` is money; `pending` and `unknown` are not final. */
  readonly outcome: Outcome;
  /** The push: payer, amount, reference and callback URL. */
  readonly push: Push;
  /** Remarks on a push that is valid and may still fail: odd characters in the reference, words in the callback URL. */
  readonly warnings: readonly Remark[];
  /** The gateway's acceptance, once there is one. */
  readonly acceptance: Acceptance | null;
  /** M-Pesa's code for the outcome, once there is one. */
  readonly resultCode: string | null;
  /** M-Pesa's receipt. With Daraja it comes with the callback, or with version 2 of the query (`queryVersion`). */
  readonly receipt: string | null;
  /** The amount paid in KES, once an event or a query states it. */
  readonly paidAmount: number | null;
  /** The payer's phone number, once an event states it. */
  readonly paidBy: string | null;
  /** The time of the payment by M-Pesa's clock, once an event states it. */
  readonly paidAt: Date | null;
  /** The time at which the payment was reserved. */
  readonly reservedAt: Date;
  /** The time at which its push was last begun. */
  readonly sentAt: Date | null;
  /** The time at which its outcome was first known. */
  readonly settledAt: Date | null;
  /** The number of changes so far, by which a store can refuse to overwrite a later copy with an earlier one. */
  readonly revision: number;
  /** Callbacks and answers that were not believed. */
  readonly flags: readonly Flag[];
  /** How many flags were dropped because there were more than 16. */
  readonly flagsDropped: number;
  /** The error of its last push, where that did not end in an acceptance. */
  readonly lastError: LipiaError | null;
  /**
   * When to `client.ask` again about a failure that only says "nobody answered in time", because the customer may have paid
   * since. `null` for every other payment, and after the last look, an hour after the push.
   */
  readonly lookAgainAt: Date | null;
  /**
   * Until when a failure that only says "nobody answered" holds its order: 90 seconds after the push, or 25 seconds after the
   * failure was learnt, whichever is later. Ask about the payment then, and prompt again only if it is still a failure. `null`
   * where the order is free at once, and where it never becomes free: paid, open or `unknown`.
   */
  readonly orderFreeAt: Date | null;
  /** The shop's own name for the sale, in a payment from the ledger. */
  readonly order: string | null;
  /** Whether the order is paid: by this payment or, in a handler, by another payment of the order. */
  readonly orderIsPaid: boolean;
  /** Whether another payment of the same order was paid as well, so that one of them has to be refunded. */
  readonly isPaidTwice: boolean;
  /** Whether `request` returned a payment that the order already had, and sent nothing. */
  readonly isExisting: boolean;
  /** How often the handler was called with the payment, this call included; 0 outside of a handler. */
  readonly attempt: number;
  readonly #json: string;

  /** @internal */
  constructor(snapshot: SnapshotData) {
    const data = JSON.parse(snapshot.json) as PaymentData;
    this.id = data.id;
    this.gateway = data.gateway;
    this.state = data.state;
    this.outcome = data.outcome;
    this.push = {
      phoneNumber: data.push.phone_number,
      amount: data.push.amount,
      accountReference: data.push.account_reference,
      transactionDesc: data.push.transaction_desc,
      callbackUrl: data.push.callback_url,
      options: data.push.options ?? {},
    };
    this.warnings = data.push.warnings ?? [];
    this.acceptance = data.acceptance && new Acceptance(data.acceptance);
    this.resultCode = data.result_code;
    this.receipt = data.receipt;
    this.paidAmount = data.paid_amount === null ? null : Number(data.paid_amount);
    this.paidBy = data.paid_by;
    this.paidAt = timeOf(data.paid_at);
    this.reservedAt = new Date(data.reserved_at);
    this.sentAt = timeOf(data.sent_at);
    this.settledAt = timeOf(data.settled_at);
    this.revision = data.revision;
    this.flags = data.flags.map((flag) => ({ at: new Date(flag.at), reason: flag.reason, body: flag.body }));
    this.flagsDropped = data.flags_dropped ?? 0;
    this.lastError = snapshot.last_error && errorOf(snapshot.last_error);
    this.lookAgainAt = instantOrNull(snapshot.look_again_at);
    this.orderFreeAt = instantOrNull(snapshot.order_free_at);
    this.order = snapshot.order ?? null;
    this.orderIsPaid = snapshot.order_is_paid ?? this.isPaid;
    this.isPaidTwice = snapshot.is_paid_twice ?? false;
    this.isExisting = snapshot.is_existing ?? false;
    this.attempt = snapshot.attempt ?? 0;
    this.#json = snapshot.json;
  }

  /**
   * Reads a payment that was saved with {@link Payment.serialize}. To go on with it, use `client.resume`.
   *
   * @throws {CorrectInputError} `payment_unreadable`: the text is not a payment. `payment_form_unknown`: a later version of
   * Lipia wrote it.
   */
  static deserialize(text: string): Payment {
    return paymentOf(text);
  }

  /** Whether the money was received. */
  get isPaid(): boolean {
    return this.outcome === 'success';
  }

  /** The prompt's id, once it is known. It embeds the payer's phone number. */
  get checkoutRequestId(): string | null {
    return this.acceptance?.checkoutRequestId ?? null;
  }

  /** The meaning of the result code, with a sentence for the customer. Without a known code: the meaning of the outcome. */
  describe(): ResultCode {
    return describe(this.resultCode ?? '', this.outcome);
  }

  /**
   * The payment as JSON text, to save. It has the customer's number and a secret URL: keep it as safe as an order, and never
   * send it to a browser.
   */
  serialize(): string {
    return this.#json;
  }

  /**
   * The payment as the customer may see it: how far it has come, and a sentence in English and Swahili. The view has neither a
   * secret nor a phone number, and nothing that the gateway said.
   *
   * @example
   * response.status(202).json(payment.forCustomer());
   */
  forCustomer(): CustomerView {
    const view = takenNow(addon.paymentForCustomer(this.#json)) as CustomerData;
    return {
      state: view.state,
      outcome: view.outcome,
      customerMessageEn: view.message.en,
      customerMessageSw: view.message.sw,
      orderFreeAt: timeOf(view.order_free_at),
    };
  }

  /**
   * The fields that `res.json(payment)` sends, fit for the customer: neither a secret nor a phone number is among them. To
   * save a payment, use {@link Payment.serialize}.
   */
  toJSON(): Record<string, unknown> {
    return {
      id: this.id,
      state: this.state,
      outcome: this.outcome,
      isPaid: this.isPaid,
      amount: this.push.amount,
      accountReference: this.push.accountReference,
      receipt: this.receipt,
      resultCode: this.resultCode,
      settledAt: this.settledAt,
    };
  }

  /** @internal */
  [INSPECT](): object {
    return inspected(this, ['push', 'acceptance', 'paidBy', 'flags']);
  }
}

function paymentOf(text: string): Payment {
  return new Payment(takenNow(addon.readPayment(textOf('payment', text))) as SnapshotData);
}
