// What every runtime must be able to do; run by .ci/node-runtimes with the package installed beside it.
//   program.mjs all     does everything and ends by itself
//   program.mjs exit    calls process.exit(7) with calls under way
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { Daraja, FindOutError, LipiaError, PaymentHandle, parseCallback } from 'lipia';
import { callbacks } from 'lipia/node';
import { startSandbox } from 'lipia/sandbox';

let phones = 0;
const sale = (phoneNumber = `07${String(10_000_000 + (phones++ % 1000) * 10)}`) => ({
  phoneNumber,
  amount: 150,
  accountReference: 'INV-001',
});

async function twentyColdPushesAskForOneToken(sandbox) {
  const daraja = sandbox.daraja();
  await Promise.all(Array.from({ length: 20 }, () => daraja.stkPush(sale())));
  const { prompts, oauth_calls } = sandbox.counters();
  assert.deepEqual({ prompts, oauth_calls }, { prompts: 20, oauth_calls: 1 });
}

async function aLostAnswerIsUnknownAndNotRepeated(sandbox) {
  const daraja = sandbox.daraja();
  const before = sandbox.prompts;
  sandbox.inject({ step: 'push', kind: 'answer_lost' });
  const payment = daraja.reserve(sale());
  const error = await daraja.push(payment).catch((error) => error);
  assert.ok(error instanceof FindOutError && error instanceof LipiaError, String(error));
  assert.equal(error.disposition, 'unknown');
  assert.equal(sandbox.prompts, before + 1);
  assert.equal(payment.snapshot().state, 'unknown');
}

async function aWaitEndsWithTheCallback(sandbox) {
  let receive;
  const server = createServer((request, response) => receive(request, response));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const daraja = sandbox.daraja({ callbackUrl: `http://127.0.0.1:${server.address().port}/pay` });
  receive = callbacks(daraja);
  const payment = await new Promise((resolve, reject) => {
    daraja.onOutcome(resolve);
    daraja.collect({ ...sale(), order: 'order-17' }).catch(reject);
  });
  await daraja.close();
  assert.equal(payment.outcome, 'success');
  assert.match(payment.receipt ?? '', /^[A-Z0-9]{10}$/);
  await new Promise((resolve) => server.close(resolve));
}

async function aWaitEndsWithAQuery(sandbox) {
  const daraja = sandbox.daraja();
  const payment = daraja.reserve(sale());
  await daraja.push(payment);
  const kinds = [];
  for await (const progress of daraja.wait(payment)) kinds.push(progress.kind);
  assert.equal(kinds.at(-1), 'settled');
  const taken = daraja.resume(payment.serialize());
  assert.ok(taken instanceof PaymentHandle && taken.snapshot().isPaid);
}

async function aSignalEndsAWait(sandbox) {
  const daraja = sandbox.daraja();
  const acceptance = await daraja.stkPush(sale('0712349001'));
  const error = await daraja.wait(acceptance, { signal: AbortSignal.timeout(50) }).catch((error) => error);
  assert.equal(error.name, 'AbortError');
}

function bodiesAreRead() {
  const text =
    '{"Body":{"stkCallback":{"MerchantRequestID":"m","CheckoutRequestID":"c","ResultCode":1032,"ResultDesc":"no"}}}';
  for (const body of [text, new TextEncoder().encode(text), Buffer.from(text), JSON.parse(text)]) {
    assert.equal(parseCallback(body).outcome, 'cancelled');
  }
  assert.throws(() => parseCallback('{'), LipiaError);
}

function requireSeesTheSame() {
  const required = createRequire(import.meta.url)('lipia');
  assert.equal(required.LipiaError, LipiaError);
  assert.throws(() => new Daraja({}), required.LipiaError);
}

async function aWorkerPushes(sandbox) {
  const worker = new Worker(new URL('./worker.mjs', import.meta.url), {
    workerData: { settings: sandbox.settings(), sale: sale() },
  });
  const said = new Promise((resolve, reject) => {
    worker.on('message', resolve);
    worker.on('error', reject);
  });
  assert.equal(await said, 'daraja');
  await worker.terminate();
}

const sandbox = await startSandbox();
if (process.argv[2] === 'exit') {
  sandbox.inject({ step: 'push', kind: 'slow_after', seconds: 100_000, times: 16 });
  const daraja = sandbox.daraja();
  for (let i = 0; i < 32; i += 1) daraja.stkPush(sale()).catch(() => {});
  setTimeout(() => process.exit(7), 20);
} else {
  await twentyColdPushesAskForOneToken(sandbox);
  await aLostAnswerIsUnknownAndNotRepeated(sandbox);
  await aWaitEndsWithTheCallback(sandbox);
  await aWaitEndsWithAQuery(sandbox);
  await aSignalEndsAWait(sandbox);
  bodiesAreRead();
  requireSeesTheSame();
  await aWorkerPushes(sandbox);
  await sandbox.stop();
  console.log('all of it works');
}
