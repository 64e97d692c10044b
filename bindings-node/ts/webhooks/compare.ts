/** Compares a payment with the copy of it that a store has. */

import { takenNow } from '../calls';
import { addon } from '../native';
import { Payment, type SnapshotData } from '../payment';

/**
 * What a store learns: `nothing`, where it knows as much or more; something to `keep`, such as a flag or an id; or that
 * the payment has moved `forward`: an outcome, or the receipt that a success lacked. @internal
 */
export type Gain = 'nothing' | 'keep' | 'forward';

/** What a store that has `stored` learns from `known`, and the payment as it is to be saved. @internal */
export function compare(stored: Payment, known: Payment): { gain: Gain; payment: Payment } {
  const compared = takenNow(addon.gainBetween(stored.serialize(), known.serialize()));
  const [gain, payment] = compared as [Gain, SnapshotData];
  return { gain, payment: new Payment(payment) };
}
