/** The payments of a client's ledger: looking them up, and what a person does about them. */

import { countOf, flagOf, instantOf, partsOf, refusedType, textOf } from './arguments';
import { type CallOptions, call, callOptionsOf, taken } from './calls';
import type { Answer, NativeClient } from './native';
import { Payment, type SnapshotData } from './payment';
import { PaymentHandle } from './payment-handle';
import { PAYMENT_STATES, type PaymentState } from './words';

/** What payments are looked up by; all that is given must hold. */
export interface PaymentSearch {
  /** How far the payment has come. */
  state?: PaymentState | undefined;
  /** M-Pesa's receipt. */
  receipt?: string | undefined;
  /** The phone that was to be prompted, in any usual spelling. */
  phoneNumber?: string | number | undefined;
  /** The account reference, whole and as it was written. */
  reference?: string | number | undefined;
  /** Payments that were reserved then or later. */
  since?: Date | undefined;
  /** How many a page has at most. Default: 50. */
  limit?: number | undefined;
  /** {@link PaymentPage.next} of the page before. */
  page?: number | null | undefined;
}

/** A page of payments, the newest first. */
export interface PaymentPage {
  /** The payments. */
  readonly payments: Payment[];
  /** What to search for the next page with; `null` after the last. */
  readonly next: number | null;
}

/** What a person has seen on the merchant's statement. */
export type Resolution =
  /** The money came, with this receipt. */
  | { readonly isPaid: true; readonly receipt: string }
  /** The money did not come. */
  | { readonly isPaid: false };

/** What a pass over the ledger did. */
export interface Reconciled {
  /** Payments whose sender died, and that are `unknown` now. */
  readonly sendersDied: number;
  /** Callbacks that were judged. */
  readonly judged: number;
  /** Payments that the gateway was asked about. */
  readonly asked: number;
  /** Payments that the handler was told of. */
  readonly told: number;
  /** Payments of which the handler failed to hear: they are told again later. */
  readonly notTold: number;
}

const DEFAULT_LIMIT = 50;

/**
 * The payments of a client's ledger: `daraja.payments`.
 *
 * @example
 * for (const payment of await daraja.payments.ofOrder('order-17')) console.log(payment.id, payment.outcome);
 */
export class Payments {
  readonly #open: () => NativeClient;

  /** @internal */
  constructor(open: () => NativeClient) {
    this.#open = open;
  }

  /**
   * The payment with this id, or the only one whose id begins so; a beginning has at least 8 digits.
   *
   * @throws {CorrectInputError} `payment_not_in_ledger` where there is none, or more than one.
   */
  async get(id: string): Promise<Payment> {
    const text = textOf('paymentId', id);
    return paymentOf(await call((number) => this.#open().paymentOfLedger(number, text)));
  }

  /** The payments of an order, the newest first. */
  async ofOrder(order: string | number): Promise<Payment[]> {
    const text = textOf('order', order);
    const answer = await call((number) => this.#open().paymentsOfOrder(number, text));
    return (taken(answer) as SnapshotData[]).map((data) => new Payment(data));
  }

  /**
   * A page of the payments that fit, the newest first.
   *
   * @example
   * let page = null;
   * do {
   *   const found = await daraja.payments.search({ state: 'unknown', page });
   *   for (const payment of found.payments) console.log(payment.id, payment.order);
   *   page = found.next;
   * } while (page !== null);
   */
  async search(search: PaymentSearch = {}): Promise<PaymentPage> {
    const given = partsOf('search', search) as PaymentSearch;
    const data = {
      state: given.state === undefined ? undefined : stateOf(given.state),
      receipt: given.receipt === undefined ? undefined : textOf('receipt', given.receipt),
      phone_number: given.phoneNumber === undefined ? undefined : textOf('phoneNumber', given.phoneNumber),
      reference: given.reference === undefined ? undefined : textOf('reference', given.reference),
      since: given.since === undefined ? undefined : instantOf('since', given.since),
    };
    const limit = countOf('limit', given.limit ?? DEFAULT_LIMIT);
    const page = given.page === undefined || given.page === null ? null : countOf('page', given.page);
    const answer = await call((number) => this.#open().searchPayments(number, JSON.stringify(data), page, limit));
    const [payments, next] = taken(answer) as [SnapshotData[], number | null];
    return { payments: payments.map((found) => new Payment(found)), next };
  }

  /**
   * Asks the gateway about a payment now, and writes what is learnt. Prompts nobody.
   *
   * @param payment the payment, or its id.
   * @throws {LipiaError} `order_of_another_account` where it was pushed with another account; else as {@link Payments.get}
   * and {@link Client.ask}.
   */
  async ask(payment: Payment | PaymentHandle | string, options?: CallOptions): Promise<Payment> {
    const id = idOf(payment);
    const { signal, timeout } = callOptionsOf(options);
    return paymentOf(await call((number) => this.#open().askPayment(number, id, timeout), signal));
  }

  /**
   * Gives up an order, so that it can be requested again although its payment may still be paid: the customer may be
   * prompted twice. A success that is learnt later is still told. Returns the payment that held the order.
   *
   * @throws {LipiaError} `order_not_held` where no payment holds it, `order_in_flight` while a push is being sent.
   */
  async release(order: string | number): Promise<Payment> {
    const text = textOf('order', order);
    return paymentOf(await call((number) => this.#open().releaseOrder(number, text)));
  }

  /**
   * Settles a payment that is open as a person decided who has seen the merchant's statement. The handler is told.
   *
   * @param payment the payment, or its id.
   * @throws {LipiaError} `payment_not_open` where it is settled or being sent, `receipt_taken` where another payment has the
   * receipt.
   *
   * @example
   * await daraja.payments.resolve('0c51c758', { isPaid: true, receipt: 'SKL1234567' });
   */
  async resolve(payment: Payment | PaymentHandle | string, resolution: Resolution): Promise<Payment> {
    const id = idOf(payment);
    const given = partsOf('resolution', resolution);
    const receipt = flagOf('isPaid', given['isPaid']) ? textOf('receipt', given['receipt']) : null;
    return paymentOf(await call((number) => this.#open().resolvePayment(number, id, receipt)));
  }

  /**
   * One pass over the ledger: payments whose sender died become `unknown`, callbacks that were kept are judged, the gateway
   * is asked what is due, and the handler of {@link Client.onOutcome} is told what is owed. A serverless shop calls it from
   * a route that a timer calls; where a process with a handler lives on, it happens by itself.
   */
  async reconcile(): Promise<Reconciled> {
    const answer = await call((number) => this.#open().reconcile(number));
    const [sendersDied, judged, asked, told, notTold] = taken(answer) as [number, number, number, number, number];
    return { sendersDied, judged, asked, told, notTold };
  }
}

function paymentOf(answer: Answer): Payment {
  return new Payment(taken(answer) as SnapshotData);
}

function idOf(payment: unknown): string {
  return payment instanceof Payment || payment instanceof PaymentHandle ? payment.id : textOf('paymentId', payment);
}

function stateOf(state: unknown): PaymentState {
  const known = PAYMENT_STATES.find((word) => word === state);
  if (known !== undefined) return known;
  throw refusedType('state', state, 'which is not the state of a payment', `Give ${PAYMENT_STATES.join(', ')}.`);
}
