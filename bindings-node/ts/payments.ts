/** The payments of a client's ledger: looking them up, and what a person does about them. */

import { countOf, flagOf, instantOf, partsOf, refusedType, secondsOf, textOf } from './arguments';
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
  /** The shop's own name for the sale. */
  order?: string | number | undefined;
  /** Only payments that may yet be paid: they are being sent, accepted or `unknown`. Default: false. */
  onlyOpen?: boolean | undefined;
  /** Only payments of which the handler has yet to be told something. Default: false. */
  onlyOwed?: boolean | undefined;
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

/** A callback that came on a payment's own URL, as the ledger keeps it. */
export interface KeptCallback {
  /** When it came. */
  readonly receivedAt: Date;
  /** What was made of it, as a word; `null` while it was not judged. */
  readonly verdict: string | null;
  /** The body. It holds the customer's phone number. */
  readonly body: string;
}

/** Everything that a ledger has of one payment, for a person who looks into it. */
export interface PaymentStory {
  /** The payment. */
  readonly payment: Payment;
  /** The merchant's account at the gateway, such as `daraja:174379`. */
  readonly account: string;
  /** Whether the payment holds its order: it cannot be requested anew. */
  readonly holdsOrder: boolean;
  /** Until when the process that sends the push is taken to be alive; `null` once the push has ended. */
  readonly leaseUntil: Date | null;
  /** When the gateway is to be asked next. */
  readonly askAfter: Date | null;
  /** When the gateway was last asked. */
  readonly askedAt: Date | null;
  /** How often the gateway was asked. */
  readonly asks: number;
  /** Whether the handler has yet to be told something. */
  readonly isOwed: boolean;
  /** When what is owed may be told next. */
  readonly owedAfter: Date;
  /** How often a telling was begun. */
  readonly attempts: number;
  /** Why the last telling failed. */
  readonly trouble: string | null;
  /** When a person released the order. */
  readonly releasedAt: Date | null;
  /** The payment's callbacks, in the order in which they came. */
  readonly callbacks: readonly KeptCallback[];
  /** The other payments of the order, the newest first. */
  readonly others: readonly Payment[];
}

/** How old payments are that a prune deletes the personal data of. */
export interface PruneOptions {
  /** Milliseconds since the outcome was first known, at least. */
  olderThan: number;
}

/** What a prune did, or would do. */
export interface Pruned {
  /** Payments whose personal data were deleted. */
  readonly payments: number;
  /** Payments that are as old and were left: something is still to be learnt or told of them. */
  readonly unfinished: number;
}

/** What an import is told beside the payment. */
export interface ImportOptions {
  /** The order that the payment is for. It holds the order where it is paid or may yet be, unless another payment does. */
  order?: string | number | undefined;
  /** Whether the handler is to be told of an outcome that is known already. Default: false. */
  tell?: boolean | undefined;
}

/** What an import did. */
export interface Imported {
  /** The payment as the ledger has it now. */
  readonly payment: Payment;
  /** `new`: the ledger did not have it. `merged`: the ledger learnt something of it. `known`: it knew as much. */
  readonly change: 'new' | 'merged' | 'known';
  /** Whether another payment holds the order that was named. */
  readonly orderIsHeld: boolean;
}

/** What a ledger says of itself, and of the payments of the client's shop. */
export interface LedgerReport {
  /** Where the payments are, for people. Never a password. */
  readonly place: string;
  /** The version of the tables; `null` where there are none. */
  readonly version: number | null;
  /** The size on the disk; `null` where the store does not know it. */
  readonly bytes: number | null;
  /** What a person should see to. */
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
   * Everything that the ledger has of a payment: what was asked, told and called back, and who holds the order. It holds the
   * customer's phone number, in the callbacks too.
   *
   * @param payment the payment, or its id.
   * @throws {CorrectInputError} as {@link Payments.get}.
   */
  async story(payment: Payment | PaymentHandle | string): Promise<PaymentStory> {
    const id = idOf(payment);
    return storyOf(taken(await call((number) => this.#open().paymentStory(number, id))) as StoryData);
  }

  /**
   * Has the handler told of a settled payment once more: what it did the last time was lost, say.
   *
   * @param payment the payment, or its id.
   * @throws {LipiaError} `nothing_to_tell` while the payment is open or was not sent; else as {@link Payments.get}.
   */
  async retell(payment: Payment | PaymentHandle | string): Promise<Payment> {
    const id = idOf(payment);
    return paymentOf(await call((number) => this.#open().retellPayment(number, id)));
  }

  /**
   * Deletes the personal data of payments whose outcome has been known for that long and was told: bodies of callbacks, phone
   * numbers, references, the gateway's ids and words. Shop, order, outcome, amount, receipt and times stay, so that a paid
   * order stays paid. Reads every settled payment of the shop: run it once a day at most.
   *
   * @example
   * await daraja.payments.prune({ olderThan: 90 * 24 * 3600 * 1000 });
   */
  async prune(options: PruneOptions): Promise<Pruned> {
    return this.#pruned(options, true);
  }

  /** What {@link Payments.prune} would do. Nothing is written. */
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
   * Takes a payment into the ledger that a program kept with `serialize()` and that this client's account pushed. One that was
   * being sent is `unknown` from now on, as after a crash; one that may yet be paid is asked about. May be repeated.
   *
   * @throws {LipiaError} `payment_of_another_gateway`, `payment_of_another_shop`; `payment_unreadable` for what is not a payment.
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
   * What the ledger says of itself: where it is, whether it is damaged, and how much is in it. A SQLite file is read whole,
   * which takes some seconds for a million payments.
   *
   * @throws {LipiaError} why the ledger cannot be used, as `ledger_…`.
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
