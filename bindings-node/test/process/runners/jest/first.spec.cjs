const { Daraja, LipiaError, CorrectInputError, parseCallback } = require('lipia');
const { startSandbox } = require('lipia/sandbox');

let sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

const sale = { phoneNumber: '0712345678', amount: 150, accountReference: 'INV-001' };

test('a customer pays', async () => {
  const payment = await sandbox.daraja().collect(sale);
  expect(payment.outcome).toBe('success');
  expect(sandbox.prompts).toBe(1);
});

test('errors are of the classes that the test has', async () => {
  const daraja = sandbox.daraja();
  await expect(daraja.stkPush({ ...sale, amount: 0.5 })).rejects.toBeInstanceOf(CorrectInputError);
  const error = await daraja.stkPush({ ...sale, amount: 0.5 }).catch((error) => error);
  expect(error instanceof LipiaError).toBe(true);
  expect(error instanceof Error).toBe(true);
  expect(() => daraja.reserve({ ...sale, phoneNumber: '12' })).toThrow(LipiaError);
  expect(daraja).toBeInstanceOf(Daraja);
});

test('bodies are taken in whatever they are made of', () => {
  const text =
    '{"Body":{"stkCallback":{"MerchantRequestID":"m","CheckoutRequestID":"c","ResultCode":1032,"ResultDesc":"no"}}}';
  for (const body of [
    text,
    Buffer.from(text),
    new TextEncoder().encode(text),
    JSON.parse(text),
    new Uint8Array(Buffer.from(text)).buffer,
  ]) {
    expect(parseCallback(body).outcome).toBe('cancelled');
  }
});

test('a signal ends a wait', async () => {
  const daraja = sandbox.daraja();
  const acceptance = await daraja.stkPush({ ...sale, phoneNumber: '0712349001' });
  const controller = new AbortController();
  const waited = daraja.wait(acceptance, { signal: controller.signal });
  controller.abort();
  await expect(waited).rejects.toMatchObject({ name: 'AbortError' });
});
