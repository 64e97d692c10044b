import { LipiaError } from 'lipia';
import { startSandbox } from 'lipia/sandbox';

const sale = { phoneNumber: '0712345678', amount: 150, accountReference: 'INV-001' };

test('as an ES module', async () => {
  const sandbox = await startSandbox();
  try {
    const daraja = sandbox.daraja();
    expect((await daraja.collect(sale)).isPaid).toBe(true);
    await expect(daraja.stkPush({ ...sale, amount: -1 })).rejects.toBeInstanceOf(LipiaError);
  } finally {
    await sandbox.stop();
  }
});
