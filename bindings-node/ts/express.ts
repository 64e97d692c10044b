/**
 * Callbacks in Express 4 and 5, and whatever is built on it.
 *
 * @packageDocumentation
 */

import type { ClientOrGetter } from './webhooks/engine';
import { type CallbacksListener, listenerFor } from './webhooks/http';
import type { CallbacksOptions } from './webhooks/options';

export { caught, type ErrorMiddleware, errors } from './express-errors';
export type { ClientOrGetter } from './webhooks/engine';
export type { CallbacksListener } from './webhooks/http';
export type { CallbacksOptions, FailedCallback } from './webhooks/options';

/**
 * What takes in the callbacks below a path: `app.use('/pay', callbacks(daraja))`.
 *
 * It may stand before or after `express.json()`, `express.raw()` or `express.text()`. Before is better: what a parser has
 * taken apart cannot be checked for names that stand twice. Addresses are checked by the connection and the settings
 * `sourceAddresses` and `trustedProxies` of the client; Express's `trust proxy` has no part in it.
 *
 * The callback is kept in the ledger, the gateway is answered, and `daraja.onOutcome` is told. What is checked and what is
 * answered: see "Webhooks" in the documentation. Nothing of it reaches Express's error handlers.
 *
 * @param client whose `callbackUrl` leads here; or a function that returns it, called when the first request comes.
 * @throws {CorrectInputError} where an option is not valid.
 *
 * @example
 * const daraja = Daraja.fromEnv(); // MPESA_CALLBACK_URL=https://shop.example.co.ke/pay
 * daraja.onOutcome((payment) => console.log(payment.order, payment.outcome, payment.receipt));
 * app.use('/pay', callbacks(daraja));
 */
export function callbacks(client: ClientOrGetter, options: CallbacksOptions = {}): CallbacksListener {
  return listenerFor(client, options);
}
