/** Sales to try things with. */

export const PHONE = '0712345678';

/** A push for a phone of its own for every number. The last four digits say what its customer does; 5 at the end pays. */
export function sale(phoneNumber = PHONE) {
  return { phoneNumber, amount: 150, accountReference: 'INV-001' };
}

/** A phone of its own for every number; its customer pays. */
export function phone(number, ending = '0005') {
  return `2547${String(number % 10_000).padStart(4, '0')}${ending}`;
}

/** The end of a number whose customer does nothing until the test says so. */
export const SILENT = '9001';

/** Settings of a client of Daraja that never speaks to anybody: nothing listens on that port. */
export const NOWHERE = { baseUrl: 'http://127.0.0.1:9', callbackUrl: 'http://127.0.0.1:9/pay' };

/** Keys for each gateway, with which a client is made that never speaks to anybody. */
export const KEYS = {
  daraja: { consumerKey: 'key', consumerSecret: 'secret', shortCode: 174379, passKey: 'pass', ...NOWHERE },
  palpluss: { apiKey: 'key', ...NOWHERE },
  upesipay: { authToken: 'token', channelId: 1, ...NOWHERE },
  payhero: { authToken: 'token', channelId: 1, ...NOWHERE },
};
