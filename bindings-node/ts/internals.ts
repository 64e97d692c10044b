/**
 * Internals that the package's other entries take from the main one. They are a file of their own, which a program that only
 * pushes never reads. The build takes them from `lipia.js`, so that all entries have the same classes.
 */

export { bytesOf, flagOf, functionOf, optionsOf, partsOf, refusedType, secondsOf, textOf } from './arguments';
export { Client } from './client';
export {
  AbortedError,
  ChangeRequestError,
  CorrectInputError,
  CorrectSettingsError,
  DisbelieveError,
  FindOutError,
  HoldBackError,
  LipiaError,
  LookAtPaymentError,
  TryAgainError,
} from './errors';
export { Daraja, PalPluss, PayHero, UpesiPay } from './gateways';
export { tellFailure, tellOnStderr, warn } from './log';
export { nameInApi } from './names';
export { addon } from './native';
export { flushObserver, type Observer, setObserver, type TelemetrySpan } from './telemetry';
export { acceptedReply } from './values';
