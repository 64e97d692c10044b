// Mistakes: each has to be found by the compiler, which is told so in the line before. One that it does not find is an error.
import { Daraja, type Outcome, type Payment, parsePhoneNumber, UpesiPay } from 'lipia';
import { startSandbox } from 'lipia/sandbox';

const daraja = Daraja.fromEnv();
const upesipay = UpesiPay.fromEnv();
const sale = { phoneNumber: '0712345678', amount: 150, accountReference: 'INV-001' };

// @ts-expect-error the amount is missing
daraja.stkPush({ phoneNumber: '0712345678', accountReference: 'INV-001' });
// @ts-expect-error the phone number is missing
daraja.reserve({ amount: 150, accountReference: 'INV-001' });
// @ts-expect-error the reference is missing
daraja.collect({ phoneNumber: '0712345678', amount: 150 });
// @ts-expect-error a word of another spelling
daraja.stkPush({ phone: '0712345678', amount: 150, accountReference: 'INV-001' });
// @ts-expect-error the name that the wire has
daraja.stkPush({ PhoneNumber: '0712345678', Amount: 150, AccountReference: 'INV-001' });
// @ts-expect-error no amount
daraja.stkPush({ ...sale, amount: true });
// @ts-expect-error what only UpesiPay has
daraja.stkPush({ phoneNumber: '0712345678', amount: 150, accountReference: 'INV-001', customerName: 'A' });
// @ts-expect-error what only Daraja has
upesipay.stkPush({ phoneNumber: '0712345678', amount: 150, accountReference: 'INV-001', partyB: '1' });
// @ts-expect-error no such way to fit a text
daraja.stkPush({ ...sale, fit: 'cut' });
// @ts-expect-error no such type of transaction
daraja.stkPush({ ...sale, transactionType: 'paybill' });
// @ts-expect-error the settings are missing
new Daraja();
// @ts-expect-error a setting of another gateway
new Daraja({ apiKey: 'key' });
// @ts-expect-error no such environment
new Daraja({ consumerKey: 'k', consumerSecret: 's', shortCode: '1', passKey: 'p', environment: 'live' });
// @ts-expect-error seconds with their unit
daraja.wait(daraja.reserve(sale), { timeout: '120s' });
// @ts-expect-error a promise is no payment
daraja.collect(sale).isPaid;
// @ts-expect-error the payment is a handle, and a handle's state is in its snapshot
daraja.reserve(sale).serialise();
// @ts-expect-error a controller is no signal
daraja.stkPush(sale, { signal: new AbortController() });
// @ts-expect-error no such outcome
const outcome: Outcome = 'paid';
// @ts-expect-error a receipt may not be there yet
const receipt: string = ({} as Payment).receipt;
// @ts-expect-error what has come cannot be changed
(({}) as Payment).outcome = 'success';
// @ts-expect-error a phone number is text or a number
parsePhoneNumber({ number: '0712345678' });
// @ts-expect-error no such step
startSandbox().then((sandbox) => sandbox.inject({ step: 'payment', kind: 'answer_lost' }));
// @ts-expect-error a callback has a path
daraja.receiveCallback({ body: '{}' });
// @ts-expect-error a client is made by its gateway's class
daraja.like;
daraja.collectSafe(sale).then((result) => {
  // @ts-expect-error whether there is a payment has to be asked first
  console.log(result.data);
});

console.log(outcome, receipt);
