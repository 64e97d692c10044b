// The process in which one peer is measured, so that its CPU time, its memory and its mistakes are its own.
// `node --expose-gc worker.mjs PEER` reads commands, a JSON object a line, and answers each with one; so do
// `bench/python/worker.py` and `bench/rust/worker`.
import { readFileSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { packages, sizeOf } from './packages.mjs';

// Whatever a library prints must not look like an answer.
const answer = (data) => writeSync(1, `${JSON.stringify(data)}\n`);
process.stdout.write = (text, ...rest) => process.stderr.write(text, ...rest);

let peer;
let client;
let sales = 0;
const reference = () => `INV-${String(++sales).padStart(6, '0')}`;

const COMMANDS = {
  /** Makes the client. */
  async make({ where }) {
    client = await peer.make(where);
  },

  /** Pushes so often, so many at a time. */
  async push({ pieces, in_flight: inFlight }) {
    let left = pieces;
    const oneAfterTheOther = async () => {
      while (left-- > 0) await peer.push(client, reference());
    };
    return measured(() => Promise.all(Array.from({ length: inFlight }, oneAfterTheOther)));
  },

  /** Pushes once, and tells how that ended. */
  async push_once() {
    return { ended: await ending() };
  },

  /** Pushes so often at the same moment, and tells how each ended. */
  async push_at_once({ pieces }) {
    return { ended: await Promise.all(Array.from({ length: pieces }, ending)) };
  },

  /** Reads a callback so often. */
  async parse({ pieces, body, as_text: asText }) {
    const given = asText ? body : Buffer.from(body);
    return measured(() => {
      for (let piece = 0; piece < pieces; piece += 1) peer.parse(given);
    });
  },

  /** What is resident: at its peak, now, and after the rubbish is gone. */
  async memory() {
    const resident = process.memoryUsage.rss();
    const peak = peakBytes();
    for (let time = 0; time < 3; time += 1) {
      globalThis.gc();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return {
      peak_bytes: peak,
      resident_bytes: resident,
      resident_after_collection_bytes: process.memoryUsage.rss(),
    };
  },

  /** What is installed of the peer. */
  async size() {
    return sizeOf(peer.PACKAGE);
  },
};

async function ending() {
  try {
    await peer.push(client, reference());
    return 'accepted';
  } catch (error) {
    if (error instanceof Error) return error.name === 'Error' ? error.message : error.name;
    return `${error?.statusCode ?? 'something'} thrown`;
  }
}

async function measured(work) {
  // No garbage collection is asked for here: a full one throws compiled code away, and `fetch` then costs four times as much.
  const began = process.hrtime.bigint();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { cpu_seconds: (user + system) / 1e6, wall_seconds: Number(process.hrtime.bigint() - began) / 1e9 };
}

/** The peak of this program alone: `maxRSS` would begin with the peak of the process that started it. */
function peakBytes() {
  try {
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

const told = (error) => (error instanceof Error ? `${error.name}: ${error.message}` : JSON.stringify(error));

try {
  peer = await import(`./peers/${process.argv[2]}.mjs`);
  answer({ version: peer.version ?? packages.version(peer.PACKAGE), language: `Node ${process.versions.node}` });
} catch (error) {
  answer({ failed: told(error) });
  process.exit(1);
}
const lines = createInterface({ input: process.stdin });
for await (const line of lines) {
  const { do: command, ...asked } = JSON.parse(line);
  try {
    answer((await COMMANDS[command](asked)) ?? {});
  } catch (error) {
    answer({ failed: told(error) });
  }
}
// A peer that keeps sockets open does not keep the process.
process.exit();
