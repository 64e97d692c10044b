// A shop as the guide has it, in a cluster of four workers that share a ledger in a file. A worker that dies is replaced.

import cluster from 'node:cluster';
import { appendFileSync, writeFileSync } from 'node:fs';
import express from 'express';
import { Daraja } from 'lipia';
import { callbacks, errors } from 'lipia/express';

const { SHOP_FOLDER: folder, PORT: port } = process.env;
const WORKERS = 4;

if (cluster.isPrimary) {
  let isOpen = true;
  for (let worker = 0; worker < WORKERS; worker += 1) cluster.fork();
  cluster.on('exit', () => isOpen && cluster.fork());
  // Whoever started it is gone, or has had enough.
  process.stdin.resume().on('end', () => {
    isOpen = false;
    for (const worker of Object.values(cluster.workers)) worker.send('close');
  });
} else {
  // What a lost answer costs: a claim whose sender died is held for this time and 15 seconds.
  const daraja = Daraja.fromEnv({ timeout: 3000 });
  daraja.onOutcome((payment) => {
    appendFileSync(`${folder}/told`, `${payment.order} ${payment.outcome}\n`);
    if (payment.isPaid) markPaid(payment.order, payment.receipt);
  });

  const app = express();
  app.use('/pay', callbacks(daraja));
  app.post('/orders/:id/pay', express.json(), async (request, response) => {
    const payment = await daraja.request({
      order: request.params.id,
      phoneNumber: request.body.phone,
      amount: 150,
      accountReference: 'INV-001',
    });
    response.status(202).json({ id: payment.id, worker: process.pid, ...payment.forCustomer() });
  });
  app.use(errors());
  const server = app.listen(Number(port), '127.0.0.1', () => process.stdout.write(`worker ${process.pid}\n`));
  process.on('message', async () => {
    server.close();
    server.closeAllConnections();
    await daraja.close();
    process.exit();
  });
}

/** Marks an order as paid: once, as a table with the order as its key would. */
function markPaid(order, receipt) {
  try {
    writeFileSync(`${folder}/paid-${order}`, `${receipt}`, { flag: 'wx' });
    appendFileSync(`${folder}/marked`, `${order}\n`);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
}
