/** Parsers of single values, each strict, with an error that says what to do. */

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
  /** The number: `254` and nine digits. */
  readonly number: string;
  /** The masked number, fit for logs. */
  readonly masked: string;
  /** The network that the number's range was given to, where known: a hint, never a reason to refuse. */
  readonly network: Network | null;
}

/** A remark about a value that is valid and may still cause trouble. */
export interface Remark {
  /** A stable word for programs. */
  readonly code: string;
  /** A sentence or two for a person. */
  readonly message: string;
}

/** A valid text, and the remarks on it. */
export interface CheckedText {
  /** The text as it is sent. */
  readonly value: string;
  /** Remarks on what may still cause trouble. */
  readonly remarks: readonly Remark[];
}

/**
 * Reads a Kenyan mobile number in any usual spelling.
 *
 * @throws {CorrectInputError} the text is not such a number; `code` says why, such as `phone_too_short`.
 *
 * @example
 * parsePhoneNumber('0712 345 678').number // '254712345678'
 */
export function parsePhoneNumber(text: string | number): PhoneNumber {
  return takenNow(addon.parsePhoneNumber(textOf('phoneNumber', text))) as PhoneNumber;
}

/**
 * Reads an amount in whole KES.
 *
 * @param options `maxAmount`: the largest amount that is accepted. Default: 250,000, M-Pesa's own limit. `roundAmount`: whether a
 * fraction of a shilling is rounded half up. By default it is refused.
 * @throws {CorrectInputError} the amount is not valid; `code` says why, such as `amount_fraction`.
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
 * Reads an amount of money in KES, to the cent.
 *
 * @param options `jsonNumber`: whether the text is a JSON number, which may have an exponent. Default: false.
 * @returns the amount in cents of a shilling.
 * @throws {CorrectInputError} the text is not an amount of money.
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

/** The options for a text that may be too long. */
export interface TextOptions {
  /** The most characters. Default: Daraja's limit. */
  limit?: number | undefined;
  /** Whether a text that is too long is refused (`refuse`, the default) or cut (`truncate`). */
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
 * Checks an account reference, the merchant's own reference for a sale. Daraja's limit is 12 characters.
 *
 * @throws {CorrectInputError} the text is not valid; `code` says why, such as `account_reference_too_long`.
 */
export function parseAccountReference(text: string | number, options?: TextOptions): CheckedText {
  return checkedText(addon.parseAccountReference, 'accountReference', text, options);
}

/**
 * Checks the description of a sale. Daraja's limit is 13 characters.
 *
 * @throws {CorrectInputError} the text is not valid; `code` says why, such as `transaction_desc_too_long`.
 */
export function parseTransactionDesc(text: string | number, options?: TextOptions): CheckedText {
  return checkedText(addon.parseTransactionDesc, 'transactionDesc', text, options);
}

/**
 * Checks a callback URL, to which a gateway posts results.
 *
 * @param options `environment`: how strictly it is checked. In `production` (the default) it must be `https` on a public host.
 * @throws {CorrectInputError} the URL is not valid; `code` says why, such as `callback_url_not_https`.
 */
export function parseCallbackUrl(
  text: string,
  options?: { environment?: 'sandbox' | 'production' | undefined },
): CheckedText {
  const { environment: given = 'production' } = optionsOf('the options of parseCallbackUrl()', options);
  const environment = textOf('environment', given);
  return takenNow(addon.parseCallbackUrl(textOf('callbackUrl', text), environment)) as CheckedText;
}

/**
 * The password of a Daraja push at an instant, and the timestamp (East Africa Time) that goes with it. The clients make both
 * themselves; use this to compare with another program.
 *
 * @throws {CorrectInputError} an argument is not valid; `field` names it.
 */
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
 * Reads the body of a callback. An event is data, not proof: `receiveCallback` verifies it.
 *
 * @param body the body, unchanged; where a parser has read it already, the parsed value.
 * @param options `gateway`: the gateway that sent it. Default: the one that the shape of the body shows.
 * @throws {DisbelieveError} the body is not a callback; `code` says why.
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

/** The body of the answer to a callback, for HTTP 200. Answer first and work afterwards. */
export function acceptedReply(): string {
  return addon.acceptedReply();
}
