// CPU of reading a callback: the success that `bench/` reads too.
import { readFileSync } from 'node:fs';
import { inTurns, rowsOf } from '../turns.mjs';

const TITLES = { json_checked: 'JSON.parse and checks by hand', json_alone: 'JSON.parse alone' };
const BODY = new URL('../../../core/vectors/callbacks/d002_success_balance_item_without_value.json', import.meta.url);

/** @param form how the body is given: `bytes` or `text`, indented as in the documents, or `compact`, as most servers write. */
export async function measure(run, as, form = 'indented') {
  const indented = readFileSync(BODY, 'utf8');
  const body = form === 'compact' ? JSON.stringify(JSON.parse(indented)) : indented;
  const measured = await inTurns(run, ['lipia', 'json_checked', 'json_alone'], {
    work: (worker, pieces) => worker.ask('parse', { pieces, body, as }),
  });
  return {
    title: `CPU of reading a callback of ${Buffer.byteLength(body)} bytes, ${form}, given as ${as}`,
    rows: rowsOf(measured, TITLES, { json_checked: 1 }),
  };
}
