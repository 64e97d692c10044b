// A shop in a process of its own. It says its port, takes callbacks in, and writes what it was told into a file.
import { appendFileSync } from 'node:fs';
import http from 'node:http';
import { Daraja } from 'lipia';
import { callbacks } from 'lipia/node';

const [folder] = process.argv.slice(2);
const daraja = Daraja.fromEnv();
daraja.onOutcome(({ id, outcome, receipt }) => appendFileSync(`${folder}/told`, `${id} ${outcome} ${receipt}\n`));
const server = http.createServer(callbacks(daraja));
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
// Whoever started it is gone, or has had enough.
process.stdin.resume().on('end', async () => {
  server.closeAllConnections();
  server.close();
  await daraja.close();
});
