/** Requests and responses of `node:http`, which Express has too. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { bytesOf } from '../internals';
import {
  type AnswerStatus,
  type ClientOrGetter,
  Engine,
  headersOfAnswer,
  MAX_BODY_BYTES,
  textOfAnswer,
} from './engine';
import { type CallbacksOptions, checkedOptions } from './options';

/** A listener for requests, which never throws. */
export type CallbacksListener = (request: IncomingMessage, response: ServerResponse) => void;

/** A request, with what frameworks add to it. @internal */
export type ServerRequest = IncomingMessage & {
  /** All of the path, where a framework has cut off where it is mounted. */
  originalUrl?: string;
  /** The body, where something has read it before. */
  body?: unknown;
  /** The body as it came, which some hosts keep beside the parsed one. */
  rawBody?: unknown;
};

/** How much of a body that is too long is read and thrown away, so that its sender hears the answer. */
const MAX_DISCARDED_BYTES = 1024 * 1024;

/** The listener for the callback URL of a client. @internal */
export function listenerFor(client: ClientOrGetter, options: CallbacksOptions): CallbacksListener {
  const serve = serverFor(client, options);
  return (request, response) => {
    void serve(request, response);
  };
}

/** The listener for the callback URL of a client, with a promise that resolves once the answer is sent. @internal */
export function serverFor(
  client: ClientOrGetter,
  options: CallbacksOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const engine = new Engine(client, checkedOptions(options));
  return (request, response) => serve(engine, request, response);
}

/** Answers a request. It never throws, and never leaves a request without an answer. */
async function serve(engine: Engine, request: ServerRequest, response: ServerResponse): Promise<void> {
  // A socket that is closed meanwhile does not tell any more.
  const peer = peerOf(request);
  let status: AnswerStatus;
  try {
    const body = request.method === 'POST' ? await bodyOf(request) : 'not_posted';
    if (body === 'gone') return;
    status =
      typeof body === 'string'
        ? STATUS_WITHOUT_BODY[body]
        : await engine.answer({
            path: request.originalUrl ?? request.url ?? '',
            body,
            peer,
            forwardedFor: request.headers['x-forwarded-for'],
          });
  } catch (error) {
    status = engine.failed(error, 'request');
  }
  try {
    await send(request, response, status);
  } catch (error) {
    // Something before us has made the response one that cannot be written. It is not left open.
    engine.failed(error, 'request');
    response.destroy();
  }
}

/** A socket of Node's, with what it is known by where it has no address. */
interface ServerSocket {
  readonly remoteAddress?: string | undefined;
  readonly server?: { address?(): unknown } | undefined;
  readonly _handle?: { readonly constructor?: { readonly name?: string } } | null | undefined;
}

/**
 * The address of the other end of a `node:http` request's connection, or `unix` for a Unix socket; `undefined` where it is not
 * known any more. Use it for `peer` of `receiveCallback` and of `lipia/fetch`.
 *
 * @example
 * // Hono on Node
 * const receive = callbacks(daraja, { peer: (_request, c) => peerOf(c.env.incoming) });
 */
export function peerOf(request: { readonly socket?: unknown }): string | undefined {
  const socket = request.socket as ServerSocket | null | undefined;
  if (socket === undefined || socket === null) return undefined;
  const { remoteAddress } = socket;
  if (remoteAddress !== undefined) return remoteAddress;
  // A TCP connection that was reset has no address either, and its header must count for nothing: so this asks what it
  // is, and not what it lacks.
  const isUnix = typeof socket.server?.address?.() === 'string' || socket._handle?.constructor?.name === 'Pipe';
  return isUnix ? 'unix' : undefined;
}

/** What is answered where there is no body to take in. */
const STATUS_WITHOUT_BODY = { not_posted: 405, too_long: 413, no_body: 400 } as const;

type NoBody = 'too_long' | 'no_body' | 'gone';

/** The body, from wherever it is. */
async function bodyOf(request: ServerRequest): Promise<Uint8Array | NoBody> {
  const { rawBody, body } = request;
  if (rawBody instanceof Uint8Array) return withinLimit(rawBody);
  if (isUnread(request)) return read(request);
  if (body === undefined) {
    if (!request.readableDidRead) return request.complete ? 'no_body' : 'gone';
    throw new Error(
      'The body was read before Lipia got the request, and request.body does not have it: mount callbacks() before ' +
        'what reads it.',
    );
  }
  // A parser that takes more than objects makes these.
  const isPlain = body === null || typeof body === 'number' || typeof body === 'boolean';
  return withinLimit(bytesOf(isPlain ? JSON.stringify(body) : body));
}

/** A parser that did not like the type of the body may have set `request.body` and read nothing. */
function isUnread(request: ServerRequest): boolean {
  return !(request.readableDidRead ?? request.body !== undefined) && !request.readableEnded && !request.destroyed;
}

function withinLimit(body: Uint8Array): Uint8Array | NoBody {
  return body.length > MAX_BODY_BYTES ? 'too_long' : body;
}

function read(request: ServerRequest): Promise<Uint8Array | NoBody> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const take = (chunk: Uint8Array | string) => {
      length += chunk.length;
      if (length <= MAX_BODY_BYTES) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
      else chunks.length = 0;
      if (length > MAX_DISCARDED_BYTES) done('too_long');
    };
    const end = () => done(length > MAX_BODY_BYTES ? 'too_long' : withinLimit(Buffer.concat(chunks)));
    const leave = () => done('gone');
    const done = (body: Uint8Array | NoBody) => {
      request.off('data', take).off('end', end).off('close', leave);
      resolve(body);
    };
    // One that stays: an error after the answer is nobody's.
    request.on('error', leave);
    request.on('data', take).on('end', end).on('close', leave).resume();
  });
}

/** Sends an answer, and ends when it is sent or there is nobody to send it to. */
function send(request: ServerRequest, response: ServerResponse, status: AnswerStatus): Promise<void> {
  return new Promise((resolve) => {
    // Something before us may have answered, such as a time limit.
    if (response.headersSent || response.writableEnded || response.destroyed) {
      resolve();
      return;
    }
    response.once('finish', resolve).once('close', resolve).on('error', resolve);
    // What is left of the body is not waited for.
    if (status === 413) response.shouldKeepAlive = false;
    const text = textOfAnswer(status);
    response.writeHead(status, { ...headersOfAnswer(status), 'content-length': Buffer.byteLength(text) });
    response.end(request.method === 'HEAD' ? undefined : text);
  });
}
