// A shop in a process of its own. It says its port, takes callbacks in, and writes what it was told into a file.
import { appendFileSync, readdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { Daraja } from 'lipia';
import { callbacks } from 'lipia/node';
import { FileStore } from './file-store.mjs';

const [folder, meeting] = process.argv.slice(2);
const files = new FileStore(folder);

/** Loads, and goes on once two processes have loaded. */
async function load(paymentId) {
  const saved = await files.load(paymentId);
  writeFileSync(`${meeting}/${process.pid}`, '');
  const end = Date.now() + 10_000;
  while (readdirSync(meeting).length < 2 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 1));
  return saved;
}

const receive = callbacks(Daraja.fromEnv(), {
  store: { load, save: (payment, loaded) => files.save(payment, loaded) },
  onOutcome: ({ id, outcome, receipt }) => appendFileSync(`${folder}/told`, `${id} ${outcome} ${receipt}\n`),
});
const server = http.createServer(receive);
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
// Whoever started it is gone, or has had enough.
process.stdin.resume().on('end', () => {
  server.closeAllConnections();
  server.close();
});
