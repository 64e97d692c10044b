// What a shop's callback URL does with what is posted to it, on every kind of server.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { acceptedReply } from 'lipia';
import { startSandbox } from 'lipia/sandbox';
import { darajaBody, MOUNTS, openShop, pathOf, paying, post, postAtOnce, until } from './support/shops.mjs';

let sandbox;
before(async () => {
  sandbox = await startSandbox();
});
after(() => sandbox.stop());

/** What no callback is, whatever the server makes of it. */
function garbage(real) {
  let seed = 20_261_121;
  const dice = (most) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % most;
  };
  const bodies = ['', 'null', '[]', '{}', '7', 'true', '"text"', '\xff', '{"Body":', real.slice(0, -1), `${real}x`];
  bodies.push('['.repeat(5000), '{"__proto__":{"Body":1}}', `{"Body":${real}}`, '\0', '{"Body":{"stkCallback":null}}');
  for (let count = 0; count < 250; count += 1) {
    const spoilt = Buffer.from(real);
    for (let change = dice(8); change >= 0; change -= 1) spoilt[dice(spoilt.length)] = dice(256);
    bodies.push(spoilt);
  }
  return bodies;
}

for (const mount of Object.keys(MOUNTS)) {
  describe(mount, { concurrency: 4 }, () => {
    const parses = mount.includes('json()') && !mount.includes('another type');

    test('a customer who pays is told of once, and the gateway has its answer', async (t) => {
      const shop = await openShop(t, sandbox, { mount });
      const payment = await shop.request(paying());
      await until('the shop is told', () => shop.told.length > 0);
      await shop.client.wait(payment);
      assert.equal(shop.told.length, 1);
      assert.ok(shop.told[0].isPaid && shop.told[0].receipt);
      assert.equal(shop.told[0].id, payment.id);
    });

    test('the answer is the one that gateways know', async (t) => {
      const shop = await openShop(t, sandbox, { mount });
      const payment = await shop.request();
      const answer = await post(shop, pathOf(payment), darajaBody(payment));
      assert.equal(answer.status, 200);
      assert.equal(answer.text, acceptedReply());
      assert.match(answer.headers['content-type'], /^application\/json/);
    });

    test('fifty duplicates at once are told of once', async (t) => {
      const shop = await openShop(t, sandbox, { mount });
      const payment = await shop.request();
      assert.deepEqual(await postAtOnce(shop, pathOf(payment), darajaBody(payment), 50), Array(50).fill(200));
      await until('the shop is told', () => shop.told.length > 0);
      assert.equal(shop.told.length, 1);
    });

    test('a forged token is not found, whether the payment exists or not', async (t) => {
      const shop = await openShop(t, sandbox, { mount });
      const payment = await shop.request();
      const [real, other, body] = [pathOf(payment), pathOf(shop.reserve()), darajaBody(payment)];
      const [id, seal] = [real.split('/').at(-1).split('-')[0], other.split('-')[1]];
      const paths = [`/pay/${id}-${seal}`, `/pay/${'0'.repeat(32)}-${seal}`, `/pay/${id}-`, `/pay/${id}`];
      // Fastify answers this one itself, with 400.
      if (mount !== 'Fastify 5') paths.push('/pay/%ff%fe%00');
      paths.push(`/pay/${'a'.repeat(4000)}`, real.slice(0, -1) + (real.endsWith('0') ? '1' : '0'));
      const answers = [];
      for (const path of paths) answers.push(await post(shop, path, body));
      assert.deepEqual(
        answers.map(({ status }) => status),
        Array(paths.length).fill(404),
      );
      assert.equal(answers[0].text, answers[1].text);
      assert.equal(payment.snapshot().state, 'accepted');
      assert.deepEqual(shop.told, []);
    });

    test('a wrong amount and a wrong phone are kept with the payment and not believed', async (t) => {
      const shop = await openShop(t, sandbox, { mount });
      const payment = await shop.request();
      assert.equal((await post(shop, pathOf(payment), darajaBody(payment, { Amount: 1 }))).status, 200);
      assert.equal((await post(shop, pathOf(payment), darajaBody(payment, { PhoneNumber: 254722000000 }))).status, 200);
      assert.deepEqual(
        payment.snapshot().flags.map(({ reason }) => reason),
        ['amount_differs', 'phone_differs'],
      );
      assert.equal(payment.snapshot().state, 'accepted');
      assert.deepEqual(shop.told, []);
      await post(shop, pathOf(payment), darajaBody(payment));
      await until('the shop is told of the real one', () => shop.told.length === 1);
    });

    test('whatever is posted, the server answers and does not fail', async (t) => {
      const shop = await openShop(t, sandbox, { mount });
      const payment = await shop.request();
      const path = pathOf(payment);
      const statuses = new Set();
      for (const body of garbage(darajaBody(payment))) statuses.add((await post(shop, path, body)).status);
      // 599 is the parser's own refusal, which goes to the shop's error handler before we get the request.
      const expected = new Set(parses ? [200, 400, 599] : [200, 400]);
      assert.ok(statuses.has(400));
      assert.deepEqual(
        [...statuses].filter((status) => !expected.has(status)),
        [],
      );
      assert.ok(!shop.told.some((told) => told.isPaid && told.receipt === null));
      assert.equal((await post(shop, path, darajaBody(payment))).status, 200);
    });

    test('a body that is too long is refused, in one piece and in chunks', async (t) => {
      const shop = await openShop(t, sandbox, { mount });
      const payment = await shop.request();
      const [path, body] = [pathOf(payment), darajaBody(payment)];
      // What a parser has taken apart has no white space any more.
      const long = parses
        ? JSON.stringify({ ...JSON.parse(body), more: 'x'.repeat(65_536) })
        : body + ' '.repeat(65_536);
      for (const chunked of [false, true]) {
        assert.equal((await post(shop, path, long, { chunked })).status, 413);
      }
      assert.equal((await post(shop, path, body, { chunked: true })).status, 200);
      await until('the shop is told', () => shop.told.length === 1);
    });

    test('only posts are callbacks', async (t) => {
      const shop = await openShop(t, sandbox, { mount });
      const path = pathOf(shop.reserve());
      for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']) {
        const answer = await post(shop, path, '', { method });
        assert.equal(answer.status, 405, method);
        assert.equal(answer.headers.allow, 'POST');
      }
    });

    test('where addresses are listed, the connection and our own proxy decide', async (t) => {
      const listed = { sourceAddresses: ['196.201.214.0/24'] };
      const direct = await openShop(t, sandbox, { mount, settings: listed });
      const proxied = await openShop(t, sandbox, {
        mount,
        settings: { ...listed, trustedProxies: ['127.0.0.1', '::1'] },
      });
      const from = async (shop, hops) => {
        const payment = await shop.request();
        const headers = hops === undefined ? {} : { 'x-forwarded-for': hops };
        return (await post(shop, pathOf(payment), darajaBody(payment), { headers })).status;
      };
      assert.equal(await from(direct), 403);
      assert.equal(await from(direct, '196.201.214.200'), 403);
      assert.equal(await from(proxied), 403);
      assert.equal(await from(proxied, '196.201.214.200, 203.0.113.9'), 403);
      assert.equal(await from(proxied, 'no address'), 403);
      assert.equal(await from(proxied, '203.0.113.9, 196.201.214.200'), 200);
      const ourselves = await openShop(t, sandbox, { mount, settings: { sourceAddresses: ['127.0.0.1'] } });
      assert.equal(await from(ourselves), 200);
    });
  });
}
