// The sale that everybody pushes, and the merchant who does.

export const PHONE_NUMBER = '0712345678';
export const AMOUNT = 150;
export const DESCRIPTION = 'Coffee';

export const PUSH_PATH = '/mpesa/stkpush/v1/processrequest';

/** A token, fetched once. */
export async function token(where) {
  const pair = Buffer.from(`${where.consumerKey}:${where.consumerSecret}`).toString('base64');
  const answer = await fetch(`${where.baseUrl}/oauth/v1/generate?grant_type=client_credentials`, {
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
    BusinessShortCode: where.shortCode,
    Password: Buffer.from(`${where.shortCode}${where.passKey}${timestamp}`).toString('base64'),
    Timestamp: timestamp,
    TransactionType: 'CustomerPayBillOnline',
    Amount: String(AMOUNT),
    PartyA: '254712345678',
    PartyB: where.shortCode,
    PhoneNumber: '254712345678',
    CallBackURL: where.callbackUrl,
    AccountReference: 'INV-000001',
    TransactionDesc: DESCRIPTION,
  });
}

/** The prompt's id, from an answer that was read by hand. */
export function accepted(answer) {
  if (answer.ResponseCode !== '0') throw new Error(`not accepted: ${JSON.stringify(answer)}`);
  return answer.CheckoutRequestID;
}
