/**
 * Callbacks in servers that are a function from `Request` to `Response`: Next, Hono, Bun, Deno.
 *
 * @packageDocumentation
 */

import { answerOf } from './error-answer';
import { functionOf, LipiaError } from './internals';
import {
  type AnswerStatus,
  type ClientOrGetter,
  Engine,
  headersOfAnswer,
  MAX_BODY_BYTES,
  textOfAnswer,
} from './webhooks/engine';
import { type CallbacksOptions, checkedOptions } from './webhooks/options';

export type { ClientOrGetter } from './webhooks/engine';
export { peerOf } from './webhooks/http';
export type { CallbacksOptions, FailedCallback } from './webhooks/options';

/** The options of a callback handler, with the sender's address, which only the server's host knows. */
export interface FetchCallbacksOptions<Context extends unknown[] = unknown[]> extends CallbacksOptions {
  /**
   * Returns the address of the other end of the connection, which a `Request` does not have. Needed only where the client has
   * `sourceAddresses`. `context` is what the host passes besides the request.
   */
  peer?: ((request: Request, ...context: Context) => string | null | undefined) | undefined;
}

/**
 * A fetch handler for a client's callback URL, and everything below it.
 *
 * It keeps the callback in the ledger, answers the gateway, and lets `daraja.onOutcome` tell the outcome. For the checks
 * and the answers see "Webhooks" in the documentation. Its promise never rejects.
 *
 * @param client the client whose `callbackUrl` leads here, or a function that returns it, called with the first request. With a
 * function a build does not need credentials.
 * @throws {CorrectInputError} an option is not valid.
 *
 * @example
 * // Next: app/pay/[token]/route.ts
 * export const POST = callbacks(() => daraja());
 *
 * @example
 * // Hono
 * const receive = callbacks(daraja, { peer: (_request, c: Context) => getConnInfo(c).remote.address });
 * app.all('/pay/*', (c) => receive(c.req.raw, c));
 *
 * @example
 * // Bun, and Deno
 * Bun.serve({ fetch: callbacks(daraja, { peer: (request, server) => server.requestIP(request)?.address }) });
 * Deno.serve(callbacks(daraja, { peer: (_request, info) => info.remoteAddr.hostname }));
 */
export function callbacks<Context extends unknown[] = unknown[]>(
  client: ClientOrGetter,
  options: FetchCallbacksOptions<Context> = {},
): (request: Request, ...context: Context) => Promise<Response> {
  const engine = new Engine(client, checkedOptions(options, 'callbacks of lipia/fetch'));
  const peer = options.peer && functionOf('peer', options.peer);

  async function answerTo(request: Request, context: Context): Promise<AnswerStatus> {
    if (request.method !== 'POST') return 405;
    const body = await bodyOf(request);
    if (typeof body === 'string') return body === 'too_long' ? 413 : 400;
    return engine.answer({
      path: request.url,
      body,
      peer: peer?.(request, ...context),
      forwardedFor: request.headers.get('x-forwarded-for') ?? undefined,
    });
  }

  return async (request, ...context) => {
    let status: AnswerStatus;
    try {
      status = await answerTo(request, context);
    } catch (error) {
      status = engine.failed(error, 'request');
    }
    const text = request.method === 'HEAD' ? null : textOfAnswer(status);
    return new Response(text, { status, headers: headersOfAnswer(status) });
  };
}

/**
 * The response to a request that failed with a {@link LipiaError}: a status and a sentence for the customer, as `errors()` of
 * `lipia/express` sends. Any other error is thrown again.
 *
 * @example
 * try {
 *   const payment = await daraja.request({ order: id, phoneNumber: phone, amount: 150, accountReference: id });
 *   return Response.json(payment.forCustomer(), { status: 202 });
 * } catch (error) {
 *   return errorResponse(error);
 * }
 */
export function errorResponse(error: unknown): Response {
  if (!(error instanceof LipiaError)) throw error;
  const { status, headers, text } = answerOf(error);
  return new Response(text, { status, headers });
}

async function bodyOf(request: Request): Promise<Uint8Array | 'too_long' | 'gone'> {
  if (request.bodyUsed) {
    throw new Error('The body was read before Lipia got the request: hand the request over first, or a clone() of it.');
  }
  const reader = request.body?.getReader();
  if (reader === undefined) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return Buffer.concat(chunks);
      length += value.length;
      if (length > MAX_BODY_BYTES) {
        // Nobody waits for what the sender makes of that.
        reader.cancel().catch(() => {});
        return 'too_long';
      }
      chunks.push(value);
    }
  } catch {
    // The sender is gone.
    return 'gone';
  }
}
