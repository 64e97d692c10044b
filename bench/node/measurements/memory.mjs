// What is resident after many pushes, 32 in flight, in a fresh process for each peer.
import { Worker } from '../processes.mjs';
import { failureRow, megabytes } from '../report.mjs';
import { median } from '../rounds.mjs';

const TITLES = { lipia: 'lipia', by_hand_fetch: 'fetch by hand', by_hand_http: 'node:http by hand' };

async function ofOne(run, peer) {
  const worker = new Worker(peer);
  try {
    await worker.ask('make', { where: run.where });
    await worker.ask('push', { pieces: run.pushes, inFlight: 32 });
    return await worker.ask('memory');
  } finally {
    worker.end();
  }
}

export async function measure(run) {
  const taken = Object.fromEntries(Object.keys(TITLES).map((peer) => [peer, []]));
  const failures = new Map();
  for (let time = 0; time < run.processes; time += 1) {
    for (const peer of Object.keys(TITLES)) {
      if (failures.has(peer)) continue;
      await ofOne(run, peer).then((found) => taken[peer].push(found), (error) => failures.set(peer, error.message));
    }
  }
  const middle = (peer, part) => median(taken[peer].map((found) => found[part]));
  const rows = Object.entries(TITLES).map(([peer, title]) => {
    if (failures.has(peer)) return failureRow(title, failures.get(peer));
    const [rss, rssWithoutRubbish] = [middle(peer, 'rss'), middle(peer, 'rssWithoutRubbish')];
    const isAsked = peer === 'lipia' && !failures.has('by_hand_fetch');
    return {
      subject: title,
      figure: megabytes(rss),
      detail: `${megabytes(rssWithoutRubbish)} after the rubbish is gone; median of ${taken[peer].length}`,
      ...(isAsked
        ? {
            asked: 'below fetch by hand, both',
            isMet: rss < middle('by_hand_fetch', 'rss') && rssWithoutRubbish < middle('by_hand_fetch', 'rssWithoutRubbish'),
          }
        : {}),
      numbers: { rss, rssWithoutRubbish, all: taken[peer] },
    };
  });
  return { title: `Resident memory after ${run.pushes} pushes`, rows };
}
