import { LipiaError } from 'lipia';
import { startSandbox } from 'lipia/sandbox';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

const sale = { phoneNumber: '0712345678', amount: 150, accountReference: 'INV-001' };

let sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

test('a customer pays', async () => {
  expect((await sandbox.daraja().collect(sale)).isPaid).toBe(true);
});

test('errors are of the classes that the test has', async () => {
  await expect(sandbox.daraja().stkPush({ ...sale, amount: -1 })).rejects.toBeInstanceOf(LipiaError);
});

test('modules that were reset work', async () => {
  vi.resetModules();
  const again = await import('lipia/sandbox');
  const own = await again.startSandbox();
  expect((await own.daraja().collect(sale)).isPaid).toBe(true);
  await own.stop();
});
