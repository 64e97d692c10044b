// OAuth calls of 20 cold pushes at the same moment. The gateway takes 50 ms for a token, and counts.
import { Worker } from '../processes.mjs';

const PUSHES = 20;

export async function measure(run) {
  const worker = new Worker('lipia');
  try {
    await worker.ask('make', { where: run.where });
    const before = await run.gateway.tokens();
    const { accepted } = await worker.ask('pushAtOnce', { pieces: PUSHES });
    const calls = (await run.gateway.tokens()) - before;
    const row = {
      subject: 'lipia',
      figure: String(calls),
      detail: `${accepted} of ${PUSHES} accepted`,
      asked: '1',
      isMet: calls === 1 && accepted === PUSHES,
      numbers: { calls, accepted },
    };
    return { title: `OAuth calls of ${PUSHES} cold pushes`, rows: [row] };
  } finally {
    worker.end();
  }
}
