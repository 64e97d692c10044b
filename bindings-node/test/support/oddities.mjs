/** Values that have gone wrong in programs before, and some that nobody would think of. */

/** What a value of a caller's own throws when it is looked at: that is the caller's to hear of. */
export class Booby extends Error {}

const trap = () => {
  throw new Booby('do not touch');
};

function cyclic() {
  const object = { Body: {} };
  object.Body.itself = object;
  return object;
}

function deep() {
  let object = {};
  for (let depth = 0; depth < 20_000; depth += 1) object = { Body: object };
  return object;
}

function detached() {
  const bytes = new Uint8Array(8);
  globalThis.structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

/** Odd values, each by a name. */
export const ODDITIES = {
  'no text': '',
  'a space': ' ',
  'a letter': 'x',
  'the character nought': '\0',
  'half a character': '\ud800',
  'the other half': 'a\udc00b',
  'half a character in front': '\ud83d0712345678',
  'a smile': '😀',
  'an accent': 'é',
  'a text in bidi marks': '\u202e0712345678\u202c',
  'a line feed': 'a\nb',
  'a huge text': '0'.repeat(1_000_000),
  'a huge text of two bytes': 'ж'.repeat(500_000),
  'a phone number': '0712345678',
  'an amount with an exponent': '1e400',
  'null as text': 'null',
  'an object as text': '{}',
  'deep JSON': '['.repeat(10_000),
  'the name __proto__': '__proto__',
  undefined,
  null: null,
  true: true,
  false: false,
  nought: 0,
  'minus nought': -0,
  one: 1,
  'minus one': -1,
  'a fraction': 1.5,
  'a tiny number': Number.MIN_VALUE,
  'nearly nought': 1e-7,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  '2^31': 2 ** 31,
  '2^32': 2 ** 32,
  '2^53': 2 ** 53,
  '1e21': 1e21,
  '1e308': 1e308,
  'a bigint': 150n,
  'a huge bigint': 10n ** 5000n,
  'a negative bigint': -1n,
  'a symbol': Symbol('phoneNumber'),
  'a function': () => '0712345678',
  'a class': class Push {},
  'an empty list': [],
  'a list': ['x'],
  'a list with a hole': new Array(3),
  'an array-like object': { length: 2 ** 32, 0: 'x' },
  'an empty object': {},
  'an object': { a: 1 },
  'a frozen object': Object.freeze({ phoneNumber: '0712345678' }),
  'an object with a huge name': { ['x'.repeat(100_000)]: 1 },
  'an object with an odd name': { 'a\n\u001b[31m\ud800': 1 },
  'an object without a prototype': Object.assign(Object.create(null), { phoneNumber: 1 }),
  'an object with __proto__': JSON.parse('{"__proto__": {"amount": 1}, "constructor": 1}'),
  'an object with symbols': { [Symbol.toPrimitive]: () => '0712345678' },
  'an object that is text': Object('0712345678'),
  'a number that is an object': Object(150),
  'an object with a text of its own': { toString: () => '0712345678', valueOf: () => 150, toJSON: () => ({}) },
  'a getter that throws': Object.defineProperty({}, 'phoneNumber', { get: trap, enumerable: true }),
  'every getter throws': {
    get amount() {
      return trap();
    },
    get timeout() {
      return trap();
    },
    get signal() {
      return trap();
    },
    get path() {
      return trap();
    },
    get environment() {
      return trap();
    },
  },
  'a proxy that throws': new Proxy({}, { get: trap, ownKeys: trap, has: trap, getPrototypeOf: trap }),
  'a revoked proxy': revoked(),
  'a proxy with endless names': new Proxy({}, { get: (_, name) => (typeof name === 'string' ? name : undefined) }),
  'a toJSON that throws': { toJSON: trap },
  'a toString that throws': { toString: trap, valueOf: trap, [Symbol.toPrimitive]: trap },
  'a cyclic object': cyclic(),
  'a deep object': deep(),
  'a Map': new Map([['amount', 1]]),
  'a Set': new Set(['x']),
  'a Date': new Date(0),
  'no Date': new Date(Number.NaN),
  'the last Date': new Date(8.64e15),
  'a regular expression': /x/g,
  'an error': new Error('x'),
  'a promise': Promise.resolve('0712345678'),
  // biome-ignore lint/suspicious/noThenProperty: it is odd.
  'a thenable': { then: () => {} },
  'no bytes': new Uint8Array(0),
  'a byte that is no text': new Uint8Array([0xff]),
  'a Buffer': Buffer.from('{}'),
  'an ArrayBuffer': new ArrayBuffer(4),
  'shared memory': new SharedArrayBuffer(8),
  'a view of shared memory': new Uint8Array(new SharedArrayBuffer(8)),
  'detached bytes': detached(),
  'wide numbers': new Float64Array([1.5]),
  'a DataView': new DataView(new ArrayBuffer(3), 1),
  'a signal': new AbortController().signal,
  'process.env': process.env,
  globalThis,
};
