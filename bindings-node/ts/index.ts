/**
 * M-Pesa STK Push done right: never prompt a customer twice for one sale, never lose a payment, never believe a forged
 * one.
 *
 * - clients: {@link Daraja}, {@link PalPluss}, {@link UpesiPay}, {@link PayHero}
 * - verbs: `request` with `onOutcome`, or `collect`; below them `stkPush`, `wait`, `ask`, `receiveCallback`. Most also come as
 *   `…Safe`, which returns the error instead of throwing it
 * - results: {@link Payment}, {@link Outcome}, {@link Event}, {@link Status}, {@link describe}
 * - errors: {@link LipiaError} and its subclasses, one for each thing to do next
 * - helpers with the names of pesafy and PesaKit: {@link isStkCallbackSuccess}, {@link getCallbackValue}, {@link getStkMetadata}
 * - on your server: `lipia/express`, `lipia/fastify`, `lipia/fetch`, `lipia/node`; in your tests: `lipia/sandbox`
 *
 * @packageDocumentation
 */

export { Acceptance } from './acceptance';
export type { CallbackBody } from './arguments';
export type { CallOptions } from './calls';
export type { CheckLine, CheckOptions, Checkup } from './checkup';
export { type CallbackOptions, Client, type IncomingCallback } from './client';
export {
  AbortedError,
  ChangeRequestError,
  CorrectInputError,
  CorrectSettingsError,
  DisbelieveError,
  FindOutError,
  HoldBackError,
  LipiaError,
  type LipiaErrorFields,
  LookAtPaymentError,
  type Result,
  type ShownError,
  TryAgainError,
} from './errors';
export { Event, EventCheck, type Expected, type ReceivedCallback } from './event';
export {
  getCallbackValue,
  getStkMetadata,
  isStkCallbackSuccess,
  STK_PUSH_LIMITS,
  STK_RESULT_CODES,
  type StkCallback,
  type StkCallbackInner,
  type StkMetadata,
  type StkPushCallback,
} from './field-helpers';
export { Daraja, PalPluss, PayHero, UpesiPay } from './gateways';
export type { GuardCount, GuardStanding } from './guard';
export { type Logger, setLogger } from './log';
export type { OutcomeHandler } from './outcomes';
export type {
  CommonSettings,
  DarajaPush,
  DarajaSettings,
  PalPlussPush,
  PalPlussSettings,
  PayHeroPush,
  PayHeroSettings,
  StkPush,
  UpesiPayPush,
  UpesiPaySettings,
} from './parameters';
export { type CustomerView, type Flag, Payment, type Push } from './payment';
export { PaymentHandle } from './payment-handle';
export {
  type Imported,
  type ImportOptions,
  type KeptCallback,
  type LedgerReport,
  type PaymentPage,
  type PaymentSearch,
  type PaymentStory,
  Payments,
  type Pruned,
  type PruneOptions,
  type Reconciled,
  type Resolution,
} from './payments';
export { describe, isKnownStkResultCode, type ResultCode, resultCodes } from './result-codes';
export type { Environ, TransactionType, WaitOptions } from './settings';
export { Status } from './status';
export { flushObserver, type Observer, setObserver, type TelemetryCount, type TelemetrySpan } from './telemetry';
export {
  acceptedReply,
  type CheckedText,
  type PhoneNumber,
  parseAccountReference,
  parseAmount,
  parseCallback,
  parseCallbackUrl,
  parseMoney,
  parsePhoneNumber,
  parseTransactionDesc,
  password,
  type Remark,
  type TextOptions,
} from './values';
export { PaymentWait, type Progress } from './wait';
export * from './words';
