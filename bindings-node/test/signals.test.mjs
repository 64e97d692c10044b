/** One signal for many calls. */

import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AbortedError } from 'lipia';
import { startSandbox } from 'lipia/sandbox';
import { phone, SILENT, sale } from './support/sales.mjs';

test('a signal that many calls share is listened to once, and ends them all', async (t) => {
  const sandbox = await startSandbox();
  t.after(() => sandbox.stop());
  const warnings = [];
  const warn = (warning) => warnings.push(warning);
  process.on('warning', warn);
  t.after(() => process.off('warning', warn));
  const daraja = sandbox.daraja();
  const shared = new AbortController();
  const payments = await Promise.all(
    Array.from({ length: 40 }, async (_, number) => {
      const payment = daraja.reserve(sale(phone(number + 1, SILENT)));
      await daraja.push(payment, { signal: shared.signal });
      return payment;
    }),
  );
  assert.equal(getEventListeners(shared.signal, 'abort').length, 0);
  const waits = payments.map((payment) =>
    daraja.wait(payment, { signal: shared.signal }).then(assert.fail, (error) => error),
  );
  const queries = Array.from({ length: 5 }, () =>
    daraja.stkQuery('ws_CO_1', { signal: shared.signal }).catch(() => {}),
  );
  await nextTurn();
  assert.equal(getEventListeners(shared.signal, 'abort').length, 1);
  shared.abort();
  for (const error of await Promise.all(waits)) assert.ok(error instanceof AbortedError, error);
  await Promise.all(queries);
  await nextTurn();
  assert.deepEqual([getEventListeners(shared.signal, 'abort').length, warnings], [0, []]);
});
