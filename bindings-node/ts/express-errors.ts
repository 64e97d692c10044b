/** The error handler for Express, which answers a request where a call of Lipia failed. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerOf } from './error-answer';
import { LipiaError } from './internals';

/** An error middleware of Express, which has four parameters. */
export type ErrorMiddleware = (
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * An error middleware that answers a {@link LipiaError} with a status and a sentence for the customer. Other errors go on
 * to the next handler. Use it after the routes, in Express 4 and 5.
 *
 * 400: the customer's input is not valid, such as a mistyped number. 409: the phone may have been prompted, so do not send
 * the request again. 503: no phone was prompted, try later. 502 and 500: the gateway refused, or the settings are wrong.
 * All but 400 go to the log in full: the logger of `setLogger`, else stderr.
 *
 * Express 4 does not notice an async handler that fails: see {@link caught}.
 *
 * @example
 * app.post('/orders/:id', express.json(), caught(async (request, response) => {
 *   await daraja.stkPush({ phoneNumber: request.body.phone, amount: 150, accountReference: request.params.id });
 *   response.status(202).json({ message: 'Look at your phone.' });
 * }));
 * app.use(errors());
 */
export function errors(): ErrorMiddleware {
  // Express tells it from other middleware by its four parameters.
  return (error, _request, response, next) => {
    if (!(error instanceof LipiaError) || response.headersSent) {
      next(error);
      return;
    }
    const { status, headers, text } = answerOf(error);
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) });
    response.end(text);
  };
}

/**
 * An async handler whose failure reaches {@link errors} and Express's own handlers. Express 5 does that by itself;
 * Express 4 does not, and Node ends a process with a rejection that nobody handles.
 *
 * @example
 * app.post('/orders/:id', caught(async (request, response) => { … }));
 */
export function caught<Handler extends (request: never, response: never, next: never) => unknown>(
  handler: Handler,
): Handler {
  const calls = handler as unknown as (request: unknown, response: unknown, next: (error?: unknown) => void) => unknown;
  const caughtHandler = (request: unknown, response: unknown, next: (error?: unknown) => void) => {
    // In a promise: what the handler throws before its first `await` is heard too.
    new Promise((resolve) => resolve(calls(request, response, next))).catch(next);
  };
  return caughtHandler as unknown as Handler;
}
