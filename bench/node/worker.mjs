// The process in which one peer is measured, so that its CPU time, its memory and its mistakes are its own.
// `node --expose-gc worker.mjs PEER` is told commands by the process that started it, and answers each once.

const peer = await import(`./peers/${process.argv[2]}.mjs`);

let client;
let sales = 0;
const reference = () => `INV-${String(++sales).padStart(6, '0')}`;

const COMMANDS = {
  /** Makes the client. */
  async make({ where }) {
    client = await peer.make(where);
  },

  /** Pushes so often, so many at a time. */
  async push({ pieces, inFlight }) {
    let left = pieces;
    const oneAfterTheOther = async () => {
      while (left-- > 0) await peer.push(client, reference());
    };
    return measured(() => Promise.all(Array.from({ length: inFlight }, oneAfterTheOther)));
  },

  /** Reads a callback so often. */
  async parse({ pieces, body, as }) {
    const bytes = Buffer.from(body);
    const given = as === 'bytes' ? bytes : bytes.toString();
    return measured(() => {
      for (let piece = 0; piece < pieces; piece += 1) peer.parse(given);
    });
  },

  /** Pushes so often at the same moment, and tells how each ended. */
  async pushAtOnce({ pieces }) {
    const pushes = Array.from({ length: pieces }, () => peer.push(client, reference()));
    const ends = await Promise.allSettled(pushes);
    return { accepted: ends.filter(({ status }) => status === 'fulfilled').length };
  },

  /** What is resident, as it is and after the rubbish is gone. */
  async memory() {
    const before = process.memoryUsage.rss();
    for (let time = 0; time < 3; time += 1) {
      globalThis.gc();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return { rss: before, rssWithoutRubbish: process.memoryUsage.rss() };
  },
};

async function measured(work) {
  // No garbage collection is asked for here: a full one throws compiled code away, and `fetch` then costs four times as much.
  const began = process.hrtime.bigint();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { cpuSeconds: (user + system) / 1e6, wallSeconds: Number(process.hrtime.bigint() - began) / 1e9 };
}

process.on('disconnect', () => process.exit());
process.on('message', async ({ command, args }) => {
  try {
    process.send({ ...(await COMMANDS[command](args)) });
  } catch (error) {
    process.send({ failed: `${error.name}: ${error.message}` });
  }
});
