/** The live payment. */

import { Acceptance } from './acceptance';
import { refusedType, textOf } from './arguments';
import { takenNow } from './calls';
import { concern, LookAtPaymentError, refusalOf } from './errors';
import { Event } from './event';
import type { NativePayment } from './native';
import { Payment, type SnapshotData } from './payment';
import type { Change, Gateway } from './words';

/** The native addon's payments, which nothing outside this package reaches. */
const NATIVE = new WeakMap<PaymentHandle, NativePayment>();

/**
 * A live payment of this process. The acceptance and the outcome arrive here, whatever happens to the call that pushed it.
 * Keep it, or its text, until the payment is settled.
 */
export class PaymentHandle {
  /** @internal */
  constructor(native: NativePayment) {
    NATIVE.set(this, native);
  }

  /** The payment's own id. */
  get id(): string {
    return nativeOf(this).id;
  }

  /** The gateway that prompts the phone. */
  get gateway(): Gateway {
    return nativeOf(this).gateway as Gateway;
  }

  /** The payment as it is now. */
  snapshot(): Payment {
    return new Payment(JSON.parse(nativeOf(this).snapshot()) as SnapshotData);
  }

  /** The payment as JSON text, to save. It has the customer's number and a secret URL: keep it as safe as an order. */
  serialize(): string {
    return this.snapshot().serialize();
  }

  /**
   * Marks the payment's push as about to leave. Then save {@link PaymentHandle.serialize}, and `push`. A program that reads
   * the text after a crash knows that the phone may have been prompted, and never prompts it again.
   *
   * @throws {LookAtPaymentError} the payment was pushed or begun before.
   *
   * @example
   * const payment = daraja.reserve({ phoneNumber: '0712345678', amount: 150, accountReference: 'INV-001' });
   * payment.begin();
   * await save(payment.serialize());
   * await daraja.push(payment);
   * await save(payment.serialize());
   */
  begin(): void {
    const refusal = nativeOf(this).begin();
    if (refusal !== null) throw refusalOf(refusal);
  }

  /**
   * Applies an event that came on this payment's own callback URL. An event that does not fit is kept as a flag and not
   * believed. `receiveCallback` does this after its own checks.
   */
  notify(event: Event): Change {
    return takenNow(nativeOf(this).notify(rawOf(event))) as Change;
  }

  /** The fields that `res.json(handle)` sends, fit for the customer: see {@link Payment.toJSON}. */
  toJSON(): Record<string, unknown> {
    return this.snapshot().toJSON();
  }

  /** @internal */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `PaymentHandle { id: '${this.id}' }`;
  }
}

/** The native addon's object for a live payment. @internal */
export function nativeOf(payment: unknown): NativePayment {
  const native = payment instanceof PaymentHandle ? NATIVE.get(payment) : undefined;
  if (native !== undefined) return native;
  throw refusedType(
    'payment',
    payment,
    'which is not a live payment',
    'Give the PaymentHandle that reserve(), resume(), find() or unclaimed() returned.',
  );
}

/** The body of an event. @internal */
export function rawOf(event: unknown): Uint8Array {
  if (event instanceof Event) return event.raw;
  throw refusedType(
    'event',
    event,
    'which is not an Event',
    'Give what parseCallback() or receiveCallback() returned.',
  );
}

/** The id for a query. @internal */
export function idOf(prompt: unknown): string {
  if (prompt instanceof Acceptance) return prompt.id;
  if (!(prompt instanceof PaymentHandle || prompt instanceof Payment)) return textOf('checkoutRequestId', prompt);
  const { acceptance } = prompt instanceof Payment ? prompt : prompt.snapshot();
  if (acceptance !== null) return acceptance.id;
  const error = new LookAtPaymentError('This payment has no acceptance, and so no id to ask by.', {
    kind: 'payment_state',
    disposition: 'unknown',
    code: 'nothing_to_ask_by',
    hint: 'Use ask(payment), which also asks by what a callback claimed, or wait(payment) for the callback.',
    paymentId: prompt.id,
  });
  if (prompt instanceof PaymentHandle) concern(error, prompt);
  throw error;
}
