const sale = { phoneNumber: '0712345678', amount: 150, accountReference: 'INV-001' };

afterEach(() => jest.resetModules());

for (const round of [1, 2, 3]) {
  test(`modules that were reset work, round ${round}`, async () => {
    const { LipiaError } = require('lipia');
    const { startSandbox } = require('lipia/sandbox');
    const sandbox = await startSandbox();
    try {
      const daraja = sandbox.daraja();
      expect((await daraja.collect(sale)).isPaid).toBe(true);
      await expect(daraja.stkPush({ ...sale, amount: -1 })).rejects.toBeInstanceOf(LipiaError);
    } finally {
      await sandbox.stop();
    }
  });
}

test('fake timers do not stop it', async () => {
  const { startSandbox } = require('lipia/sandbox');
  const sandbox = await startSandbox();
  jest.useFakeTimers();
  try {
    expect((await sandbox.daraja().collect(sale)).isPaid).toBe(true);
  } finally {
    jest.useRealTimers();
    await sandbox.stop();
  }
});
