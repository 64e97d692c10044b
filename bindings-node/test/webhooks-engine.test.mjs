// What happens at the edges of a callback URL: stores, memory, failures, options.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { AbortedError, CorrectInputError, Daraja, keep, parseCallback, setLogger } from 'lipia';
import { callbacks as forExpress } from 'lipia/express';
import { callbacks as forFetch } from 'lipia/fetch';
import { callbacks as forNode } from 'lipia/node';
import { startSandbox } from 'lipia/sandbox';
import { darajaBody, openShop, pathOf, paying, post, postAtOnce, silent, TableStore, until } from './support/shops.mjs';

let sandbox;
before(async () => {
  sandbox = await startSandbox();
});
after(() => sandbox.stop());

/** A payment that was pushed by a client of another process: this one does not hold it. */
async function pushedElsewhere(shop, store) {
  const elsewhere = sandbox.daraja({ callbackUrl: `http://127.0.0.1:${shop.port}/pay` });
  const payment = elsewhere.reserve({ phoneNumber: silent(), amount: 150, accountReference: 'INV-001' });
  await elsewhere.push(payment);
  store?.insert(payment);
  assert.equal(shop.client.find(payment.id), null);
  return payment;
}

test('a mere stkPush is told of, and a wait and a collect end at once', async (t) => {
  const patient = { timeout: 20_000, firstQueryAfter: 20_000 };
  const shop = await openShop(t, sandbox, { settings: { wait: patient } });
  const push = () => ({ phoneNumber: paying(), amount: 150, accountReference: 'INV-001' });
  await shop.client.stkPush(push());
  const collected = await Promise.all(Array.from({ length: 20 }, () => shop.client.collect(push())));
  assert.ok(collected.every((payment) => payment.isPaid && payment.receipt !== null));
  await until('the shop is told of all', () => shop.told.length === 21);
  assert.equal(new Set(shop.told.map(({ id }) => id)).size, 21);
});

test('payments that nobody holds are found after the garbage was collected, in memory up to a number', async () => {
  const program = `
    const { startSandbox } = require('lipia/sandbox');
    const { callbacks } = require('lipia/node');
    (async () => {
      const sandbox = await startSandbox();
      const daraja = sandbox.daraja();
      const reserve = () => daraja.reserve({ phoneNumber: '0712349001', amount: 150, accountReference: 'INV-001' }).id;
      const unheld = reserve();
      callbacks(daraja, { maxInMemory: 3 });
      const ids = [reserve(), reserve(), reserve(), reserve()];
      // Another client of the same core holds with it.
      ids.push(daraja.withOptions({ timeout: 5000 }).reserve({ phoneNumber: '0712349001', amount: 1, accountReference: 'A' }).id);
      for (let turn = 0; turn < 5; turn += 1) { gc(); await new Promise(setImmediate); }
      console.log(JSON.stringify([unheld, ...ids].map((id) => daraja.find(id) !== null)));
      await sandbox.stop();
    })();
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', '-e', program], { timeout: 20_000 });
  assert.deepEqual(JSON.parse(stdout), [false, false, false, true, true, true]);
});

test('a call whose answer is lost, or that is aborted, has its payment among the unclaimed where payments are held', async () => {
  const alone = await startSandbox();
  try {
    const daraja = alone.daraja();
    forNode(daraja);
    alone.inject({ step: 'push', kind: 'answer_lost' });
    const push = { phoneNumber: '0712349001', amount: 150, accountReference: 'INV-001' };
    await assert.rejects(daraja.stkPush(push), { name: 'FindOutError' });
    const [unknown, ...none] = daraja.unclaimed();
    assert.equal(unknown.snapshot().state, 'unknown');
    assert.deepEqual(none, []);
    alone.inject({ step: 'push', kind: 'slow_after', seconds: 50 });
    const aborted = daraja.stkPush({ ...push, phoneNumber: '0712359001' }, { signal: AbortSignal.timeout(100) });
    await assert.rejects(aborted, AbortedError);
    await daraja.drain();
    const [left, ...others] = daraja.unclaimed();
    assert.equal(left.snapshot().state, 'accepted');
    assert.deepEqual(others, []);
    await assert.rejects(daraja.stkPush({ ...push, phoneNumber: '12' }), CorrectInputError);
    assert.deepEqual(daraja.unclaimed(), []);
    assert.equal(alone.prompts, 2);
  } finally {
    await alone.stop();
  }
});

test('a payment after a timeout is told of although the timeout was', async (t) => {
  const shop = await openShop(t, sandbox);
  const payment = await shop.push();
  for (const code of [1037, 0, 1037, 0]) await post(shop, pathOf(payment), darajaBody(payment, { code }));
  await until('the shop is told twice', () => shop.told.length === 2);
  assert.deepEqual(
    shop.told.map(({ outcome }) => outcome),
    ['timeout', 'success'],
  );
});

test('a receipt that comes after a query settled the payment is told of', async (t) => {
  const store = new TableStore();
  const shop = await openShop(t, sandbox, { store });
  const payment = await shop.push();
  sandbox.inject({ step: 'callback', kind: 'callback_lost' });
  sandbox.act(payment.snapshot().checkoutRequestId, 'pay');
  const settled = await shop.client.wait(payment);
  assert.deepEqual([settled.outcome, settled.receipt], ['success', null]);
  store.insert(payment);
  await post(shop, pathOf(payment), darajaBody(payment));
  await until('the shop is told', () => shop.told.length === 1);
  assert.equal(shop.told[0].receipt, 'TKM1ABCDEF');
  assert.equal(store.now(payment.id).receipt, 'TKM1ABCDEF');
});

for (const compares of [true, false]) {
  test(`fifty duplicates for a payment of the store alone are told of once; the store compares: ${compares}`, async (t) => {
    const store = new TableStore({ compares });
    const shop = await openShop(t, sandbox, { store });
    const payment = await pushedElsewhere(shop, store);
    assert.deepEqual(await postAtOnce(shop, pathOf(payment), darajaBody(payment), 50), Array(50).fill(200));
    await until('the shop is told', () => shop.told.length > 0);
    assert.equal(shop.told.length, 1);
    assert.equal(store.calls.filter((call) => call === 'save').length, 1);
    assert.equal(store.now(payment.id).receipt, 'TKM1ABCDEF');
  });
}

test('a payment is saved before the gateway is answered, and told of after that', async (t) => {
  const [store, order] = [new TableStore(), []];
  let mayTell;
  const shop = await openShop(t, sandbox, {
    store: {
      load: store.load,
      save: async (...payments) => {
        const saved = await store.save(...payments);
        order.push('saved');
        return saved;
      },
    },
    onOutcome: () => {
      order.push('told');
      return new Promise((resolve) => {
        mayTell = resolve;
      });
    },
  });
  const payment = await pushedElsewhere(shop, store);
  shop.server.once('request', (_request, response) => response.once('finish', () => order.push('answered')));
  assert.equal((await post(shop, pathOf(payment), darajaBody(payment))).status, 200);
  await until('the shop is told', () => order.includes('told'));
  assert.deepEqual(order, ['saved', 'answered', 'told']);
  mayTell();
});

test('a payment that nobody here knows is asked for again, or goes to who wants it', async (t) => {
  const failed = [];
  const onError = (error, about) => failed.push([error.message, about]);
  const shop = await openShop(t, sandbox, { onError });
  const payment = await pushedElsewhere(shop);
  assert.equal((await post(shop, pathOf(payment), darajaBody(payment))).status, 503);
  assert.deepEqual(shop.told, []);
  assert.deepEqual(failed[0][1], { paymentId: payment.id, doing: 'unknown' });
  assert.match(failed[0][0], /there is no store/);

  const empty = await openShop(t, sandbox, { store: { load: () => null, save: () => true }, onError });
  const unsaved = await pushedElsewhere(empty);
  assert.equal((await post(empty, pathOf(unsaved), darajaBody(unsaved))).status, 503);
  assert.match(failed[1][0], /save a payment before you push it/);

  const received = [];
  const wants = await openShop(t, sandbox, { onUnknown: (callback) => received.push(callback) });
  const other = await pushedElsewhere(wants);
  assert.equal((await post(wants, pathOf(other), darajaBody(other))).status, 200);
  await until('somebody is told', () => received.length === 1);
  assert.deepEqual([received[0].paymentId, received[0].verdict], [other.id, null]);
  assert.equal(received[0].event.receipt, 'TKM1ABCDEF');
  assert.deepEqual(wants.told, []);
});

for (const isHeld of [true, false]) {
  test(`where saving fails the gateway is asked to send again; the payment is held: ${isHeld}`, async (t) => {
    const [store, failed] = [new TableStore(), []];
    let isBroken = true;
    const shop = await openShop(t, sandbox, {
      store: {
        load: store.load,
        save: (...payments) => {
          if (isBroken) throw new Error('the disk is full');
          return store.save(...payments);
        },
      },
      onError: (error, { doing }) => failed.push([error.message, doing]),
    });
    const payment = isHeld ? await shop.push() : await pushedElsewhere(shop, store);
    if (isHeld) store.insert(payment);
    const [path, body] = [pathOf(payment), darajaBody(payment)];
    assert.equal((await post(shop, path, body)).status, 503);
    assert.deepEqual(failed, [['the disk is full', 'store']]);
    assert.deepEqual([store.now(payment.id).state, shop.told.length], ['accepted', 0]);
    isBroken = false;
    assert.equal((await post(shop, path, body)).status, 200);
    await until('the shop is told', () => shop.told.length === 1);
    assert.equal(store.now(payment.id).receipt, 'TKM1ABCDEF');
  });
}

test('a store that answers with junk, or with another payment, is believed in nothing', async (t) => {
  const other = (await openShop(t, sandbox)).reserve().serialize();
  for (const junk of ['', '{}', '{"form":2}', 7, Buffer.from('x'), { form: 1 }, [], other]) {
    const failed = [];
    const saved = [];
    const shop = await openShop(t, sandbox, {
      store: { load: () => junk, save: (payment) => saved.push(payment) },
      onError: (_error, { doing }) => failed.push(doing),
    });
    const payment = await pushedElsewhere(shop);
    assert.equal((await post(shop, pathOf(payment), darajaBody(payment))).status, 503);
    assert.deepEqual([failed, saved, shop.told], [['store'], [], []]);
  }
});

test('what another process saved meanwhile is loaded and not overwritten', async (t) => {
  const store = new TableStore();
  const meanwhile = [];
  const shop = await openShop(t, sandbox, {
    store: {
      load: store.load,
      save: async (payment, loaded) => {
        for (const other of meanwhile.splice(0)) store.insert(other);
        return store.save(payment, loaded);
      },
    },
  });
  const payment = await pushedElsewhere(shop, store);
  const body = darajaBody(payment);
  payment.notify(parseCallback(darajaBody(payment, { Amount: 1 })));
  meanwhile.push(payment);
  assert.equal((await post(shop, pathOf(payment), body)).status, 200);
  await until('the shop is told', () => shop.told.length === 1);
  const { outcome, flags } = store.now(payment.id);
  assert.deepEqual([outcome, flags.map(({ reason }) => reason)], ['success', ['amount_differs']]);
});

test('a save that always says no is named and does not go on for ever', async () => {
  const daraja = sandbox.daraja();
  const payment = daraja.reserve({ phoneNumber: silent(), amount: 150, accountReference: 'INV-001' });
  const before = payment.serialize();
  await daraja.push(payment);
  await assert.rejects(keep(payment, { load: () => before, save: () => false }), /10 times/);
  await assert.rejects(keep(payment, { load: () => null, save: () => true }), /Save a payment before you push it/);
  const store = new TableStore();
  store.insert(payment);
  const kept = await keep(payment, store);
  assert.equal(kept.checkoutRequestId, payment.snapshot().checkoutRequestId);
  assert.deepEqual(store.calls, ['load']);
});

test('a slow store holds up its own payment and no other', async (t) => {
  const store = new TableStore();
  let mayLoad;
  const waits = new Promise((resolve) => {
    mayLoad = resolve;
  });
  let slow;
  const shop = await openShop(t, sandbox, {
    store: {
      load: async (id) => {
        if (id === slow) await waits;
        return store.load(id);
      },
      save: store.save,
    },
  });
  const [first, second] = [await pushedElsewhere(shop, store), await pushedElsewhere(shop, store)];
  slow = first.id;
  const held = postAtOnce(shop, pathOf(first), darajaBody(first), 3);
  const other = darajaBody(second, { MpesaReceiptNumber: 'TKM1ABCDEG' });
  assert.equal((await post(shop, pathOf(second), other)).status, 200);
  await until('the shop is told of the other', () => shop.told.length === 1);
  assert.equal(shop.told[0].id, second.id);
  mayLoad();
  assert.deepEqual(await held, [200, 200, 200]);
  await until('the shop is told of both', () => shop.told.length === 2);
});

test('a gateway that must confirm is asked, and a forged success is not confirmed', async (t) => {
  const palpluss = await openShop(t, sandbox, { gateway: 'palpluss' });
  await palpluss.push(paying());
  await until('the shop is told', () => palpluss.told.length === 1);
  assert.ok(palpluss.told[0].isPaid);

  const store = new TableStore();
  const shop = await openShop(t, sandbox, { confirm: true, store });
  const payment = await shop.push();
  store.insert(payment);
  assert.equal((await post(shop, pathOf(payment), darajaBody(payment))).status, 200);
  assert.deepEqual([shop.told, store.now(payment.id).state], [[], 'accepted']);
  sandbox.act(payment.snapshot().checkoutRequestId, 'pay');
  await until('the shop is told', () => shop.told.length === 1);
});

test('failures go to the logger, and without one to a warning of Node, and never a secret with them', async (t) => {
  const shop = await openShop(t, sandbox, {
    onOutcome: () => {
      throw new Error("the shop's own mistake");
    },
  });
  const told = [];
  const note = (message) => told.push(String(message));
  process.on('warning', note);
  const first = await shop.push();
  await post(shop, pathOf(first), darajaBody(first));
  await until('Node warns', () => told.length === 1);
  process.off('warning', note);
  setLogger({ error: note, warn: note });
  const second = await shop.push();
  await post(shop, pathOf(second), darajaBody(second, { MpesaReceiptNumber: 'TKM1ABCDEG' }));
  await post(shop, `${pathOf(second).slice(0, -4)}0000`, darajaBody(second));
  await until('the logger is told', () => told.some((text) => text.includes('callback_token_wrong')));
  setLogger(null);
  assert.ok(
    told.slice(0, 2).every((text) => text.includes("the shop's own mistake")),
    told.join('\n'),
  );
  assert.ok(
    !told.some((text) => text.includes(pathOf(first).slice(-40, -4)) || text.includes(pathOf(second).slice(-40, -4))),
  );
});

test('an onError that fails itself is no end of the process', async (t) => {
  for (const onError of [() => assert.fail('again'), async () => assert.fail('again')]) {
    const warned = new Promise((resolve) => process.once('warning', resolve));
    const shop = await openShop(t, sandbox, { onError, onOutcome: () => assert.fail('once') });
    const payment = await shop.push();
    assert.equal((await post(shop, pathOf(payment), darajaBody(payment))).status, 200);
    assert.match(String(await warned), /onError failed itself/);
  }
});

test('what is no client and what is no option is refused at the start, by its name', () => {
  const daraja = sandbox.daraja();
  const callback = () => {};
  for (const callbacks of [forExpress, forFetch, forNode]) {
    const refused = (client, options, says) =>
      assert.throws(
        () => callbacks(client, options),
        (error) => error instanceof CorrectInputError && says.test(`${error.message} ${error.hint}`),
      );
    refused({}, {}, /client is an object, which is not a client/);
    refused(undefined, {}, /client is undefined/);
    refused(Daraja, {}, /client is a function/);
    refused(daraja, null, /callbacks is null/);
    refused(daraja, { on_outcome: callback }, /Write onOutcome/);
    refused(daraja, { onOutcome: 'told' }, /onOutcome is a string/);
    refused(daraja, { onError: 1 }, /onError is a number/);
    refused(daraja, { store: {} }, /load\(\) and save\(\)/);
    refused(daraja, { store: { load: callback } }, /load\(\) and save\(\)/);
    refused(daraja, { store: null }, /load\(\) and save\(\)/);
    refused(daraja, { confirm: 'no' }, /confirm is a string/);
    refused(daraja, { confirmTimeout: 10 }, /milliseconds/);
    refused(daraja, { maxInMemory: -1 }, /maxInMemory/);
    callbacks(daraja, { onOutcome: undefined, store: undefined, confirm: undefined });
  }
  assert.throws(() => forFetch(daraja, { peer: '127.0.0.1' }), /peer is a string/);
  assert.throws(() => forNode(daraja, { peer: callback }), /no peer in callbacks/);
});
