/** The guard's counts, and how close they are to their limits. */

/** One count of the guard, and its limit. */
export interface GuardCount {
  /** The pushes that count: those that failed, and those whose outcome is not known. */
  readonly counted: number;
  /** Of these, the pushes whose outcome is not known. */
  readonly unsettled: number;
  /** The most pushes that are let happen. */
  readonly limit: number;
  /** Whether the count is near its limit, or at it. */
  readonly warning: boolean;
  /** The latest time at which a count that is at its limit opens again; `null` below the limit. */
  readonly opensAt: Date | null;
}

/** How close a phone and its account are to being refused by the guard. */
export interface GuardStanding {
  /** The phone's count; `null` where phones are not counted. */
  readonly phone: GuardCount | null;
  /** The account's failures, one count for each limit. */
  readonly account: readonly GuardCount[];
  /** The latest time until which a push to this phone is refused; `null` where it is not refused. */
  readonly opensAt: Date | null;
}

interface CountData extends Omit<GuardCount, 'opensAt'> {
  opens_at: string | null;
}

/** @internal */
export interface StandingData {
  phone: CountData | null;
  account: CountData[];
  opens_at: string | null;
}

const instant = (text: string | null): Date | null => (text === null ? null : new Date(text));

const countOf = ({ opens_at, ...count }: CountData): GuardCount => ({ ...count, opensAt: instant(opens_at) });

/** @internal */
export function standingOf({ phone, account, opens_at }: StandingData): GuardStanding {
  return { phone: phone && countOf(phone), account: account.map(countOf), opensAt: instant(opens_at) };
}
