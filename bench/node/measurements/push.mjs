// CPU of one push, to a gateway that accepts at once.
import { inTurns, rowsOf } from '../turns.mjs';

const TITLES = { by_hand_fetch: 'fetch by hand', by_hand_http: 'node:http by hand' };

export async function measure(run, inFlight) {
  const measured = await inTurns(run, ['lipia', 'by_hand_fetch', 'by_hand_http'], {
    prepare: (worker) => worker.ask('make', { where: run.where }),
    work: (worker, pieces) => worker.ask('push', { pieces, inFlight }),
  });
  return { title: `CPU of a push, ${inFlight} in flight`, rows: rowsOf(measured, TITLES, { by_hand_fetch: 0.12 }) };
}
