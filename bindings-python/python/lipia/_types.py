"""The types that Lipia returns: frozen dataclasses, made of the native module's plain data."""

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
    #: Whether no later answer for the same push is expected to change that.
    is_final: bool
    #: Who can do something about it.
    fault: Fault
    #: What it means, for the developer.
    meaning: str
    #: What to do next, for the developer.
    advice: str
    #: A sentence for the payer, in English.
    customer_message_en: str
    #: A sentence for the payer, in Swahili.
    customer_message_sw: str
    #: How well the meaning is known: Safaricom publishes no complete list.
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
    """The row of the table for a result code. Where the table has none: the row of ``outcome`` if that is given, else
    the row ``*``.

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
    """Something worth knowing about a value that is valid."""

    #: A stable word for programs.
    code: str
    #: A sentence or two for a person.
    message: str


def _remarks(data: list[dict[str, str]]) -> tuple[Remark, ...]:
    return tuple(Remark(remark["code"], remark["message"]) for remark in data)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The gateway's "accepted for processing". **Not** a payment."""

    #: Who accepted it.
    gateway: Gateway
    #: The id that the gateway is asked by: its own where it has one, else ``checkout_request_id``.
    id: str = field(repr=False)
    #: M-Pesa's id for the prompt. It embeds the payer's phone number. PalPluss, UpesiPay and PayHero may leave it
    #: out.
    checkout_request_id: str | None = field(repr=False)
    #: The request's id, where the gateway gives one.
    merchant_request_id: str | None
    #: The gateway's own id for the transaction, where it has one beside the two above.
    transaction_id: str | None
    #: What the gateway says of the request, for a log.
    description: str | None
    #: What the gateway suggests to show the customer.
    customer_message: str | None
    #: What only this gateway tells of the transaction, as JSON text.
    details: str | None = field(default=None, repr=False)
    #: The gateway's id for this very request, which its support desk asks for. Daraja gives none with an acceptance.
    request_id: str | None = None
    #: What the gateway takes for the push in KES, where it says so.
    fee: Decimal | None = None
    #: What is valid in the push and may still make it fail: odd characters in the reference, words in the callback URL.
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
    """What a gateway says of a push when asked. It cannot be forged, but it says less than an :class:`Event`."""

    #: What became of it, as far as the gateway can tell now.
    outcome: Outcome
    #: Whether no later answer is expected to change that.
    is_final: bool
    #: M-Pesa's code, where the answer has one.
    result_code: str | None
    #: The gateway's prose. It differs by year and channel and never decides anything.
    result_desc: str | None
    #: The prompt that was asked about. It embeds the payer's phone number.
    checkout_request_id: str | None = field(repr=False)
    #: The request's id, where the gateway gives one.
    merchant_request_id: str | None
    #: M-Pesa's receipt. Daraja's query has one in version 2 alone (``query_version``); without it, it comes with the callback.
    receipt: str | None
    #: What was paid in KES, where the gateway says so.
    amount: Decimal | None
    #: What only this gateway tells of the transaction, as JSON text.
    details: str | None = field(default=None, repr=False)

    @property
    def is_paid(self) -> bool:
        """Whether the money was received."""
        return self.outcome is Outcome.SUCCESS

    @public
    def describe(self) -> ResultCode:
        """What its code means, and a sentence for the customer; without a known code, what its outcome means."""
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
    """How close one count of the guard is to its limit."""

    #: How many pushes count: those that failed, and those whose outcome is not known.
    counted: int
    #: How many of them have no known outcome.
    unsettled: int
    #: How many are let happen.
    limit: int
    #: Whether it is near its limit, or there.
    warning: bool
    #: Where it is at its limit: when it opens again, at the latest.
    opens_at: datetime | None


@dataclass(frozen=True, slots=True)
class GuardStanding:
    """How close a phone and its account are to being refused by the guard."""

    #: The phone's count; ``None`` where phones are not counted.
    phone: GuardCount | None
    #: The account's failures, one count for each limit.
    account: tuple[GuardCount, ...]
    #: Until when a push to this phone is refused, at the latest; ``None`` where it is not.
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
    """How an event compares with what was asked for, field by field."""

    #: The amount, to the cent.
    amount: FieldCheck
    #: The phone. A masked number differs only where a visible digit does.
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
    """What a callback body says. An event is data, not proof: anybody who knows the URL can send one.

    Let ``receive_callback`` do all the checks, or :meth:`check` it against what was asked for.
    """

    #: Whose callback it is.
    gateway: Gateway
    #: What became of the push.
    outcome: Outcome
    #: Whether no later news about the same push is expected to change that.
    is_final: bool
    #: False for a success that lacks a usable receipt or a positive amount: confirm it by a query first.
    complete: bool
    #: M-Pesa's code, as text: some have letters.
    result_code: str | None
    #: The gateway's prose. It differs by year and channel, and it decides nothing.
    result_desc: str | None
    #: M-Pesa's receipt number, of a success.
    receipt: str | None
    #: What was paid, in KES.
    amount: Decimal | None
    #: Who paid (``2547…``), where the body says so legibly.
    phone: str | None = field(repr=False)
    #: The phone number as the body has it: it may be masked, hashed or unreadable.
    phone_raw: str | None = field(repr=False)
    #: When it was paid, in East Africa Time.
    date: datetime | None
    #: The prompt's id. It embeds the payer's phone number.
    checkout_request_id: str | None = field(repr=False)
    #: The request's id.
    merchant_request_id: str | None
    #: The merchant's own reference, where the gateway gives it back. Daraja does not.
    reference: str | None
    #: What is odd about the body.
    warnings: tuple[EventWarning, ...]
    #: The body as it came.
    raw: bytes = field(repr=False)

    @property
    def is_success(self) -> bool:
        """Whether it says that the customer paid. Whether to believe it is another question."""
        return self.outcome is Outcome.SUCCESS

    def describe(self) -> ResultCode:
        """What its code means, and a sentence for the customer; without a known code, what its outcome means."""
        return describe(self.result_code or "", self.outcome)

    @public
    def value(self, name: str) -> str | None:
        """A value of a success by the gateway's own name for it (``MpesaReceiptNumber`` …), as it is written."""
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
        """Compares what the event says with what was asked for. Leave out what you do not know; the amount (whole
        KES) is needed for a success to match.

        :raises CorrectInputError: where what was asked for is not valid itself.
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
    """What a payment asked of whom, every part of it valid."""

    #: Who pays: ``2547…``.
    phone_number: str = field(repr=False)
    #: How much, in whole KES.
    amount: int
    #: What the merchant knows the sale by.
    account_reference: str
    #: What the sale is.
    transaction_desc: str
    #: Where the gateway posts the result; it ends with this payment's own secret token.
    callback_url: str = field(repr=False)
    #: What only one gateway has.
    options: dict[str, str] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Flag:
    """Something that was handed to a payment and not believed, kept for a person to look at."""

    #: When it came.
    at: datetime
    #: Why it was not believed: ``amount_differs``, ``phone_differs``, ``success_incomplete`` …
    reason: str
    #: The body as it came, where it was an event; cut at 4 KiB.
    body: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Payment:
    """One sale's life at one moment. :meth:`to_json` saves it; ``client.resume`` takes it up again."""

    #: Its own id, made before anything was sent.
    id: str
    #: Who is asked to prompt the phone.
    gateway: Gateway
    #: How far it has come.
    state: PaymentState
    #: What became of it. ``pending`` and ``unknown`` are still being asked.
    outcome: Outcome
    #: What was asked of whom.
    push: Push
    #: What is valid in the push and may still make it fail: odd characters in the reference, words in the callback URL.
    warnings: tuple[Remark, ...]
    #: The gateway's acceptance, once there is one.
    acceptance: Acceptance | None
    #: M-Pesa's code for the outcome, once there is one.
    result_code: str | None
    #: M-Pesa's receipt. With Daraja it comes with the callback alone.
    receipt: str | None
    #: What was paid in KES, once an event or a query says so.
    paid_amount: Decimal | None
    #: Who paid, once an event says so.
    paid_by: str | None = field(repr=False)
    #: When it was paid by M-Pesa's clock, once an event says so.
    paid_at: datetime | None
    #: When it was reserved.
    reserved_at: datetime
    #: When its push was last begun.
    sent_at: datetime | None
    #: When its outcome was first known.
    settled_at: datetime | None
    #: Counts its changes: a store can refuse to overwrite a later one with an earlier.
    revision: int
    #: What was handed in and not believed.
    flags: tuple[Flag, ...]
    #: How many flags were dropped because there were more than 16.
    flags_dropped: int
    #: When a settled failure is to be asked about (again) with ``client.ask``, because it only says that nobody answered
    #: in time: a success found then is money. ``None`` for every other payment.
    look_again_at: datetime | None
    #: Until when a settled failure holds its order, because the customer may still pay. ``None`` where the order is free
    #: at once, and where it never becomes free.
    order_free_at: datetime | None
    #: Why its last push did not end in an acceptance.
    last_error: LipiaError | None = field(compare=False)
    #: The shop's own name for the sale, where the payment was requested for one.
    order: str | None
    #: Whether the order is paid: by this payment or, where a handler of outcomes is told, by another one of the order.
    order_is_paid: bool
    #: How often a handler of outcomes was told of the payment, this time counted in; 0 outside of a handler. Of two calls
    #: that overlap the later one has the higher number.
    attempt: int
    #: Whether the order had this payment already when ``request`` returned it: nothing was sent by that call.
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
        """Whether another payment of the same order was paid as well, so that one of them is to be given back."""
        return any(flag.reason == "order_paid_twice" for flag in self.flags)

    @property
    def checkout_request_id(self) -> str | None:
        """The prompt's id, once it is known. It embeds the payer's phone number."""
        return self.acceptance.checkout_request_id if self.acceptance else None

    @public
    def describe(self) -> ResultCode:
        """What its code means, and a sentence for the customer; without a known code, what its outcome means."""
        return describe(self.result_code or "", self.outcome)

    def for_customer(self) -> dict[str, Any]:
        """What a browser may see: state, outcome and a sentence for the customer in English and Swahili. It has no phone
        number, no id, and nothing that the gateway said. ``order_free_at`` says from when on the customer may pay again.
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
        """The payment as JSON text, to save. It holds the customer's number and a secret URL: treat it as an order."""
        return self._json

    @classmethod
    @public
    def from_json(cls, text: str) -> Payment:
        """A payment that was saved with :meth:`to_json`.

        :raises CorrectInputError: ``payment_unreadable`` for anything else, ``payment_form_unknown`` for one that a
            later version of Lipia wrote.
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
    """A callback that came on a URL of ours."""

    #: The payment that the URL's token names.
    payment_id: str
    #: What the body says.
    event: Event
    #: What was made of it; ``None`` where this process does not hold the payment: load it, ``resume`` it, and hand
    #: the event to ``believe``.
    verdict: Verdict | None
    #: Whether the ledger has the callback, or this client the payment. Answer the gateway with HTTP 503 where it is not so.
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Queried:
    """Progress: the gateway was asked, and this is what it said."""

    #: Seconds since the wait began.
    elapsed_seconds: float
    #: What the gateway said.
    status: Status


@dataclass(frozen=True, slots=True)
class QueryFailed:
    """Progress: the gateway was asked and did not tell. The wait goes on."""

    #: Seconds since the wait began.
    elapsed_seconds: float
    #: Why.
    error: LipiaError = field(compare=False)


@dataclass(frozen=True, slots=True)
class CallbackReceived:
    """Progress: something was handed in that did not settle the payment."""

    #: Seconds since the wait began.
    elapsed_seconds: float


@dataclass(frozen=True, slots=True)
class Settled:
    """The last progress: the payment is settled."""

    #: The payment, with its outcome.
    payment: Payment


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The last progress: the time is up and the payment may yet be paid."""

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
    """How to wait, in seconds; ``None`` leaves a time as it is.

    The defaults follow what is known of Daraja: a customer takes about 20 seconds, a prompt lives for about 60, and
    a query before 10 seconds only learns that it is too early.
    """

    #: How long to wait in all. Default: 120.
    timeout: float | None = None
    #: When to ask first. Default: after 10.
    first_query_after: float | None = None
    #: The pause between the first and the second question; each later pause is half as long again. Default: 10.
    query_every: float | None = None
    #: The longest pause. Default: 30.
    longest_pause: float | None = None

    def to_dict(self) -> dict[str, float | None]:
        """The options by name.

        :raises CorrectInputError: where one is not a number.
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
