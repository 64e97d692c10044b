"""The types that Lipia returns: frozen dataclasses, made from the native module's plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Union

from . import _native
from ._arguments import amount_text, seconds_of, text_of
from ._errors import LipiaError, exception_of
from ._public import public
from ._words import (
    Confidence,
    EventWarning,
    Fault,
    FieldCheck,
    Gateway,
    Outcome,
    PaymentState,
    Verdict,
)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _given(name: str, value: object) -> str | None:
    return None if value is None else text_of(name, value)


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


@dataclass(frozen=True, slots=True)
class ResultCode:
    """A row of the table of M-Pesa's result codes."""

    #: The code, as text: some have letters. ``*`` is the row for any other code.
    code: str
    #: What became of the push.
    outcome: Outcome
    #: Whether no later answer for the same push is expected to change the outcome.
    is_final: bool
    #: The side on which the cause lies.
    fault: Fault
    #: What the code means, for the developer.
    meaning: str
    #: What to do next, for the developer.
    advice: str
    #: A sentence for the payer, in English.
    customer_message_en: str
    #: A sentence for the payer, in Swahili.
    customer_message_sw: str
    #: How well the meaning is known. Safaricom does not publish a complete list.
    confidence: Confidence


def _result_code(data: dict[str, Any]) -> ResultCode:
    return ResultCode(
        code=data["code"],
        outcome=Outcome(data["outcome"]),
        is_final=data["final"],
        fault=Fault(data["fault"]),
        meaning=data["meaning"],
        advice=data["advice"],
        customer_message_en=data["customer_message_en"],
        customer_message_sw=data["customer_message_sw"],
        confidence=Confidence(data["confidence"]),
    )


@public
def describe(code: str, outcome: Outcome | None = None) -> ResultCode:
    """The meaning of a result code: its row of the table. A code that the table does not have gets the row of ``outcome``
    where that is given, else the row ``*``.

    >>> describe("1032").outcome
    <Outcome.CANCELLED: 'cancelled'>
    >>> describe("", Outcome.CANCELLED).customer_message_en
    'You cancelled the payment. You can try again whenever you are ready.'
    """
    word = None if outcome is None else Outcome(outcome).value
    return _result_code(_native.describe(text_of("code", code), word)[0])


def result_codes() -> tuple[ResultCode, ...]:
    """Every row of the table of result codes."""
    return tuple(map(_result_code, _native.result_codes()))


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark about a value that is valid and may still cause trouble."""

    #: A stable word for programs.
    code: str
    #: A sentence or two for a person.
    message: str


def _remarks(data: list[dict[str, str]]) -> tuple[Remark, ...]:
    return tuple(Remark(remark["code"], remark["message"]) for remark in data)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The gateway's "accepted for processing". **Not** a payment."""

    #: The gateway that accepted the push.
    gateway: Gateway
    #: The id for queries: the gateway's own where it has one, else ``checkout_request_id``.
    id: str = field(repr=False)
    #: M-Pesa's id for the prompt. It embeds the payer's phone number. PalPluss, UpesiPay and PayHero may leave it
    #: out.
    checkout_request_id: str | None = field(repr=False)
    #: The request's id, where the gateway gives one.
    merchant_request_id: str | None
    #: The gateway's own id for the transaction, where it has one besides the two above.
    transaction_id: str | None
    #: What the gateway says of the request, for a log.
    description: str | None
    #: The text that the gateway suggests to show the customer.
    customer_message: str | None
    #: Details that only this gateway gives about the transaction, as JSON text.
    details: str | None = field(default=None, repr=False)
    #: The gateway's id for this very request, which its support desk asks for. Daraja does not give one with an acceptance.
    request_id: str | None = None
    #: The gateway's fee for the push in KES, where the gateway states it.
    fee: Decimal | None = None
    #: Remarks on a push that is valid and may still fail: odd characters in the reference, words in the callback URL.
    warnings: tuple[Remark, ...] = ()
    #: Keeps the payment for ``unclaimed()`` until the caller has this.
    _claim: object = field(default=None, repr=False, compare=False)


def acceptance_of(data: dict[str, Any], claim: object = None) -> Acceptance:
    return Acceptance(
        _GATEWAYS[data["gateway"]],
        data["id"],
        data["checkout_request_id"],
        data["merchant_request_id"],
        data["transaction_id"],
        data["description"],
        data["customer_message"],
        data.get("details"),
        data.get("request_id"),
        _decimal(data.get("fee")),
        _remarks(data.get("warnings", [])),
        claim,
    )


@dataclass(frozen=True, slots=True)
class Status:
    """The gateway's answer to a query. It cannot be forged, but it says less than an :class:`Event`."""

    #: The outcome of the push, as far as the gateway can tell now.
    outcome: Outcome
    #: Whether no later answer is expected to change the outcome.
    is_final: bool
    #: M-Pesa's code, where the answer has one.
    result_code: str | None
    #: The gateway's own text. It differs by year and channel and never decides anything.
    result_desc: str | None
    #: The id of the prompt. It embeds the payer's phone number.
    checkout_request_id: str | None = field(repr=False)
    #: The request's id, where the gateway gives one.
    merchant_request_id: str | None
    #: M-Pesa's receipt. With Daraja only version 2 of the query (``query_version``) has it; else it comes with the callback.
    receipt: str | None
    #: The amount paid in KES, where the gateway states it.
    amount: Decimal | None
    #: Details that only this gateway gives about the transaction, as JSON text.
    details: str | None = field(default=None, repr=False)

    @property
    def is_paid(self) -> bool:
        """Whether the money was received."""
        return self.outcome is Outcome.SUCCESS

    @public
    def describe(self) -> ResultCode:
        """The meaning of the result code, with a sentence for the customer. Without a known code: the meaning of the outcome."""
        return describe(self.result_code or "", self.outcome)


def status_of(data: dict[str, Any]) -> Status:
    return Status(
        Outcome(data["outcome"]),
        data["final"],
        data["result_code"],
        data["result_desc"],
        data["checkout_request_id"],
        data["merchant_request_id"],
        data["receipt"],
        _decimal(data["amount"]),
        data.get("details"),
    )


@dataclass(frozen=True, slots=True)
class GuardCount:
    """One count of the guard, and its limit."""

    #: The pushes that count: those that failed, and those whose outcome is not known.
    counted: int
    #: Of these, the pushes whose outcome is not known.
    unsettled: int
    #: The most pushes that are let happen.
    limit: int
    #: Whether the count is near its limit, or at it.
    warning: bool
    #: The latest time at which a count that is at its limit opens again; ``None`` below the limit.
    opens_at: datetime | None


@dataclass(frozen=True, slots=True)
class GuardStanding:
    """How close a phone and its account are to being refused by the guard."""

    #: The phone's count; ``None`` where phones are not counted.
    phone: GuardCount | None
    #: The account's failures, one count for each limit.
    account: tuple[GuardCount, ...]
    #: The latest time until which a push to this phone is refused; ``None`` where it is not refused.
    opens_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether a push to this phone would be let through now."""
        return self.opens_at is None


def _count_of(data: dict[str, Any]) -> GuardCount:
    return GuardCount(
        data["counted"],
        data["unsettled"],
        data["limit"],
        data["warning"],
        _time(data["opens_at"]),
    )


def standing_of(data: dict[str, Any] | None) -> GuardStanding | None:
    if data is None:
        return None
    phone = data["phone"]
    return GuardStanding(
        None if phone is None else _count_of(phone),
        tuple(_count_of(count) for count in data["account"]),
        _time(data["opens_at"]),
    )


@dataclass(frozen=True, slots=True)
class EventCheck:
    """The comparison of an event with what was asked for, field by field."""

    #: The amount, to the cent.
    amount: FieldCheck
    #: The phone number. A masked number differs only where a visible digit does.
    phone: FieldCheck
    #: The prompt's id.
    checkout_request_id: FieldCheck
    #: The request's id.
    merchant_request_id: FieldCheck
    #: Whether nothing differs and, for a success, the amount is stated and equal.
    is_match: bool

    @property
    def mismatches(self) -> tuple[str, ...]:
        """The names of the fields that differ."""
        names = ("amount", "phone", "checkout_request_id", "merchant_request_id")
        return tuple(name for name in names if getattr(self, name) is FieldCheck.DIFFERS)


@dataclass(frozen=True, slots=True)
class Event:
    """The parsed body of a callback. An event is data, not proof: anybody who knows the URL can send one.

    Let ``receive_callback`` verify it, or :meth:`check` it against what was asked for.
    """

    #: The gateway that sends callbacks of this shape.
    gateway: Gateway
    #: The outcome of the push.
    outcome: Outcome
    #: Whether no later news about the same push is expected to change the outcome.
    is_final: bool
    #: False for a success without a usable receipt or a positive amount: confirm it by a query first.
    complete: bool
    #: M-Pesa's code, as text: some have letters.
    result_code: str | None
    #: The gateway's own text. It differs by year and channel, and it decides nothing.
    result_desc: str | None
    #: M-Pesa's receipt number of a success.
    receipt: str | None
    #: The amount paid in KES.
    amount: Decimal | None
    #: The payer's phone number (``2547…``), where the body has it in full.
    phone: str | None = field(repr=False)
    #: The phone number as the body has it: it may be masked, hashed or unreadable.
    phone_raw: str | None = field(repr=False)
    #: The time of the payment, in East Africa Time.
    date: datetime | None
    #: The prompt's id. It embeds the payer's phone number.
    checkout_request_id: str | None = field(repr=False)
    #: The request's id.
    merchant_request_id: str | None
    #: The merchant's own reference, where the gateway repeats it. Daraja does not.
    reference: str | None
    #: Oddities of the body that do not make it unreadable.
    warnings: tuple[EventWarning, ...]
    #: The body, unchanged.
    raw: bytes = field(repr=False)

    @property
    def is_success(self) -> bool:
        """Whether the event says that the customer paid. Whether to believe it is another question."""
        return self.outcome is Outcome.SUCCESS

    def describe(self) -> ResultCode:
        """The meaning of the result code, with a sentence for the customer. Without a known code: the meaning of the outcome."""
        return describe(self.result_code or "", self.outcome)

    @public
    def value(self, name: str) -> str | None:
        """The value that the gateway's own name (``MpesaReceiptNumber`` …) has in a success, exactly as the body has it."""
        return _native.event_value(self.gateway.value, self.raw, text_of("name", name))

    @public
    def check(
        self,
        *,
        amount: int | Decimal | None = None,
        phone_number: str | None = None,
        checkout_request_id: str | None = None,
        merchant_request_id: str | None = None,
    ) -> EventCheck:
        """Compares the event with what was asked for. Leave out what you do not know.

        :param amount: whole KES. A success matches only where this is given.
        :param phone_number: the phone that was prompted.
        :param checkout_request_id: the prompt's id, from the acceptance.
        :param merchant_request_id: the request's id, from the acceptance.
        :raises CorrectInputError: an argument is not valid; ``field`` names it.

        ::

            if event.check(amount=150, phone_number="0712345678").is_match:
                mark_paid(event.receipt)
        """
        fields, is_match = _native.check_event(
            self.gateway.value,
            self.raw,
            None if amount is None else amount_text(amount),
            _given("phone_number", phone_number),
            _given("checkout_request_id", checkout_request_id),
            _given("merchant_request_id", merchant_request_id),
        )
        amount_check, phone, checkout, merchant = map(FieldCheck, fields)
        return EventCheck(amount_check, phone, checkout, merchant, is_match)


_GATEWAYS = {word.value: word for word in Gateway}
_OUTCOMES = {word.value: word for word in Outcome}
_WARNINGS = {word.value: word for word in EventWarning}


class _EventToBe:
    """An event while it is filled. To give a frozen class sixteen fields one by one costs more than to read the body, and
    a server does it for every callback; this class has the same slots and is not frozen."""

    __slots__ = Event.__slots__


def event_of(data: tuple[Any, ...], raw: bytes) -> Event:
    event: Any = _EventToBe()
    (
        gateway,
        outcome,
        event.is_final,
        event.complete,
        event.result_code,
        event.result_desc,
        event.receipt,
        amount,
        event.phone,
        event.phone_raw,
        date,
        event.checkout_request_id,
        event.merchant_request_id,
        event.reference,
        warnings,
    ) = data
    event.gateway = _GATEWAYS[gateway]
    event.outcome = _OUTCOMES[outcome]
    event.amount = None if amount is None else Decimal(amount)
    event.date = None if date is None else datetime.fromisoformat(date)
    event.warnings = tuple([_WARNINGS[word] for word in warnings]) if warnings else ()
    event.raw = raw
    event.__class__ = Event
    made: Event = event
    return made


@dataclass(frozen=True, slots=True)
class Push:
    """The validated push of a payment: payer, amount, reference and callback URL."""

    #: The payer's phone number: ``2547…``.
    phone_number: str = field(repr=False)
    #: The amount in whole KES.
    amount: int
    #: The merchant's reference for the sale.
    account_reference: str
    #: The description of the sale.
    transaction_desc: str
    #: The URL that the gateway posts the result to. It ends with this payment's own secret token.
    callback_url: str = field(repr=False)
    #: Options that only one gateway has.
    options: dict[str, str] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Flag:
    """A callback or an answer that was not believed. The payment keeps it for a person to look at."""

    #: The time at which it came.
    at: datetime
    #: Why it was not believed: ``amount_differs``, ``phone_differs``, ``success_incomplete`` …
    reason: str
    #: The body of a callback, cut at 4 KiB.
    body: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Payment:
    """A snapshot of one sale's payment. :meth:`to_json` saves it, and ``client.resume`` makes it live again.

    ::

        if payment.is_paid:
            print("paid:", payment.receipt)
        else:
            print(payment.outcome, payment.describe().customer_message_en)
    """

    #: The payment's own id, made before anything was sent.
    id: str
    #: The gateway that prompts the phone.
    gateway: Gateway
    #: How far the payment has come.
    state: PaymentState
    #: The outcome so far. Only ``success`` is money; ``pending`` and ``unknown`` are not final.
    outcome: Outcome
    #: The push: payer, amount, reference and callback URL.
    push: Push
    #: Remarks on a push that is valid and may still fail: odd characters in the reference, words in the callback URL.
    warnings: tuple[Remark, ...]
    #: The gateway's acceptance, once there is one.
    acceptance: Acceptance | None
    #: M-Pesa's code for the outcome, once there is one.
    result_code: str | None
    #: M-Pesa's receipt. With Daraja it comes with the callback, or with version 2 of the query (``query_version``).
    receipt: str | None
    #: The amount paid in KES, once an event or a query states it.
    paid_amount: Decimal | None
    #: The payer's phone number, once an event states it.
    paid_by: str | None = field(repr=False)
    #: The time of the payment by M-Pesa's clock, once an event states it.
    paid_at: datetime | None
    #: The time at which the payment was reserved.
    reserved_at: datetime
    #: The time at which its push was last begun.
    sent_at: datetime | None
    #: The time at which its outcome was first known.
    settled_at: datetime | None
    #: The number of changes so far, by which a store can refuse to overwrite a later copy with an earlier one.
    revision: int
    #: Callbacks and answers that were not believed.
    flags: tuple[Flag, ...]
    #: How many flags were dropped because there were more than 16.
    flags_dropped: int
    #: When to ``client.ask`` again about a failure that only says "nobody answered in time". A success that is found then
    #: is money. ``None`` for every other payment.
    look_again_at: datetime | None
    #: Until when a failure holds its order, because the customer may still pay. ``None`` where the order is free at once,
    #: and where it never becomes free.
    order_free_at: datetime | None
    #: The error of its last push, where that did not end in an acceptance.
    last_error: LipiaError | None = field(compare=False)
    #: The shop's own name for the sale, where the payment was requested with one.
    order: str | None
    #: Whether the order is paid: by this payment or, in a handler of outcomes, by another payment of the order.
    order_is_paid: bool
    #: How often the handler of outcomes was called with the payment, this call included; 0 outside of a handler. Of two
    #: calls that overlap, the later one has the higher number.
    attempt: int
    #: Whether ``request`` returned a payment that the order already had, and sent nothing.
    is_existing: bool
    _json: str = field(repr=False, compare=False)
    #: Keeps the payment for ``unclaimed()`` until the caller has this.
    _claim: object = field(default=None, repr=False, compare=False)

    @property
    def is_paid(self) -> bool:
        """Whether the money was received."""
        return self.outcome is Outcome.SUCCESS

    @property
    def is_paid_twice(self) -> bool:
        """Whether another payment of the same order was paid as well, so that one of them has to be refunded."""
        return any(flag.reason == "order_paid_twice" for flag in self.flags)

    @property
    def checkout_request_id(self) -> str | None:
        """The prompt's id, once it is known. It embeds the payer's phone number."""
        return self.acceptance.checkout_request_id if self.acceptance else None

    @public
    def describe(self) -> ResultCode:
        """The meaning of the result code, with a sentence for the customer. Without a known code: the meaning of the outcome."""
        return describe(self.result_code or "", self.outcome)

    def for_customer(self) -> dict[str, Any]:
        """The payment as a browser may see it: state, outcome, and a sentence for the customer in English and Swahili. It has
        neither a phone number nor an id, and nothing that the gateway said. After ``order_free_at`` the customer may pay
        again.

        ::

            return JsonResponse(payment.for_customer(), status=202)
        """
        shown = _native.for_customer(self._json)
        return {
            "state": shown["state"],
            "outcome": shown["outcome"],
            "order_free_at": shown["order_free_at"],
            "customer_message_en": shown["message"]["en"],
            "customer_message_sw": shown["message"]["sw"],
        }

    def to_json(self) -> str:
        """The payment as JSON text, to save. It has the customer's number and a secret URL: keep it as safe as an order."""
        return self._json

    @classmethod
    @public
    def from_json(cls, text: str) -> Payment:
        """Reads a payment that was saved with :meth:`to_json`. To go on with it, use ``client.resume``.

        :raises CorrectInputError: ``payment_unreadable``: the text is not a payment. ``payment_form_unknown``: a later
            version of Lipia wrote it.
        """
        return payment_of(_native.read_payment(text_of("payment", text)))


def payment_of(data: dict[str, Any], claim: object = None) -> Payment:
    acceptance, error = data["acceptance"], data["last_error"]
    push = dict(data["push"])
    warnings = _remarks(push.pop("warnings", []))
    return Payment(
        id=data["id"],
        gateway=Gateway(data["gateway"]),
        state=PaymentState(data["state"]),
        outcome=Outcome(data["outcome"]),
        push=Push(**push),
        warnings=warnings,
        acceptance=None if acceptance is None else acceptance_of(acceptance),
        result_code=data["result_code"],
        receipt=data["receipt"],
        paid_amount=_decimal(data["paid_amount"]),
        paid_by=data["paid_by"],
        paid_at=_time(data["paid_at"]),
        reserved_at=datetime.fromisoformat(data["reserved_at"]),
        sent_at=_time(data["sent_at"]),
        settled_at=_time(data["settled_at"]),
        revision=data["revision"],
        flags=tuple(
            Flag(datetime.fromisoformat(flag["at"]), flag["reason"], flag["body"])
            for flag in data["flags"]
        ),
        flags_dropped=data["flags_dropped"],
        look_again_at=_time(data["look_again_at"]),
        order_free_at=_time(data["order_free_at"]),
        # A saved payment does not repeat its id in its error.
        last_error=None if error is None else exception_of({**error, "payment_id": data["id"]}),
        order=data.get("order"),
        order_is_paid=data.get("order_is_paid", data["outcome"] == "success"),
        attempt=data.get("attempt", 0),
        is_existing=data.get("is_existing", False),
        _json=data["json"],
        _claim=claim,
    )


@dataclass(frozen=True, slots=True)
class ReceivedCallback:
    """A verified callback, as ``receive_callback`` returns it."""

    #: The id of the payment that the URL's token names.
    payment_id: str
    #: The parsed body.
    event: Event
    #: The verdict; ``None`` where neither this client nor the ledger has judged the callback. Where you keep payments in a
    #: store of your own, load the payment, ``resume`` it, and hand the event to ``believe``.
    verdict: Verdict | None
    #: Whether the ledger has kept the callback, or this client holds the payment. If not, answer the gateway with HTTP 503.
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Queried:
    """Progress: the gateway was asked, and answered."""

    #: Seconds since the wait began.
    elapsed_seconds: float
    #: The gateway's answer.
    status: Status


@dataclass(frozen=True, slots=True)
class QueryFailed:
    """Progress: a query failed. The wait goes on."""

    #: Seconds since the wait began.
    elapsed_seconds: float
    #: The error of the query.
    error: LipiaError = field(compare=False)


@dataclass(frozen=True, slots=True)
class CallbackReceived:
    """Progress: a callback came that did not settle the payment."""

    #: Seconds since the wait began.
    elapsed_seconds: float


@dataclass(frozen=True, slots=True)
class Settled:
    """The last progress: the payment is settled."""

    #: The payment, with its outcome.
    payment: Payment


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The last progress: the time is up, and the payment may yet be paid."""

    #: The payment as it is: ``pending`` or ``unknown``.
    payment: Payment


#: What a wait tells while it goes on.
Progress = Union[Queried, QueryFailed, CallbackReceived, Settled, TimedOut]


def progress_of(data: dict[str, Any]) -> Progress:
    kind = data["kind"]
    if kind == "queried":
        return Queried(data["elapsed"], status_of(data["status"]))
    if kind == "query_failed":
        return QueryFailed(data["elapsed"], data["error"])
    if kind == "settled":
        return Settled(payment_of(data["payment"]))
    if kind == "timed_out":
        return TimedOut(payment_of(data["payment"]))
    return CallbackReceived(data["elapsed"])


@dataclass(frozen=True, slots=True)
class WaitOptions:
    """The times of a wait, in seconds. ``None`` keeps the client's time, or else the default.

    The defaults follow what is known of Daraja: a customer takes about 20 seconds, a prompt lives for about 60, and
    a query before 10 seconds only learns that it is too early.

    ::

        daraja = lipia.Daraja.from_env(wait=lipia.WaitOptions(timeout=60))
    """

    #: Seconds to wait in all. Default: 120.
    timeout: float | None = None
    #: Seconds from the push to the first question. Default: 10.
    first_query_after: float | None = None
    #: Seconds between the first and the second question; each later pause is half as long again. Default: 10.
    query_every: float | None = None
    #: The longest pause between two questions, in seconds. Default: 30.
    longest_pause: float | None = None

    def to_dict(self) -> dict[str, float | None]:
        """The options by name.

        :raises CorrectInputError: an option is not a number.
        """
        return {
            name: None if seconds is None else seconds_of(name, seconds)
            for name, seconds in (
                ("timeout", self.timeout),
                ("first_query_after", self.first_query_after),
                ("query_every", self.query_every),
                ("longest_pause", self.longest_pause),
            )
        }


# What @dataclass makes knows no nearest name.
WaitOptions.__init__ = public(WaitOptions.__init__)  # type: ignore[method-assign]
