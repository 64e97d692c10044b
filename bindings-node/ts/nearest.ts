/** The nearest known name to a misspelt one. */

/** A name in lower case, and letters only: `phone_number` and `PhoneNumber` are alike. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]/g, '');
}

/** How many letters are added, left out, replaced or swapped with their neighbour between two names. */
function distance(one: string, other: string): number {
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, place) => place);
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwapped =
        row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      const steps = [
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (before[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      ];
      current.push(Math.min(...steps));
    }
    [before, last] = [last, current];
  }
  return last[other.length] ?? 0;
}

/** How far a name may be from the one that was meant: a typo or two, fewer in a short name. */
const FARTHEST = 0.4;

/**
 * The known name that is nearest to `name`, where one is near: it begins or ends alike, or is a typo or two away.
 * @internal
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const meant = plain(name);
  if (meant === '') return undefined;
  let found: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const other = plain(candidate);
    const isPart = Math.min(meant.length, other.length) >= 3 && (other.includes(meant) || meant.includes(other));
    const share = isPart ? 0.2 : distance(meant, other) / Math.max(meant.length, other.length);
    const steps = meant === other ? 0 : share;
    if (steps < least) [found, least] = [candidate, steps];
  }
  return least <= FARTHEST ? found : undefined;
}
