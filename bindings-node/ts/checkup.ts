/** A client's checkup: whether its pushes can be paid, line by line. */

/** One part of a checkup, and what was found. */
export interface CheckLine {
  /** `settings`, `connection`, `credentials`, `pass_key`, `clock`, `till`, `callback` or `ledger`. */
  readonly part: string;
  /** `ok`, `warning` (it works, and a person should look at it), `failed` or `not_checked`. */
  readonly state: string;
  /** A sentence that says it. */
  readonly message: string;
  /** What to do about it, where there is something to do. */
  readonly hint: string | null;
  /** The code of the error that was met, as `npx lipia explain` knows it. */
  readonly code: string | null;
}

/** What {@link Client.check} found. */
export interface Checkup {
  /** A line for each part, in the order in which they depend on each other. */
  readonly lines: readonly CheckLine[];
  /** The lines that keep the shop from being paid. */
  readonly broken: readonly CheckLine[];
  /** Whether there are none. */
  readonly isGood: boolean;
}

/** How a client is checked. */
export interface CheckOptions {
  /**
   * Posts to the callback URL as well. The shop must be running; its handler knows the request and keeps nothing of it.
   *
   * @default false
   */
  reachCallback?: boolean | undefined;
}

/** @internal */
export function checkupOf({ lines }: { lines: CheckLine[] }): Checkup {
  const broken = lines.filter((line) => line.state === 'failed');
  return { lines, broken, isGood: broken.length === 0 };
}
