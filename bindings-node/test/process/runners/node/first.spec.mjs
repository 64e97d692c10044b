import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LipiaError } from 'lipia';
import { startSandbox } from 'lipia/sandbox';

const sale = { phoneNumber: '0712345678', amount: 150, accountReference: 'INV-001' };

let sandbox;
before(async () => {
  sandbox = await startSandbox();
});
after(() => sandbox.stop());

test('a customer pays', async () => {
  assert.ok((await sandbox.daraja().collect(sale)).isPaid);
});

test('errors are of the classes that the test has', async () => {
  await assert.rejects(sandbox.daraja().stkPush({ ...sale, amount: -1 }), LipiaError);
});
