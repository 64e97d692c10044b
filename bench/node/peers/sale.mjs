// The sale that every peer pushes, and its merchant.

export const PHONE_NUMBER = '0712345678';
export const PHONE_NUMBER_INTERNATIONAL = '254712345678';
export const AMOUNT = 150;
export const DESCRIPTION = 'Coffee';
export const TRANSACTION_TYPE = 'CustomerPayBillOnline';

export const PUSH_PATH = '/mpesa/stkpush/v1/processrequest';

/** A token, fetched once. */
export async function token(where) {
  const pair = Buffer.from(`${where.consumer_key}:${where.consumer_secret}`).toString('base64');
  const answer = await fetch(`${where.base_url}/oauth/v1/generate?grant_type=client_credentials`, {
    headers: { Authorization: `Basic ${pair}` },
  });
  return (await answer.json()).access_token;
}

/** The headers of a push. */
export function headers(token) {
  return { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', Accept: 'application/json' };
}

const EAST_AFRICA_IS_AHEAD_BY = 3 * 60 * 60 * 1000;

/** The body of a push, for whoever sends the same one over and over. */
export function body(where) {
  const instant = new Date(Date.now() + EAST_AFRICA_IS_AHEAD_BY);
  const timestamp = instant.toISOString().replaceAll(/\D/g, '').slice(0, 14);
  return JSON.stringify({
    BusinessShortCode: where.short_code,
    Password: Buffer.from(`${where.short_code}${where.pass_key}${timestamp}`).toString('base64'),
    Timestamp: timestamp,
    TransactionType: TRANSACTION_TYPE,
    Amount: String(AMOUNT),
    PartyA: PHONE_NUMBER_INTERNATIONAL,
    PartyB: where.short_code,
    PhoneNumber: PHONE_NUMBER_INTERNATIONAL,
    CallBackURL: where.callback_url,
    AccountReference: 'INV-000001',
    TransactionDesc: DESCRIPTION,
  });
}

/** The prompt's id, from an answer that was read by hand. */
export function accepted(answer) {
  if (answer.ResponseCode !== '0') throw new Error(`not accepted: ${JSON.stringify(answer)}`);
  return answer.CheckoutRequestID;
}
