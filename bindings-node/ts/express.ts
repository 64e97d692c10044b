/**
 * Callbacks in Express 4 and 5, and in frameworks built on Express.
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
 * A handler for the callbacks below a path: `app.use('/pay', callbacks(daraja))`.
 *
 * It may stand before or after `express.json()`, `express.raw()` or `express.text()`. Before is better, because a parsed body
 * cannot be checked for duplicate names. Addresses are checked by the connection and the settings
 * `sourceAddresses` and `trustedProxies` of the client; Express's `trust proxy` has no part in it.
 *
 * It keeps the callback in the ledger, answers the gateway, and lets `daraja.onOutcome` tell the outcome. For the checks
 * and the answers see "Webhooks" in the documentation. Its errors never reach Express's error handlers.
 *
 * @param client the client whose `callbackUrl` leads here, or a function that returns it, called with the first request.
 * @throws {CorrectInputError} an option is not valid.
 *
 * @example
 * const daraja = Daraja.fromEnv(); // MPESA_CALLBACK_URL=https://shop.example.co.ke/pay
 * daraja.onOutcome((payment) => console.log(payment.order, payment.outcome, payment.receipt));
 * app.use('/pay', callbacks(daraja));
 */
export function callbacks(client: ClientOrGetter, options: CallbacksOptions = {}): CallbacksListener {
  return listenerFor(client, options);
}
