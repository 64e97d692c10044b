// Shops on real servers, one for each way to mount callbacks, and what their tests share.
import http from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import express5 from 'express';
import express4 from 'express4';
import fastify from 'fastify';
import { Hono } from 'hono';
import { callbacks as forExpress } from 'lipia/express';
import { callbacks as forFastify } from 'lipia/fastify';
import { callbacks as forFetch } from 'lipia/fetch';
import { callbacks as forNode } from 'lipia/node';

/** How long anything may take before it counts as hanging. */
export const DEADLINE = 20_000;

let customers = 0;

/** A phone of its own: M-Pesa prompts each only once at a time. The last four digits choose what the customer does. */
function phone(ending) {
  customers += 1;
  return `07${String(1000 + (customers % 2000)).padStart(4, '0')}${ending}`;
}

/** A customer of the sandbox who does nothing at all. */
export const silent = () => phone('9001');

/** A customer of the sandbox who pays. */
export const paying = () => phone('5678');

/** Waits until it holds. */
export async function until(what, holds) {
  const end = Date.now() + DEADLINE;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited ${DEADLINE} ms until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Posts as a gateway does; the status, headers and text of the answer. */
export function post(shop, path, body, { headers = {}, method = 'POST', chunked = false } = {}) {
  return new Promise((resolve, reject) => {
    const length = chunked || method !== 'POST' ? {} : { 'content-length': Buffer.byteLength(body) };
    const request = http.request({
      host: '127.0.0.1',
      port: shop.port,
      path,
      method,
      agent: false,
      headers: { 'content-type': 'application/json', ...length, ...headers },
    });
    request.setTimeout(DEADLINE, () => request.destroy(new Error(`no answer in ${DEADLINE} ms`)));
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
      response.on('error', reject);
    });
    if (method === 'POST') request.write(body);
    request.end();
  });
}

/** The statuses of so many posts at once. */
export async function postAtOnce(shop, path, body, count) {
  const answers = await Promise.all(Array.from({ length: count }, () => post(shop, path, body)));
  return answers.map(({ status }) => status);
}

/** The path of a payment's own callback URL. */
export function pathOf(payment) {
  return new URL(JSON.parse(payment.serialize()).push.callback_url).pathname;
}

/** What Daraja posts about a payment, with fields changed by name. */
export function darajaBody(payment, { code = 0, ...changes } = {}) {
  const { push, acceptance } = JSON.parse(payment.serialize());
  const callback = {
    MerchantRequestID: acceptance?.merchant_request_id ?? '29115-34620561-1',
    CheckoutRequestID: acceptance?.checkout_request_id ?? 'ws_CO_1',
    ResultCode: code,
    ResultDesc: 'told by a test',
  };
  if (code === 0) {
    const values = {
      Amount: push.amount,
      MpesaReceiptNumber: 'TKM1ABCDEF',
      TransactionDate: 20261121100000,
      PhoneNumber: Number(push.phone_number),
      ...changes,
    };
    callback.CallbackMetadata = { Item: Object.entries(values).map(([Name, Value]) => ({ Name, Value })) };
  }
  return JSON.stringify({ Body: { stkCallback: callback } });
}

const anyType = () => true;

function inExpress(express, before) {
  return (client, options) => {
    const app = express();
    for (const parser of before) app.use(parser);
    app.use('/pay', forExpress(client, options));
    app.use(express.json());
    // Whatever reaches it is a failure that a test sees.
    app.use((_error, _request, response, _next) => response.status(599).end('the error handler'));
    return app;
  };
}

/** Each way to mount callbacks: from a client and options to a listener of `node:http`. */
export const MOUNTS = {
  'node:http': (client, options) => forNode(client, options),
  'Express 5': inExpress(express5, []),
  'Express 5 after json()': inExpress(express5, [express5.json()]),
  'Express 5 after raw()': inExpress(express5, [express5.raw({ type: anyType })]),
  'Express 5 after text()': inExpress(express5, [express5.text({ type: anyType })]),
  'Express 4': inExpress(express4, []),
  'Express 4 after json()': inExpress(express4, [express4.json()]),
  'Express 4 after raw()': inExpress(express4, [express4.raw({ type: anyType })]),
  'Express 4 after json() of another type': inExpress(express4, [express4.json({ type: 'application/vnd.api+json' })]),
  'Fastify 5': (client, options) => {
    let listener;
    const app = fastify({
      serverFactory: (handler) => {
        listener = handler;
        return http.createServer(handler);
      },
    });
    app.register(forFastify(client, options), { prefix: '/pay' });
    const ready = app.ready();
    return (request, response) => void ready.then(() => listener(request, response));
  },
  fetch: (client, options) => {
    const receive = forFetch(client, {
      peer: (_request, { incoming }) => incoming.socket.remoteAddress,
      ...options,
    });
    return getRequestListener((request, environment) => receive(request, environment));
  },
  Hono: (client, options) => {
    const receive = forFetch(client, { peer: (_request, context) => getConnInfo(context).remote.address, ...options });
    const app = new Hono();
    app.all('/pay/*', (context) => receive(context.req.raw, context));
    return getRequestListener(app.fetch);
  },
};

/** Opens a shop; it ends with the test. `told` is what its handler of outcomes was told. */
export async function openShop(
  test,
  sandbox,
  { mount = 'node:http', gateway = 'daraja', settings = {}, ...options } = {},
) {
  let listener;
  const server = http.createServer((request, response) => listener(request, response));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  const client = sandbox[gateway]({ callbackUrl: `http://127.0.0.1:${port}/pay`, ...settings });
  const told = [];
  client.onOutcome((payment) => told.push(payment));
  listener = MOUNTS[mount](client, options);
  test.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await client.close();
  });
  return {
    port,
    server,
    client,
    told,
    /** A payment that is not in the ledger. */
    reserve: (phoneNumber = silent()) => client.reserve({ phoneNumber, amount: 150, accountReference: 'INV-001' }),
    /** A payment of the ledger, live, whose phone was prompted. */
    request: async (phoneNumber = silent()) => {
      const { id } = await client.request({ phoneNumber, amount: 150, accountReference: 'INV-001' });
      return client.find(id);
    },
  };
}
