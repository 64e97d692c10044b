// Lipia's Node package beside its peers: the table of contents. `bench/node/run` starts it with all it needs.
// Everything is from one run on one machine. Nothing is a test, and nothing fails because it is slow.
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import * as callback from './measurements/callback.mjs';
import * as memory from './measurements/memory.mjs';
import * as push from './measurements/push.mjs';
import * as requiring from './measurements/require.mjs';
import * as size from './measurements/size.mjs';
import * as tokens from './measurements/tokens.mjs';
import { Gateway } from './processes.mjs';
import { asText, failureRow } from './report.mjs';

const CONTENTS = [
  ['push, 1 in flight', (run) => push.measure(run, 1)],
  ['push, 32 in flight', (run) => push.measure(run, 32)],
  ['callback, bytes', (run) => callback.measure(run, 'bytes')],
  ['callback, text', (run) => callback.measure(run, 'text')],
  ['callback, compact bytes', (run) => callback.measure(run, 'bytes', 'compact')],
  ['callback, compact text', (run) => callback.measure(run, 'text', 'compact')],
  ['require', requiring.measure],
  ['memory', memory.measure],
  ['tokens', tokens.measure],
  ['size', size.measure],
];

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, json: { type: 'string' }, only: { type: 'string' } },
});

const gateway = await Gateway.start(process.env.LIPIA_BENCH_SERVER);
const run = {
  gateway,
  rounds: options.quick ? 3 : 9,
  batchSeconds: options.quick ? 0.15 : 0.4,
  pushes: options.quick ? 2_000 : 10_000,
  starts: options.quick ? 10 : 40,
  processes: options.quick ? 1 : 3,
  // The server looks at no key; these are the sandbox's.
  where: {
    baseUrl: gateway.baseUrl,
    consumerKey: 'sandbox-key',
    consumerSecret: 'sandbox-secret',
    shortCode: '174379',
    passKey: 'bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919',
    callbackUrl: 'https://shop.example.com/pay',
  },
};
const load = () => os.loadavg()[0].toFixed(2);
const began = Date.now();
const header = {
  date: new Date().toISOString(),
  node: process.version,
  system: `${os.type()} ${os.release()} ${os.machine()}`,
  processors: os.availableParallelism(),
  load: load(),
};

const sections = [];
try {
  for (const [name, measure] of CONTENTS) {
    if (options.only !== undefined && !name.startsWith(options.only)) continue;
    console.error(`… ${name}`);
    // One measurement that fails leaves the others.
    sections.push(await measure(run).catch((error) => ({ title: name, rows: [failureRow(name, error.message)] })));
  }
} finally {
  await gateway.end();
}
header['load at the end'] = load();
header.seconds = Math.round((Date.now() - began) / 1000);

for (const [name, value] of Object.entries(header)) console.log(`${name}: ${value}`);
for (const section of sections) console.log(`\n${asText(section)}`);
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ ...header, sections }, null, 1)}\n`);
