/**
 * Internals that the package's other entries use of the first one. They are another file, which a program that only pushes never
 * reads, and they see the same classes: the build takes this from `lipia.js`.
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
export { acceptedReply } from './values';
