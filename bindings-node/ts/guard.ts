/** The guard's standing: how close pushes are to being refused. */

/** How close one count is to its limit. */
export interface GuardCount {
  /** How many pushes count: those that failed, and those whose outcome is not known. */
  readonly counted: number;
  /** How many of them have no known outcome. */
  readonly unsettled: number;
  /** How many are let happen. */
  readonly limit: number;
  /** Whether it is near its limit, or there. */
  readonly warning: boolean;
  /** Where it is at its limit: when it opens again, at the latest. */
  readonly opensAt: Date | null;
}

/** What the guard knows of a phone and of the account, within this process. */
export interface GuardStanding {
  /** The phone's count; `null` where phones are not counted. */
  readonly phone: GuardCount | null;
  /** The account's failures, one count for each limit. */
  readonly account: readonly GuardCount[];
  /** Until when a push to this phone is refused; `null` where it is not. */
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
