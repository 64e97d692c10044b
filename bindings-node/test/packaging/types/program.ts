// A shop's program: everything that is used here has to have the type that it is used as.
import {
  type Acceptance,
  acceptedReply,
  type Client,
  type CommonSettings,
  Daraja,
  type Disposition,
  describe,
  type ErrorKind,
  type Event,
  FindOutError,
  LipiaError,
  type Outcome,
  PalPluss,
  PayHero,
  Payment,
  type PaymentHandle,
  parseAmount,
  parsePhoneNumber,
  type Result,
  type ResultCode,
  type Status,
  type StkPush,
  setLogger,
  TryAgainError,
  UpesiPay,
  type Verdict,
} from 'lipia';
import { type Sandbox, startSandbox } from 'lipia/sandbox';

const common: CommonSettings = { callbackUrl: 'https://shop.example.co.ke/pay', timeout: 30_000 };
const daraja = new Daraja({
  ...common,
  consumerKey: 'key',
  consumerSecret: 'secret',
  shortCode: 174379,
  passKey: 'pass',
});
const clients: Client[] = [
  daraja,
  PalPluss.fromEnv(),
  UpesiPay.fromEnv({ channelId: 7 }, process.env),
  PayHero.fromEnv({ baseUrl: 'https://payhero.example' }),
];

export async function sell(phoneNumber: string, amount: number): Promise<string> {
  const payment: PaymentHandle = daraja.reserve({ phoneNumber, amount, accountReference: 'INV-001' });
  try {
    const acceptance: Acceptance = await daraja.push(payment, { timeout: 20_000, signal: AbortSignal.timeout(60_000) });
    const id: string = acceptance.id;
    const status: Status = await daraja.stkQuery(id);
    const settled: Payment = await daraja.wait(payment, { timeout: 120_000 });
    for await (const progress of daraja.wait(payment)) console.log(progress);
    const outcome: Outcome = settled.outcome;
    const receipt: string | null = settled.receipt;
    return status.isPaid ? (receipt ?? outcome) : settled.describe().customerMessageSw;
  } catch (error) {
    if (error instanceof FindOutError) return `${payment.id}: ${error.hint ?? ''}`;
    if (error instanceof TryAgainError) return `in ${error.retryAfterSeconds ?? 5} s`;
    if (error instanceof LipiaError) {
      const kind: ErrorKind = error.kind;
      const disposition: Disposition = error.disposition;
      return `${kind} ${disposition} ${error.code} ${error.field ?? ''}`;
    }
    throw error;
  }
}

export async function sellSafely(push: StkPush): Promise<Payment | undefined> {
  const result: Result<Payment> = await daraja.collectSafe(push);
  if (result.ok) return result.data;
  const { error } = result;
  console.error(error.message, error.httpStatus, error.requestId);
  return undefined;
}

export function saved(payment: PaymentHandle): string {
  const text: string = payment.snapshot().serialize();
  const again: Payment = Payment.deserialize(text);
  return JSON.stringify(again);
}

export async function received(path: string, body: Uint8Array): Promise<Verdict | null> {
  const { verdict, event } = await daraja.receiveCallback({ path, body }, { confirm: true });
  const amount: number | null = event.amount;
  const read: Event = daraja.parseCallback(body);
  console.log(amount, read.date?.getTime(), acceptedReply());
  return verdict;
}

/** Every outcome has its case, or this is not compiled. */
export function said(outcome: Outcome): string {
  switch (outcome) {
    case 'success':
      return 'paid';
    case 'pending':
    case 'unknown':
      return 'ask again';
    case 'cancelled':
    case 'timeout':
    case 'insufficient_funds':
    case 'wrong_pin':
    case 'limit':
    case 'expired':
    case 'push_not_delivered':
    case 'subscriber_busy':
    case 'customer_locked':
    case 'customer_account_state':
    case 'merchant_config':
    case 'provider_error':
    case 'failed':
    case 'reversed':
      return 'not paid';
    default: {
      const never: never = outcome;
      return never;
    }
  }
}

export async function tested(): Promise<void> {
  const sandbox: Sandbox = await startSandbox({ timeScale: 100 });
  const upesipay: UpesiPay = sandbox.upesipay();
  await upesipay.stkPush({ phoneNumber: '0712345678', amount: 150n, accountReference: 7, customerName: 'A' });
  sandbox.inject({ step: 'push', kind: 'answer_lost', times: Number.POSITIVE_INFINITY });
  console.log(sandbox.phoneUrl.length, sandbox.prompts, sandbox.counters().oauth_calls, clients.length);
  await sandbox.stop();
}

setLogger(console);
const row: ResultCode = describe('1032');
const { number, masked } = parsePhoneNumber('0712 345 678');
console.log(row.outcome, number, masked, parseAmount('150'));
