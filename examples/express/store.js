// Orders, each in a file of its own. For one process: a shop with several keeps orders in its database.
import { EventEmitter } from 'node:events';
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import { Payment } from 'lipia';

/**
 * @typedef {object} Order
 * @property {string} orderId
 * @property {string} item
 * @property {string} payment what `serialize()` wrote
 * @property {string} news the last news, for the customer
 * @property {string | null} handedOverAt when the goods were handed over
 */

/** Emits `changed` with an order's id. Has what `lipia` wants of a store: `load` and `save`. */
export class Store extends EventEmitter {
  #folder;
  /** @type {Map<string, Order>} */
  #orders = new Map();
  /** @type {Map<string, string>} the order of a payment */
  #orderOf = new Map();

  /** @param {string} folder */
  constructor(folder) {
    super();
    // Each customer who looks on listens.
    this.setMaxListeners(0);
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder)) {
      if (name.endsWith('.json')) this.#know(JSON.parse(readFileSync(path.join(folder, name), 'utf8')));
    }
  }

  /**
   * Saves an order. False where that order exists: one sale has one payment.
   *
   * @param {string} orderId
   * @param {string} item
   * @param {Payment} payment
   */
  place(orderId, item, payment) {
    if (this.#orders.has(orderId)) return false;
    this.#write({ orderId, item, payment: payment.serialize(), news: 'asking your phone', handedOverAt: null });
    return true;
  }

  /** @param {string} orderId */
  order(orderId) {
    return this.#orders.get(orderId);
  }

  /** The payments that may yet be paid. */
  open() {
    return [...this.#orders.values()].map(paymentOf).filter(mayBePaid);
  }

  /**
   * The saved payment, for Lipia.
   *
   * @param {string} paymentId
   */
  load(paymentId) {
    return this.#orderWith(paymentId)?.payment ?? null;
  }

  /**
   * Keeps a payment in place of `loaded`, and hands the goods over in the same write: no crash comes between the two.
   * Nothing else runs meanwhile, so that nobody can save between the look and the write.
   *
   * @param {Payment} payment
   * @param {Payment} loaded
   */
  save(payment, loaded) {
    const order = this.#orderWith(payment.id);
    if (order === undefined || paymentOf(order).revision !== loaded.revision) return false;
    const handedOverAt = order.handedOverAt ?? (payment.isPaid ? new Date().toISOString() : null);
    this.#write({ ...order, payment: payment.serialize(), handedOverAt });
    return true;
  }

  /**
   * The last news of a payment, for the customer. It may be lost.
   *
   * @param {string} paymentId
   * @param {string} news
   */
  tell(paymentId, news) {
    const order = this.#orderWith(paymentId);
    if (order === undefined || order.news === news) return;
    this.#know({ ...order, news });
  }

  /** @param {string} paymentId */
  #orderWith(paymentId) {
    return this.#orders.get(this.#orderOf.get(paymentId) ?? '');
  }

  /** The file is whole or the one before: it is written beside it and put in its place. @param {Order} order */
  #write(order) {
    const file = path.join(this.#folder, `${order.orderId}.json`);
    const written = openSync(`${file}.part`, 'w', 0o600);
    try {
      writeSync(written, JSON.stringify(order));
      fsyncSync(written);
    } finally {
      closeSync(written);
    }
    renameSync(`${file}.part`, file);
    this.#know(order);
  }

  /** @param {Order} order */
  #know(order) {
    this.#orders.set(order.orderId, order);
    this.#orderOf.set(paymentOf(order).id, order.orderId);
    this.emit('changed', order.orderId);
  }
}

/** @param {Order} order */
export function paymentOf(order) {
  return Payment.deserialize(order.payment);
}

/** A push that was refused is `reserved` again. @param {Payment} payment */
export function mayBePaid(payment) {
  return payment.state !== 'settled' && payment.state !== 'reserved';
}
