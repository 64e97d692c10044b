// A small shop that takes M-Pesa: one payment for one order, in as many processes as you like.
import express from 'express';
import { Daraja } from 'lipia';
import { callbacks, errors } from 'lipia/express';
import { Orders } from './orders.js';

const orders = new Orders(process.env.SHOP_ORDERS ?? `${import.meta.dirname}/orders`);
const ledger = process.env.LIPIA_LEDGER ?? `sqlite://${import.meta.dirname}/payments.db`;

const daraja = Daraja.fromEnv({ ledger });
daraja.onOutcome((payment) => payment.isPaid && orders.markPaid(payment.order, payment.receipt));

const app = express();
app.disable('x-powered-by');
app.use('/pay', callbacks(daraja)); // where MPESA_CALLBACK_URL points
app.get('/', (_request, response) => response.sendFile('page.html', { root: import.meta.dirname }));

app.post('/orders/:id/pay', express.json({ limit: '4kb' }), async (request, response) => {
  // The page makes the order's id, so that a click twice is one order. What it costs is never for the page to say.
  const order = orders.place(request.params.id, request.body?.item);
  if (order === undefined) return response.status(422).json({ customerMessageEn: 'We do not sell that.' });
  const payment = await daraja.request({
    order: order.id,
    phoneNumber: request.body.phone,
    amount: order.price,
    accountReference: order.id,
  });
  return response.status(202).json(payment.forCustomer());
});

app.get('/orders/:id', async (request, response) => {
  const [payment] = await daraja.payments.ofOrder(request.params.id);
  if (payment === undefined) return response.status(404).json({ customerMessageEn: 'There is no such order.' });
  return response.json({ ...payment.forCustomer(), receipt: orders.receipt(request.params.id) });
});
app.use(errors());

const server = app.listen(Number(process.env.PORT ?? 8700), '127.0.0.1', (error) => {
  if (error) throw error;
  console.info(`http://127.0.0.1:${server.address().port}`);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    server.close();
    server.closeAllConnections();
    await daraja.close(); // what is being sent or told ends first
    process.exit();
  });
}
