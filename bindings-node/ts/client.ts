/** The client of one merchant at one gateway, with one method for each verb. */

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
import type { StkPush } from './parameters';
import { Payment, type SnapshotData } from './payment';
import { idOf, nativeOf, PaymentHandle, rawOf } from './payment-handle';
import { Payments } from './payments';
import { type Environ, pushData, settingsData, type WaitOptions, waitData } from './settings';
import { Status, type StatusData } from './status';
import { UnclaimedPayments } from './unclaimed-payments';
import { eventOf } from './values';
import { PaymentWait } from './wait';
import type { Gateway, Verdict } from './words';

/** An HTTP request that came to a callback URL. */
export interface IncomingCallback {
  /** The path of the request, or its whole URL. */
  path: string;
  /** The body, unchanged; where a parser has read it already, the parsed value. */
  body: CallbackBody;
  /** The address of the other end of the connection, or `unix` for a Unix socket. Needed only where `sourceAddresses` is set. */
  peer?: string | null | undefined;
  /** The values of the `X-Forwarded-For` headers, in order. */
  forwardedFor?: string | readonly string[] | undefined;
  /** Whether you load payments that this client does not hold from a store of your own. Default: false. */
  hasStore?: boolean | undefined;
}

/** The options for verifying a callback. */
export interface CallbackOptions extends CallOptions {
  /** Whether a success is believed only after a query confirms it. Default: false. */
  confirm?: boolean | undefined;
}

/**
 * One merchant at one gateway: the base of {@link Daraja}, {@link PalPluss}, {@link UpesiPay} and {@link PayHero}. Making a
 * client starts neither a thread nor a connection.
 */
export abstract class Client<P extends StkPush = StkPush> {
  readonly #native: NativeClient;
  #unclaimed = new UnclaimedPayments();
  #isClosed = false;
  /** The number of the handler of outcomes. */
  #handler: number | null = null;
  #ofLedger: Payments | undefined;
  /** The gateway that the client speaks to. */
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
   * Makes a copy of the client with other options for its calls. Both share connections, token and payments.
   *
   * @param options `timeout`: milliseconds for one call. `wait`: the times of waits.
   * @throws {CorrectInputError} a time is not valid.
   *
   * @example
   * const patient = daraja.withOptions({ timeout: 60_000 });
   */
  withOptions(options: { timeout?: number | undefined; wait?: WaitOptions | undefined }): this {
    const { timeout, wait } = partsOf('the options of withOptions()', options);
    const like = this.like(made(this.#open.withOptions(secondsOrNone('timeout', timeout), waitData(wait))));
    like.#unclaimed = this.#unclaimed;
    return like;
  }

  /**
   * Prompts a phone once. Resolves with the gateway's acceptance, which is **not** a payment.
   *
   * A call whose answer is lost is never repeated. It rejects with a {@link FindOutError}, whose `payment` is the live
   * payment.
   *
   * @param push the payer, the amount and the reference.
   * @throws {CorrectInputError} an argument is not valid. Nothing was sent.
   * @throws {FindOutError} a phone may have been prompted. Wait for the callback or query; never push again.
   * @throws {TryAgainError} no phone was prompted. It is safe to send again.
   * @throws {LipiaError} any other failure: see its subclasses.
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
   * Requests the payment of an order: claims the order in the ledger, then prompts the phone. Resolves once the gateway has
   * accepted the push; {@link Client.onOutcome} tells the outcome later.
   *
   * An order that has an open or a paid payment is not prompted for again. The existing payment is returned: the second click,
   * the retried job and the other process all get it ({@link Payment.isExisting}).
   *
   * A payment whose answer was lost is `unknown`: it holds its order and is asked about. A failed payment frees its order at
   * once. Only a failure that says "nobody answered in time" holds the order for a grace period ({@link Payment.orderFreeAt}),
   * and is returned until then. Without an order each call prompts, and the payment is still kept and told. Without the
   * setting `ledger` the orders are in this client's memory, and other processes do not know them.
   *
   * @throws {CorrectInputError} an argument is not valid. Nothing was sent.
   * @throws {TryAgainError} no phone was prompted, and the order is free.
   * @throws {LookAtPaymentError} the order has a payment with another amount, phone or account, and `error.paymentId` names it
   * (`order_asked_differently`, `order_paid_differently`, `order_of_another_account`). Nothing was sent.
   * @throws {LipiaError} any other failure: see `disposition`. Where the code begins with `ledger_`, the ledger failed and
   * nothing was sent.
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
   * Sets the handler of outcomes. It is called with every payment of the ledger that is settled, and again when more is learnt
   * (a receipt, a reversal, a second payment of the same order), whichever process learnt it.
   *
   * Each payment is told **at least once after its last change**, in one of the processes. The handler is called again
   * where it throws, its promise rejects, it takes longer than a minute, or its process dies: after 5 seconds, then at
   * growing intervals of up to an hour. So its work has to be safe to repeat; {@link Payment.attempt} counts the calls. A
   * failure is no longer told after its order was requested again or paid.
   *
   * A client with a handler asks in the background about payments that stay open, and lives until it is closed. That work
   * does not keep the process alive. A call of the handler that has begun does, until the ledger has noted its end. A
   * second handler replaces the first.
   *
   * @param handler called with the {@link Payment}.
   * @throws {CorrectInputError} the handler is not a function.
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
   * Starts the background work of {@link Client.onOutcome}. `onOutcome` starts it too, so this is for a server that wants to
   * name the moment. Does nothing without a handler, or where the work runs already.
   */
  start(): void {
    this.#open.startTelling();
  }

  /**
   * Makes a payment with its own id and its own callback URL. The push is checked, and nothing is sent.
   *
   * To survive a crash, call `begin()` and save the payment before you {@link Client.push} it. A program that reads the
   * text later then knows that the phone may have been prompted.
   *
   * @throws {CorrectInputError} an argument is not valid; `field` names it.
   *
   * @example
   * const handle = daraja.reserve({ phoneNumber: '0712345678', amount: 150, accountReference: 'INV-001' });
   * handle.begin();
   * await save(handle.serialize());
   * const acceptance = await daraja.push(handle);
   */
  reserve(push: P): PaymentHandle {
    return new PaymentHandle(made(this.#open.reserve(pushData(push))));
  }

  /** {@link Client.reserve}, which never throws a {@link LipiaError}. */
  reserveSafe(push: P): Result<PaymentHandle> {
    return safelyNow(() => this.reserve(push));
  }

  /**
   * Pushes a reserved payment. The result is written into the payment, also where the caller no longer waits for it.
   *
   * @param payment a payment that {@link Client.reserve} made.
   * @throws {LookAtPaymentError} the payment was pushed before.
   * @throws {LipiaError} as {@link Client.stkPush}.
   *
   * @example
   * const acceptance = await daraja.push(handle);
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
   * Makes a live payment of a saved one, in this process or another. Prompts nobody. A payment that was saved while its push
   * was being sent may have reached the customer: it is `unknown`, and is never pushed again.
   *
   * @param payment the payment, or the text of its `serialize()`.
   * @throws {CorrectInputError} the text is not a payment, or the payment is another gateway's.
   *
   * @example
   * const payment = await daraja.wait(daraja.resume(savedText));
   */
  resume(payment: Payment | string): PaymentHandle {
    const text = payment instanceof Payment ? payment.serialize() : textOf('payment', payment);
    return new PaymentHandle(made(this.#open.resume(text)));
  }

  /**
   * The live payment with this id, or `null` where this client does not hold it.
   *
   * @throws {CorrectInputError} the text is not a payment's id.
   */
  find(paymentId: string): PaymentHandle | null {
    const native = this.#native.find(textOf('paymentId', paymentId));
    return native === null ? null : new PaymentHandle(made(native));
  }

  /**
   * Live payments that may yet be paid and that no caller has. `stkPush` or `collect` made such a payment, was aborted or
   * ended with `unknown`, and the caller did not read `error.payment`. Each is handed out once, and none is dropped.
   *
   * A caller gets its own payment from `error.payment`. This method is for a sweep, such as at the end of a program. While
   * several callers are just being told of their errors, their payments are not handed out.
   *
   * @example
   * for (const handle of daraja.unclaimed()) await save(handle.serialize());
   */
  unclaimed(): PaymentHandle[] {
    return this.#unclaimed.unclaimed(this.isAtRest);
  }

  /**
   * Asks the gateway for the status of a prompt. Prompts nobody, and is safe to repeat; gateways dislike more than one
   * question within about ten seconds. "Still processing" and "no information" are answers, not errors: `pending` and
   * `unknown`.
   *
   * @param prompt the acceptance, the payment, or the id for queries.
   * @throws {LipiaError} the question could not be asked, or its answer was not understood.
   *
   * @example
   * const { outcome } = await daraja.stkQuery(acceptance);
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
   * Asks the gateway about a payment now, and writes the answer into the payment. Prompts nobody. A wait for the payment ends
   * where the answer settles it.
   *
   * A failure that only says "nobody answered" may turn out to be a success, and that is money: {@link Payment.lookAgainAt}
   * says when to ask again. Gateways dislike more than one question about a payment within about ten seconds.
   *
   * @param payment a live payment, or a saved one, which is resumed first.
   * @returns the payment after the answer. One that the gateway has not decided stays `pending` or `unknown`.
   * @throws {LookAtPaymentError} the payment was never pushed, or no id is known to ask by.
   * @throws {LipiaError} the question could not be asked, or its answer was not understood.
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
   * Waits until a payment is settled or the time is up, and asks the gateway now and then. A callback that settles the payment
   * ends the wait at once ({@link Client.receiveCallback}).
   *
   * Await the result for the payment, or iterate over it for what happens meanwhile. After the time is up the payment is
   * `pending` or `unknown`, and may yet be paid. Wait again later; do not push again.
   *
   * @param payment the payment. For an acceptance or an id the wait learns from queries alone, not from callbacks.
   * @param options `timeout`: milliseconds to wait in all. Default: the client's `wait`, 120,000.
   * @throws {LookAtPaymentError} the payment was never pushed.
   *
   * @example
   * const payment = await daraja.wait(handle, { timeout: 60_000 });
   *
   * @example
   * for await (const progress of daraja.wait(handle)) console.log(progress.kind);
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
   * Prompts a phone once and waits for the outcome.
   *
   * Where the push's answer is lost, the wait goes on, because the callback still names the payment. Where the call is
   * aborted or fails with `unknown`, the error's `payment` is the live payment.
   *
   * With an `order` the payment is requested as by {@link Client.request}. Where the order has a payment that may be paid,
   * nothing is sent, and the wait is for that payment, whichever process its callback arrives at.
   *
   * @param options `timeout`: milliseconds to wait in all. Default: the client's `wait`, 120,000.
   * @throws {LipiaError} as {@link Client.stkPush}; {@link FindOutError} only after the whole wait has brought no outcome.
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
   * {@link Client.collect} for an existing payment. Pushes a payment that was only reserved, and waits for the outcome of any
   * other, such as one that was resumed.
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
   * Reads the body of a callback. An event is data, not proof: {@link Client.receiveCallback} verifies it.
   *
   * @throws {DisbelieveError} the body is not a callback of this gateway; `code` says why.
   */
  parseCallback(body: CallbackBody): Event {
    return eventOf(this.gateway, body);
  }

  /** {@link Client.parseCallback}, which never throws a {@link LipiaError}. */
  parseCallbackSafe(body: CallbackBody): Result<Event> {
    return safelyNow(() => this.parseCallback(body));
  }

  /**
   * Verifies a callback and applies it to its payment. A wait for that payment ends at once.
   *
   * Four things are checked: the sender's address (where `sourceAddresses` is set), the token in the URL, the body, and
   * whether the body fits the payment that the token names.
   *
   * Answer the gateway with HTTP 200 and `acceptedReply()`, before any slow work and whatever the body says. Answer with 503
   * where `isKept` is false or the error's code begins with `ledger_`. `lipia/express`, `lipia/fastify`, `lipia/fetch` and
   * `lipia/node` do all of this.
   *
   * @throws {DisbelieveError} the request is not a callback, or not one of this client's. Nothing was believed.
   *
   * @example
   * const { paymentId, verdict, isKept } = await daraja.receiveCallback({ path: request.url, body });
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

  /**
   * Applies an event that came on a payment's own URL to that payment, and resolves with the verdict. For a payment that was
   * loaded from a store after its callback came.
   */
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
   * Checks whether this client's pushes can be paid. Prompts nobody, and takes about as long as one query.
   *
   * The gateway is asked about a made-up prompt, which tests token, short code and pass key. The clocks are compared, and the
   * callback URL and the ledger are read. A fault is a line of the result, never an error.
   *
   * @throws {LipiaError} an option is not valid, or the client is closed.
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

  /** {@link Client.check}, which never throws a {@link LipiaError}. */
  checkSafe(options?: CheckOptions): Promise<Result<Checkup>> {
    return safely(this.check(options));
  }

  /**
   * How close a phone and the account are to being refused by the guard, and until when they are refused. Does not ask the
   * gateway.
   *
   * The guard counts for all clients of the account in this process and, with a shared ledger, in all processes that share it.
   *
   * @returns the guard's counts, or `null` where the client has no guard.
   * @throws {CorrectInputError} the text is not a phone number.
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

  /** Makes a call that sends. After its caller has left, the push goes on, and the process stays alive until its answer. */
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

  /** The payments of the ledger: look them up, and settle what a person has to decide. */
  get payments(): Payments {
    this.#ofLedger ??= new Payments(() => this.#open);
    return this.#ofLedger;
  }

  /** Whether nothing of this client is in flight: neither a push, a request for a token nor a telling of an outcome. */
  get isAtRest(): boolean {
    return this.#native.isAtRest();
  }

  /**
   * Waits for pushes, requests for tokens and tellings of outcomes that are in flight: a push whose signal was aborted still
   * learns its answer. Does not wait for running waits and queries, which belong to their callers. The client goes on working.
   *
   * @param options `timeout`: milliseconds to wait at most. Default: 30,000.
   * @returns whether everything has finished.
   */
  async drain(options?: { timeout?: number | undefined }): Promise<boolean> {
    return await this.#drained(optionsOf('the options of drain()', options).timeout);
  }

  /**
   * Stops telling outcomes, drains the client as {@link Client.drain} does, and then ends it. Later calls throw
   * {@link CorrectSettingsError}; `unclaimed()`, `find()` and `drain()` still work. Calls that begin during the wait are still
   * made. Call this before `process.exit`; a program that runs out of work waits by itself.
   *
   * @param options `timeout`: milliseconds to wait at most. Default: 30,000. What is still in flight afterwards goes on.
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

  /** Waits until nothing is in flight. Returns whether that happened in time. */
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

/** The options of a wait of that many seconds; `null` for the client's own. */
function waitFor(timeout: number | null): string | null {
  return timeout === null ? null : JSON.stringify({ timeout });
}

/** The options of a callback, checked: `timeout` is in seconds. */
function callbackOptionsOf(options: CallbackOptions | undefined) {
  const { signal, timeout, confirm } = optionsOf('the options of a callback', options);
  return { signal, timeout: secondsOrNone('timeout', timeout), confirm: flagOf('confirm', confirm ?? false) };
}
