/** The payment, one sale's life, as a snapshot. */

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

/** What a payment asked of whom, every part of it valid. */
export interface Push {
  /** Who pays: `2547…`. */
  readonly phoneNumber: string;
  /** How much, in whole KES. */
  readonly amount: number;
  /** What the merchant knows the sale by. */
  readonly accountReference: string;
  /** What the sale is. */
  readonly transactionDesc: string;
  /** Where the gateway posts the result; it ends with this payment's own secret token. */
  readonly callbackUrl: string;
  /** What only one gateway has. */
  readonly options: Readonly<Record<string, string>>;
}

/** Something that was handed to a payment and not believed, kept for a person to look at. */
export interface Flag {
  /** When it came. */
  readonly at: Date;
  /** Why it was not believed: `amount_differs`, `phone_differs`, `success_incomplete` … */
  readonly reason: string;
  /** The body as it came, where it was an event; cut at 4 KiB. */
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

/** What may be shown to the customer of a payment: `res.json(payment.forCustomer())`. */
export interface CustomerView {
  readonly state: PaymentState;
  readonly outcome: Outcome;
  /** A sentence for the customer, in English. */
  readonly customerMessageEn: string;
  /** A sentence for the customer, in Swahili. */
  readonly customerMessageSw: string;
  /** {@link Payment.orderFreeAt}: a page offers to pay again after that. */
  readonly orderFreeAt: Date | null;
}

/** One sale's life at one moment. {@link Payment.serialize} saves it; `client.resume` takes it up again. */
export class Payment {
  /** Its own id, made before anything was sent. */
  readonly id: string;
  /** Who is asked to prompt the phone. */
  readonly gateway: Gateway;
  /** How far it has come. */
  readonly state: PaymentState;
  /** What became of it. `pending` and `unknown` are still being asked. */
  readonly outcome: Outcome;
  /** What was asked of whom. */
  readonly push: Push;
  /** What is valid in the push and may still make it fail: odd characters in the reference, words in the callback URL. */
  readonly warnings: readonly Remark[];
  /** The gateway's acceptance, once there is one. */
  readonly acceptance: Acceptance | null;
  /** M-Pesa's code for the outcome, once there is one. */
  readonly resultCode: string | null;
  /** M-Pesa's receipt. With Daraja it comes with the callback alone. */
  readonly receipt: string | null;
  /** What was paid in KES, once an event or a query says so. */
  readonly paidAmount: number | null;
  /** Who paid, once an event says so. */
  readonly paidBy: string | null;
  /** When it was paid by M-Pesa's clock, once an event says so. */
  readonly paidAt: Date | null;
  /** When it was reserved. */
  readonly reservedAt: Date;
  /** When its push was last begun. */
  readonly sentAt: Date | null;
  /** When its outcome was first known. */
  readonly settledAt: Date | null;
  /** Counts its changes: a store can refuse to overwrite a later one with an earlier. */
  readonly revision: number;
  /** What was handed in and not believed. */
  readonly flags: readonly Flag[];
  /** How many flags were dropped because there were more than 16. */
  readonly flagsDropped: number;
  /** Why its last push did not end in an acceptance. */
  readonly lastError: LipiaError | null;
  /**
   * When a failure is to be asked about again with `client.ask`, because it only says that nobody answered in time: the
   * customer may have paid since. `null` for every other payment, and after the last look, an hour after the push.
   */
  readonly lookAgainAt: Date | null;
  /**
   * Until when a failure holds its order: 90 seconds after the push, and 25 after the failure was learnt, where it only
   * says that nobody answered. Ask about it then, and prompt again only if it is still a failure. `null` where the order is
   * free at once, and where it never becomes free: paid, open or `unknown`.
   */
  readonly orderFreeAt: Date | null;
  /** The shop's own name for the sale, of a payment that the ledger handed out. */
  readonly order: string | null;
  /** Whether the order is paid: by this payment or, where a handler is told, by another one of the same order. */
  readonly orderIsPaid: boolean;
  /** Whether another payment of the same order was paid as well, so that one of them is to be given back. */
  readonly isPaidTwice: boolean;
  /** Whether the order had this payment already when `request` returned it: nothing was sent by that call. */
  readonly isExisting: boolean;
  /** How often a handler was told of the payment, this time counted in; 0 outside of a handler. */
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
   * A payment that was saved with {@link Payment.serialize}.
   *
   * @throws {CorrectInputError} `payment_unreadable` for anything else, `payment_form_unknown` for one that a later
   * version of Lipia wrote.
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

  /** The row of the table for its code: what it means, and a sentence for the customer. */
  describe(): ResultCode {
    return describe(this.resultCode ?? '', this.outcome);
  }

  /**
   * The payment as text, to save. It holds the customer's number and a secret URL: treat it as an order, and never send
   * it to a browser.
   */
  serialize(): string {
    return this.#json;
  }

  /**
   * What may be shown to the customer: how far the payment has come, and a sentence in English and Swahili. It has no
   * secret, no phone number and nothing that the gateway wrote.
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
   * What may be shown to the customer: `res.json(payment)` sends this. It has no secret and no phone number, and is not
   * what to save: that is {@link Payment.serialize}.
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
