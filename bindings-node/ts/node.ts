/**
 * Callbacks on a server of `node:http`.
 *
 * @packageDocumentation
 */

import type { ClientOrGetter } from './webhooks/engine';
import { type CallbacksListener, listenerFor } from './webhooks/http';
import type { CallbacksOptions } from './webhooks/options';

export type { ClientOrGetter } from './webhooks/engine';
export { type CallbacksListener, peerOf } from './webhooks/http';
export type { CallbacksOptions, FailedCallback } from './webhooks/options';

/**
 * A request listener for a client's callback URL, and everything below it.
 *
 * It keeps the callback in the ledger, answers the gateway, and lets `daraja.onOutcome` tell the outcome. For the checks
 * and the answers see "Webhooks" in the documentation. It never throws, and answers every request.
 *
 * @param client the client whose `callbackUrl` leads here, or a function that returns it, called with the first request.
 * @throws {CorrectInputError} an option is not valid.
 *
 * @example
 * const daraja = Daraja.fromEnv(); // MPESA_CALLBACK_URL=https://shop.example.co.ke/pay
 * daraja.onOutcome((payment) => console.log(payment.order, payment.outcome, payment.receipt));
 * const receive = callbacks(daraja);
 * createServer((request, response) => {
 *   if (request.url?.startsWith('/pay/')) return receive(request, response);
 *   response.writeHead(404).end();
 * }).listen(8080);
 */
export function callbacks(client: ClientOrGetter, options: CallbacksOptions = {}): CallbacksListener {
  return listenerFor(client, options);
}
