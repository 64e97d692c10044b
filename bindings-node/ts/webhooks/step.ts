/** How a payment compares with what its store has. */

import { takenNow } from '../calls';
import { addon } from '../native';
import { Payment, type SnapshotData } from '../payment';

/**
 * What a store learns: `nothing`, where it knows as much or more; something to `keep`, such as a flag or an id; or that
 * the payment has moved `forward`: an outcome, or the receipt that a success lacked. @internal
 */
export type Step = 'nothing' | 'keep' | 'forward';

/** What a store that has `stored` learns from `known`, and that one as it is to be saved. @internal */
export function stepBetween(stored: Payment, known: Payment): { step: Step; payment: Payment } {
  const compared = takenNow(addon.stepBetween(stored.serialize(), known.serialize()));
  const [step, payment] = compared as [Step, SnapshotData];
  return { step, payment: new Payment(payment) };
}
