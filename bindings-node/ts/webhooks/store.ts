/** Keeping payments where several processes, or the next one, find them. */

import { refusedType } from '../arguments';
import type { Client } from '../client';
import type { ReceivedCallback } from '../event';
import { Payment } from '../payment';
import { nativeOf, type PaymentHandle } from '../payment-handle';
import type { Verdict } from '../words';
import { compare, type Gain } from './compare';

/** A value, or the promise of one. */
export type Awaitable<T> = T | PromiseLike<T>;

/**
 * Where you keep payments: a table, say. Its functions may be async or not.
 *
 * @deprecated a store cannot claim an order. Give the client a `ledger`, and push with `request({ order })`.
 */
export interface PaymentStore {
  /** The saved payment of that id, as `serialize()` wrote it or as a {@link Payment}; `null` where there is none. */
  load(paymentId: string): Awaitable<string | Payment | null | undefined>;
  /**
   * Keeps a payment in place of what was loaded. Save only where the store still has `loaded.revision`, in one step, and
   * return `false` where it has another: then the payment is loaded anew.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is one that compares nothing.
  save(payment: Payment, loaded: Payment): Awaitable<boolean | void>;
}

/** A store, or the error that says what it lacks. @internal */
export function storeOf(store: unknown): PaymentStore {
  const { load, save } = Object(store) as Partial<PaymentStore>;
  if (typeof load === 'function' && typeof save === 'function') return store as PaymentStore;
  throw refusedType('store', store, 'and a store has load() and save()', 'Give both functions, or no store.');
}

/** How often a payment that others save at the same moment is loaded anew. */
const MAX_ATTEMPTS = 10;

/** What came of saving. @internal */
export interface Saved {
  gain: Gain;
  /** The payment as the store has it. */
  payment: Payment;
  /** How many flags the store did not have before. */
  newFlags: number;
}

/** The store has no such payment. @internal */
export class NotInStore extends Error {}

/**
 * Saves what this process knows of a payment, unless the store knows more: after a push, after a wait. The process that
 * took the callback may have been faster.
 *
 * @deprecated with a `ledger` nothing is left to keep: push with `request({ order })`.
 * @param payment a live payment, which was saved before it was pushed.
 * @returns the payment as the store has it then.
 * @throws {Error} where the store has no such payment, where `save` never saved, and what the store itself throws.
 *
 * @example
 * const payment = daraja.reserve({ phoneNumber: '0712345678', amount: 150, accountReference: 'INV-001' });
 * payment.begin();
 * await insert(payment.id, payment.serialize());
 * try {
 *   await daraja.push(payment);
 * } finally {
 *   await keep(payment, store);
 * }
 */
export async function keep(payment: PaymentHandle, store: PaymentStore): Promise<Payment> {
  nativeOf(payment);
  return (await saveHeld(storeOf(store), payment)).payment;
}

/** Saves a live payment. @internal */
export async function saveHeld(store: PaymentStore, payment: PaymentHandle): Promise<Saved> {
  const { id } = payment;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const stored = paymentOf(id, await store.load(id));
    const saved = await saveOver(store, stored, payment.snapshot());
    if (saved !== null) return saved;
  }
  throw neverSaved(id);
}

/** Hands an event to a payment that the store alone has, and saves what came of it. @internal */
export async function saveReceived(
  store: PaymentStore,
  client: Client,
  received: ReceivedCallback,
  options: { confirm: boolean; timeout: number },
  judged: (verdict: Verdict) => void,
): Promise<Saved> {
  const id = received.paymentId;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const stored = paymentOf(id, await store.load(id));
    // Of this attempt alone: one that others saved over meanwhile is not what the next attempt is about.
    const [verdict, known] = await client.believeSaved(stored, received.event, options);
    judged(verdict);
    const saved = await saveOver(store, stored, known);
    if (saved !== null) return saved;
  }
  throw neverSaved(id);
}

/** Saves unless the store knows as much; `null` where it has another revision than the one that was loaded. */
async function saveOver(store: PaymentStore, stored: Payment, known: Payment): Promise<Saved | null> {
  const { gain, payment } = compare(stored, known);
  if (gain === 'nothing') return { gain, payment: stored, newFlags: 0 };
  const before = new Set(stored.flags.map(({ reason, body }) => `${reason} ${body}`));
  const newFlags = payment.flags.filter(({ reason, body }) => !before.has(`${reason} ${body}`)).length;
  return (await store.save(payment, stored)) === false ? null : { gain, payment, newFlags };
}

function paymentOf(id: string, loaded: unknown): Payment {
  if (loaded === null || loaded === undefined) {
    throw new NotInStore(`load('${id}') found no payment. Save a payment before you push it.`);
  }
  const payment = typeof loaded === 'string' ? Payment.deserialize(loaded) : loaded;
  if (!(payment instanceof Payment)) {
    throw new TypeError(
      `load() returned something of type ${typeof loaded}: return the text of serialize(), a Payment, or null.`,
    );
  }
  // To go on would settle another customer's payment.
  if (payment.id !== id) throw new Error(`load('${id}') returned payment ${payment.id}.`);
  return payment;
}

function neverSaved(id: string): Error {
  return new Error(
    `save() returned false for payment ${id} ${MAX_ATTEMPTS} times: return it only where the store has another ` +
      'revision than the one that was loaded.',
  );
}
