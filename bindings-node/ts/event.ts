/** Callback events: the parsed body of a callback. */

import { amountText, bytesOf, partsOf, textOf } from './arguments';
import { takenNow } from './calls';
import { INSPECT, inspected } from './inspect';
import { addon } from './native';
import { describe, type ResultCode } from './result-codes';
import type { EventWarning, FieldCheck, Gateway, Outcome, Verdict } from './words';

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

  /** What its code means, and a sentence for the customer; without a code that is known, what its outcome means. */
  describe(): ResultCode {
    return describe(this.resultCode ?? '', this.outcome);
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
    const given = partsOf('expected', expected);
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
    return inspected(this, ['phone', 'phoneRaw', 'checkoutRequestId']);
  }
}

/** What came in on a callback URL. */
export interface ReceivedCallback {
  /** The payment that the URL names. */
  readonly paymentId: string;
  /** What the body says. */
  readonly event: Event;
  /**
   * What was made of it; `null` where neither the ledger nor this client has the payment, or where another client of the
   * ledger judges it.
   */
  readonly verdict: Verdict | null;
  /** Whether the ledger, or a payment that this client holds, has what came in. If not, answer with HTTP 503. */
  readonly isKept: boolean;
}
