"""The closed lists of words that every language shares. Made from the core's lists by `make documents`: do not edit."""

from __future__ import annotations

from enum import Enum


class Word(str, Enum):
    """A word of a closed list. It equals its text, and prints as it."""

    def __str__(self) -> str:
        return str(self.value)

    def __format__(self, format_spec: str) -> str:
        return format(str(self.value), format_spec)


class Gateway(Word):
    """The gateway of a push or an event."""

    #: Safaricom's own API.
    DARAJA = "daraja"
    #: PalPluss.
    PALPLUSS = "palpluss"
    #: UpesiPay.
    UPESIPAY = "upesipay"
    #: PayHero, which speaks the first generation of UpesiPay's interface.
    PAYHERO = "payhero"


class Outcome(Word):
    """What came of a push. Only ``SUCCESS`` is money received.

    ``PENDING`` and ``UNKNOWN`` are *not* failures: the customer may still pay or may have paid already, so neither is
    ever a reason to prompt again.
    """

    #: The customer paid.
    SUCCESS = "success"
    #: The customer cancelled the prompt.
    CANCELLED = "cancelled"
    #: The phone could not be reached, or nobody answered the prompt.
    TIMEOUT = "timeout"
    #: The customer's balance, with any overdraft, is too low.
    INSUFFICIENT_FUNDS = "insufficient_funds"
    #: The customer entered a wrong M-Pesa PIN.
    WRONG_PIN = "wrong_pin"
    #: A limit on amount, day or balance stands in the way.
    LIMIT = "limit"
    #: The prompt or its session ran out before it was completed.
    EXPIRED = "expired"
    #: The prompt never reached the phone.
    PUSH_NOT_DELIVERED = "push_not_delivered"
    #: The customer has another M-Pesa session open.
    SUBSCRIBER_BUSY = "subscriber_busy"
    #: The customer's PIN is locked.
    CUSTOMER_LOCKED = "customer_locked"
    #: The customer's M-Pesa account does not allow the payment.
    CUSTOMER_ACCOUNT_STATE = "customer_account_state"
    #: The merchant's short code, till or product is not set up for this.
    MERCHANT_CONFIG = "merchant_config"
    #: M-Pesa or the gateway failed.
    PROVIDER_ERROR = "provider_error"
    #: Not paid, and no reason is known.
    FAILED = "failed"
    #: Paid, and the money was returned.
    REVERSED = "reversed"
    #: The prompt is live or the payment is being processed.
    PENDING = "pending"
    #: Nobody can say yet: it may have been paid. Ask, do not prompt again.
    UNKNOWN = "unknown"

    @property
    def is_paid(self) -> bool:
        """Whether the money was received."""
        return self is Outcome.SUCCESS


class Disposition(Word):
    """What an error says about the customer's money."""

    #: Nothing left this device, or the gateway refused before it acted. No phone was prompted.
    NOT_SENT = "not_sent"
    #: The gateway refused the request. No phone was prompted.
    REJECTED = "rejected"
    #: A phone may have been prompted. Wait for the callback or query; do not send again.
    UNKNOWN = "unknown"


class ErrorKind(Word):
    """What kind of trouble an error is, named for what the developer looks at next."""

    #: An argument is not valid; the error's `field` names it. Found before anything was sent.
    INVALID_INPUT = "invalid_input"
    #: A setting is missing or not valid. Found before anything was sent.
    CONFIGURATION = "configuration"
    #: The step does not fit the payment's state: it was sent already, or is settled.
    PAYMENT_STATE = "payment_state"
    #: The gateway does not accept the credentials.
    AUTHENTICATION = "authentication"
    #: The gateway accepts the API credentials, but not the short code and pass key.
    CREDENTIALS = "credentials"
    #: The gateway refused the request as it stands.
    INVALID_REQUEST = "invalid_request"
    #: The customer has another M-Pesa prompt open; nothing was sent to the phone.
    SUBSCRIBER_BUSY = "subscriber_busy"
    #: Too many requests, and no time left in this call to wait it out.
    RATE_LIMITED = "rate_limited"
    #: The gateway, or Lipia's own guard ahead of it, refuses all pushes for a while.
    BLOCKED = "blocked"
    #: The gateway could not be reached: no byte of the request left.
    CONNECTION = "connection"
    #: The request left and no whole answer came back in time.
    NO_ANSWER = "no_answer"
    #: The gateway answered that it failed.
    PROVIDER_ERROR = "provider_error"
    #: The gateway's answer fits no known shape.
    UNREADABLE_ANSWER = "unreadable_answer"
    #: The body is not a callback, or not one that can be trusted.
    INVALID_CALLBACK = "invalid_callback"
    #: The caller's store or credentials provider failed. Nothing was sent.
    STORAGE = "storage"


class PaymentState(Word):
    """How far a payment has come."""

    #: Nothing was sent, or the push was refused.
    RESERVED = "reserved"
    #: Its push is on the way. Read from storage after a crash, this means: it may have been sent.
    SENDING = "sending"
    #: The answer to its push was lost. The phone may have been prompted; it is never pushed again.
    UNKNOWN = "unknown"
    #: The gateway took the push. Not a payment yet.
    ACCEPTED = "accepted"
    #: Its outcome is known.
    SETTLED = "settled"


class Change(Word):
    """What handing something to a payment did."""

    #: The payment moved forward.
    APPLIED = "applied"
    #: The payment knew it already: a duplicate, or older news.
    UNCHANGED = "unchanged"
    #: It does not fit this payment. It is kept and flagged, and nothing was believed.
    SUSPICIOUS = "suspicious"


class Verdict(Word):
    """The verdict on a callback."""

    #: It fits, and the payment has moved forward.
    BELIEVED = "believed"
    #: The payment knew it already.
    DUPLICATE = "duplicate"
    #: It does not fit this payment. It is kept with the payment, flagged, and changed nothing.
    MISMATCH = "mismatch"
    #: It says that money came, and the gateway did not confirm that when asked. The payment is still open: wait for it,
    #: or ask again later.
    NOT_CONFIRMED = "not_confirmed"
    #: It is about this payment, and says neither that it was paid nor that it failed: its code is not in the table of
    #: result codes, or it contradicts itself. It is kept with the payment, flagged. Said once: a repeat is a duplicate.
    NOT_UNDERSTOOD = "not_understood"


class FieldCheck(Word):
    """How one field of an event compares with what was asked for."""

    #: Both sides say the same.
    MATCHES = "matches"
    #: They say different things, or the event says something that cannot be read.
    DIFFERS = "differs"
    #: One side says nothing, or hides too much to tell.
    NOT_STATED = "not_stated"


class EventWarning(Word):
    """Something odd about a callback body that is still readable."""

    #: The body does not have the request's id.
    MERCHANT_REQUEST_ID_MISSING = "merchant_request_id_missing"
    #: A success came without any details.
    METADATA_MISSING = "metadata_missing"
    #: Some details have no name or are not objects. They are ignored.
    METADATA_JUNK_ITEMS = "metadata_junk_items"
    #: Details came with something that is not a success. They are ignored.
    METADATA_ON_FAILURE = "metadata_on_failure"
    #: A success came without a receipt.
    RECEIPT_MISSING = "receipt_missing"
    #: The receipt had white space around it, which was removed.
    RECEIPT_TRIMMED = "receipt_trimmed"
    #: The receipt is not 6 to 20 capital letters and digits.
    RECEIPT_UNREADABLE = "receipt_unreadable"
    #: The body has two different receipts. Neither is believed.
    RECEIPT_CONFLICT = "receipt_conflict"
    #: A success came without an amount.
    AMOUNT_MISSING = "amount_missing"
    #: The amount is not a number, or has more than two decimals.
    AMOUNT_UNREADABLE = "amount_unreadable"
    #: The amount is larger than can be held exactly.
    AMOUNT_OUT_OF_RANGE = "amount_out_of_range"
    #: The amount is zero or negative.
    AMOUNT_NOT_POSITIVE = "amount_not_positive"
    #: The body has two different amounts. Neither is believed.
    AMOUNT_CONFLICT = "amount_conflict"
    #: A success came without a phone number.
    PHONE_MISSING = "phone_missing"
    #: Some digits of the phone number are hidden.
    PHONE_MASKED = "phone_masked"
    #: The phone number is a hash of 64 hexadecimal digits.
    PHONE_HASHED = "phone_hashed"
    #: The phone number is not one that M-Pesa in Kenya could have.
    PHONE_UNREADABLE = "phone_unreadable"
    #: The body has two different phone numbers. Neither is believed.
    PHONE_CONFLICT = "phone_conflict"
    #: A success came without a date.
    DATE_MISSING = "date_missing"
    #: The date does not exist, or has another form.
    DATE_UNREADABLE = "date_unreadable"
    #: The body has two different dates. Neither is believed.
    DATE_CONFLICT = "date_conflict"
    #: The event is not about an STK push.
    NOT_STK = "not_stk"
    #: The gateway's status and the kind of its event contradict each other.
    STATUS_EVENT_MISMATCH = "status_event_mismatch"
    #: The gateway's status and M-Pesa's code contradict each other.
    STATUS_CODE_MISMATCH = "status_code_mismatch"


class Fault(Word):
    """On whose side the cause of a result code lies."""

    #: Nobody: nothing is wrong.
    NONE = "none"
    #: The payer.
    CUSTOMER = "customer"
    #: The merchant, or the merchant's developer.
    MERCHANT = "merchant"
    #: Safaricom, or the gateway.
    PROVIDER = "provider"
    #: The payer or Safaricom; the code does not tell.
    CUSTOMER_OR_PROVIDER = "customer_or_provider"
    #: The merchant or Safaricom; the code does not tell.
    MERCHANT_OR_PROVIDER = "merchant_or_provider"
    #: Not known.
    UNKNOWN = "unknown"


class Confidence(Word):
    """How well the meaning of a result code is known. Safaricom does not publish a complete list."""

    #: Seen in real traffic.
    OBSERVED = "observed"
    #: Two or more independent sources agree.
    CONFIRMED = "confirmed"
    #: One source says so.
    ONE_SOURCE = "one_source"
    #: Sources contradict each other.
    CONTESTED = "contested"
    #: Carried over from another product, or inferred.
    GUESS = "guess"
    #: No source at all.
    NOT_FOUND = "not_found"


class Network(Word):
    """The network that a range of numbers was given to. Numbers are portable: a hint, never a reason to refuse."""

    #: Safaricom, whose subscribers have M-Pesa.
    SAFARICOM = "safaricom"
    #: Airtel Kenya.
    AIRTEL = "airtel"
