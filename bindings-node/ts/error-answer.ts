/** The HTTP answer to a request where a call of Lipia failed. */

import {
  AbortedError,
  ChangeRequestError,
  CorrectInputError,
  DisbelieveError,
  FindOutError,
  HoldBackError,
  type LipiaError,
  LookAtPaymentError,
  TryAgainError,
  tellFailure,
} from './internals';

/** The status, headers and text for an error, which goes to the log unless it is the customer's input. @internal */
export function answerOf(error: LipiaError): { status: number; headers: Record<string, string>; text: string } {
  const status = statusOf(error);
  if (status !== 400) tellFailure(`a request was answered with ${status}`, error);
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (status === 503 && error.retryAfterSeconds !== null) headers['retry-after'] = String(error.retryAfterSeconds);
  return { status, headers, text: JSON.stringify(error) };
}

/** The HTTP status for an error. */
function statusOf(error: LipiaError): number {
  if (error instanceof CorrectInputError) return error.toJSON().field === null ? 500 : 400;
  if (error instanceof DisbelieveError) return 400;
  if (error instanceof FindOutError || error instanceof LookAtPaymentError) return 409;
  if (error instanceof AbortedError) return error.disposition === 'unknown' ? 409 : 503;
  if (error instanceof TryAgainError || error instanceof HoldBackError) return 503;
  return error instanceof ChangeRequestError ? 502 : 500;
}
