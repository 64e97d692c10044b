/** Values by themselves: parsed strictly, with an error that says what to do. */

import {
  amountText,
  bodyOf,
  type CallbackBody,
  countOf,
  flagOf,
  instantOf,
  optionsOf,
  partsOf,
  textOf,
} from './arguments';
import { takenNow } from './calls';
import { refusedInput } from './errors';
import { Event, type EventData } from './event';
import { addon } from './native';
import type { Gateway, Network } from './words';

/** A Kenyan mobile number. */
export interface PhoneNumber {
  /** `254` and nine digits. */
  readonly number: string;
  /** The number as logs may show it. */
  readonly masked: string;
  /** The network that its range was given to, as far as known: a hint, never a reason to refuse. */
  readonly network: Network | null;
}

/** Something worth knowing about a value that is valid. */
export interface Remark {
  /** A stable word for programs. */
  readonly code: string;
  /** A sentence or two for a person. */
  readonly message: string;
}

/** A text that is valid, and what is worth knowing about it. */
export interface CheckedText {
  readonly value: string;
  readonly remarks: readonly Remark[];
}

/**
 * Reads any usual spelling of a Kenyan mobile number.
 *
 * @throws {CorrectInputError} for anything else, with a code such as `phone_too_short`.
 *
 * @example
 * parsePhoneNumber('0712 345 678').number // '254712345678'
 */
export function parsePhoneNumber(text: string | number): PhoneNumber {
  return takenNow(addon.parsePhoneNumber(textOf('phoneNumber', text))) as PhoneNumber;
}

/**
 * Reads an amount in whole KES. A fraction is refused, or rounded half up where `roundAmount` says so.
 *
 * @throws {CorrectInputError} with a code such as `amount_fraction`.
 *
 * @example
 * parseAmount('150.00') // 150
 */
export function parseAmount(
  text: number | bigint | string,
  options?: { maxAmount?: number | undefined; roundAmount?: boolean | undefined },
): number {
  const { maxAmount, roundAmount = false } = optionsOf('the options of parseAmount()', options);
  const most = maxAmount === undefined ? null : countOf('maxAmount', maxAmount);
  return takenNow(addon.parseAmount(amountText(text), most, flagOf('roundAmount', roundAmount))) as number;
}

/**
 * Reads a sum of money to the cent, from plain text or (`jsonNumber`) from the text of a JSON number.
 *
 * @returns the sum in cents of a shilling.
 * @throws {CorrectInputError} for anything else.
 *
 * @example
 * parseMoney('10.50') // 1050
 */
export function parseMoney(text: string, options?: { jsonNumber?: boolean | undefined }): number {
  const { jsonNumber = false } = optionsOf('the options of parseMoney()', options);
  return takenNow(addon.parseMoney(textOf('amount', text), flagOf('jsonNumber', jsonNumber))) as number;
}

/** Whether a text that is too long is cut. @internal */
export function isToBeCut(fit: unknown): boolean {
  if (fit === 'refuse' || fit === 'truncate') return fit === 'truncate';
  throw refusedInput(
    'fit',
    'fit_unknown',
    'A text that is too long can be refused or cut, and this is neither.',
    "Write fit: 'refuse' or fit: 'truncate'.",
  );
}

/** How a text that may be too long is read. */
export interface TextOptions {
  /** The most characters. Default: Daraja's limit. */
  limit?: number | undefined;
  /** Whether a text that is too long is refused or cut. */
  fit?: 'refuse' | 'truncate' | undefined;
}

function checkedText(
  read: (text: string, limit: number | null, truncate: boolean) => string,
  name: string,
  text: unknown,
  options: TextOptions | undefined,
): CheckedText {
  const { limit, fit = 'refuse' } = optionsOf('the options of a text', options);
  const most = limit === undefined ? null : countOf('limit', limit);
  return takenNow(read(textOf(name, text), most, isToBeCut(fit))) as CheckedText;
}

/**
 * Reads an account reference: what the merchant knows the sale by, at most 12 characters for Daraja.
 *
 * @throws {CorrectInputError} with a code such as `account_reference_too_long`.
 */
export function parseAccountReference(text: string | number, options?: TextOptions): CheckedText {
  return checkedText(addon.parseAccountReference, 'accountReference', text, options);
}

/**
 * Reads a transaction description, at most 13 characters for Daraja.
 *
 * @throws {CorrectInputError} with a code such as `transaction_desc_too_long`.
 */
export function parseTransactionDesc(text: string | number, options?: TextOptions): CheckedText {
  return checkedText(addon.parseTransactionDesc, 'transactionDesc', text, options);
}

/**
 * Reads a callback URL as strictly as an environment wants it.
 *
 * @throws {CorrectInputError} with a code such as `callback_url_not_https`.
 */
export function parseCallbackUrl(
  text: string,
  options?: { environment?: 'sandbox' | 'production' | undefined },
): CheckedText {
  const { environment: given = 'production' } = optionsOf('the options of parseCallbackUrl()', options);
  const environment = textOf('environment', given);
  return takenNow(addon.parseCallbackUrl(textOf('callbackUrl', text), environment)) as CheckedText;
}

/** The password of a Daraja push at an instant, and the timestamp (East Africa Time) that goes with it. */
export function password(settings: { shortCode: string | number; passKey: string; at: Date }): {
  password: string;
  timestamp: string;
} {
  const { shortCode, passKey, at } = partsOf('the settings of password()', settings);
  return takenNow(addon.password(textOf('shortCode', shortCode), textOf('passKey', passKey), instantOf('at', at))) as {
    password: string;
    timestamp: string;
  };
}

/**
 * What a body that was posted to a callback URL says. An event is data, not proof: see `receiveCallback`.
 *
 * @param body the body as it came; where something has parsed it already, what that made of it.
 * @param options whose callback it is; where that is not said, the body tells.
 * @throws {DisbelieveError} with a code that says what is wrong with the body.
 */
export function parseCallback(body: CallbackBody, options?: { gateway?: Gateway | undefined }): Event {
  const given = optionsOf('the options of parseCallback()', options).gateway;
  const gateway = given === undefined ? null : textOf('gateway', given);
  return eventOf(gateway, body);
}

/** @internal */
export function eventOf(gateway: string | null, body: unknown): Event {
  const found = bodyOf(body);
  const json =
    typeof found === 'string' ? addon.parseCallbackText(gateway, found) : addon.parseCallbackBytes(gateway, found);
  return new Event(takenNow(json) as EventData, found);
}

/** The body to answer a callback with, under HTTP 200. Answer first and work afterwards. */
export function acceptedReply(): string {
  return addon.acceptedReply();
}
