// Bodies that come slowly, halfway, endlessly, or from somebody else's hands.
import assert from 'node:assert/strict';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import express5 from 'express';
import express4 from 'express4';
import { callbacks as forExpress } from 'lipia/express';
import { callbacks as forFetch } from 'lipia/fetch';
import { callbacks as forNode } from 'lipia/node';
import { startSandbox } from 'lipia/sandbox';
import { darajaBody, openShop, pathOf, post, until } from './support/shops.mjs';

let sandbox;
before(async () => {
  sandbox = await startSandbox();
});
after(() => sandbox.stop());

/** A connection on which a request has begun. */
async function begun(shop, path, length) {
  const socket = net.connect(shop.port, '127.0.0.1');
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  const size = length === undefined ? 'transfer-encoding: chunked' : `content-length: ${length}`;
  socket.write(`POST ${path} HTTP/1.1\r\nhost: shop\r\ncontent-type: application/json\r\n${size}\r\n\r\n`);
  return socket;
}

const connections = (shop) => new Promise((resolve) => shop.server.getConnections((_error, count) => resolve(count)));

for (const mount of ['node:http', 'Express 5', 'Express 4', 'fetch', 'Hono']) {
  describe(mount, () => {
    test('a sender who leaves in the middle leaves nothing behind', async (t) => {
      const failed = [];
      const shop = await openShop(t, sandbox, { mount, onError: (error) => failed.push(error) });
      const payment = await shop.request();
      const [path, body] = [pathOf(payment), darajaBody(payment)];
      for (let count = 0; count < 10; count += 1) {
        const socket = await begun(shop, path, body.length);
        socket.write(body.slice(0, 40));
        await new Promise((resolve) => setImmediate(resolve));
        if (count % 2) socket.destroy();
        else socket.resetAndDestroy();
      }
      await until('no connection is left', async () => (await connections(shop)) === 0);
      assert.equal((await post(shop, path, body)).status, 200);
      await until('the shop is told', () => shop.told.length === 1);
      assert.deepEqual(failed, []);
    });

    test('a sender who leaves before the answer is taken in all the same', async (t) => {
      const shop = await openShop(t, sandbox, { mount });
      const payment = await shop.request();
      const body = darajaBody(payment);
      const socket = await begun(shop, pathOf(payment), body.length);
      socket.end(body, () => socket.destroy());
      await until('the shop is told', () => shop.told.length === 1);
    });

    test('a body without an end is not read to it', async (t) => {
      const shop = await openShop(t, sandbox, { mount });
      const payment = await shop.request();
      const socket = await begun(shop, pathOf(payment));
      let [answer, written] = ['', 0];
      socket.on('data', (data) => {
        answer += data;
      });
      const closed = new Promise((resolve) => socket.once('close', resolve));
      const chunk = `${(65_536).toString(16)}\r\n${'x'.repeat(65_536)}\r\n`;
      while (!socket.destroyed && written < 64 * 1024 * 1024) {
        written += chunk.length;
        if (!socket.write(chunk)) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed]);
      }
      assert.ok(written < 16 * 1024 * 1024, `${written} bytes were taken`);
      socket.destroy();
      assert.equal((await post(shop, pathOf(payment), darajaBody(payment))).status, 200);
      // A connection that is closed on whoever still writes may lose the answer that was sent.
      if (answer !== '') assert.match(answer, /^HTTP\/1\.1 413 /);
    });

    test('a body that comes byte by byte is one', async (t) => {
      const shop = await openShop(t, sandbox, { mount });
      const payment = await shop.request();
      const body = darajaBody(payment);
      const socket = await begun(shop, pathOf(payment));
      socket.setNoDelay(true);
      const answered = new Promise((resolve) => socket.once('data', resolve));
      for (const byte of body) socket.write(`1\r\n${byte}\r\n`);
      socket.write('0\r\n\r\n');
      assert.match(String(await answered), /^HTTP\/1\.1 200 /);
      socket.destroy();
    });
  });
}

/** What one request to a listener of its own is answered. */
async function answerOf(t, sandboxSettings, listenerOf) {
  const shop = await openShop(t, sandbox, sandboxSettings);
  const payment = await shop.request();
  const failed = [];
  const server = http.createServer(listenerOf(shop.client, { onError: (error) => failed.push(error.message) }));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { status } = await post({ port: server.address().port }, pathOf(payment), darajaBody(payment));
  return { status, failed, payment: payment.snapshot(), live: payment };
}

for (const [version, express] of Object.entries({ 4: express4, 5: express5 })) {
  test(`Express ${version}: a body that somebody else has read and not left is said to be that`, async (t) => {
    const { status, failed } = await answerOf(t, {}, (client, options) => {
      const app = express();
      app.use((request, _response, next) => request.on('end', next).resume());
      return app.use('/pay', forExpress(client, options));
    });
    assert.equal(status, 503);
    assert.match(failed[0], /mount callbacks\(\) before what reads it/);
  });

  test(`Express ${version}: the body as it came goes before what was made of it`, async (t) => {
    const { status, payment } = await answerOf(t, {}, (client, options) => {
      const app = express();
      const verify = (request, _response, raw) => {
        request.rawBody = raw;
      };
      app.use(express.json({ verify }), (request, _response, next) => {
        request.body = {};
        next();
      });
      return app.use('/pay', forExpress(client, options));
    });
    assert.deepEqual([status, payment.isPaid], [200, true]);
  });

  test(`Express ${version}: an answer that another has given is left alone, and the callback taken in`, async (t) => {
    const { status, live, failed } = await answerOf(t, {}, (client, options) => {
      const app = express();
      app.use((_request, response, next) => {
        response.status(204).end();
        next();
      });
      return app.use('/pay', forExpress(client, options));
    });
    assert.equal(status, 204);
    // The answer does not wait for it.
    await until('the callback is taken in', () => live.snapshot().isPaid);
    assert.deepEqual(failed, []);
  });

  test(`Express ${version}: mounted in a router, and next to other routes`, async (t) => {
    const { status, payment } = await answerOf(t, {}, (client, options) => {
      const [app, router] = [express(), express.Router()];
      router.use('/', forExpress(client, options));
      return app.get('/', (_request, response) => response.end('shop')).use('/pay', router);
    });
    assert.deepEqual([status, payment.isPaid], [200, true]);
  });
}

test('node:http: a response that cannot be written is not left open', async (t) => {
  const shop = await openShop(t, sandbox);
  const payment = await shop.request();
  const failed = [];
  const receive = forNode(shop.client, { onError: (error) => failed.push(error.message) });
  const server = http.createServer((request, response) => {
    response.writeHead = () => {
      throw new Error('no head');
    };
    receive(request, response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  await assert.rejects(post({ port: server.address().port }, pathOf(payment), darajaBody(payment)), /hang up/);
  assert.deepEqual(failed, ['no head']);
});

test('node:http2 is served too, as far as it is compatible', async (t) => {
  const shop = await openShop(t, sandbox, { settings: { sourceAddresses: ['127.0.0.1'] } });
  const server = http2.createServer(forNode(shop.client));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const session = http2.connect(`http://127.0.0.1:${server.address().port}`);
  t.after(() => {
    session.close();
    server.close();
  });
  const statusOf = (path, body, method = 'POST') =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ':method': method, ':path': path });
      stream.on('response', (headers) => resolve(headers[':status'])).on('error', reject);
      stream.resume().end(body);
    });
  const payment = await shop.request();
  const [path, body] = [pathOf(payment), darajaBody(payment)];
  assert.equal(await statusOf(path, body + ' '.repeat(65_536)), 413);
  assert.equal(await statusOf(path, undefined, 'GET'), 405);
  assert.equal(await statusOf(path, body), 200);
  assert.ok(payment.snapshot().isPaid);
});

test('fetch: a plain Request is enough', async (t) => {
  const shop = await openShop(t, sandbox);
  const payment = await shop.request();
  const url = `https://shop.example.co.ke${pathOf(payment)}`;
  const response = await forFetch(shop.client)(new Request(url, { method: 'POST', body: darajaBody(payment) }));
  assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'application/json']);
  await until('the shop is told', () => shop.told.length === 1);
});

test('fetch: what the host gives may fail, and the request is answered', async (t) => {
  const shop = await openShop(t, sandbox);
  const failed = [];
  const fails = () => {
    throw new Error('the host fails');
  };
  const post = async (options, change = {}) => {
    const payment = await shop.request();
    const receive = forFetch(shop.client, { onError: (error) => failed.push(error.message), ...options });
    const request = new Request(`http://shop${pathOf(payment)}`, {
      method: 'POST',
      body: darajaBody(payment),
      ...change,
    });
    if (change.isRead) await request.text();
    return (await receive(request)).status;
  };
  assert.equal(await post({ peer: fails }), 503);
  assert.deepEqual(failed.splice(0), ['the host fails']);
  assert.equal(await post({}, { isRead: true }), 503);
  assert.match(failed[0], /hand the request over first/);
  assert.equal(await post({}, { body: null }), 400);
  const broken = new ReadableStream({ pull: (controller) => controller.error(new Error('gone')) });
  assert.equal(await post({}, { body: broken, duplex: 'half' }), 400);
  let pulled = 0;
  const endless = new ReadableStream({
    pull: (controller) => {
      pulled += 1;
      controller.enqueue(new Uint8Array(16_384));
    },
  });
  assert.equal(await post({}, { body: endless, duplex: 'half' }), 413);
  assert.ok(pulled < 10, `${pulled} chunks were taken`);
});
