// A small shop that takes M-Pesa: a page with a form, and the payment's progress while the customer looks on.
//
// It may end at any moment: what matters is in the store.
import express from 'express';
import { CorrectInputError, Daraja, keep, LipiaError } from 'lipia';
import { callbacks } from 'lipia/express';
import { mayBePaid, paymentOf, Store } from './store.js';

/** What is sold, in KES. What it costs is never for the page to say. */
const PRICES = { coffee: 150, samosa: 50, chapati: 30 };

/** When M-Pesa is first asked about a payment whose callback does not come, in milliseconds. */
const ASK_AFTER = Number(process.env.SHOP_ASK_AFTER ?? 10_000);

/** For how long a payment is asked about, in milliseconds. What is open then is for a person to look into. */
const ASK_FOR = 24 * 60 * 60 * 1000;

const store = new Store(process.env.SHOP_ORDERS ?? 'orders');
const daraja = Daraja.fromEnv({ wait: { firstQueryAfter: ASK_AFTER, queryEvery: ASK_AFTER } });
const closing = new AbortController();

/**
 * Prompts the phone, once, and waits for what the customer does.
 *
 * @param {import('lipia').PaymentHandle} payment
 */
async function collect(payment) {
  try {
    await daraja.push(payment);
  } catch (error) {
    if (!(error instanceof LipiaError)) throw error;
    // What it means for the money is in the payment: `reserved` again, or `unknown`, which is asked about.
    console.warn(`order ${payment.snapshot().push.accountReference}: ${error.message}`);
  }
  const known = await keep(payment, store);
  if (mayBePaid(known)) await follow(payment);
}

/**
 * Waits for an outcome, tells the customer, and keeps what came of it.
 *
 * @param {import('lipia').PaymentHandle} payment
 */
async function follow(payment) {
  const until = payment.snapshot().reservedAt.getTime() + ASK_FOR;
  while (Date.now() < until && !closing.signal.aborted) {
    for await (const progress of daraja.wait(payment, { signal: closing.signal })) {
      if (progress.kind === 'queried') store.tell(payment.id, 'waiting for your PIN');
      if (progress.kind === 'query_failed') store.tell(payment.id, 'M-Pesa is slow, still asking');
    }
    if (!mayBePaid(await keep(payment, store))) return;
  }
}

/** @type {Set<Promise<void>>} */
const underWay = new Set();

/** Work that no request waits for. @param {Promise<void>} work */
function inBackground(work) {
  const told = work.catch((error) => {
    if (!closing.signal.aborted) console.error(error);
  });
  underWay.add(told);
  told.then(() => underWay.delete(told));
}

/** What the customer's page shows. @param {import('./store.js').Order} order */
function shown(order) {
  const payment = paymentOf(order);
  const messages = {
    settled: payment.describe().customerMessageEn,
    reserved: 'M-Pesa did not take the request. You were not charged; please order again.',
  };
  return {
    orderId: order.orderId,
    item: order.item,
    isOpen: mayBePaid(payment),
    isPaid: payment.isPaid,
    outcome: payment.outcome,
    receipt: payment.receipt,
    message: messages[payment.state] ?? order.news,
  };
}

const app = express();
app.disable('x-powered-by');

app.use(
  '/pay',
  callbacks(daraja, {
    store,
    // For what may be lost: a message to the customer, a line in a log. The goods are handed over in `store.save`.
    onOutcome: (payment) => console.info(`order ${payment.push.accountReference}: ${payment.outcome}`),
  }),
);

app.get('/', (_request, response) => response.sendFile('page.html', { root: import.meta.dirname }));

app.post('/orders', express.json({ limit: '4kb' }), (request, response) => {
  // The page makes the order's id, so that a click twice is one order. M-Pesa shows it to the customer.
  const { orderId, item, phoneNumber } = request.body ?? {};
  if (!/^[A-Z0-9]{1,12}$/.test(orderId)) return response.status(422).json({ error: 'There is no such order id.' });
  if (!Object.hasOwn(PRICES, item)) return response.status(422).json({ error: 'We do not sell that.' });
  let payment;
  try {
    payment = daraja.reserve({ phoneNumber, amount: PRICES[item], accountReference: orderId });
  } catch (error) {
    if (!(error instanceof CorrectInputError)) throw error;
    return response.status(422).json({ field: error.field, error: error.message });
  }
  // From here on the saved payment says that the phone may have been prompted, whatever happens to this process.
  payment.begin();
  if (store.place(orderId, item, payment.snapshot())) inBackground(collect(payment));
  return response.status(202).json(shown(store.order(orderId)));
});

app.param('orderId', (_request, response, next, orderId) => {
  if (store.order(orderId) !== undefined) return next();
  return response.status(404).json({ error: 'There is no such order.' });
});

app.get('/orders/:orderId', (request, response) => response.json(shown(store.order(request.params.orderId))));

/** The order's progress, as server-sent events. */
app.get('/orders/:orderId/events', (request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const { orderId } = request.params;
  const tell = (changed) => {
    if (changed !== orderId) return;
    const order = shown(store.order(orderId));
    response.write(`data: ${JSON.stringify(order)}\n\n`);
    if (!order.isOpen) response.end();
  };
  response.on('close', () => store.off('changed', tell));
  store.on('changed', tell);
  tell(orderId);
});

const server = app.listen(Number(process.env.PORT ?? 8700), '127.0.0.1', (error) => {
  if (error) throw error;
  console.info(`http://127.0.0.1:${server.address().port}`);
  // What a restart interrupted. Nothing is pushed again.
  for (const payment of store.open()) inBackground(follow(daraja.resume(payment)));
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    server.close();
    server.closeAllConnections();
    // A wait is taken up by the next process. A push that is on its way learns its answer, and that is saved.
    closing.abort();
    await Promise.all(underWay);
    process.exit();
  });
}
