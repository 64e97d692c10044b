/** The closed lists of words that every language shares. Made from the core's lists by `make documents`: do not edit. */

/** Every {@link Gateway}. */
export const GATEWAYS = [
  // Safaricom's own API.
  'daraja',
  // PalPluss.
  'palpluss',
  // UpesiPay.
  'upesipay',
  // PayHero, which speaks the first generation of UpesiPay's interface.
  'payhero',
] as const;

/** The gateway of a push or an event. */
export type Gateway = (typeof GATEWAYS)[number];

/** Every {@link Outcome}. */
export const OUTCOMES = [
  // The customer paid.
  'success',
  // The customer cancelled the prompt.
  'cancelled',
  // The phone could not be reached, or nobody answered the prompt.
  'timeout',
  // The customer's balance, with any overdraft, is too low.
  'insufficient_funds',
  // The customer entered a wrong M-Pesa PIN.
  'wrong_pin',
  // A limit on amount, day or balance stands in the way.
  'limit',
  // The prompt or its session ran out before it was completed.
  'expired',
  // The prompt never reached the phone.
  'push_not_delivered',
  // The customer has another M-Pesa session open.
  'subscriber_busy',
  // The customer's PIN is locked.
  'customer_locked',
  // The customer's M-Pesa account does not allow the payment.
  'customer_account_state',
  // The merchant's short code, till or product is not set up for this.
  'merchant_config',
  // M-Pesa or the gateway failed.
  'provider_error',
  // Not paid, and no reason is known.
  'failed',
  // Paid, and the money was returned.
  'reversed',
  // The prompt is live or the payment is being processed.
  'pending',
  // Nobody can say yet: it may have been paid. Ask, do not prompt again.
  'unknown',
] as const;

/**
 * What came of a push. Only `success` is money received.
 *
 * `pending` and `unknown` are *not* failures: the customer may still pay or may have paid already, so neither is ever a
 * reason to prompt again.
 */
export type Outcome = (typeof OUTCOMES)[number];

/** Every {@link Disposition}. */
export const DISPOSITIONS = [
  // Nothing left this device, or the gateway refused before it acted. No phone was prompted.
  'not_sent',
  // The gateway refused the request. No phone was prompted.
  'rejected',
  // A phone may have been prompted. Wait for the callback or query; do not send again.
  'unknown',
] as const;

/** What an error says about the customer's money. */
export type Disposition = (typeof DISPOSITIONS)[number];

/** Every {@link ErrorKind}. */
export const ERROR_KINDS = [
  // An argument is not valid; the error's `field` names it. Found before anything was sent.
  'invalid_input',
  // A setting is missing or not valid. Found before anything was sent.
  'configuration',
  // The step does not fit the payment's state: it was sent already, or is settled.
  'payment_state',
  // The gateway does not accept the credentials.
  'authentication',
  // The gateway accepts the API credentials, but not the short code and pass key.
  'credentials',
  // The gateway refused the request as it stands.
  'invalid_request',
  // The customer has another M-Pesa prompt open; nothing was sent to the phone.
  'subscriber_busy',
  // Too many requests, and no time left in this call to wait it out.
  'rate_limited',
  // The gateway, or Lipia's own guard ahead of it, refuses all pushes for a while.
  'blocked',
  // The gateway could not be reached: no byte of the request left.
  'connection',
  // The request left and no whole answer came back in time.
  'no_answer',
  // The gateway answered that it failed.
  'provider_error',
  // The gateway's answer fits no known shape.
  'unreadable_answer',
  // The body is not a callback, or not one that can be trusted.
  'invalid_callback',
  // The caller's store or credentials provider failed. Nothing was sent.
  'storage',
  // Your signal was aborted. This language alone has it: elsewhere a cancelled call is not an error of Lipia's.
  'aborted',
] as const;

/** What kind of trouble an error is, named for what the developer looks at next. */
export type ErrorKind = (typeof ERROR_KINDS)[number];

/** Every {@link PaymentState}. */
export const PAYMENT_STATES = [
  // Nothing was sent, or the push was refused.
  'reserved',
  // Its push is on the way. Read from storage after a crash, this means: it may have been sent.
  'sending',
  // The answer to its push was lost. The phone may have been prompted; it is never pushed again.
  'unknown',
  // The gateway took the push. Not a payment yet.
  'accepted',
  // Its outcome is known.
  'settled',
] as const;

/** How far a payment has come. */
export type PaymentState = (typeof PAYMENT_STATES)[number];

/** Every {@link Change}. */
export const CHANGES = [
  // The payment moved forward.
  'applied',
  // The payment knew it already: a duplicate, or older news.
  'unchanged',
  // It does not fit this payment. It is kept and flagged, and nothing was believed.
  'suspicious',
] as const;

/** What handing something to a payment did. */
export type Change = (typeof CHANGES)[number];

/** Every {@link Verdict}. */
export const VERDICTS = [
  // It fits, and the payment has moved forward.
  'believed',
  // The payment knew it already.
  'duplicate',
  // It does not fit this payment. It is kept with the payment, flagged, and changed nothing.
  'mismatch',
  // It says that money came, and the gateway did not confirm that when asked. The payment is still open: wait for it,
  // or ask again later.
  'not_confirmed',
  // It is about this payment, and says neither that it was paid nor that it failed: its code is not in the table of
  // result codes, or it contradicts itself. It is kept with the payment, flagged. Said once: a repeat is a duplicate.
  'not_understood',
] as const;

/** The verdict on a callback. */
export type Verdict = (typeof VERDICTS)[number];

/** Every {@link FieldCheck}. */
export const FIELD_CHECKS = [
  // Both sides say the same.
  'matches',
  // They say different things, or the event says something that cannot be read.
  'differs',
  // One side says nothing, or hides too much to tell.
  'not_stated',
] as const;

/** How one field of an event compares with what was asked for. */
export type FieldCheck = (typeof FIELD_CHECKS)[number];

/** Every {@link EventWarning}. */
export const EVENT_WARNINGS = [
  // The body does not have the request's id.
  'merchant_request_id_missing',
  // A success came without any details.
  'metadata_missing',
  // Some details have no name or are not objects. They are ignored.
  'metadata_junk_items',
  // Details came with something that is not a success. They are ignored.
  'metadata_on_failure',
  // A success came without a receipt.
  'receipt_missing',
  // The receipt had white space around it, which was removed.
  'receipt_trimmed',
  // The receipt is not 6 to 20 capital letters and digits.
  'receipt_unreadable',
  // The body has two different receipts. Neither is believed.
  'receipt_conflict',
  // A success came without an amount.
  'amount_missing',
  // The amount is not a number, or has more than two decimals.
  'amount_unreadable',
  // The amount is larger than can be held exactly.
  'amount_out_of_range',
  // The amount is zero or negative.
  'amount_not_positive',
  // The body has two different amounts. Neither is believed.
  'amount_conflict',
  // A success came without a phone number.
  'phone_missing',
  // Some digits of the phone number are hidden.
  'phone_masked',
  // The phone number is a hash of 64 hexadecimal digits.
  'phone_hashed',
  // The phone number is not one that M-Pesa in Kenya could have.
  'phone_unreadable',
  // The body has two different phone numbers. Neither is believed.
  'phone_conflict',
  // A success came without a date.
  'date_missing',
  // The date does not exist, or has another form.
  'date_unreadable',
  // The body has two different dates. Neither is believed.
  'date_conflict',
  // The event is not about an STK push.
  'not_stk',
  // The gateway's status and the kind of its event contradict each other.
  'status_event_mismatch',
  // The gateway's status and M-Pesa's code contradict each other.
  'status_code_mismatch',
] as const;

/** Something odd about a callback body that is still readable. */
export type EventWarning = (typeof EVENT_WARNINGS)[number];

/** Every {@link Fault}. */
export const FAULTS = [
  // Nobody: nothing is wrong.
  'none',
  // The payer.
  'customer',
  // The merchant, or the merchant's developer.
  'merchant',
  // Safaricom, or the gateway.
  'provider',
  // The payer or Safaricom; the code does not tell.
  'customer_or_provider',
  // The merchant or Safaricom; the code does not tell.
  'merchant_or_provider',
  // Not known.
  'unknown',
] as const;

/** On whose side the cause of a result code lies. */
export type Fault = (typeof FAULTS)[number];

/** Every {@link Confidence}. */
export const CONFIDENCES = [
  // Seen in real traffic.
  'observed',
  // Two or more independent sources agree.
  'confirmed',
  // One source says so.
  'one_source',
  // Sources contradict each other.
  'contested',
  // Carried over from another product, or inferred.
  'guess',
  // No source at all.
  'not_found',
] as const;

/** How well the meaning of a result code is known. Safaricom does not publish a complete list. */
export type Confidence = (typeof CONFIDENCES)[number];

/** Every {@link Network}. */
export const NETWORKS = [
  // Safaricom, whose subscribers have M-Pesa.
  'safaricom',
  // Airtel Kenya.
  'airtel',
] as const;

/** The network that a range of numbers was given to. Numbers are portable: a hint, never a reason to refuse. */
export type Network = (typeof NETWORKS)[number];
