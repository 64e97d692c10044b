/** The errors: one class for each thing that the developer can do next. */

import { coreNameOf, inApiNames, nameInApi, PARTS } from './names';
import { addon, type ErrorData } from './native';
import type { PaymentHandle } from './payment-handle';
import type { Disposition, ErrorKind } from './words';

/** The fields of an error, besides its message. */
export interface LipiaErrorFields {
  kind: ErrorKind;
  disposition: Disposition;
  code: string;
  hint?: string | null;
  field?: string | null;
  httpStatus?: number | null;
  requestId?: string | null;
  checkoutRequestId?: string | null;
  paymentId?: string | null;
  retryAfterSeconds?: number | null;
  retryable?: boolean;
  customerMessage?: CustomerMessage;
  cause?: unknown;
}

/** A sentence for the payer, in English and in Swahili. */
export interface CustomerMessage {
  readonly en: string;
  readonly sw: string;
}

/** The error as a browser may see it: the result of {@link LipiaError.toJSON}. */
export interface ShownError {
  /** {@link LipiaError.code}, where it is a plain word or number; else {@link LipiaError.kind}. */
  readonly code: string;
  /** The part of a push that the customer can correct: `phoneNumber`, `amount` … */
  readonly field: string | null;
  /** {@link LipiaError.disposition}. */
  readonly disposition: Disposition;
  /** {@link LipiaError.retryable}. */
  readonly retryable: boolean;
  /** {@link LipiaError.retryAfterSeconds}. */
  readonly retryAfterSeconds: number | null;
  /** A sentence for the customer, in English. */
  readonly customerMessageEn: string;
  /** A sentence for the customer, in Swahili. */
  readonly customerMessageSw: string;
}

/**
 * A failed call: it could not be made, or its answer was not understood.
 *
 * A customer who cancels is an outcome, not an error. The subclass says what to do next, `kind` and `code` say what happened,
 * and `disposition` says what that means for the customer's money. No error holds a secret. `res.json(error)` sends a browser
 * a sentence for the customer; `error.toLog()` has all fields for a log.
 *
 * @example
 * try {
 *   await daraja.stkPush({ phoneNumber: '0712345678', amount: 150, accountReference: 'INV-001' });
 * } catch (error) {
 *   if (error instanceof FindOutError) await lookInto(error.payment); // a phone may have been prompted: never push again
 *   else if (error instanceof TryAgainError) retryIn(error.retryAfterSeconds ?? 5); // nothing was prompted
 *   else throw error;
 * }
 */
export class LipiaError extends Error {
  /** The kind of trouble. */
  readonly kind: ErrorKind;
  /** What the error says about the customer's money. `not_sent`, `rejected`: no phone was prompted. `unknown`: one may have been. */
  readonly disposition: Disposition;
  /** The gateway's own code (`500.001.1001`) where there is one, else one of Lipia's words (`phone_too_short`). */
  readonly code: string;
  /** What to do next, in words. */
  readonly hint: string | null;
  /** The argument or setting that is at fault, by its name in the API. */
  readonly field: string | null;
  /** The HTTP status of the gateway's answer, where there was one. */
  readonly httpStatus: number | null;
  /** The gateway's id for the request, which its support desk asks for. */
  readonly requestId: string | null;
  /** The prompt's id, where the error concerns a prompt. It embeds the payer's phone number, so it is not printed. */
  declare readonly checkoutRequestId: string | null;
  /** The id of the payment that the error concerns, where it concerns one. */
  readonly paymentId: string | null;
  /** The seconds to wait before trying again, where that is known. */
  readonly retryAfterSeconds: number | null;
  /** Whether it is *safe to send again*: no phone was prompted, and time alone may mend the trouble. Never "try your luck". */
  readonly retryable: boolean;
  #customerMessage: CustomerMessage | undefined;

  constructor(message: string, fields: LipiaErrorFields) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.kind = fields.kind;
    this.disposition = fields.disposition;
    this.code = fields.code;
    this.hint = fields.hint ?? null;
    this.field = fields.field ?? null;
    this.httpStatus = fields.httpStatus ?? null;
    this.requestId = fields.requestId ?? null;
    Object.defineProperty(this, 'checkoutRequestId', { value: fields.checkoutRequestId ?? null });
    this.retryAfterSeconds = fields.retryAfterSeconds ?? null;
    this.retryable = fields.retryable ?? false;
    this.paymentId = fields.paymentId ?? null;
    this.#customerMessage = fields.customerMessage;
  }

  /**
   * The live payment that the error concerns; `null` where there is none, or where another process holds it. Reading this
   * claims the payment: `unclaimed()` does not hand it out any more.
   */
  get payment(): PaymentHandle | null {
    return OF_PAYMENT.get(this)?.() ?? null;
  }

  /** A sentence for the customer, in English. It has nothing of what the gateway said. */
  get customerMessageEn(): string {
    return this.#forCustomer().en;
  }

  /** A sentence for the customer, in Swahili. */
  get customerMessageSw(): string {
    return this.#forCustomer().sw;
  }

  #forCustomer(): CustomerMessage {
    this.#customerMessage ??= customerMessageOf(this);
    return this.#customerMessage;
  }

  /** Whether an argument was refused before anything was sent. */
  get isValidation(): boolean {
    return this.kind === 'invalid_input';
  }

  /**
   * The error as a browser may see it, which `res.json(error)` and `JSON.stringify(error)` send: a sentence for the customer,
   * and nothing of what the gateway said, neither an id, an address nor a number. For a log use {@link LipiaError.toLog}.
   */
  toJSON(): ShownError {
    return {
      code: PLAIN_CODE.test(this.code) && this.code.length <= 40 ? this.code : this.kind,
      field: this.isValidation && this.field !== null && Object.hasOwn(PARTS.push, this.field) ? this.field : null,
      disposition: this.disposition,
      retryable: this.retryable,
      retryAfterSeconds: this.retryAfterSeconds,
      customerMessageEn: this.customerMessageEn,
      customerMessageSw: this.customerMessageSw,
    };
  }

  /** The fields as plain data for a log, without the stack and the prompt's id. Not for a browser. */
  toLog(): Record<string, unknown> {
    return {
      name: this.name,
      message: this.message,
      kind: this.kind,
      disposition: this.disposition,
      code: this.code,
      hint: this.hint,
      field: this.field,
      httpStatus: this.httpStatus,
      requestId: this.requestId,
      paymentId: this.paymentId,
      retryAfterSeconds: this.retryAfterSeconds,
      retryable: this.retryable,
    };
  }
}

/** The getters of the payments that errors concern. */
const OF_PAYMENT = new WeakMap<LipiaError, () => PaymentHandle>();

/** Notes which payment an error concerns. @internal */
export function concern(error: unknown, payment: PaymentHandle, claim: () => void = () => {}): void {
  if (!(error instanceof LipiaError)) return;
  (error as { paymentId: string | null }).paymentId ??= payment.id;
  OF_PAYMENT.set(error, () => {
    claim();
    return payment;
  });
}

/** A code that is a word of Lipia's or the gateway's, or a number as M-Pesa writes them. Others may be anything. */
const PLAIN_CODE = /^(?:[a-z]+(?:_[a-z0-9]+)*|[A-Z]+(?:_[A-Z0-9]+)*|\d{1,4}(?:\.\d{1,4}){0,5})$/;

/** The sentence for an error that was made here. */
function customerMessageOf(error: LipiaError): CustomerMessage {
  // What was aborted may be a question about a prompt.
  const disposition = error.kind === 'aborted' ? 'unknown' : error.disposition;
  const kind = error.kind === 'aborted' ? 'no_answer' : error.kind;
  return JSON.parse(addon.customerMessage(kind, disposition, coreNameOf(error.field))) as CustomerMessage;
}

/** Correct the argument that `field` names. Nothing was sent. */
export class CorrectInputError extends LipiaError {}

/** Correct the settings or credentials: one is missing or not valid, or the gateway does not accept them. */
export class CorrectSettingsError extends LipiaError {}

/** Look at the payment, and do not push it again: the call does not fit its state. */
export class LookAtPaymentError extends LipiaError {}

/** Find out what happened: a phone may have been prompted. Wait for the callback or query, and do not send again. */
export class FindOutError extends LipiaError {}

/** Try again, after `retryAfterSeconds` where that is known: no phone was prompted, and sending again is safe. */
export class TryAgainError extends LipiaError {}

/** Send nothing for a while: the gateway, or Lipia's guard ahead of it, refuses all pushes of the account or phone. */
export class HoldBackError extends LipiaError {}

/** Change the request: the gateway refused it, and would refuse it again unchanged. */
export class ChangeRequestError extends LipiaError {}

/** Believe nothing of this request: it is not a callback, or not one that can be trusted. */
export class DisbelieveError extends LipiaError {}

/**
 * An aborted call: its signal was aborted before the call had ended. `name` is `AbortError`, as everywhere in JavaScript, and
 * `cause` is the signal's reason.
 *
 * Where `disposition` is `not_sent`, the call had not begun. Where it is `unknown`, a push was in flight: the push goes on,
 * and `error.payment` is its payment.
 */
export class AbortedError extends LipiaError {
  /** @internal */
  static of(signal: AbortSignal, disposition: Disposition): AbortedError {
    const begun = disposition === 'unknown';
    return new this(
      begun
        ? 'The call was aborted while it was under way.'
        : 'The call was aborted before it began; nothing was sent.',
      {
        kind: 'aborted',
        disposition,
        code: 'aborted',
        hint: begun
          ? 'What had left goes on. After a push, error.payment has the payment, and unclaimed() where nobody took it from there: wait for it, and do not push again.'
          : null,
        retryable: false,
        cause: signal.reason,
      },
    );
  }
}

const CLASS_OF_REMEDY = {
  correct_input: CorrectInputError,
  correct_settings: CorrectSettingsError,
  look_at_payment: LookAtPaymentError,
  find_out: FindOutError,
  try_again: TryAgainError,
  hold_back: HoldBackError,
  change_request: ChangeRequestError,
  disbelieve: DisbelieveError,
} as const;

/** The subclasses of {@link LipiaError}, by the core's word for what to do next. @internal */
export const REMEDIES: Readonly<Record<string, typeof LipiaError>> = CLASS_OF_REMEDY;

// A bundler may rename a class, and programs look at `name`, as with JavaScript's own errors.
const NAMED = {
  LipiaError,
  CorrectInputError,
  CorrectSettingsError,
  LookAtPaymentError,
  FindOutError,
  TryAgainError,
  HoldBackError,
  ChangeRequestError,
  DisbelieveError,
  AbortError: AbortedError,
};
for (const [name, errorClass] of Object.entries(NAMED)) {
  Object.defineProperty(errorClass.prototype, 'name', { value: name, configurable: true, writable: true });
}

/** Makes the error for the native addon's data. @internal */
export function errorOf(data: ErrorData): LipiaError {
  const errorClass = REMEDIES[data.remedy] ?? LipiaError;
  const hint = data.spelled_hint ?? data.hint;
  return new errorClass(inApiNames(data.spelled_message ?? data.message), {
    kind: data.kind as ErrorKind,
    disposition: data.disposition as Disposition,
    code: data.code,
    hint: hint === null ? null : inApiNames(hint),
    field: data.field === null ? null : nameInApi(data.field),
    httpStatus: data.http_status,
    requestId: data.request_id,
    paymentId: data.payment_id ?? null,
    customerMessage: data.customer_message,
    checkoutRequestId: data.checkout_request_id,
    retryAfterSeconds: data.retry_after_seconds,
    retryable: data.retryable,
    cause: causeOf(data.causes),
  });
}

/** The underlying errors, each as the cause of the one before. */
function causeOf(causes: string[]): Error | undefined {
  return causes.reduceRight<Error | undefined>(
    (beneath, text) => new Error(text, beneath && { cause: beneath }),
    undefined,
  );
}

/** Makes the error for a JSON text of the native addon. @internal */
export function refusalOf(json: string): LipiaError {
  return errorOf(JSON.parse(json) as ErrorData);
}

/** Makes the error for an argument that cannot be handed to the native addon. @internal */
export function refusedInput(field: string, code: string, message: string, hint: string): CorrectInputError {
  return new CorrectInputError(message, { kind: 'invalid_input', disposition: 'not_sent', code, hint, field });
}

/** The result of a `…Safe` call: the data, or the error that the call would throw. */
export type Result<T> = { ok: true; data: T } | { ok: false; error: LipiaError };

/** Makes a result of a promise. Any other error than a {@link LipiaError} is a bug in a program, and is thrown. @internal */
export async function safely<T>(verb: PromiseLike<T>): Promise<Result<T>> {
  try {
    return { ok: true, data: await verb };
  } catch (error) {
    return failed(error);
  }
}

/** Makes the error for a call of a client that has ended. @internal */
export function clientClosed(): CorrectSettingsError {
  return new CorrectSettingsError('This client was closed.', {
    kind: 'configuration',
    disposition: 'not_sent',
    code: 'client_closed',
    hint: 'Make another; payments that were saved can be resumed with it.',
  });
}

/** Makes a result of a function that returns at once. @internal */
export function safelyNow<T>(verb: () => T): Result<T> {
  try {
    return { ok: true, data: verb() };
  } catch (error) {
    return failed(error);
  }
}

function failed(error: unknown): { ok: false; error: LipiaError } {
  if (error instanceof LipiaError) return { ok: false, error };
  throw error;
}
