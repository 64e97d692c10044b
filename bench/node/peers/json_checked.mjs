// A callback read and checked by hand, as a careful shop does it with what JavaScript has: quick, and nothing left out
// that money hangs on. It makes a plain object.

export const version = `V8 ${process.versions.v8}`;

const LONGEST_BODY = 65_536;
const IS_ID = /^[A-Za-z0-9_-]{1,128}$/;
const IS_CODE = /^[A-Za-z0-9._-]{1,32}$/;
const IS_RECEIPT = /^[A-Z0-9]{6,20}$/;
const IS_PHONE = /^254[17]\d{8}$/;
const IS_DATE = /^\d{14}$/;
const IS_AMOUNT = /^\d{1,9}(?:\.\d{1,2}0*)?$/;

class NotACallback extends Error {}

// One that is used again: a new one each time costs more than the reading.
const decoder = new TextDecoder('utf-8', { fatal: true });

/** What the body says. */
export function parse(body) {
  if (body.length > LONGEST_BODY) throw new NotACallback('the body is too large');
  let json;
  try {
    json = JSON.parse(typeof body === 'string' ? body : decoder.decode(body));
  } catch (error) {
    throw new NotACallback('the body is no JSON', { cause: error });
  }
  const callback = objectOf(objectOf(json)?.Body)?.stkCallback;
  if (objectOf(callback) === undefined) throw new NotACallback('the body has no Body.stkCallback');
  const code = codeOf(callback.ResultCode);
  const checkoutRequestId = callback.CheckoutRequestID;
  if (typeof checkoutRequestId !== 'string' || !IS_ID.test(checkoutRequestId)) {
    throw new NotACallback('the id of the prompt is missing or none');
  }
  const isPaid = code === '0';
  const values = isPaid ? valuesOf(callback.CallbackMetadata) : NOTHING;
  const receipt = receiptOf(values.MpesaReceiptNumber);
  const amountCents = centsOf(values.Amount);
  return {
    isPaid,
    isComplete: !isPaid || (receipt !== null && amountCents !== null),
    code,
    description: textOf(callback.ResultDesc),
    checkoutRequestId,
    merchantRequestId: textOf(callback.MerchantRequestID),
    receipt,
    amountCents,
    phone: phoneOf(values.PhoneNumber),
    date: dateOf(values.TransactionDate),
  };
}

const NOTHING = {};

function objectOf(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
}

function textOf(value) {
  return typeof value === 'string' ? value : null;
}

/** A result code, which comes as a number or as text. */
function codeOf(value) {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  if (typeof value === 'string' && IS_CODE.test(value)) return value;
  throw new NotACallback('the result code is missing or none');
}

/** The items by name, in whatever order; there may be none, or one that is no list. Two that differ are none. */
function valuesOf(metadata) {
  const item = objectOf(metadata)?.Item;
  const items = Array.isArray(item) ? item : objectOf(item) === undefined ? [] : [item];
  const values = Object.create(null);
  for (const one of items) {
    if (objectOf(one) === undefined) continue;
    const { Name: name, Value: value } = one;
    if (typeof name !== 'string' || value === undefined || value === null) continue;
    if (name in values && values[name] !== value) values[name] = NOTHING;
    else values[name] = value;
  }
  return values;
}

function receiptOf(value) {
  if (typeof value !== 'string') return null;
  const receipt = value.trim();
  return IS_RECEIPT.test(receipt) ? receipt : null;
}

/** A sum of money above nothing in cents, from its digits: a fraction that is not exact in a double must not round. */
function centsOf(value) {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !IS_AMOUNT.test(text)) return null;
  const point = text.indexOf('.');
  const shillings = Number(point < 0 ? text : text.slice(0, point));
  const cents = point < 0 ? 0 : Number(text.slice(point + 1, point + 3).padEnd(2, '0'));
  const sum = shillings * 100 + cents;
  return sum > 0 ? sum : null;
}

/** The payer, where the number is legible. */
function phoneOf(value) {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return null;
  const digits = text.startsWith('0') ? `254${text.slice(1)}` : text.startsWith('+') ? text.slice(1) : text;
  return IS_PHONE.test(digits) ? digits : null;
}

/** When it was paid, in the zone that the gateway does not write; a day that does not exist is none. */
function dateOf(value) {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !IS_DATE.test(text)) return null;
  const part = (from, to) => Number(text.slice(from, to));
  const [year, month, day] = [part(0, 4), part(4, 6), part(6, 8)];
  const [hour, minute, second] = [part(8, 10), part(10, 12), part(12, 14)];
  if (hour > 23 || minute > 59 || second > 59) return null;
  const date = new Date(Date.UTC(year, month - 1, day, hour - 3, minute, second));
  const there = new Date(date.getTime() + 3 * 60 * 60 * 1000);
  return there.getUTCMonth() === month - 1 && there.getUTCDate() === day ? date : null;
}
