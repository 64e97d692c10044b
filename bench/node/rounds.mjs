// Turns, sizes and ratios. Pure: nothing here looks at a clock.

/** The middle of some numbers. */
export function median(numbers) {
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Who comes after whom in each round. Whoever goes first finds the caches as the last one left them, so the first place
 * moves on from round to round, and every other round runs backwards.
 */
export function orders(names, rounds) {
  return Array.from({ length: rounds }, (_, number) => {
    const first = number % names.length;
    const order = [...names.slice(first), ...names.slice(0, first)];
    return number % 2 === 1 ? order.reverse() : order;
  });
}

const MOST_PIECES = 200_000;

/** How many pieces of work fill a batch of so many seconds: at least 4, or a batch says nothing. */
export function piecesFor(secondsPerPiece, batchSeconds) {
  if (!(secondsPerPiece > 0)) return MOST_PIECES;
  return Math.max(4, Math.min(MOST_PIECES, Math.round(batchSeconds / secondsPerPiece)));
}

/**
 * What one costs of what another costs: the middle of the rounds' ratios, the smallest and the largest, and what each
 * costs in the middle. Both ran in every round that counts.
 */
export function ratio(candidate, base) {
  const ratios = candidate.map((ours, round) => ours / base[round]).filter(Number.isFinite);
  if (ratios.length === 0) throw new Error('no round in which both ran');
  return {
    middle: median(ratios),
    least: Math.min(...ratios),
    most: Math.max(...ratios),
    rounds: ratios.length,
    candidate: median(candidate),
    base: median(base),
  };
}
