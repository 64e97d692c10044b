/** The native addon, from its Rust sources. Made by `scripts/native-mirror.mjs`: do not edit. */

/** The error, as JSON text, of what has nothing else to return; or the thing itself. */
export type OrRefusal<T> = T | string;

export interface NativeCalls {
  /** The caller of this call leaves. A push goes on all the same. */
  cancel(call: number): void;
  /** The handler of a telling has ended: `trouble` says why it did not take the news. */
  heard(telling: number, trouble: string | null): void;
  /** The level from which on this thread's program wants the log: 0 for nothing, 1 for errors, 4 for everything. */
  setLogLevel(level: number): void;
  /** Spans and counts come to this thread from now on, or no longer. */
  observe(observes: boolean): void;
  /** The span within which the next calls begin, as this thread's observer names it. */
  callWithin(span: string | null): void;
  /** What has arrived, without waiting for a turn of the event loop. Results wait for theirs. */
  takeTelemetry(): string;
}

export interface NativeClient {
  withOptions(timeoutSeconds: number | null, wait: string | null): OrRefusal<NativeClient>;
  reserve(push: string): OrRefusal<NativePayment>;
  resume(payment: string): OrRefusal<NativePayment>;
  find(id: string): OrRefusal<NativePayment> | null;
  /** Whether pushes can be paid, line by line. */
  check(call: number, reachCallback: boolean): string | null;
  /** How close a phone and the account are to being refused. */
  guardStanding(call: number, phoneNumber: string): string | null;
  isAtRest(): boolean;
  drain(call: number): string | null;
  push(call: number, payment: NativePayment, timeoutSeconds: number | null): string | null;
  /** Asks about a payment now, and writes what is learnt into it. */
  ask(call: number, payment: NativePayment, timeoutSeconds: number | null): string | null;
  stkQuery(call: number, checkoutRequestId: string, timeoutSeconds: number | null): string | null;
  watch(payment: NativePayment, wait: string | null): OrRefusal<NativeWatch>;
  waitById(call: number, checkoutRequestId: string, wait: string | null): string | null;
  collectPayment(call: number, payment: NativePayment, wait: string | null): string | null;
  receiveCallback(
    call: number,
    path: string,
    body: Uint8Array,
    peer: string | null,
    forwardedFor: string[],
    hasStore: boolean,
    confirm: boolean,
    timeoutSeconds: number | null,
  ): string | null;
  believe(
    call: number,
    payment: NativePayment,
    body: Uint8Array,
    confirm: boolean,
    timeoutSeconds: number | null,
  ): string | null;
  request(call: number, push: string, timeoutSeconds: number | null): string | null;
  collectOrder(call: number, push: string, wait: string | null): string | null;
  /** Tells what becomes of payments to the thread's function, under this number. */
  onOutcome(handler: number): void;
  startTelling(): void;
  /**
   * Ends the background work, and waits for tellings that have begun. The handler of that number is not needed any
   * more.
   */
  stopTelling(call: number, handler: number): string | null;
  paymentOfLedger(call: number, id: string): string | null;
  paymentsOfOrder(call: number, order: string): string | null;
  searchPayments(call: number, search: string, page: number | null, most: number): string | null;
  paymentStory(call: number, id: string): string | null;
  askPayment(call: number, id: string, timeoutSeconds: number | null): string | null;
  releaseOrder(call: number, order: string): string | null;
  /** With a receipt it was paid, without one it was not. */
  resolvePayment(call: number, id: string, receipt: string | null): string | null;
  retellPayment(call: number, id: string): string | null;
  /** Prunes, or only says what a prune would do. */
  prunePayments(call: number, ageSeconds: number, writes: boolean): string | null;
  importPayment(call: number, payment: string, order: string | null, tell: boolean): string | null;
  ledgerReport(call: number): string | null;
  reconcile(call: number): string | null;
}

export interface NativePayment {
  readonly id: string;
  readonly gateway: string;
  snapshot(): string;
  /** Announces that the push is about to leave. */
  begin(): string | null;
  /** Hands in the body of a callback; what that did. */
  notify(body: Uint8Array): string;
}

export interface NativeSandbox {
  readonly baseUrl: string;
  readonly phoneUrl: string;
  readonly port: number;
  /** Stops it. A second time does nothing. */
  stop(): void;
  counters(): string;
  payments(): string;
  requests(): string;
  scriptPhone(phoneNumber: string, scenario: string): void;
  /** Something that goes wrong, described as JSON text. */
  inject(fault: string): void;
  clearFaults(): void;
  act(id: string, ending: string): void;
  killTokens(): void;
  reset(): void;
}

export interface NativeWatch {
  /** The next piece of news. After the last there is `null`. */
  next(call: number): void;
}

export interface Addon {
  /** Opens the calls of this thread; `deliver` is given what has arrived. */
  openCalls(deliver: (results: string) => void): NativeCalls;
  /** Makes a client, and starts nothing. */
  openClient(calls: NativeCalls, settings: string, wait: string | null): OrRefusal<NativeClient>;
  /** Runs the command line; the first argument is the command's own name. Returns its exit status. */
  runCommandLine(args: string[]): number;
  /** The level that the environment variable `LIPIA_LOG` asks for: 0 is off, 4 everything. */
  logLevelOfEnvironment(): number | null;
  /** The fields of a payment that was saved. */
  readPayment(payment: string): string;
  /** What a customer may be shown of a payment that was saved. */
  paymentForCustomer(payment: string): string;
  /** Starts a sandbox. Tokens live as many seconds of the clock's. */
  startSandbox(port: number, timeScale: number, tokenLifetimeSeconds: number): NativeSandbox;
  /** Keys that the sandbox accepts, by the names of the core's settings, as JSON text. */
  sandboxKeys(gateway: string): string;
  /** What a gateway's base URL has after the sandbox's own address. */
  sandboxBasePath(gateway: string): string;
  version(): string;
  /** Whether a client that is made from environment variables wants the one of this name. */
  wantsVariable(name: string): boolean;
  parsePhoneNumber(text: string): string;
  parseAmount(text: string, max: number | null, round: boolean): string;
  /** In cents. */
  parseMoney(text: string, jsonNumber: boolean): string;
  parseAccountReference(text: string, limit: number | null, truncate: boolean): string;
  parseTransactionDesc(text: string, limit: number | null, truncate: boolean): string;
  parseCallbackUrl(text: string, environment: string): string;
  /** The password of a Daraja push at an instant, and the timestamp that goes with it. */
  password(shortCode: string, passKey: string, unixMilliseconds: number): string;
  parseCallbackText(gateway: string | null, body: string): string;
  parseCallbackBytes(gateway: string | null, body: Uint8Array): string;
  eventValue(gateway: string, body: Uint8Array, name: string): string;
  /** How a callback compares with what was asked for: the four fields in their order, and whether it is a match. */
  checkEvent(gateway: string, body: Uint8Array, expected: string): string;
  /** The sentence for the payer of an error that the package makes itself. */
  customerMessage(kind: string, disposition: string, field: string | null): string;
  /**
   * The row of the table for a code, or where an outcome is given and the code is not known, the row of that outcome;
   * and whether the table knows the code.
   */
  describe(code: string, outcome: string | null): string;
  /** Every row of the table. */
  resultCodes(): string;
  acceptedReply(): string;
}
