/**
 * Callbacks in Fastify 4 and 5.
 *
 * @packageDocumentation
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerOf } from './error-answer';
import { LipiaError } from './internals';
import type { ClientOrGetter } from './webhooks/engine';
import { serverFor } from './webhooks/http';
import type { CallbacksOptions } from './webhooks/options';

export type { ClientOrGetter } from './webhooks/engine';
export type { CallbacksOptions, FailedCallback } from './webhooks/options';

/** The part of a Fastify instance that the plugin uses. */
interface Scope {
  removeAllContentTypeParsers(): unknown;
  addContentTypeParser(type: string, parser: (request: unknown, payload: unknown, done: Done) => void): unknown;
  all(path: string, handler: (request: { raw: IncomingMessage }, reply: Reply) => unknown): unknown;
}

interface Reply {
  readonly raw: ServerResponse;
  hijack(): unknown;
}

type Done = (error?: Error | null) => void;

/** A plugin for `app.register`. */
export type CallbacksPlugin = (instance: object, options: unknown, done: (error?: Error) => void) => void;

/**
 * A plugin for the callbacks below its prefix: `app.register(callbacks(daraja), { prefix: '/pay' })`.
 *
 * It keeps the callback in the ledger, answers the gateway, and lets `daraja.onOutcome` tell the outcome. Its requests do not
 * reach the app's parsers, reply hooks or error handlers.
 *
 * @param client the client whose `callbackUrl` leads here, or a function that returns it, called with the first request.
 * @throws {CorrectInputError} an option is not valid.
 *
 * @example
 * const daraja = Daraja.fromEnv(); // MPESA_CALLBACK_URL=https://shop.example.co.ke/pay
 * app.register(callbacks(daraja), { prefix: '/pay' });
 */
export function callbacks(client: ClientOrGetter, options: CallbacksOptions = {}): CallbacksPlugin {
  const serve = serverFor(client, options);
  return (instance, _options, done) => {
    const scope = instance as Scope;
    // The body is read as it came, and by Lipia alone.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null));
    const handler = (request: { raw: IncomingMessage }, reply: Reply) => {
      reply.hijack();
      void serve(request.raw, reply.raw);
    };
    scope.all('/', handler);
    scope.all('/*', handler);
    done();
  };
}

/** An error handler for `app.setErrorHandler`. */
export type ErrorHandler = (error: unknown, request: unknown, reply: ErrorReply) => void;

/** The part of a reply that the error handler uses. */
export interface ErrorReply {
  code(status: number): unknown;
  headers(headers: Record<string, string>): unknown;
  send(payload: unknown): unknown;
}

/**
 * An error handler that answers a {@link LipiaError} with a status and a sentence for the customer, as `errors()` of
 * `lipia/express` does. Other errors go to Fastify's own handler.
 *
 * @example
 * app.setErrorHandler(errors());
 */
export function errors(): ErrorHandler {
  return (error, _request, reply) => {
    // What is thrown here meets Fastify's own handler.
    if (!(error instanceof LipiaError)) throw error;
    const { status, headers, text } = answerOf(error);
    reply.code(status);
    reply.headers(headers);
    reply.send(text);
  };
}
