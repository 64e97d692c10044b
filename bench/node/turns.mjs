// CPU time of several peers that take turns.
import { Worker } from './processes.mjs';
import { failureRow, ratioRow } from './report.mjs';
import { orders, piecesFor, ratio } from './rounds.mjs';

/** So many pieces at least before the first that counts. */
const WARM_AFTER = 4_096;

/**
 * Lets peers take turns, each in a process of its own.
 *
 * @param prepare what a worker does first; it does not count.
 * @param work has a worker do so many pieces; resolves to CPU and wall-clock seconds.
 * @returns CPU seconds a piece of each peer, a number for each round; and why others were not measured.
 */
export async function inTurns(run, peers, { prepare = async () => {}, work }) {
  const taken = new Map();
  const failures = new Map();
  const pieces = new Map();
  const workers = new Map(peers.map((name) => [name, new Worker(name)]));

  const attempt = async (name, step) => {
    const worker = workers.get(name);
    if (worker === undefined) return;
    try {
      await step(worker);
    } catch (error) {
      // A peer that fails leaves; the others go on.
      failures.set(name, error.message);
      taken.delete(name);
      workers.delete(name);
      worker.end();
    }
  };

  const warmUp = async (worker) => {
    await prepare(worker);
    // Connections, token, compiled code; then larger and larger, until a batch says how long a piece takes. Of `fetch` the
    // last is compiled after thousands of calls: until then it costs four times as much.
    let many = 1;
    let { wallSeconds } = await work(worker, many);
    while (wallSeconds < run.batchSeconds / 2 || many < WARM_AFTER) {
      many *= 4;
      ({ wallSeconds } = await work(worker, many));
    }
    pieces.set(worker.peer, piecesFor(wallSeconds / many, run.batchSeconds));
    taken.set(worker.peer, []);
  };

  const oneRound = async (worker) => {
    const many = pieces.get(worker.peer);
    const { cpuSeconds } = await work(worker, many);
    taken.get(worker.peer).push(cpuSeconds / many);
  };

  try {
    for (const name of peers) await attempt(name, warmUp);
    for (const order of orders([...workers.keys()], run.rounds)) {
      for (const name of order) await attempt(name, oneRound);
    }
  } finally {
    for (const worker of workers.values()) worker.end();
  }
  return { taken, failures };
}

/** What Lipia costs of what each other costs. */
export function rowsOf({ taken, failures }, titles, asked = {}) {
  const ours = taken.get('lipia');
  const rows = [];
  for (const [name, theirs] of taken) {
    if (name === 'lipia' || ours === undefined) continue;
    rows.push(ratioRow(`lipia / ${titles[name]}`, ratio(ours, theirs), { atMost: asked[name] }));
  }
  for (const [name, reason] of failures) rows.push(failureRow(titles[name] ?? name, reason));
  return rows;
}
