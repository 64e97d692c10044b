// Garbage collection: objects that nobody holds are freed, whatever calls are in flight.
import { after, before, test } from 'node:test';
import { startSandbox } from 'lipia/sandbox';
import { assertEnded, run } from './child.mjs';

let sandbox;
before(async () => {
  sandbox = await startSandbox();
});
after(() => sandbox.stop());

const GARBAGE = `
import { setImmediate as turn } from 'node:timers/promises';
const collected = async () => { for (let i = 0; i < 4; i += 1) { await turn(); global.gc(); } };
const mebibytes = () => process.memoryUsage().rss / 2 ** 20;
/** Does something in rounds; what it keeps shows in the later ones, when every pool is filled. */
const grows = async (rounds, most, work) => {
  for (let i = 0; i < 3; i += 1) { await work(); await collected(); }
  const before = mebibytes();
  for (let i = 0; i < rounds; i += 1) { await work(); await collected(); }
  const grown = mebibytes() - before;
  say(grown < most ? 'done' : 'grew by ' + grown.toFixed(1) + ' MiB');
};
`;

const inChild = (text) => run(GARBAGE + text, { sandbox, flags: ['--expose-gc'] });

test('8,000 clients that were made and dropped', async () => {
  const text = `await grows(8, 20, () => { for (let i = 0; i < 1000; i += 1) lipia.Daraja.fromEnv(); });`;
  assertEnded(await inChild(text), { stdout: 'done' });
});

test('2,000 clients that were used and dropped', async () => {
  const text = `
    await grows(8, 16, async () => {
      for (let i = 0; i < 25; i += 1) {
        const clients = Array.from({ length: 10 }, () => lipia.Daraja.fromEnv());
        await Promise.all(clients.map((client) => client.stkQuerySafe('ws_CO_1')));
      }
    });`;
  assertEnded(await inChild(text), { stdout: 'done' });
});

test('20,000 payments that were reserved and dropped', async () => {
  const text = `await grows(10, 12, () => { for (let i = 0; i < 2000; i += 1) daraja.reserve(sale()); });`;
  assertEnded(await inChild(text), { stdout: 'done' });
});

test('payments that were pushed, and waits that were left', async () => {
  const text = `
    let phones = 0;
    const customer = () => ({ ...sale(), phoneNumber: '07' + String(30000000 + (phones++ * 10) % 6000000) });
    await grows(6, 16, async () => {
      for (let i = 0; i < 20; i += 1) {
        const payments = Array.from({ length: 10 }, () => daraja.reserve(customer()));
        await Promise.all(payments.map((payment) => daraja.push(payment)));
        await Promise.all(payments.map((payment) => daraja.waitSafe(payment, { signal: AbortSignal.timeout(1) })));
      }
    });`;
  assertEnded(await inChild(text), { stdout: 'done' });
});

test('handles that are collected while their calls are under way', async () => {
  const text = `
    let answered = 0;
    const begin = () => {
      const client = lipia.Daraja.fromEnv({ wait: JSON.parse(process.env.SANDBOX_WAIT) });
      const payment = client.reserve(sale());
      // Nobody holds the client, the payment or the wait from here on.
      client.push(payment).then(() => client.wait(payment)).then((paid) => { if (paid.isPaid) answered += 1; });
    };
    for (let i = 0; i < 100; i += 1) begin();
    const timer = setInterval(() => global.gc(), 1);
    while (answered < 100) await turn();
    clearInterval(timer);
    say('done');`;
  assertEnded(await inChild(text), { stdout: 'done' });
});

test('a process that exits right after everything was dropped', async () => {
  const text = `
    for (let i = 0; i < 200; i += 1) { const client = lipia.Daraja.fromEnv(); client.reserve(sale()); client.stkQuerySafe('ws_CO_1'); }
    global.gc();
    process.exit(7);`;
  for (let round = 0; round < 5; round += 1) assertEnded(await inChild(text), { code: 7 });
});

test('a sandbox that was dropped and not stopped', async () => {
  const text = `
    import { startSandbox } from 'lipia/sandbox';
    for (let i = 0; i < 20; i += 1) { const own = await startSandbox(); await own.daraja().stkPush(sale()); }
    await collected();
    say('done');`;
  assertEnded(await inChild(text), { stdout: 'done' });
});
