/** What Lipia returns. */

import { amountText, bytesOf, partsOf, textOf } from './arguments';
import { takenNow } from './calls';
import { errorOf, type LipiaError } from './errors';
import { addon, type ErrorData } from './native';
import { describe, type ResultCode } from './result-codes';
import type { EventWarning, FieldCheck, Gateway, Outcome, PaymentState, Verdict } from './words';

/** Shows an object's fields under `console.log`, but for those that are for nobody's log. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

function shown(object: object, hidden: readonly string[]): object {
  const fields = Object.entries(object).filter(([name]) => !hidden.includes(name));
  const copy = Object.create(Object.getPrototypeOf(object) as object) as object;
  Object.defineProperty(copy, INSPECT, { value: undefined });
  return Object.assign(copy, Object.fromEntries(fields));
}

const timeOf = (text: string | null): Date | null => (text === null ? null : new Date(text));
const numberOf = (text: string | null): number | null => (text === null ? null : Number(text));

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

/** What a gateway says of a push when asked. It cannot be forged, but it says less than an {@link Event}. */
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
  /** M-Pesa's receipt. Daraja's query never has one: it comes with the callback alone. */
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
    this.amount = numberOf(data.amount);
    this.details = data.details ?? null;
  }

  /** Whether the money was received. */
  get isPaid(): boolean {
    return this.outcome === 'success';
  }

  /** The row of the table for its code, or the row for any other code. */
  describe(): ResultCode {
    return describe(this.resultCode ?? '');
  }

  /** @internal */
  [INSPECT](): object {
    return shown(this, ['checkoutRequestId', 'details']);
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

/** What was asked for, to compare an event with. Leave out what you do not know; a success needs the amount to match. */
export interface Expected {
  /** Whole KES. */
  amount?: number | bigint | string | undefined;
  /** The phone that was prompted. */
  phoneNumber?: string | number | undefined;
  /** The prompt's id, from the acceptance. */
  checkoutRequestId?: string | undefined;
  /** The request's id, from the acceptance. */
  merchantRequestId?: string | undefined;
}

const EXPECTED = { amount: '', phoneNumber: '', checkoutRequestId: '', merchantRequestId: '' };

/** How an event compares with what was asked for, field by field. */
export class EventCheck {
  /** The amount, to the cent. */
  readonly amount: FieldCheck;
  /** The phone. A masked number differs only where a visible digit does. */
  readonly phone: FieldCheck;
  /** The prompt's id. */
  readonly checkoutRequestId: FieldCheck;
  /** The request's id. */
  readonly merchantRequestId: FieldCheck;
  /** Whether nothing differs and, for a success, the amount is stated and equal. */
  readonly isMatch: boolean;

  /** @internal */
  constructor(data: [FieldCheck, FieldCheck, FieldCheck, FieldCheck, boolean]) {
    [this.amount, this.phone, this.checkoutRequestId, this.merchantRequestId, this.isMatch] = data;
  }

  /** The names of the fields that differ. */
  get mismatches(): string[] {
    return (['amount', 'phone', 'checkoutRequestId', 'merchantRequestId'] as const).filter(
      (name) => this[name] === 'differs',
    );
  }
}

/** @internal */
export type EventData = [
  Gateway,
  Outcome,
  boolean,
  boolean,
  string | null,
  string | null,
  string | null,
  number | null,
  string | null,
  string | null,
  number | null,
  string | null,
  string | null,
  string | null,
  EventWarning[],
];

/**
 * What a callback body says. An event is data, not proof: anybody who knows the URL can send one.
 *
 * Let `receiveCallback` do all the checks, or {@link Event.check} it against what was asked for.
 */
export class Event {
  /** Whose callback it is. */
  readonly gateway: Gateway;
  /** What became of the push. */
  readonly outcome: Outcome;
  /** Whether no later news about the same push is expected to change that. */
  readonly isFinal: boolean;
  /** False for a success that lacks a usable receipt or a positive amount: confirm it by a query first. */
  readonly complete: boolean;
  /** M-Pesa's code, as text: some have letters. */
  readonly resultCode: string | null;
  /** The gateway's prose. It differs by year and channel, and it decides nothing. */
  readonly resultDesc: string | null;
  /** M-Pesa's receipt number, of a success. */
  readonly receipt: string | null;
  /** What was paid, in cents of a shilling: exact. */
  readonly amountCents: number | null;
  /** Who paid (`2547…`), where the body says so legibly. */
  readonly phone: string | null;
  /** The phone number as the body has it: it may be masked, hashed or unreadable. */
  readonly phoneRaw: string | null;
  /** The prompt's id. It embeds the payer's phone number. */
  readonly checkoutRequestId: string | null;
  /** The request's id. */
  readonly merchantRequestId: string | null;
  /** The merchant's own reference, where the gateway gives it back. Daraja does not. */
  readonly reference: string | null;
  /** What is odd about the body. */
  readonly warnings: readonly EventWarning[];
  readonly #paidAt: number | null;
  readonly #body: string | Uint8Array;

  /** @internal */
  constructor(data: EventData, body: string | Uint8Array) {
    this.gateway = data[0];
    this.outcome = data[1];
    this.isFinal = data[2];
    this.complete = data[3];
    this.resultCode = data[4];
    this.resultDesc = data[5];
    this.receipt = data[6];
    this.amountCents = data[7];
    this.phone = data[8];
    this.phoneRaw = data[9];
    this.#paidAt = data[10];
    this.checkoutRequestId = data[11];
    this.merchantRequestId = data[12];
    this.reference = data[13];
    this.warnings = data[14];
    this.#body = body;
  }

  /** What was paid, in KES. */
  get amount(): number | null {
    return this.amountCents === null ? null : this.amountCents / 100;
  }

  /** When it was paid. */
  get date(): Date | null {
    return this.#paidAt === null ? null : new Date(this.#paidAt);
  }

  /** The body as it came. */
  get raw(): Uint8Array {
    return bytesOf(this.#body);
  }

  /** Whether it says that the customer paid. Whether to believe it is another question. */
  get isSuccess(): boolean {
    return this.outcome === 'success';
  }

  /** A value of a success by the gateway's own name for it (`MpesaReceiptNumber` …), as it is written. */
  value(name: string): string | null {
    return takenNow(addon.eventValue(this.gateway, this.raw, textOf('name', name))) as string | null;
  }

  /**
   * Compares what the event says with what was asked for.
   *
   * @throws {CorrectInputError} where what was asked for is not valid itself.
   */
  check(expected: Expected): EventCheck {
    const given = partsOf('expected', expected, EXPECTED);
    const text = (name: string) => (given[name] === undefined ? undefined : textOf(name, given[name]));
    const wanted = {
      amount: given['amount'] === undefined ? undefined : amountText(given['amount']),
      phone_number: text('phoneNumber'),
      checkout_request_id: text('checkoutRequestId'),
      merchant_request_id: text('merchantRequestId'),
    };
    const checked = takenNow(addon.checkEvent(this.gateway, this.raw, JSON.stringify(wanted)));
    return new EventCheck(checked as [FieldCheck, FieldCheck, FieldCheck, FieldCheck, boolean]);
  }

  /** The fields as plain data, without the body. */
  toJSON(): Record<string, unknown> {
    return { ...Object.fromEntries(Object.entries(this)), amount: this.amount, date: this.date };
  }

  /** @internal */
  [INSPECT](): object {
    return shown(this, ['phone', 'phoneRaw', 'checkoutRequestId']);
  }
}

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
}

/** @internal */
export interface SnapshotData {
  /** The payment as it is saved. */
  json: string;
  last_error: ErrorData | null;
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
  /** Why its last push did not end in an acceptance. */
  readonly lastError: LipiaError | null;
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
    this.acceptance = data.acceptance && new Acceptance(data.acceptance);
    this.resultCode = data.result_code;
    this.receipt = data.receipt;
    this.paidAmount = numberOf(data.paid_amount);
    this.paidBy = data.paid_by;
    this.paidAt = timeOf(data.paid_at);
    this.reservedAt = new Date(data.reserved_at);
    this.sentAt = timeOf(data.sent_at);
    this.settledAt = timeOf(data.settled_at);
    this.revision = data.revision;
    this.flags = data.flags.map((flag) => ({ at: new Date(flag.at), reason: flag.reason, body: flag.body }));
    this.lastError = snapshot.last_error && errorOf(snapshot.last_error);
    this.#json = snapshot.json;
  }

  /**
   * A payment that was saved with {@link Payment.serialize}.
   *
   * @throws {CorrectInputError} `payment_unreadable` for anything else, `payment_form_unknown` for one that a later
   * version of Lipia wrote.
   */
  static deserialize(text: string): Payment {
    return new this(takenNow(addon.readPayment(textOf('payment', text))) as SnapshotData);
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
    return describe(this.resultCode ?? '');
  }

  /**
   * The payment as text, to save. It holds the customer's number and a secret URL: treat it as an order, and never send
   * it to a browser.
   */
  serialize(): string {
    return this.#json;
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
    return shown(this, ['push', 'acceptance', 'paidBy', 'flags']);
  }
}

/** What came in on a callback URL. */
export interface ReceivedCallback {
  /** The payment that the URL names. */
  readonly paymentId: string;
  /** What the body says. */
  readonly event: Event;
  /** What was made of it; `null` where this client does not hold the payment: load and `resume` it, and `believe`. */
  readonly verdict: Verdict | null;
}
