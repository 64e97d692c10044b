/** Warnings about a push that is valid: in the acceptance, in the payment, and in the log. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as lipia from 'lipia';
import { startSandbox } from 'lipia/sandbox';
import { phone, sale } from './support/sales.mjs';

let sandbox;
before(async () => {
  sandbox = await startSandbox();
});
after(() => sandbox.stop());

test('a push that is valid and odd is warned of in the acceptance and in the payment', async () => {
  const daraja = sandbox.daraja();
  const handle = daraja.reserve({ ...sale(), accountReference: 'INV#1' });
  const reserved = handle.snapshot().warnings;
  const { warnings } = await daraja.push(handle);
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['account_reference_unusual_character'],
  );
  assert.match(warnings[0].message, /'#'/);
  assert.deepEqual(reserved, warnings);
  const saved = lipia.Payment.deserialize(handle.serialize());
  assert.deepEqual([saved.warnings, saved.acceptance.warnings], [warnings, warnings]);
  const plain = await daraja.stkPush(sale(phone(1)));
  assert.deepEqual(plain.warnings, []);
});
