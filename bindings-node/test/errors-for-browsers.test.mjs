/** What a browser sees of an error, and what Express answers: whatever the gateway echoes. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { inspect } from 'node:util';
import express5 from 'express';
import express4 from 'express4';
import * as lipia from 'lipia';
import { callbacks, caught, errors } from 'lipia/express';
import { errorResponse } from 'lipia/fetch';
import { sale } from './support/sales.mjs';

const TOKEN = 'aTokenOfTheGateway28Letters0';
const KEYS = {
  consumerKey: 'AConsumerKey0123456789',
  consumerSecret: 'AConsumerSecret0123',
  passKey: 'APassKey0123456789ab',
};

/** A gateway of no good manners: what it answers to a push is chosen by the test. */
let answer = (_push) => ({ status: 400, body: {} });
let gateway;
let daraja;
before(async () => {
  gateway = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const send = ({ status, body }) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.url.startsWith('/oauth'))
      return send({ status: 200, body: { access_token: TOKEN, expires_in: '3599' } });
    const push = JSON.parse(Buffer.concat(parts).toString());
    return send(answer({ ...push, authorization: request.headers.authorization }));
  }).listen(0, '127.0.0.1');
  await once(gateway, 'listening');
  const baseUrl = `http://127.0.0.1:${gateway.address().port}`;
  daraja = new lipia.Daraja({
    ...KEYS,
    shortCode: 174379,
    baseUrl,
    callbackUrl: 'http://127.0.0.1:9/pay',
    timeout: 3000,
  });
});
after(() => gateway.close());

/** What no browser and no log may see of a push. */
const secretsOf = (push) => [TOKEN, push.Password, push.CallBackURL, ...Object.values(KEYS)];

const ECHOES = {
  'in its sentence': (_push, text) => ({
    status: 400,
    body: { requestId: text, errorCode: '400.002.02', errorMessage: text },
  }),
  'in its code': (_push, text) => ({
    status: 400,
    body: { requestId: '1', errorCode: text, errorMessage: 'Bad Request' },
  }),
  'as its code': (push) => ({
    status: 400,
    body: { requestId: '1', errorCode: TOKEN, errorMessage: push.PhoneNumber },
  }),
  'under another status': (_push, text) => ({
    status: 503,
    body: { requestId: '1', errorCode: '500.001.1001', errorMessage: text },
  }),
  'in no form at all': (_push, text) => ({ status: 403, body: { fault: { faultstring: text } } }),
};

describe('a browser sees nothing of what the gateway echoes', () => {
  for (const [name, echo] of Object.entries(ECHOES)) {
    test(name, async () => {
      let secrets = [];
      answer = (push) => {
        secrets = secretsOf(push);
        const text = `Invalid ${push.authorization} ${JSON.stringify(push)} at ${push.CallBackURL} 0712345678`;
        return echo(push, text);
      };
      const { error } = await daraja.stkPushSafe(sale());
      assert.ok(error instanceof lipia.LipiaError && secrets.length > 5, inspect(error));
      const text = JSON.stringify(error);
      for (const secret of [...secrets, '712345678', 'Invalid', 'Bad Request', '://']) {
        assert.ok(!text.includes(secret), `${secret} in ${text}`);
      }
      assert.ok(text.length < 600 && error.customerMessageSw.length > 20);
      const seen = JSON.stringify({ message: 'not stored', nested: [{ error }] });
      assert.ok(!seen.includes('Invalid'), seen);
    });
  }
});

for (const [version, express] of Object.entries({ 4: express4, 5: express5 })) {
  describe(`Express ${version}`, () => {
    const told = [];
    let server;
    let port;
    before(async () => {
      lipia.setLogger({ error: (message) => told.push(message) });
      const app = express();
      app.use('/pay', callbacks(daraja));
      app.post(
        '/orders/:id',
        express.json(),
        caught(async (request, response) => {
          const { phone } = request.body;
          await daraja.stkPush({ phoneNumber: phone, amount: 150, accountReference: request.params.id });
          response.status(202).json({ message: 'Look at your phone.' });
        }),
      );
      app.post('/at-once', (_request) => {
        daraja.reserve({ phoneNumber: '07', amount: 150, accountReference: 'x' });
      });
      app.post('/typo', (_request) => {
        daraja.reserve({ phone: '0712345678', amount: 150, accountReference: 'x' });
      });
      app.post(
        '/other',
        caught(() => Promise.reject(new Error('not of Lipia'))),
      );
      app.post(
        '/late',
        caught(async (_request, response) => {
          response.status(200).write('begun');
          await daraja.stkPush({ ...sale(), amount: 0 });
        }),
      );
      app.use(errors());
      app.use((error, _request, response, _next) => {
        if (response.headersSent) return response.end();
        return response.status(599).end(error.message);
      });
      server = app.listen(0, '127.0.0.1');
      await once(server, 'listening');
      port = server.address().port;
    });
    after(() => {
      lipia.setLogger(null);
      server.close();
    });

    const order = async (path, body = {}) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    };

    test("one mistyped number is answered with 400 and the customer's sentence, and the next one too", async () => {
      for (const phone of ['0712 345', '', null, '0712345678x']) {
        const { status, text } = await order('/orders/INV-001', { phone });
        const body = JSON.parse(text);
        assert.deepEqual([status, body.field], [400, 'phoneNumber']);
        assert.match(body.customerMessageEn, /phone number/);
      }
      assert.equal((await order('/at-once')).status, 400);
      assert.deepEqual(told, []);
    });

    test('what may have been prompted is answered with 409, and told to the log with its payment', async () => {
      answer = () => ({ status: 500, body: { nothing: 'known' } });
      const { status, text } = await order('/orders/INV-001', { phone: '0712345678' });
      assert.equal(status, 409, text);
      assert.match(JSON.parse(text).customerMessageEn, /do not pay again/);
      assert.match(told.join(), /answered with 409: FindOutError/);
    });

    test('a busy phone is answered with 503 and when to try again', async () => {
      answer = () => ({
        status: 500,
        body: {
          requestId: '1',
          errorCode: '500.001.1001',
          errorMessage: 'Unable to lock subscriber, a transaction is already in process for the current subscriber',
        },
      });
      const { status, headers, text } = await order('/orders/INV-001', { phone: '0712345678' });
      assert.equal(status, 503, text);
      assert.ok(Number(headers.get('retry-after')) > 0);
    });

    test("a mistake of the program's is answered with 500", async () => {
      assert.equal((await order('/typo')).status, 500);
    });

    test("what is no error of Lipia's, or comes after the answer began, goes on to the next handler", async () => {
      const { status, text } = await order('/other');
      assert.deepEqual([status, text], [599, 'not of Lipia']);
      assert.deepEqual((await order('/late')).text, 'begun');
    });
  });
}

test('a fetch-style server answers as Express does, and what is not of Lipia is thrown again', async () => {
  const { error } = daraja.reserveSafe({ phoneNumber: '0712 345', amount: 150, accountReference: 'x' });
  const response = errorResponse(error);
  assert.deepEqual([response.status, response.headers.get('content-type')], [400, 'application/json']);
  assert.equal((await response.json()).field, 'phoneNumber');
  const other = new Error('not of Lipia');
  assert.throws(() => errorResponse(other), other);
});
