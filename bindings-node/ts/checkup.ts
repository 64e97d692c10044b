/** A client's checkup: whether its pushes can be paid, line by line. */

/** The result for one part of a checkup. */
export interface CheckLine {
  /** The part: `settings`, `connection`, `credentials`, `pass_key`, `clock`, `till`, `callback` or `ledger`. */
  readonly part: string;
  /** The state: `ok`, `warning` (it works, and a person should look at it), `failed` or `not_checked`. */
  readonly state: string;
  /** A sentence that says what was found. */
  readonly message: string;
  /** What to do about it, where there is something to do. */
  readonly hint: string | null;
  /** The code of the error that was met, as `npx lipia explain` knows it. */
  readonly code: string | null;
}

/** The result of {@link Client.check}. */
export interface Checkup {
  /** A line for each part, in the order in which the parts depend on each other. */
  readonly lines: readonly CheckLine[];
  /** The lines that keep the shop from being paid. */
  readonly broken: readonly CheckLine[];
  /** Whether no line keeps the shop from being paid. */
  readonly isGood: boolean;
}

/** The options of a check. */
export interface CheckOptions {
  /**
   * Whether to post to the callback URL as well. The shop must be running; its handler recognises the request and keeps
   * nothing of it.
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
