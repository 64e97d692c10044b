/** Arguments as the native addon takes them. A value of a wrong type is refused here, by its name in the API. */

import { type CorrectInputError, refusedInput } from './errors';
import { type Argument, PARTS, type Parts } from './names';
import { nearest } from './nearest';

/** What something is, for a sentence. Never its value: that may be a secret. */
function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  switch (typeof value) {
    case 'object':
      return 'an object';
    case 'undefined':
      return 'undefined';
    default:
      return `a ${typeof value}`;
  }
}

/** An argument of a type that says nothing here. @internal */
export function refusedType(name: string, value: unknown, but: string, hint: string): CorrectInputError {
  return refusedInput(name, 'type_not_accepted', `${name} is ${typeOf(value)}, ${but}.`, hint);
}

const HALF_A_CHARACTER = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** Text, or a whole number as its digits. @internal */
export function textOf(name: string, value: unknown): string {
  if (typeof value === 'string') {
    if (HALF_A_CHARACTER.test(value)) {
      throw refusedInput(
        name,
        'text_not_unicode',
        'This text holds half a character, which no message can carry.',
        'Decode it with the encoding that it was written in.',
      );
    }
    return value;
  }
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))) return String(value);
  throw refusedType(name, value, 'which is neither text nor a whole number', 'Give the text itself.');
}

/** One text or several. @internal */
export function textsOf(name: string, value: unknown): string[] {
  if (typeof value === 'string') return [textOf(name, value)];
  if (!Array.isArray(value))
    throw refusedType(name, value, 'which is neither a text nor a list of texts', 'Give a list of texts.');
  // Not `map`, which leaves holes as they are.
  return Array.from(value, (text: unknown) => textOf(name, text));
}

/** An amount as text; whether it is one is for the core to say. @internal */
export function amountText(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return textOf('amount', value);
}

/** Yes or no. Of text that is neither: `'false'` is not empty, and so would count as yes. @internal */
export function flagOf(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw refusedType(name, value, 'which is neither true nor false', 'Give true or false.');
}

/** As far as the native addon counts. */
const MAX_WHOLE_NUMBER = 2 ** 32 - 1;

/** A whole number from zero on. @internal */
export function countOf(name: string, value: unknown): number {
  if (typeof value !== 'number') throw refusedType(name, value, 'which is not a number', 'Give a whole number.');
  if (!Number.isInteger(value) || value < 0 || value > MAX_WHOLE_NUMBER) {
    throw refusedInput(
      name,
      'number_out_of_range',
      `${name} is a whole number from 0 to ${MAX_WHOLE_NUMBER}, and this one is not.`,
      'Give a number in that range.',
    );
  }
  return value;
}

/** Less is a mistake about the unit: no gateway answers in this time. */
const MIN_MILLISECONDS = 100;

/** A time, given in milliseconds, in seconds. What is not a time is refused here: JSON has no number for it. @internal */
export function secondsOf(name: string, value: unknown): number {
  if (typeof value !== 'number') throw refusedType(name, value, 'which is not a number', 'Give milliseconds.');
  if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) {
    throw refusedInput(
      name,
      'seconds_unreadable',
      'This is not a length of time.',
      'Give a number of milliseconds, from zero on.',
    );
  }
  if (value > 0 && value < MIN_MILLISECONDS) {
    throw refusedInput(
      name,
      'time_too_short',
      `${name} is in milliseconds, and ${value} of them is too short for any answer.`,
      `For ${value} seconds write ${value} * 1000.`,
    );
  }
  return value / 1000;
}

/** Milliseconds as seconds, or `null` where no time is given. @internal */
export function secondsOrNone(name: string, value: unknown): number | null {
  return value === undefined || value === null ? null : secondsOf(name, value);
}

/** An instant. @internal */
export function instantOf(name: string, value: unknown): number {
  const time = value instanceof Date ? value.getTime() : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw refusedType(name, value, 'which is not a valid Date', 'Give a Date.');
}

/** The body of a callback, unchanged, or the value that a JSON parser made of it. */
export type CallbackBody = string | Uint8Array | ArrayBuffer | object;

const encoder = new TextEncoder();

/** A body as text or bytes, whichever it is at hand as. @internal */
export function bodyOf(body: unknown): string | Uint8Array {
  if (typeof body === 'string') return body;
  if (body instanceof Uint8Array) return body;
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  if (typeof body === 'object' && body !== null) return textOfParsed(body);
  throw refusedType('body', body, 'and a body is text or bytes', "Give the request's body as it came.");
}

/** A body as bytes. Half a character becomes the mark of one that was lost, which is what came over a wire. @internal */
export function bytesOf(body: unknown): Uint8Array {
  const found = bodyOf(body);
  return typeof found === 'string' ? encoder.encode(found) : found;
}

/** The beginning of a body that is nested deeper than any that is read. */
const TOO_DEEP = '['.repeat(1000);

/** A body that a JSON parser took apart, put together again. */
function textOfParsed(body: object): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(body);
  } catch (error) {
    // A parser takes apart what is nested deeper than can be put together again. That is not a callback, and the core says so.
    if (error instanceof RangeError) return TOO_DEEP;
    // Else it is of something that no JSON parser makes: it has itself as a part, or a bigint.
  }
  if (text !== undefined) return text;
  throw refusedType('body', body, 'and no JSON text can be made of it', "Give the request's body as it came.");
}

/** An object, whatever else it holds. @internal */
export function objectOf<T>(name: string, value: T): T {
  if (typeof value === 'object' && value !== null) return value;
  throw refusedType(name, value, 'which is not an object', 'Give an object with the parts that are documented.');
}

/** An object of named parts, none of them unknown. `also` has parts of another argument. @internal */
export function partsOf(what: Argument, value: unknown, also?: Argument): Record<string, unknown> {
  const known: Parts = PARTS[what];
  const more: Parts | undefined = also && PARTS[also];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const names = Object.keys({ ...known, ...more }).slice(0, 3);
    throw refusedType(nameOf(what), value, 'which is not an object', `Give an object with ${names.join(', ')} …`);
  }
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(known, name) && !(more && Object.hasOwn(more, name))) {
      throw unknownPart(what, name, Object.keys({ ...known, ...more }));
    }
  }
  return value as Record<string, unknown>;
}

/** The same of an argument that may be left out. @internal */
export function optionsOf<T extends object>(what: Argument, options: T | undefined): T {
  return (options === undefined ? {} : partsOf(what, options)) as T;
}

/** An argument by its name alone. */
function nameOf(what: Argument): string {
  return what.startsWith('the ') ? 'options' : what;
}

/** A name as a program may write one. Others come from outside, and may be of any length and kind. */
const NAME = /^[\w$-]{1,60}$/;

function unknownPart(what: Argument, name: string, known: string[]): CorrectInputError {
  const isName = NAME.test(name);
  const near = isName ? nearest(name, known) : undefined;
  return refusedInput(
    isName ? name : nameOf(what),
    'argument_unknown',
    `There is no ${isName ? name : 'such part'} in ${what}.`,
    near === undefined ? `There is ${known.join(', ')}.` : `Write ${near}.`,
  );
}

/** A function, where one is given. @internal */
export function functionOf<F>(name: string, value: F): F {
  if (typeof value === 'function') return value;
  throw refusedType(name, value, 'which is not a function', 'Give a function.');
}
