/** Callback events: the parsed body of a callback. */

import { amountText, bytesOf, partsOf, textOf } from './arguments';
import { takenNow } from './calls';
import { INSPECT, inspected } from './inspect';
import { addon } from './native';
import { describe, type ResultCode } from './result-codes';
import type { EventWarning, FieldCheck, Gateway, Outcome, Verdict } from './words';

/** The push to compare an event with. Leave out what you do not know; a success matches only where the amount is given. */
export interface Expected {
  /** The amount in whole KES. */
  amount?: number | bigint | string | undefined;
  /** The phone that was prompted. */
  phoneNumber?: string | number | undefined;
  /** The prompt's id, from the acceptance. */
  checkoutRequestId?: string | undefined;
  /** The request's id, from the acceptance. */
  merchantRequestId?: string | undefined;
}

/** The comparison of an event with what was asked for, field by field. */
export class EventCheck {
  /** The amount, to the cent. */
  readonly amount: FieldCheck;
  /** The phone number. A masked number differs only where a visible digit does. */
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
 * The parsed body of a callback. An event is data, not proof: anybody who knows the URL can send one.
 *
 * Let `receiveCallback` verify it, or {@link Event.check} it against what was asked for.
 */
export class Event {
  /** The gateway that sends callbacks of this shape. */
  readonly gateway: Gateway;
  /** The outcome of the push. */
  readonly outcome: Outcome;
  /** Whether no later news about the same push is expected to change the outcome. */
  readonly isFinal: boolean;
  /** False for a success without a usable receipt or a positive amount: confirm it by a query first. */
  readonly complete: boolean;
  /** M-Pesa's code, as text: some have letters. */
  readonly resultCode: string | null;
  /** The gateway's own text. It differs by year and channel, and it decides nothing. */
  readonly resultDesc: string | null;
  /** M-Pesa's receipt number of a success. */
  readonly receipt: string | null;
  /** The exact amount paid, in cents of a shilling. */
  readonly amountCents: number | null;
  /** The payer's phone number (`2547…`), where the body has it in full. */
  readonly phone: string | null;
  /** The phone number as the body has it: it may be masked, hashed or unreadable. */
  readonly phoneRaw: string | null;
  /** The prompt's id. It embeds the payer's phone number. */
  readonly checkoutRequestId: string | null;
  /** The request's id. */
  readonly merchantRequestId: string | null;
  /** The merchant's own reference, where the gateway repeats it. Daraja does not. */
  readonly reference: string | null;
  /** Oddities of the body that do not make it unreadable. */
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

  /** The amount paid in KES. */
  get amount(): number | null {
    return this.amountCents === null ? null : this.amountCents / 100;
  }

  /** The time of the payment. */
  get date(): Date | null {
    return this.#paidAt === null ? null : new Date(this.#paidAt);
  }

  /** The body, unchanged. */
  get raw(): Uint8Array {
    return bytesOf(this.#body);
  }

  /** Whether the event says that the customer paid. Whether to believe it is another question. */
  get isSuccess(): boolean {
    return this.outcome === 'success';
  }

  /** The meaning of the result code, with a sentence for the customer. Without a known code: the meaning of the outcome. */
  describe(): ResultCode {
    return describe(this.resultCode ?? '', this.outcome);
  }

  /** The value that the gateway's own name (`MpesaReceiptNumber` …) has in a success, exactly as the body has it. */
  value(name: string): string | null {
    return takenNow(addon.eventValue(this.gateway, this.raw, textOf('name', name))) as string | null;
  }

  /**
   * Compares the event with what was asked for.
   *
   * @throws {CorrectInputError} a part of `expected` is not valid; `field` names it.
   *
   * @example
   * if (event.check({ amount: 150, phoneNumber: '0712345678' }).isMatch) await markPaid(event.receipt);
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

/** A verified callback, as `receiveCallback` returns it. */
export interface ReceivedCallback {
  /** The id of the payment that the URL's token names. */
  readonly paymentId: string;
  /** The parsed body. */
  readonly event: Event;
  /**
   * The verdict; `null` where neither the ledger nor this client has the payment, or where another client of the ledger has
   * yet to judge the callback.
   */
  readonly verdict: Verdict | null;
  /** Whether the ledger has kept the callback, or this client holds the payment. If not, answer with HTTP 503. */
  readonly isKept: boolean;
}
