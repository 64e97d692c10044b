/** How a payment compares with what its store has. */

import type { Payment } from '../types';

/**
 * What a store learns: `nothing`, where it knows as much or more; something to `keep`, such as a flag or an id; or that
 * the payment has moved `forward`: an outcome, or the receipt that a success lacked.
 */
export type Step = 'nothing' | 'keep' | 'forward';

/** What a store that has `stored` learns from `known`. @internal */
export function stepBetween(stored: Payment, known: Payment): Step {
  const [before, after] = [standingOf(stored), standingOf(known)];
  if (after > before) return known.state === 'settled' ? 'forward' : 'keep';
  return after === before && known.revision > stored.revision ? 'keep' : 'nothing';
}

/**
 * How far a payment has come, as money counts. Processes that hold copies of one payment each count revisions of their
 * own, so the higher revision alone may know less.
 */
function standingOf(payment: Payment): number {
  return rankOf(payment) * 2 + (payment.receipt === null ? 0 : 1);
}

function rankOf(payment: Payment): number {
  if (payment.state === 'settled') {
    if (payment.outcome === 'reversed') return 4;
    return payment.outcome === 'success' ? 3 : 2;
  }
  // A push that was refused is `reserved` again: that is news about one that was being sent.
  return payment.state === 'accepted' ? 1 : 0;
}
