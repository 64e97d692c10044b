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
export type { PaymentStore } from './webhooks/store';

/**
 * What answers the requests to a client's callback URL, and everything below it.
 *
 * The payment is saved, the gateway is answered, and then `onOutcome` is told, once for all duplicates. What is checked
 * and what is answered: see "Webhooks" in the documentation. It never throws, and leaves no request without an answer.
 *
 * @param client whose `callbackUrl` leads here; or a function that returns it, called when the first request comes.
 * @throws {CorrectInputError} where an option is not valid.
 *
 * @example
 * const daraja = Daraja.fromEnv(); // MPESA_CALLBACK_URL=https://shop.example.co.ke/pay
 * const receive = callbacks(daraja, {
 *   onOutcome: (payment) => console.log(payment.push.accountReference, payment.outcome, payment.receipt),
 * });
 * createServer((request, response) => {
 *   if (request.url?.startsWith('/pay/')) return receive(request, response);
 *   response.writeHead(404).end();
 * }).listen(8080);
 */
export function callbacks(client: ClientOrGetter, options: CallbacksOptions = {}): CallbacksListener {
  return listenerFor(client, options);
}
