// What users write, for the compiler alone.
import { createServer, type IncomingMessage } from 'node:http';
import { getConnInfo } from '@hono/node-server/conninfo';
import express, { type Request as ExpressRequest, type Response as ExpressResponse } from 'express';
import fastify from 'fastify';
import { type Context, Hono } from 'hono';
import type { Daraja, Payment } from 'lipia';
import { caught, errors, type FailedCallback, callbacks as forExpress } from 'lipia/express';
import { errors as fastifyErrors, callbacks as forFastify } from 'lipia/fastify';
import { callbacks as forFetch, peerOf } from 'lipia/fetch';
import { callbacks as forNode } from 'lipia/node';

declare const daraja: Daraja;
async function onOutcome(payment: Payment): Promise<void> {
  const receipt: string | null = payment.receipt;
  void receipt;
}
daraja.onOutcome(onOutcome);

function onError(error: unknown, failed: FailedCallback): void {
  const doing: 'ledger' | 'unknown' | 'request' = failed.doing;
  void [error, doing];
}

express().use('/pay', forExpress(daraja, { onError, confirm: true }));
express.Router().post('/:token', forExpress(daraja));
createServer(forNode(daraja, { onError: (error) => console.log(error) }));
new Hono().all('/pay/*', (context: Context) =>
  forFetch(daraja, { peer: (_request, hono: Context) => hono.req.header('x-real-ip') })(context.req.raw, context),
);

// Hono on Node, as the documents have it.
const hono = new Hono();
const receive = forFetch(daraja, { peer: (_request, c: Context) => getConnInfo(c).remote.address });
hono.all('/pay/*', (c) => receive(c.req.raw, c));
type OnNode = { Bindings: { incoming: IncomingMessage } };
const onNode = forFetch(daraja, { peer: (_request, c: Context<OnNode>) => peerOf(c.env.incoming) });
new Hono<OnNode>().post('/pay/:token', (c) => onNode(c.req.raw, c));

// Errors in Express 4 and 5.
const app = express();
app.post(
  '/orders/:id',
  express.json(),
  caught(async (request: ExpressRequest<{ id: string }>, response: ExpressResponse) => {
    await daraja.stkPush({ phoneNumber: request.body.phone, amount: 150, accountReference: request.params.id });
    response.status(202).json({ message: 'Look at your phone.' });
  }),
);
app.post(
  '/plain',
  caught(async (_request, response) => response.json({})),
);
app.use(errors());

// Fastify.
const server = fastify();
server.register(forFastify(daraja), { prefix: '/pay' });
server.setErrorHandler(fastifyErrors());

// Next, built without credentials.
export const LATER = forFetch(() => daraja);

// Next.
export const POST: (request: Request, context: { params: Promise<{ token: string }> }) => Promise<Response> = forFetch(
  daraja,
  { onError },
);

// Deno.
declare function serve(
  handler: (request: Request, info: { remoteAddr: { hostname: string } }) => Promise<Response>,
): void;
serve(forFetch(daraja, { peer: (_request, info: { remoteAddr: { hostname: string } }) => info.remoteAddr.hostname }));

// @ts-expect-error neither a client nor a function that returns one
forExpress(() => null);
// @ts-expect-error only fetch-style hosts do not tell the peer
forNode(daraja, { peer: () => null });
// @ts-expect-error an unknown option
forExpress(daraja, { onOutcome });
