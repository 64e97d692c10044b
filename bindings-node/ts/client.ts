/** The client, one merchant at one gateway, with one method for each verb. */

import { Acceptance, type AcceptanceData } from './acceptance';
import {
  bytesOf,
  type CallbackBody,
  flagOf,
  functionOf,
  optionsOf,
  partsOf,
  secondsOrNone,
  textOf,
  textsOf,
} from './arguments';
import { type CallOptions, call, callOptionsOf, calls, made, taken } from './calls';
import { type CheckLine, type CheckOptions, type Checkup, checkupOf } from './checkup';
import { clientClosed, concern, type Result, safely, safelyNow } from './errors';
import { Event, type EventData, type ReceivedCallback } from './event';
import { type GuardStanding, type StandingData, standingOf } from './guard';
import { type Answer, addon, type NativeClient } from './native';
import { handle, letGo, type OutcomeHandler } from './outcomes';
import { Payment, type SnapshotData } from './payment';
import { idOf, nativeOf, PaymentHandle, rawOf } from './payment-handle';
import { Payments } from './payments';
import { type Environ, pushData, type StkPush, settingsData, type WaitOptions, waitData } from './settings';
import { Status, type StatusData } from './status';
import { UnclaimedPayments } from './unclaimed-payments';
import { eventOf } from './values';
import { PaymentWait } from './wait';
import type { Gateway, Verdict } from './words';

/** What came in over HTTP on a callback URL. */
export interface IncomingCallback {
  /** The path of the request, or all of its URL. */
  path: string;
  /** The body as it came; where something has parsed it already, what that made of it. */
  body: CallbackBody;
  /** The other end of the connection: its address, or `unix` for a Unix socket. Needed only where source addresses are checked. */
  peer?: string | null | undefined;
  /** The values of the `X-Forwarded-For` headers, in their order. */
  forwardedFor?: string | readonly string[] | undefined;
  /** Whether you load a payment that this client does not hold from a store of your own. Default: false. */
  hasStore?: boolean | undefined;
}

/** How a callback is taken in. */
export interface CallbackOptions extends CallOptions {
  /** Whether a success is believed only once a query says the same. Default: false. */
  confirm?: boolean | undefined;
}

/**
 * What every client can do, whichever gateway it speaks to. Made by {@link Daraja}, {@link PalPluss} and
 * {@link UpesiPay}. Making one starts nothing: no thread, no connection.
 */
export abstract class Client<P extends StkPush = StkPush> {
  readonly #native: NativeClient;
  #unclaimed = new UnclaimedPayments();
  #isClosed = false;
  /** The number of the handler of outcomes. */
  #handler: number | null = null;
  #ofLedger: Payments | undefined;
  /** Which gateway it speaks to. */
  abstract readonly gateway: Gateway;

  /** @internal */
  protected constructor(gateway: Gateway, settings: unknown, environ: Environ | null, native?: NativeClient) {
    if (native !== undefined) {
      this.#native = native;
      return;
    }
    const data = settingsData(gateway, settings, environ);
    const wait = waitData((settings as { wait?: unknown }).wait);
    this.#native = made(addon.openClient(calls(), data, wait));
  }

  /** Another client of the same class. @internal */
  protected abstract like(native: NativeClient): this;

  /**
   * The same client with other options for its calls; connections and token are shared.
   *
   * @throws {CorrectInputError} where a time is none.
   */
  withOptions(options: { timeout?: number | undefined; wait?: WaitOptions | undefined }): this {
    const { timeout, wait } = partsOf('the options of withOptions()', options);
    const like = this.like(made(this.#open.withOptions(secondsOrNone('timeout', timeout), waitData(wait))));
    like.#unclaimed = this.#unclaimed;
    return like;
  }

  /**
   * Prompts a phone once. The promise is kept by the gateway's "accepted for processing", which is **not** a payment.
   *
   * A call whose answer is lost is never repeated: it ends with a {@link FindOutError}, whose `payment` is the live
   * payment.
   *
   * @throws {CorrectInputError} an argument is not valid; nothing was sent.
   * @throws {FindOutError} a phone may have been prompted: wait for the callback or query, never push again.
   * @throws {TryAgainError} nothing was prompted: it is safe to send again.
   * @throws {LipiaError} other things to do next: see its subclasses.
   *
   * @example
   * const acceptance = await daraja.stkPush({ phoneNumber: '0712345678', amount: 150, accountReference: 'INV-001' });
   */
  async stkPush(push: P, options?: CallOptions): Promise<Acceptance> {
    callOptionsOf(options);
    const payment = this.reserve(push);
    return await this.#unclaimed.unlessUnknown(payment, this.push(payment, options));
  }

  /** {@link Client.stkPush}, which never throws a {@link LipiaError}. */
  stkPushSafe(push: P, options?: CallOptions): Promise<Result<Acceptance>> {
    return safely(this.stkPush(push, options));
  }

  /**
   * Requests the payment of an order: claims the order in the ledger, then prompts the phone. Where the order has a payment
   * that is open or paid, nobody is prompted, and that payment is returned: the second click, the retried job and the other
   * process get the payment that exists. {@link Client.onOutcome} tells what becomes of it.
   *
   * A payment that failed frees its order: at once, or, where it only says that nobody answered in time, after a grace
   * ({@link Payment.orderFreeAt}); until then it is what is returned. Without the setting `ledger` the ledger is in memory, and
   * of this client alone. A push without an order is kept and told the same way, and each call prompts.
   *
   * @throws {LipiaError} no phone was prompted, and the order is free. `order_paid_differently`, `order_asked_differently` and
   * `order_of_another_account` name the payment that the order has, and change nothing: `error.paymentId`. A code that begins
   * with `ledger_`: the ledger failed, and nothing is sent without a claim.
   *
   * @example
   * const payment = await daraja.request({
   *   order: 'order-17', phoneNumber: '0712345678', amount: 150, accountReference: 'INV-017',
   * });
   * console.log(payment.order, payment.outcome);
   */
  async request(push: P, options?: CallOptions): Promise<Payment> {
    const { signal, timeout } = callOptionsOf(options);
    const data = pushData(push);
    const answer = await this.#sent((number) => this.#open.request(number, data, timeout), signal);
    return new Payment(taken(answer) as SnapshotData);
  }

  /** {@link Client.request}, which never throws a {@link LipiaError}. */
  requestSafe(push: P, options?: CallOptions): Promise<Result<Payment>> {
    return safely(this.request(push, options));
  }

  /**
   * Sets the handler of outcomes. It is told of every payment of the ledger that is settled, and again where more is learnt
   * (a receipt, a reversal, a second payment of the same order), whichever process learnt it.
   *
   * A payment is told **at least once after its last change**, in one of the processes. Where the handler throws or its
   * promise is rejected, takes longer than a minute, or its process dies, the payment is told again: 5 seconds after the first
   * failure, then ever more seldom, up to an hour. {@link Payment.attempt} of the later telling is higher. A failure whose
   * order was claimed again or paid since is not told.
   *
   * A client with a handler asks in the background about payments that stay open, and lives until it is closed. That work
   * does not keep the process alive: a handler that has begun does, until the ledger has noted that it ended. A further call
   * replaces the handler.
   *
   * @example
   * daraja.onOutcome(async (payment) => {
   *   if (payment.isPaid) await orders.markPaid(payment.order, payment.receipt);
   * });
   */
  onOutcome(handler: OutcomeHandler): void {
    this.#handler = handle(this.#open, functionOf('handler', handler), this.#handler);
  }

  /**
   * Starts the background work of {@link Client.onOutcome}, where there is a handler and the work does not run. `onOutcome`
   * starts it too: a server that wants to say where it begins calls this as well, and a second time does nothing.
   */
  start(): void {
    this.#open.startTelling();
  }

  /**
   * Makes a payment: checked, with its own id and its own callback URL, and not sent. Save it now, and nothing that
   * happens later can orphan it; then {@link Client.push} it.
   *
   * @throws {CorrectInputError} naming the argument that is not valid.
   */
  reserve(push: P): PaymentHandle {
    return new PaymentHandle(made(this.#open.reserve(pushData(push))));
  }

  /** {@link Client.reserve}, which never throws a {@link LipiaError}. */
  reserveSafe(push: P): Result<PaymentHandle> {
    return safelyNow(() => this.reserve(push));
  }

  /**
   * Pushes a payment that was reserved. What comes of it is written into the payment, even where nobody waits for it any
   * more.
   *
   * @throws {LookAtPaymentError} where it was pushed before.
   * @throws {LipiaError} as {@link Client.stkPush}.
   */
  async push(payment: PaymentHandle, options?: CallOptions): Promise<Acceptance> {
    const native = nativeOf(payment);
    const { signal, timeout } = callOptionsOf(options);
    try {
      const answer = await this.#sent((number) => this.#open.push(number, native, timeout), signal);
      return new Acceptance(taken(answer) as AcceptanceData);
    } catch (error) {
      concern(error, payment);
      throw error;
    }
  }

  /** {@link Client.push}, which never throws a {@link LipiaError}. */
  pushSafe(payment: PaymentHandle, options?: CallOptions): Promise<Result<Acceptance>> {
    return safely(this.push(payment, options));
  }

  /**
   * Takes up a payment that was saved, in this process or another. One that was being sent when it was saved may have
   * reached the customer: it is `unknown`, and is not pushed again.
   *
   * @param payment the payment, or the text of its `serialize()`.
   * @throws {CorrectInputError} where it is not a payment, or one of another gateway.
   */
  resume(payment: Payment | string): PaymentHandle {
    const text = payment instanceof Payment ? payment.serialize() : textOf('payment', payment);
    return new PaymentHandle(made(this.#open.resume(text)));
  }

  /**
   * The live payment of that id, if this client holds one.
   *
   * @throws {CorrectInputError} where it is not a payment's id.
   */
  find(paymentId: string): PaymentHandle | null {
    const native = this.#native.find(textOf('paymentId', paymentId));
    return native === null ? null : new PaymentHandle(made(native));
  }

  /**
   * Payments that may yet be paid and that nobody has claimed: `stkPush` or `collect` made them, and ended with `unknown` or
   * was aborted, and the caller did not take `error.payment`. Each is handed out once, and none is dropped.
   *
   * A caller's own payment is `error.payment`. This is for a sweep, at the end of a program say: where several callers are
   * told of their errors in the same moment it hands out none of these payments until the moment is over.
   */
  unclaimed(): PaymentHandle[] {
    return this.#unclaimed.unclaimed(this.isAtRest);
  }

  /**
   * Asks what became of a prompt. Prompts nobody, and is safe to repeat; gateways dislike more than one question in about
   * ten seconds. "Still processing" and "no information" are answers, not errors: `pending` and `unknown`.
   *
   * @param prompt the acceptance, the payment, or the id that the gateway is asked by.
   * @throws {LipiaError} where the question could not be asked or the answer not be understood.
   */
  async stkQuery(prompt: Acceptance | PaymentHandle | Payment | string, options?: CallOptions): Promise<Status> {
    const id = idOf(prompt);
    const { signal, timeout } = callOptionsOf(options);
    const answer = await call((number) => this.#open.stkQuery(number, id, timeout), signal);
    return new Status(taken(answer) as StatusData);
  }

  /** {@link Client.stkQuery}, which never throws a {@link LipiaError}. */
  stkQuerySafe(prompt: Acceptance | PaymentHandle | Payment | string, options?: CallOptions): Promise<Result<Status>> {
    return safely(this.stkQuery(prompt, options));
  }

  /**
   * Asks the gateway about a payment now, and writes what is learnt into it: a wait for it ends where it is settled. Prompts
   * nobody. A failure that only says that nobody answered may be money after all: {@link Payment.lookAgainAt} says when to
   * ask about it again.
   *
   * @param payment a live payment, or a saved one, which is taken up.
   * @returns the payment as it is then; one that the gateway has not decided about is still `pending` or `unknown`.
   * @throws {LookAtPaymentError} where it was never pushed, or nothing is known to ask by.
   * @throws {LipiaError} where the question could not be asked or the answer not be understood.
   *
   * @example
   * const payment = await daraja.ask(handle);
   * console.log(payment.outcome);
   */
  async ask(payment: PaymentHandle | Payment, options?: CallOptions): Promise<Payment> {
    const handle = this.#live(payment);
    const native = nativeOf(handle);
    const { signal, timeout } = callOptionsOf(options);
    try {
      const answer = await call((number) => this.#open.ask(number, native, timeout), signal);
      return new Payment(taken(answer) as SnapshotData);
    } catch (error) {
      concern(error, handle);
      throw error;
    }
  }

  /** {@link Client.ask}, which never throws a {@link LipiaError}. */
  askSafe(payment: PaymentHandle | Payment, options?: CallOptions): Promise<Result<Payment>> {
    return safely(this.ask(payment, options));
  }

  /**
   * Waits until a payment is settled or the time is up, asking the gateway now and then. Ends at once when a callback
   * that settles it is handed in ({@link Client.receiveCallback}).
   *
   * Await it for the payment, or iterate over it for what happens meanwhile. A payment whose time is up is `pending` or
   * `unknown`: it may yet be paid, so wait again later rather than push again.
   *
   * @param payment what to wait for. Of a mere acceptance or its id only the gateway's answers are learnt.
   * @param options `timeout`: milliseconds in all. Default: the client's `wait`, 120,000.
   * @throws {LookAtPaymentError} where it was never pushed.
   *
   * @example
   * for await (const progress of daraja.wait(payment)) console.log(progress);
   */
  wait(payment: PaymentHandle | Payment, options?: CallOptions): PaymentWait;
  wait(prompt: Acceptance | string, options?: CallOptions): Promise<Status>;
  wait(payment: PaymentHandle | Payment | Acceptance | string, options?: CallOptions): PaymentWait | Promise<Status> {
    if (payment instanceof Acceptance || typeof payment === 'string') return this.#waitById(payment, options);
    return new PaymentWait(({ timeout }) => {
      const wait = waitFor(timeout);
      const handle = this.#live(payment);
      return [handle, () => made(this.#open.watch(nativeOf(handle), wait))];
    }, options);
  }

  /** A payment as it lives in this process. */
  #live(payment: PaymentHandle | Payment): PaymentHandle {
    if (payment instanceof Payment) return this.resume(payment);
    nativeOf(payment);
    return payment;
  }

  async #waitById(prompt: Acceptance | string, options: CallOptions | undefined): Promise<Status> {
    const id = idOf(prompt);
    const { signal, timeout } = callOptionsOf(options);
    const answer = await call((number) => this.#open.waitById(number, id, waitFor(timeout)), signal);
    return new Status(taken(answer) as StatusData);
  }

  /** {@link Client.wait}, which never throws a {@link LipiaError}. */
  waitSafe(payment: PaymentHandle | Payment, options?: CallOptions): Promise<Result<Payment>>;
  waitSafe(prompt: Acceptance | string, options?: CallOptions): Promise<Result<Status>>;
  waitSafe(
    payment: PaymentHandle | Payment | Acceptance | string,
    options?: CallOptions,
  ): Promise<Result<Payment | Status>> {
    return safely<Payment | Status>(this.wait(payment as PaymentHandle, options));
  }

  /**
   * Prompts a phone once and waits for the outcome. Where the push's answer is lost it goes on waiting for the callback,
   * which names the payment all the same. Where it is aborted, and where it fails with `unknown`,
   * the error's `payment` is the live payment.
   *
   * A push with an `order` is requested, as with {@link Client.request}: where the order has a payment that may be paid, nothing
   * is sent, and that payment is waited for, wherever its callback arrives.
   *
   * @param options `timeout`: milliseconds to wait in all. Default: the client's `wait`, 120,000.
   * @throws {LipiaError} as {@link Client.stkPush}; {@link FindOutError} only after the whole wait brought nothing.
   *
   * @example
   * const payment = await daraja.collect({ phoneNumber: '0712345678', amount: 150, accountReference: 'INV-001' });
   * if (payment.isPaid) console.log('paid:', payment.receipt);
   */
  async collect(push: P, options?: CallOptions): Promise<Payment> {
    const { signal, timeout } = callOptionsOf(options);
    if ((push as StkPush | undefined)?.order !== undefined) {
      const data = pushData(push);
      const answer = await this.#sent((number) => this.#open.collectOrder(number, data, waitFor(timeout)), signal);
      return new Payment(taken(answer) as SnapshotData);
    }
    const payment = this.reserve(push);
    return await this.#unclaimed.unlessUnknown(payment, this.collectPayment(payment, options));
  }

  /** {@link Client.collect}, which never throws a {@link LipiaError}. */
  collectSafe(push: P, options?: CallOptions): Promise<Result<Payment>> {
    return safely(this.collect(push, options));
  }

  /**
   * {@link Client.collect} for a payment that exists: one that was reserved is pushed, one that was pushed before (and
   * resumed, say) is only waited for.
   *
   * @throws {LipiaError} as {@link Client.collect}.
   */
  async collectPayment(payment: PaymentHandle, options?: CallOptions): Promise<Payment> {
    const native = nativeOf(payment);
    const { signal, timeout } = callOptionsOf(options);
    const wait = waitFor(timeout);
    try {
      const answer = await this.#sent((number) => this.#open.collectPayment(number, native, wait), signal);
      return new Payment(taken(answer) as SnapshotData);
    } catch (error) {
      concern(error, payment);
      throw error;
    }
  }

  /** {@link Client.collectPayment}, which never throws a {@link LipiaError}. */
  collectPaymentSafe(payment: PaymentHandle, options?: CallOptions): Promise<Result<Payment>> {
    return safely(this.collectPayment(payment, options));
  }

  /**
   * What a body that was posted to a callback URL says. An event is data, not proof: see {@link Client.receiveCallback}.
   *
   * @throws {DisbelieveError} with a code that says what is wrong with the body.
   */
  parseCallback(body: CallbackBody): Event {
    return eventOf(this.gateway, body);
  }

  /** {@link Client.parseCallback}, which never throws a {@link LipiaError}. */
  parseCallbackSafe(body: CallbackBody): Result<Event> {
    return safelyNow(() => this.parseCallback(body));
  }

  /**
   * Takes in what was posted to a callback URL: checks the sender's address (where a list is set), the token in the URL,
   * the body, and whether it fits the payment that the token names. A wait for that payment ends at once.
   *
   * Answer the gateway with HTTP 200 and `acceptedReply()` whatever this does, and before anything slow; with 503 where
   * `isKept` is false or the error's code begins with `ledger_`. `lipia/express`,
   * `lipia/fastify`, `lipia/fetch` and `lipia/node` do all of it.
   *
   * @throws {DisbelieveError} it is not a callback, or not for us. Nothing was believed.
   */
  async receiveCallback(incoming: IncomingCallback, options?: CallbackOptions): Promise<ReceivedCallback> {
    const path = textOf('path', partsOf('incoming', incoming)['path']);
    const body = bytesOf(incoming.body);
    const peer = incoming.peer === undefined || incoming.peer === null ? null : textOf('peer', incoming.peer);
    const hops = textsOf('forwardedFor', incoming.forwardedFor ?? []);
    const hasStore = incoming.hasStore === true;
    const { signal, timeout, confirm } = callbackOptionsOf(options);
    const answer = await call(
      (number) => this.#open.receiveCallback(number, path, body, peer, hops, hasStore, confirm, timeout),
      signal,
    );
    const [paymentId, event, verdict, isKept] = taken(answer) as [string, EventData, Verdict | null, boolean];
    return { paymentId, event: new Event(event, body), verdict, isKept };
  }

  /** {@link Client.receiveCallback}, which never throws a {@link LipiaError}. */
  receiveCallbackSafe(incoming: IncomingCallback, options?: CallbackOptions): Promise<Result<ReceivedCallback>> {
    return safely(this.receiveCallback(incoming, options));
  }

  /** Hands an event that came in on a payment's own URL to that payment. */
  async believe(payment: PaymentHandle, event: Event, options?: CallbackOptions): Promise<Verdict> {
    const native = nativeOf(payment);
    const body = rawOf(event);
    const { signal, timeout, confirm } = callbackOptionsOf(options);
    try {
      const answer = await call((number) => this.#open.believe(number, native, body, confirm, timeout), signal);
      return taken(answer) as Verdict;
    } catch (error) {
      concern(error, payment);
      throw error;
    }
  }

  /** {@link Client.believe}, which never throws a {@link LipiaError}. */
  believeSafe(payment: PaymentHandle, event: Event, options?: CallbackOptions): Promise<Result<Verdict>> {
    return safely(this.believe(payment, event, options));
  }

  /**
   * Whether this client's pushes can be paid, found out without prompting anybody: the gateway is asked about a prompt that
   * never was, which takes a token, short code and pass key; the clocks are compared; callback URL and ledger are read. Takes
   * as long as one question. What is wrong is a line and never an error.
   *
   * @example
   * const { broken } = await daraja.check();
   * for (const { part, message, hint } of broken) console.error(part, message, hint);
   */
  async check(options?: CheckOptions): Promise<Checkup> {
    const { reachCallback } = optionsOf('the options of check()', options);
    const reaches = flagOf('reachCallback', reachCallback ?? false);
    return checkupOf(taken(await call((number) => this.#open.check(number, reaches))) as { lines: CheckLine[] });
  }

  /** {@link Client.check}, which throws a {@link LipiaError} only where an option is wrong, or the client closed; this never does. */
  checkSafe(options?: CheckOptions): Promise<Result<Checkup>> {
    return safely(this.check(options));
  }

  /**
   * How close a phone and the account are to being refused by the guard, and until when they are; `null` without a guard.
   *
   * @throws {CorrectInputError} where it is not a phone number.
   *
   * @example
   * const standing = await upesipay.guardStanding('0712345678');
   * if (standing?.opensAt) console.log('no push to this phone before', standing.opensAt);
   */
  async guardStanding(phoneNumber: string | number): Promise<GuardStanding | null> {
    const phone = textOf('phoneNumber', phoneNumber);
    const standing = taken(await call((number) => this.#open.guardStanding(number, phone))) as StandingData | null;
    return standing && standingOf(standing);
  }

  /** {@link Client.guardStanding}, which never throws a {@link LipiaError}. */
  guardStandingSafe(phoneNumber: string | number): Promise<Result<GuardStanding | null>> {
    return safely(this.guardStanding(phoneNumber));
  }

  /** A call that sends. What its caller has left goes on, and the process stays until that has its answer. */
  #sent(begin: (call: number) => unknown, signal: AbortSignal | undefined): Promise<Answer> {
    const sent = call(begin, signal);
    // Without a signal nobody can leave.
    return signal ? this.#unlessLeft(sent, signal) : sent;
  }

  async #unlessLeft(sent: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
    try {
      return await sent;
    } catch (error) {
      if (signal.aborted && !this.isAtRest) void call((number) => this.#native.drain(number));
      throw error;
    }
  }

  /** The payments of the ledger: looking them up, and what a person does about them. */
  get payments(): Payments {
    this.#ofLedger ??= new Payments(() => this.#open);
    return this.#ofLedger;
  }

  /** Whether nothing of this client goes on in the background. */
  get isAtRest(): boolean {
    return this.#native.isAtRest();
  }

  /**
   * Waits for pushes, requests for tokens and tellings of outcomes that are in flight: a push whose signal was aborted still learns its answer. A wait
   * or a query that is running is its caller's. The client goes on working.
   *
   * @param options `timeout`: milliseconds to wait at most. Default: 30,000.
   * @returns whether everything has finished.
   */
  async drain(options?: { timeout?: number | undefined }): Promise<boolean> {
    return await this.#drained(optionsOf('the options of drain()', options).timeout);
  }

  /**
   * Tells no more outcomes, waits for what is in flight, as {@link Client.drain}, and then ends the client: later calls throw
   * {@link CorrectSettingsError}. `unclaimed()`, `find()` and `drain()` still work. Calls that begin while it waits are still
   * made. Call it before `process.exit`; a program that merely runs out of work waits by itself.
   *
   * @param options `timeout`: milliseconds to wait at most. What is still in flight then goes on. Default: 30,000.
   * @returns whether everything has finished.
   */
  async close(options?: { timeout?: number | undefined }): Promise<boolean> {
    const { timeout } = optionsOf('the options of close()', options);
    const isDone = await this.#drained(timeout, this.#handler);
    this.#isClosed = true;
    if (this.#handler !== null) letGo(this.#handler);
    return isDone;
  }

  /** Waits for what is in flight; where the client ends, its handler is told of no payment from here on. */
  async #drained(timeout: number | undefined, handler: number | null = null): Promise<boolean> {
    const seconds = secondsOrNone('timeout', timeout) ?? 30;
    const isDone = (handler === null && this.isAtRest) || (await this.#restsWithin(seconds, handler));
    if (isDone) await this.#unclaimed.callersAreTold();
    return isDone;
  }

  /** The addon's client, unless this one has ended. */
  get #open(): NativeClient {
    if (this.#isClosed) throw clientClosed();
    return this.#native;
  }

  /** Waits until nothing goes on in the background; whether that came about in time. */
  async #restsWithin(seconds: number, handler: number | null): Promise<boolean> {
    const left = new AbortController();
    const timer = setTimeout(() => left.abort(), Math.min(seconds * 1000, 2 ** 31 - 1));
    try {
      if (handler !== null) await call((number) => this.#native.stopTelling(number, handler), left.signal);
      await call((number) => this.#native.drain(number), left.signal);
      return true;
    } catch (error) {
      if (left.signal.aborted) return false;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** {@link Client.close}, at the end of an `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** How a wait of so many seconds asks; `null`: as the client's waits do. */
function waitFor(timeout: number | null): string | null {
  return timeout === null ? null : JSON.stringify({ timeout });
}

/** The options of a callback, checked: `timeout` is in seconds. */
function callbackOptionsOf(options: CallbackOptions | undefined) {
  const { signal, timeout, confirm } = optionsOf('the options of a callback', options);
  return { signal, timeout: secondsOrNone('timeout', timeout), confirm: flagOf('confirm', confirm ?? false) };
}
