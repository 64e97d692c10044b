/**
 * Helpers with the names of pesafy and PesaKit, so that moving from these libraries is a small change. The core reads the
 * callback here too. `receiveCallback` does more than all of them together: it also checks the URL's token, the amount and
 * the phone.
 */

import type { CallbackBody } from './arguments';
import { DisbelieveError } from './errors';
import { Event } from './event';
import { parseCallback } from './values';

/** The inner object of a Daraja callback, parsed as JSON and not checked. */
export interface StkCallbackInner {
  MerchantRequestID?: string;
  CheckoutRequestID: string;
  ResultCode: number | string;
  ResultDesc?: string;
  CallbackMetadata?: { Item?: { Name: string; Value?: string | number }[] };
}

/** A whole Daraja callback, parsed as JSON and not checked. */
export interface StkPushCallback {
  Body: { stkCallback: StkCallbackInner };
}

/**
 * A Daraja callback: its body, the parsed JSON, the inner `Body.stkCallback`, or the {@link Event} that `parseCallback`
 * returned.
 */
export type StkCallback = CallbackBody | StkPushCallback | StkCallbackInner | Event;

/** The payment details of a success. */
export interface StkMetadata {
  /** The amount paid in KES. */
  readonly amount: number;
  /** M-Pesa's receipt. */
  readonly mpesaReceiptNumber: string;
  /** `YYYYMMDDHHmmss` by M-Pesa's clock (East Africa Time); `null` where the callback has no date that exists. */
  readonly transactionDate: string | null;
  /** `2547…`; masked or hashed where the callback has it so; `null` where it has none. */
  readonly phoneNumber: string | null;
  /** The balance in KES, where the callback has one that is a plain number. */
  readonly balance?: number;
}

/** Result codes by their names in pesafy. {@link resultCodes} has all known codes, with their meanings. */
export const STK_RESULT_CODES = Object.freeze({
  /** Paid. */
  SUCCESS: 0,
  /** The customer's balance, with any overdraft, is too low. */
  INSUFFICIENT_BALANCE: 1,
  /** The customer cancelled the prompt, or let it lapse. */
  CANCELLED_BY_USER: 1032,
  /** The phone could not be reached, or the customer did not answer. */
  PHONE_UNREACHABLE: 1037,
  /** The customer entered a wrong M-Pesa PIN. */
  INVALID_PIN: 2001,
} as const);

/** The limits of a push through Daraja. Amounts in whole KES, lengths in characters. */
export const STK_PUSH_LIMITS = Object.freeze({
  /** The smallest amount of a push. */
  MIN_AMOUNT: 1,
  /** The largest amount of a push, unless the client's `maxAmount` is lower. */
  MAX_AMOUNT: 250_000,
  /** The most characters of an account reference. */
  MAX_ACCOUNT_REFERENCE: 12,
  /** The most characters of a transaction description. */
  MAX_TRANSACTION_DESC: 13,
} as const);

/**
 * Whether a callback says that the customer paid: its code is exactly 0, as a number or as text. False for anything that is
 * not a callback of an STK push.
 *
 * The result is not proof: anybody who knows the URL can send a callback, and a success may lack its receipt or amount. See
 * {@link Event.complete} and `receiveCallback`.
 *
 * @throws {CorrectInputError} the argument is neither text, bytes nor an object, such as a body that no middleware has read.
 *
 * @example
 * if (isStkCallbackSuccess(request.body)) console.log(getCallbackValue(request.body, 'MpesaReceiptNumber'));
 */
export function isStkCallbackSuccess(callback: StkCallback): boolean {
  return successIn(callback) !== null;
}

/**
 * The value that Daraja's own name has in a success; `undefined` where there is none, where it cannot be read, and where two
 * values of that name differ.
 *
 * `Amount` is a number in KES, `MpesaReceiptNumber` text, `TransactionDate` the number `YYYYMMDDHHmmss`, `PhoneNumber`
 * the number `2547…`, or the text that the callback has where digits are hidden. Any other value is as the callback has
 * it; a plain number becomes one.
 *
 * @throws {CorrectInputError} the callback is neither text, bytes nor an object.
 */
export function getCallbackValue(callback: StkCallback, name: 'Amount' | 'TransactionDate'): number | undefined;
export function getCallbackValue(callback: StkCallback, name: 'MpesaReceiptNumber'): string | undefined;
export function getCallbackValue(callback: StkCallback, name: string): string | number | undefined;
export function getCallbackValue(callback: StkCallback, name: string): string | number | undefined {
  const event = successIn(callback);
  if (event === null) return undefined;
  switch (name) {
    case 'Amount':
      return event.amount ?? undefined;
    case 'MpesaReceiptNumber':
      return event.receipt ?? undefined;
    case 'TransactionDate':
      return event.date === null ? undefined : Number(wireDate(event.date));
    case 'PhoneNumber':
      return event.phone === null ? (event.phoneRaw ?? undefined) : Number(event.phone);
    default: {
      const text = event.value(name);
      return text === null ? undefined : (plainNumber(text) ?? text);
    }
  }
}

/**
 * The payment details of a success. `null` for everything else, and for a success without a usable receipt and a positive
 * amount: ask `stkQuery` before you believe such a success.
 *
 * @throws {CorrectInputError} the callback is neither text, bytes nor an object.
 *
 * @example
 * const paid = getStkMetadata(request.body);
 * if (paid !== null) console.log(paid.mpesaReceiptNumber, paid.amount);
 */
export function getStkMetadata(callback: StkCallback): StkMetadata | null {
  const event = successIn(callback);
  if (event === null || !event.complete || event.receipt === null || event.amount === null) return null;
  const balance = plainNumber(event.value('Balance') ?? '');
  return {
    amount: event.amount,
    mpesaReceiptNumber: event.receipt,
    transactionDate: event.date && wireDate(event.date),
    phoneNumber: event.phone ?? event.phoneRaw,
    ...(balance === undefined ? {} : { balance }),
  };
}

/** The event of a callback that says that an STK push was paid. */
function successIn(callback: StkCallback): Event | null {
  const event = callback instanceof Event ? callback : eventIn(callback);
  return event?.isSuccess && !event.warnings.includes('not_stk') ? event : null;
}

function eventIn(callback: Exclude<StkCallback, Event>): Event | null {
  try {
    return parseCallback(isInner(callback) ? { Body: { stkCallback: callback } } : callback, { gateway: 'daraja' });
  } catch (error) {
    if (error instanceof DisbelieveError) return null;
    throw error;
  }
}

/** Whether it is a callback without what Daraja wraps it in. A query's answer looks alike, but for its `ResponseCode`. */
function isInner(callback: unknown): boolean {
  return (
    typeof callback === 'object' &&
    callback !== null &&
    'ResultCode' in callback &&
    !('Body' in callback) &&
    !('ResponseCode' in callback)
  );
}

const EAST_AFRICA_IS_AHEAD_BY = 3 * 60 * 60 * 1000;

/** An instant as Daraja writes it: `YYYYMMDDHHmmss` in East Africa Time. */
function wireDate(instant: Date): string {
  return new Date(instant.getTime() + EAST_AFRICA_IS_AHEAD_BY).toISOString().replaceAll(/\D/g, '').slice(0, 14);
}

/** Text that is a number and nothing else. Digits that a number cannot hold, or after a zero, stay text. */
function plainNumber(text: string): number | undefined {
  if (!/^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,2})?$/.test(text)) return undefined;
  return Number(text);
}
