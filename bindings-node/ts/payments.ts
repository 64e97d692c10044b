/** The payments of a client's ledger: searches, and the decisions that a person takes. */

import { countOf, flagOf, instantOf, partsOf, refusedType, secondsOf, textOf } from './arguments';
import { type CallOptions, call, callOptionsOf, taken } from './calls';
import type { Answer, NativeClient } from './native';
import { Payment, type SnapshotData } from './payment';
import { PaymentHandle } from './payment-handle';
import { PAYMENT_STATES, type PaymentState } from './words';

/** The filters of a search for payments. All that are given must match. */
export interface PaymentSearch {
  /** The state of the payment. */
  state?: PaymentState | undefined;
  /** M-Pesa's receipt. */
  receipt?: string | undefined;
  /** The phone that the push was for, in any usual spelling. */
  phoneNumber?: string | number | undefined;
  /** The whole account reference, exactly as it was written. */
  reference?: string | number | undefined;
  /** The earliest time at which the payment was reserved. */
  since?: Date | undefined;
  /** The shop's own name for the sale. */
  order?: string | number | undefined;
  /** Whether to find only payments that may yet be paid: being sent, accepted or `unknown`. Default: false. */
  onlyOpen?: boolean | undefined;
  /** Whether to find only payments of which the handler has yet to be told something. Default: false. */
  onlyOwed?: boolean | undefined;
  /** The most payments of a page. Default: 50. */
  limit?: number | undefined;
  /** {@link PaymentPage.next} of the page before. Default: the first page. */
  page?: number | null | undefined;
}

/** A page of payments, the newest first. */
export interface PaymentPage {
  /** The payments. */
  readonly payments: Payment[];
  /** The `page` of the next search; `null` after the last page. */
  readonly next: number | null;
}

/** The decision of a person who has looked at the merchant's statement. */
export type Resolution =
  /** The money came, with this receipt. */
  | { readonly isPaid: true; readonly receipt: string }
  /** The money did not come. */
  | { readonly isPaid: false };

/** The counts of one pass over the ledger. */
export interface Reconciled {
  /** Payments whose sender died, and which are `unknown` now. */
  readonly sendersDied: number;
  /** Callbacks that were judged. */
  readonly judged: number;
  /** Payments that the gateway was asked about. */
  readonly asked: number;
  /** Payments that the handler was told of. */
  readonly told: number;
  /** Payments whose telling failed. They are told again later. */
  readonly notTold: number;
}

/** A callback that came on a payment's own URL, as the ledger keeps it. */
export interface KeptCallback {
  /** The time at which it came. */
  readonly receivedAt: Date;
  /** The verdict, as a word; `null` while nobody has judged the callback. */
  readonly verdict: string | null;
  /** The body. It has the customer's phone number. */
  readonly body: string;
}

/** Everything that a ledger knows of one payment, for a person who looks into it. */
export interface PaymentStory {
  /** The payment. */
  readonly payment: Payment;
  /** The merchant's account at the gateway, such as `daraja:174379`. */
  readonly account: string;
  /** Whether the payment holds its order, so that a request for the order does not prompt again. */
  readonly holdsOrder: boolean;
  /** The time until which the process that sends the push is taken to be alive; `null` once the push has ended. */
  readonly leaseUntil: Date | null;
  /** The time at which the gateway is to be asked next. */
  readonly askAfter: Date | null;
  /** The time at which the gateway was last asked. */
  readonly askedAt: Date | null;
  /** The number of times that the gateway was asked. */
  readonly asks: number;
  /** Whether the handler has yet to be told something. */
  readonly isOwed: boolean;
  /** The earliest time of the next telling. */
  readonly owedAfter: Date;
  /** The number of tellings that were begun. */
  readonly attempts: number;
  /** The reason why the last telling failed. */
  readonly trouble: string | null;
  /** The time at which a person released the order. */
  readonly releasedAt: Date | null;
  /** The payment's callbacks, in the order in which they came. */
  readonly callbacks: readonly KeptCallback[];
  /** The other payments of the order, the newest first. */
  readonly others: readonly Payment[];
}

/** The age of payments whose personal data a prune deletes. */
export interface PruneOptions {
  /** The least time since the outcome was first known, in milliseconds. */
  olderThan: number;
}

/** The counts of a prune, done or planned. */
export interface Pruned {
  /** Payments whose personal data were deleted. */
  readonly payments: number;
  /** Old payments that were left alone, because something is still to be learnt or told of them. */
  readonly unfinished: number;
}

/** The options of an import. */
export interface ImportOptions {
  /** The payment's order. A payment that is paid or may yet be paid holds its order, unless another payment does. */
  order?: string | number | undefined;
  /** Whether the handler is told of an outcome that is known already. Default: false. */
  tell?: boolean | undefined;
}

/** The result of an import. */
export interface Imported {
  /** The payment as the ledger has it now. */
  readonly payment: Payment;
  /** `new`: the ledger did not have the payment. `merged`: the ledger learnt from it. `known`: the ledger knew all of it. */
  readonly change: 'new' | 'merged' | 'known';
  /** Whether another payment holds the order that was named. */
  readonly orderIsHeld: boolean;
}

/** A report on a ledger, and on the payments of the client's shop. */
export interface LedgerReport {
  /** The place of the payments, for people to read. It has no password. */
  readonly place: string;
  /** The version of the tables; `null` where there are none. */
  readonly version: number | null;
  /** The size on the disk; `null` where the store does not know it. */
  readonly bytes: number | null;
  /** Faults that a person should look at. */
  readonly warnings: readonly string[];
  /** Payments of the shop. */
  readonly payments: number;
  /** Of these, those that may yet be paid. */
  readonly open: number;
  /** Of these, those of which the handler has yet to be told something. */
  readonly owed: number;
}

/** A story as it crosses the border; times are milliseconds since 1970. */
interface StoryData {
  payment: SnapshotData;
  account: string;
  holds_order: boolean;
  lease_until: number | null;
  ask_after: number | null;
  asked_at: number | null;
  asks: number;
  is_owed: boolean;
  owed_after: number;
  attempts: number;
  trouble: string | null;
  released_at: number | null;
  callbacks: { received_at: number; verdict: string | null; body: string }[];
  others: SnapshotData[];
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
   * The payment with this id.
   *
   * @param id the id, or a beginning of it of at least 8 digits.
   * @throws {CorrectInputError} `payment_not_in_ledger`: there is no such payment, or more than one id begins so.
   *
   * @example
   * const payment = await daraja.payments.get('0c51c758');
   */
  async get(id: string): Promise<Payment> {
    const text = textOf('paymentId', id);
    return paymentOf(await call((number) => this.#open().paymentOfLedger(number, text)));
  }

  /**
   * The payments of an order, the newest first.
   *
   * @throws {CorrectInputError} the text cannot name an order.
   */
  async ofOrder(order: string | number): Promise<Payment[]> {
    const text = textOf('order', order);
    const answer = await call((number) => this.#open().paymentsOfOrder(number, text));
    return (taken(answer) as SnapshotData[]).map((data) => new Payment(data));
  }

  /**
   * A page of the payments that match, the newest first.
   *
   * @throws {CorrectInputError} a filter is not valid; `field` names it.
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
      order: given.order === undefined ? undefined : textOf('order', given.order),
      only_open: flagOf('onlyOpen', given.onlyOpen ?? false),
      only_owed: flagOf('onlyOwed', given.onlyOwed ?? false),
    };
    const limit = countOf('limit', given.limit ?? DEFAULT_LIMIT);
    const page = given.page === undefined || given.page === null ? null : countOf('page', given.page);
    const answer = await call((number) => this.#open().searchPayments(number, JSON.stringify(data), page, limit));
    const [payments, next] = taken(answer) as [SnapshotData[], number | null];
    return { payments: payments.map((found) => new Payment(found)), next };
  }

  /**
   * Asks the gateway about a payment now, and writes the answer into the ledger. Prompts nobody.
   *
   * @param payment the payment, or its id.
   * @throws {LipiaError} `order_of_another_account`: the payment was pushed with another account. Else as
   * {@link Payments.get} and {@link Client.ask}.
   *
   * @example
   * const payment = await daraja.payments.ask('0c51c758');
   */
  async ask(payment: Payment | PaymentHandle | string, options?: CallOptions): Promise<Payment> {
    const id = idOf(payment);
    const { signal, timeout } = callOptionsOf(options);
    return paymentOf(await call((number) => this.#open().askPayment(number, id, timeout), signal));
  }

  /**
   * Frees an order whose payment may still be paid, so that the order can be requested again. The customer may then be
   * prompted twice. A success that is learnt later is still told.
   *
   * @returns the payment that held the order.
   * @throws {LookAtPaymentError} `order_not_held`: no payment holds the order. `order_in_flight`: its push is being sent.
   *
   * @example
   * await daraja.payments.release('order-17');
   */
  async release(order: string | number): Promise<Payment> {
    const text = textOf('order', order);
    return paymentOf(await call((number) => this.#open().releaseOrder(number, text)));
  }

  /**
   * Settles an open payment by hand, after a person has looked at the merchant's statement. The handler is told.
   *
   * A payment that is resolved as not paid within 90 seconds of its push holds its order until `orderFreeAt`, because the
   * customer may still pay. The gateway is asked again, and a success that it tells later is told.
   *
   * @param payment the payment, or its id.
   * @throws {LookAtPaymentError} `payment_not_open`: the payment is settled, or is being sent.
   * @throws {CorrectInputError} `receipt_taken`: another payment has the receipt.
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
   * Everything that the ledger knows of a payment: its questions, tellings and callbacks, and the other payments of its order.
   * The story has the customer's phone number, in the callbacks too.
   *
   * @param payment the payment, or its id.
   * @throws {CorrectInputError} as {@link Payments.get}.
   */
  async story(payment: Payment | PaymentHandle | string): Promise<PaymentStory> {
    const id = idOf(payment);
    return storyOf(taken(await call((number) => this.#open().paymentStory(number, id))) as StoryData);
  }

  /**
   * Tells the handler about a settled payment once more, for example where the handler's work was lost.
   *
   * @param payment the payment, or its id.
   * @throws {LipiaError} `nothing_to_tell`: the payment is open, or was not sent. Else as {@link Payments.get}.
   *
   * @example
   * await daraja.payments.retell('0c51c758');
   */
  async retell(payment: Payment | PaymentHandle | string): Promise<Payment> {
    const id = idOf(payment);
    return paymentOf(await call((number) => this.#open().retellPayment(number, id)));
  }

  /**
   * Deletes personal data of old payments whose outcome was told: bodies of callbacks, phone numbers, references, and the
   * gateway's ids and words. Shop, order, outcome, amount, receipt and times stay, so that a paid order stays paid.
   *
   * This reads every settled payment of the shop: run it once a day at most.
   *
   * @example
   * await daraja.payments.prune({ olderThan: 90 * 24 * 3600 * 1000 });
   */
  async prune(options: PruneOptions): Promise<Pruned> {
    return this.#pruned(options, true);
  }

  /** Counts what {@link Payments.prune} would delete. Nothing is written. */
  async prunable(options: PruneOptions): Promise<Pruned> {
    return this.#pruned(options, false);
  }

  async #pruned(options: PruneOptions, writes: boolean): Promise<Pruned> {
    const age = secondsOf('olderThan', partsOf('the options of a prune', options)['olderThan']);
    const answer = await call((number) => this.#open().prunePayments(number, age, writes));
    const [payments, unfinished] = taken(answer) as [number, number];
    return { payments, unfinished };
  }

  /**
   * Imports into the ledger a payment that a program kept with `serialize()`, and that this client's account pushed. Safe to
   * repeat. A payment that was being sent becomes `unknown`, as after a crash. One that may yet be paid is asked about.
   *
   * @throws {CorrectInputError} `payment_of_another_gateway`, `payment_of_another_shop`, or `payment_unreadable` where the text
   * is not a payment.
   *
   * @example
   * for (const { text, order } of rows) await daraja.payments.import(text, { order });
   */
  async import(payment: Payment | PaymentHandle | string, options: ImportOptions = {}): Promise<Imported> {
    const saved = payment instanceof Payment || payment instanceof PaymentHandle ? payment.serialize() : payment;
    const text = textOf('payment', saved);
    const given = partsOf('the options of an import', options);
    const order = given['order'] === undefined ? null : textOf('order', given['order']);
    const tell = flagOf('tell', given['tell'] ?? false);
    const answer = await call((number) => this.#open().importPayment(number, text, order, tell));
    const [imported, change, orderIsHeld] = taken(answer) as [SnapshotData, Imported['change'], boolean];
    return { payment: new Payment(imported), change, orderIsHeld };
  }

  /**
   * A report on the ledger: where it is, whether it is damaged, and how many payments it has. A SQLite file is read whole,
   * which takes some seconds for a million payments.
   *
   * @throws {LipiaError} the ledger cannot be used; the code begins with `ledger_` and says why.
   */
  async report(): Promise<LedgerReport> {
    const answer = await call((number) => this.#open().ledgerReport(number));
    const [place, version, bytes, warnings, payments, open, owed] = taken(answer) as [
      string,
      number | null,
      number | null,
      string[],
      number,
      number,
      number,
    ];
    return { place, version, bytes, warnings, payments, open, owed };
  }

  /**
   * Makes one pass over the ledger: payments whose sender died become `unknown`, callbacks that were kept are judged, the
   * gateway is asked about payments that are due, and the handler of {@link Client.onOutcome} is told what it is owed.
   *
   * A serverless shop calls this from a route that a timer calls. A process with a handler that lives on does it by itself.
   *
   * @throws {LipiaError} the first error of the pass. The rest of the pass was still done.
   *
   * @example
   * const { told, notTold } = await daraja.payments.reconcile();
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

function storyOf(data: StoryData): PaymentStory {
  const timeOf = (milliseconds: number | null) => (milliseconds === null ? null : new Date(milliseconds));
  return {
    payment: new Payment(data.payment),
    account: data.account,
    holdsOrder: data.holds_order,
    leaseUntil: timeOf(data.lease_until),
    askAfter: timeOf(data.ask_after),
    askedAt: timeOf(data.asked_at),
    asks: data.asks,
    isOwed: data.is_owed,
    owedAfter: new Date(data.owed_after),
    attempts: data.attempts,
    trouble: data.trouble,
    releasedAt: timeOf(data.released_at),
    callbacks: data.callbacks.map(({ received_at, verdict, body }) => ({
      receivedAt: new Date(received_at),
      verdict,
      body,
    })),
    others: data.others.map((other) => new Payment(other)),
  };
}

function idOf(payment: unknown): string {
  return payment instanceof Payment || payment instanceof PaymentHandle ? payment.id : textOf('paymentId', payment);
}

function stateOf(state: unknown): PaymentState {
  const known = PAYMENT_STATES.find((word) => word === state);
  if (known !== undefined) return known;
  throw refusedType('state', state, 'which is not the state of a payment', `Give ${PAYMENT_STATES.join(', ')}.`);
}
