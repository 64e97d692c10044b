/** One payment for one order: requested, told, looked up, across clients that share a file. */

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { LipiaError, Payment } from 'lipia';
import { callbacks } from 'lipia/node';
import { startSandbox } from 'lipia/sandbox';
import { startPostgresql } from './support/postgresql.mjs';
import { errorOf } from './support/real-values.mjs';
import { phone, SILENT, sale } from './support/sales.mjs';
import { eventually, inTime, warningOf } from './support/waiting.mjs';

let sandbox;
let folder;
const open = [];
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'lipia-ledger-'));
  sandbox = await startSandbox();
});
afterEach(async () => {
  for (const closes of open.splice(0).reverse()) await closes();
  await sandbox.stop();
  rmSync(folder, { recursive: true, force: true });
});

const ledger = () => `sqlite://${folder}/payments.db`;
const order = (name, number = phone(1)) => ({ ...sale(number), order: name });

/** A client that is closed when the test ends. */
function client(settings = { ledger: ledger() }) {
  const made = sandbox.daraja({ callbackSecrets: 'a secret of many bytes', ...settings });
  open.push(() => made.close({ timeout: 5000 }));
  return made;
}

/** A client whose callbacks come to a server of its own, and what its handler was told. */
async function shop(settings = { ledger: ledger() }) {
  const server = createServer((request, response) => receive(request, response));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const callbackUrl = `http://127.0.0.1:${server.address().port}/pay`;
  const daraja = client({ callbackUrl, ...settings });
  const receive = callbacks(daraja);
  const told = [];
  daraja.onOutcome(async (payment) => {
    await null;
    told.push(payment);
  });
  return { daraja, told, callbackUrl };
}

describe('an order', () => {
  test('is prompted for once, however often it is requested, and told once', async () => {
    const { daraja, told, callbackUrl } = await shop();
    const other = client({ ledger: ledger(), callbackUrl });
    const clicks = [daraja, other, daraja, other].map((one) => one.request(order('17')));
    const payments = await Promise.all(clicks);
    assert.equal(new Set(payments.map(({ id }) => id)).size, 1);
    assert.ok(payments.every((payment) => payment instanceof Payment && payment.order === '17'));
    await eventually('the shop is told', () => told.length > 0);
    assert.deepEqual([told[0].isPaid, told[0].order, told[0].orderIsPaid, told[0].attempt], [true, '17', true, 1]);
    assert.match(told[0].receipt, /^\w{10}$/);
    const again = await other.request(order('17'));
    assert.deepEqual([again.isPaid, again.orderIsPaid, again.id], [true, true, told[0].id]);
    assert.deepEqual([sandbox.prompts, told.length], [1, 1]);
  });

  test('that has a payment is not asked for another amount or phone', async () => {
    const daraja = client();
    const open = await daraja.request(order('17', phone(1, SILENT)));
    const dearer = await errorOf(() => daraja.request({ ...order('17', phone(1, SILENT)), amount: 151 }));
    assert.deepEqual([dearer.code, dearer.field, dearer.paymentId], ['order_asked_differently', 'amount', open.id]);
    const { error } = await daraja.requestSafe(order('17', phone(2, SILENT)));
    assert.deepEqual([error.code, error.field], ['order_asked_differently', 'phoneNumber']);
    assert.equal(sandbox.prompts, 1);
  });

  test('is collected wherever its callback arrives', async () => {
    const { callbackUrl } = await shop();
    const waits = client({ ledger: ledger(), callbackUrl });
    const paid = await waits.collect(order('17'));
    assert.deepEqual([paid.isPaid, paid.order, paid.orderIsPaid], [true, '17', true]);
    const again = await waits.collect(order('17'));
    assert.deepEqual([again.id, sandbox.prompts], [paid.id, 1]);
  });

  test('is prompted for once by clients that share a ledger in PostgreSQL', async () => {
    const postgresql = await startPostgresql();
    open.push(() => postgresql.stop());
    const { daraja, told, callbackUrl } = await shop({ ledger: postgresql.address });
    const other = client({ ledger: postgresql.address, callbackUrl });
    const names = ['17', '18', '19'];
    for (const [number, name] of names.entries()) {
      const clicks = [daraja, other].map((one) => one.request(order(name, phone(number + 1))));
      const [first, second] = await Promise.all(clicks);
      assert.equal(first.id, second.id);
    }
    await eventually('the shop is told', () => told.length >= names.length);
    assert.deepEqual(told.map((payment) => payment.order).sort(), names);
    assert.equal(sandbox.prompts, names.length);
  });

  test('is refused by verbs that claim nothing', async () => {
    const daraja = client();
    for (const refused of [() => daraja.stkPush(order('17')), async () => daraja.reserve(order('17'))]) {
      assert.equal((await errorOf(refused)).code, 'order_needs_request');
    }
    assert.equal((await errorOf(() => daraja.request(order(' 17')))).code, 'order_unreadable');
    assert.equal(sandbox.prompts, 0);
  });
});

describe('a handler of outcomes', () => {
  test('that fails is told again, and another handler may stand in its place', async () => {
    const { daraja } = await shop({ ledger: undefined });
    const attempts = [];
    daraja.onOutcome((payment) => {
      attempts.push(payment.attempt);
      if (payment.attempt === 1) throw new Error('the database is away');
    });
    const warned = inTime('a warning', new Promise((resolve) => process.once('warning', resolve)));
    const payment = await daraja.request(order('17'));
    assert.match((await warned).message, /a handler of outcomes failed.*the database is away/s);
    await eventually('it is told again', () => attempts.length === 2);
    assert.deepEqual(attempts, [1, 2]);
    assert.equal((await daraja.payments.get(payment.id)).isPaid, true);
  });

  test('is waited for when the client is closed, and not called after that', async () => {
    const { daraja } = await shop();
    let ended = 0;
    const begun = new Promise((resolve) => {
      daraja.onOutcome(async () => {
        resolve();
        await new Promise((done) => setTimeout(done, 100));
        ended += 1;
      });
    });
    await daraja.request(order('17'));
    await inTime('the handler', begun);
    assert.equal(await daraja.close(), true);
    assert.equal(ended, 1);
    const other = client();
    assert.equal((await other.payments.reconcile()).told, 0);
    const late = [];
    other.onOutcome((payment) => late.push(payment.id));
    assert.deepEqual(await other.payments.reconcile(), { sendersDied: 0, judged: 0, asked: 0, told: 0, notTold: 0 });
    assert.deepEqual(late, [], 'the ledger has noted what was told');
    assert.equal((await errorOf(() => daraja.request(order('18')))).code, 'client_closed');
  });

  test('is a function', () => {
    const daraja = client();
    assert.throws(() => daraja.onOutcome({}), { code: 'type_not_accepted' });
    daraja.start();
  });
});

describe('payments', () => {
  test('are found by their order, a beginning of their id, and what else is known of them', async () => {
    const daraja = client();
    const first = await daraja.request(order('17', phone(1, SILENT)));
    const second = await daraja.request({ ...order(18, phone(2, SILENT)), accountReference: 'INV-018' });
    const { payments } = daraja;
    assert.equal((await payments.get(first.id.slice(0, 10))).id, first.id);
    assert.equal((await errorOf(() => payments.get('0123'))).code, 'payment_not_in_ledger');
    assert.deepEqual(
      (await payments.ofOrder(18)).map(({ id, order: name }) => [id, name]),
      [[second.id, '18']],
    );
    const ids = async (search) => (await payments.search(search)).payments.map(({ id }) => id);
    assert.deepEqual(await ids(), [second.id, first.id]);
    assert.deepEqual(await ids({ state: 'accepted', since: new Date(0), phoneNumber: phone(1, SILENT) }), [first.id]);
    assert.deepEqual(await ids({ reference: 'INV-018' }), [second.id]);
    assert.deepEqual(await ids({ receipt: 'SKL1234567' }), []);
    assert.deepEqual(await ids({ since: new Date(Date.now() + 60_000) }), []);
    const page = await payments.search({ limit: 1 });
    assert.deepEqual(
      page.payments.map(({ id }) => id),
      [second.id],
    );
    assert.deepEqual(await ids({ limit: 1, page: page.next }), [first.id]);
    assert.equal((await errorOf(() => payments.search({ state: 'paid' }))).field, 'state');
    assert.equal((await errorOf(() => payments.search({ status: 'accepted' }))).code, 'argument_unknown');
  });

  test('are asked about, released and resolved by a person', async () => {
    const daraja = client();
    const { payments } = daraja;
    const open = await daraja.request(order('17', phone(1, SILENT)));
    assert.equal((await payments.ask(open)).outcome, 'pending');
    assert.equal((await payments.release('17')).id, open.id);
    assert.equal((await errorOf(() => payments.release('17'))).code, 'order_not_held');
    const resolved = await payments.resolve(open.id, { isPaid: true, receipt: 'skl1234567' });
    assert.deepEqual([resolved.isPaid, resolved.receipt], [true, 'SKL1234567']);
    assert.equal((await errorOf(() => payments.resolve(open, { isPaid: false }))).code, 'payment_not_open');
    assert.equal((await errorOf(() => payments.resolve(open, { isPaid: 'no' }))).field, 'isPaid');
  });

  test('are found by what is open, owed, or of an order, and have a story', async () => {
    const daraja = client();
    const { payments } = daraja;
    const open = await daraja.request(order('17', phone(1, SILENT)));
    const failed = await daraja.request(order('18', phone(2, SILENT)));
    sandbox.act(failed.checkoutRequestId, 'cancel'); // the phone can be prompted again
    const unpaid = await payments.resolve(failed, { isPaid: false });
    assert.ok(unpaid.orderFreeAt instanceof Date, 'the prompt may be open for all that is known');
    await payments.release('18');
    const again = await daraja.request(order('18', phone(2, SILENT)));
    assert.deepEqual(
      [failed.isExisting, (await daraja.request(order('17', phone(1, SILENT)))).isExisting],
      [false, true],
    );
    const ids = async (search) => (await payments.search(search)).payments.map(({ id }) => id);
    assert.deepEqual(await ids({ onlyOpen: true }), [again.id, open.id]);
    assert.deepEqual(await ids({ order: 18 }), [again.id, failed.id]);
    // Nobody has looked yet whether there is anything to tell of a failure whose order was claimed again.
    assert.deepEqual(await ids({ onlyOwed: true }), [failed.id]);
    const story = await payments.story(failed.id.slice(0, 10));
    assert.deepEqual([story.payment.id, story.payment.order, story.holdsOrder], [failed.id, '18', false]);
    assert.deepEqual(
      story.others.map(({ id }) => id),
      [again.id],
    );
    assert.deepEqual([story.account, story.asks, story.callbacks], ['daraja:174379', 0, []]);
    assert.ok((await payments.story(open)).askAfter instanceof Date);
    const { place, ...counts } = await payments.report();
    assert.match(place, /payments\.db$/);
    assert.deepEqual([counts.payments, counts.open, counts.owed], [3, 2, 1]);
    assert.ok(counts.bytes > 0 && counts.version > 0 && Array.isArray(counts.warnings));
  });

  test('are told once more, and lose their personal data, when a person says so', async () => {
    const { daraja, told } = await shop();
    const { payments } = daraja;
    const { id } = await daraja.request(order('17'));
    const unpaid = await daraja.request(order('18', phone(2, SILENT)));
    assert.equal((await errorOf(() => payments.retell(unpaid))).code, 'nothing_to_tell');
    await eventually('the shop is told', () => told.length === 1);
    assert.equal((await payments.retell(id)).id, id);
    await eventually('the shop is told again', () => told.length === 2);
    assert.deepEqual([told[1].id, told[1].attempt], [id, 2]);
    const [callback] = (await payments.story(id)).callbacks;
    assert.match(callback.body, /"stkCallback"/);
    assert.ok(callback.receivedAt instanceof Date && callback.verdict === 'believed');
    await eventually('the ledger notes it', async () => (await payments.report()).owed === 0);
    assert.deepEqual(await payments.prunable({ olderThan: 3_600_000 }), { payments: 0, unfinished: 0 });
    assert.deepEqual(await payments.prunable({ olderThan: 0 }), { payments: 1, unfinished: 0 });
    assert.deepEqual(await payments.prune({ olderThan: 0 }), { payments: 1, unfinished: 0 });
    const { callbacks: left, payment } = await payments.story(id);
    assert.deepEqual([left, payment.isPaid, payment.push.phoneNumber === phone(1)], [[], true, false]);
  });

  test('that a program kept itself are imported', async () => {
    const before = sandbox.daraja();
    const kept = before.reserve(sale(phone(1)));
    await before.push(kept);
    const saved = kept.serialize();
    const { daraja, told } = await shop();
    const imported = await daraja.payments.import(saved, { order: 'order-17' });
    assert.deepEqual([imported.change, imported.orderIsHeld, imported.payment.order], ['new', false, 'order-17']);
    assert.notEqual((await daraja.payments.import(kept)).change, 'new');
    assert.equal((await daraja.request(order('order-17'))).id, kept.id);
    await eventually('it is asked about, and told', async () => {
      await daraja.payments.ask(kept);
      return told.length > 0;
    });
    assert.deepEqual([told[0].id, told[0].isPaid, sandbox.prompts], [kept.id, true, 1]);
    assert.equal((await errorOf(() => daraja.payments.import('{}'))).code, 'payment_unreadable');
    const palpluss = sandbox.palpluss().reserve(sale());
    assert.equal((await errorOf(() => daraja.payments.import(palpluss))).code, 'payment_of_another_gateway');
  });

  test('of another shop are not seen', async () => {
    const [one, other] = ['nairobi', 'mombasa'].map((name) => client({ ledger: ledger(), shop: name }));
    await one.request(order('17', phone(1, SILENT)));
    assert.deepEqual(await other.payments.ofOrder('17'), []);
    assert.equal((await errorOf(() => client({ shop: '' }))).code, 'order_unreadable');
  });

  test('show the customer a sentence, and nothing else', async () => {
    const daraja = client();
    const payment = await daraja.request(order('17', phone(1, SILENT)));
    const shown = payment.forCustomer();
    assert.deepEqual([shown.state, shown.outcome, shown.orderFreeAt], ['accepted', 'pending', null]);
    assert.match(shown.customerMessageEn, /not pay again/);
    assert.deepEqual(Object.keys(shown), ['state', 'outcome', 'customerMessageEn', 'customerMessageSw', 'orderFreeAt']);
  });
});

test('a callback is answered 200 where it is kept: in the ledger, or beside it while the ledger fails', async () => {
  const { callbackUrl, told } = await shop();
  const pushes = client({ ledger: ledger(), callbackUrl });
  const payment = await pushes.request(order('17', phone(1, SILENT)));
  const post = async () => {
    const [{ callback_url: url, checkout_request_id: CheckoutRequestID, merchant_request_id: MerchantRequestID }] =
      sandbox.payments();
    const stkCallback = {
      MerchantRequestID,
      CheckoutRequestID,
      ResultCode: 1032,
      ResultDesc: 'Request cancelled by user',
    };
    return (await fetch(url, { method: 'POST', body: JSON.stringify({ Body: { stkCallback } }) })).status;
  };
  const file = `${folder}/payments.db`;
  renameSync(file, `${file}.away`);
  writeFileSync(file, '');
  // A file where the folder of the spool would be.
  writeFileSync(`${file}-spool`, '');
  const warned = inTime('a warning', warningOf(/was answered with 503/));
  assert.equal(await post(), 503);
  await warned;
  rmSync(`${file}-spool`);
  assert.equal(await post(), 200);
  assert.equal(readdirSync(`${file}-spool`).length, 1);
  assert.deepEqual(told, []);
  renameSync(`${file}.away`, file);
  assert.deepEqual([await post(), await post()], [200, 200]);
  await eventually('the shop is told', () => told.length > 0);
  assert.deepEqual([told[0].id, told[0].outcome, told.length], [payment.id, 'cancelled', 1]);
});

test('a ledger is an address that is known', async () => {
  for (const [address, code] of [
    ['payments.db', 'ledger_address_unknown'],
    ['sqlite:payments.db', 'ledger_path_refused'],
  ]) {
    assert.throws(
      () => client({ ledger: address }),
      (error) => error instanceof LipiaError && error.code === code,
    );
  }
  const { Daraja } = await import('lipia');
  const environ = { ...sandbox.environ(), LIPIA_LEDGER: ledger() };
  const daraja = Daraja.fromEnv({ callbackSecrets: 'a secret of many bytes' }, environ);
  const payment = await daraja.request(order('17', phone(1, SILENT)));
  assert.equal((await client().payments.get(payment.id)).order, '17');
});
