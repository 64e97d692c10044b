/** The native addon as this package sees it: plain data in and out, as JSON text. */

import { loadAddon } from './load-addon';

/** What an error crosses the border as. */
export interface ErrorData {
  kind: string;
  disposition: string;
  code: string;
  message: string;
  hint: string | null;
  /** Both with code as JavaScript writes it; missing where the error was saved. */
  spelled_message?: string;
  spelled_hint?: string | null;
  field: string | null;
  http_status: number | null;
  request_id: string | null;
  checkout_request_id: string | null;
  payment_id?: string | null;
  customer_message: { en: string; sw: string };
  retry_after_seconds: number | null;
  retryable: boolean;
  remedy: string;
  /** What lies beneath it, the nearest first. */
  causes: string[];
}

/** What became of a call: JSON of one of the two. */
export type Answer = { ok: unknown } | { error: ErrorData };

/** The error, as JSON text, of what has nothing else to return; or the thing itself. */
export type OrRefusal<T> = T | string;

/** The calls of one thread that are under way. */
export interface NativeCalls {
  /** The caller of this call leaves. A push goes on all the same. */
  cancel(call: number): void;
  /** The handler of a telling has ended: `trouble` says why it did not take the news. */
  heard(telling: number, trouble: string | null): void;
  /** From which level on this thread wants the log: 0 for nothing, 1 for errors, 4 for everything. */
  setLogLevel(level: number): void;
}

export interface NativePayment {
  readonly id: string;
  readonly gateway: string;
  snapshot(): string;
  begin(): string | null;
  notify(body: Uint8Array): string;
}

export interface NativeWatch {
  next(call: number): void;
}

/** A verb returns the error (as JSON text) of a call that cannot even begin, else `null`; its answer comes with the number. */
export interface NativeClient {
  withOptions(timeoutSeconds: number | null, wait: string | null): OrRefusal<NativeClient>;
  reserve(push: string): OrRefusal<NativePayment>;
  resume(payment: string): OrRefusal<NativePayment>;
  find(id: string): OrRefusal<NativePayment> | null;
  check(call: number, reachCallback: boolean): string | null;
  guardStanding(call: number, phoneNumber: string): string | null;
  isAtRest(): boolean;
  drain(call: number): void;
  push(call: number, payment: NativePayment, timeoutSeconds: number | null): string | null;
  ask(call: number, payment: NativePayment, timeoutSeconds: number | null): string | null;
  stkQuery(call: number, checkoutRequestId: string, timeoutSeconds: number | null): string | null;
  watch(payment: NativePayment, wait: string | null): OrRefusal<NativeWatch>;
  waitById(call: number, checkoutRequestId: string, wait: string | null): string | null;
  collectPayment(call: number, payment: NativePayment, wait: string | null): string | null;
  request(call: number, push: string, timeoutSeconds: number | null): string | null;
  collectOrder(call: number, push: string, wait: string | null): string | null;
  /** Tells what becomes of payments under this number. */
  onOutcome(handler: number): void;
  startTelling(): void;
  /** The handler of that number is not needed any more. */
  stopTelling(call: number, handler: number): string | null;
  paymentOfLedger(call: number, id: string): string | null;
  paymentsOfOrder(call: number, order: string): string | null;
  searchPayments(call: number, search: string, page: number | null, most: number): string | null;
  askPayment(call: number, id: string, timeoutSeconds: number | null): string | null;
  releaseOrder(call: number, order: string): string | null;
  /** With a receipt it was paid, without one it was not. */
  resolvePayment(call: number, id: string, receipt: string | null): string | null;
  paymentStory(call: number, id: string): string | null;
  retellPayment(call: number, id: string): string | null;
  /** Prunes, or only says what a prune would do. */
  prunePayments(call: number, ageSeconds: number, writes: boolean): string | null;
  importPayment(call: number, payment: string, order: string | null, tell: boolean): string | null;
  ledgerReport(call: number): string | null;
  reconcile(call: number): string | null;
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
}

/** Its methods throw plain errors: a sandbox is a test's, and what is wrong with it is a mistake there. */
export interface NativeSandbox {
  readonly baseUrl: string;
  readonly phoneUrl: string;
  readonly port: number;
  stop(): void;
  counters(): string;
  payments(): string;
  requests(): string;
  scriptPhone(phoneNumber: string, scenario: string): void;
  inject(fault: string): void;
  clearFaults(): void;
  act(id: string, ending: string): void;
  killTokens(): void;
  reset(): void;
}

export interface Addon {
  version(): string;
  openCalls(deliver: (results: string) => void): NativeCalls;
  openClient(calls: NativeCalls, settings: string, wait: string | null): OrRefusal<NativeClient>;
  startSandbox(port: number, timeScale: number, tokenLifetimeSeconds: number): NativeSandbox;
  sandboxKeys(gateway: string): string;
  sandboxBasePath(gateway: string): string;
  runCommandLine(args: string[]): number;
  readPayment(payment: string): string;
  paymentForCustomer(payment: string): string;
  parseCallbackText(gateway: string | null, body: string): string;
  parseCallbackBytes(gateway: string | null, body: Uint8Array): string;
  eventValue(gateway: string, body: Uint8Array, name: string): string;
  checkEvent(gateway: string, body: Uint8Array, expected: string): string;
  parsePhoneNumber(text: string): string;
  parseAmount(text: string, max: number | null, round: boolean): string;
  parseMoney(text: string, jsonNumber: boolean): string;
  parseAccountReference(text: string, limit: number | null, truncate: boolean): string;
  parseTransactionDesc(text: string, limit: number | null, truncate: boolean): string;
  wantsVariable(name: string): boolean;
  parseCallbackUrl(text: string, environment: string): string;
  password(shortCode: string, passKey: string, unixMilliseconds: number): string;
  customerMessage(kind: string, disposition: string, field: string | null): string;
  describe(code: string, outcome?: string): string;
  resultCodes(): string;
  acceptedReply(): string;
}

export const addon: Addon = loadAddon();
