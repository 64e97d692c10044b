"""The results of ``client.payments``, besides payments: pages, stories, reports, counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from ._arguments import refused_type
from ._errors import refused_input
from ._types import Payment, payment_of


@dataclass(frozen=True, slots=True)
class PaymentPage:
    """A page of payments, the newest first."""

    #: The payments.
    payments: tuple[Payment, ...]
    #: The ``page`` of the next search; ``None`` after the last page.
    next: int | None


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The counts of one pass over the ledger."""

    #: Payments whose sender died, and which are ``unknown`` now.
    senders_died: int
    #: Callbacks that were judged.
    judged: int
    #: Payments that the gateway was asked about.
    asked: int
    #: Payments that the handler of outcomes was told of.
    told: int
    #: Payments whose telling failed. The handler of outcomes is told of them again later.
    not_told: int


@dataclass(frozen=True, slots=True)
class KeptCallback:
    """A callback that came on a payment's own URL, as the ledger keeps it."""

    #: The time at which it came.
    received_at: datetime
    #: The verdict, as a word; ``None`` while nobody has judged the callback.
    verdict: str | None
    #: The body, byte for byte. It has the customer's phone number.
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PaymentStory:
    """Everything that a ledger knows of one payment, for a person who looks into it."""

    #: The payment.
    payment: Payment
    #: The merchant's account at the gateway, such as ``daraja:174379``.
    account: str
    #: Whether the payment holds its order, so that a request for the order does not prompt again.
    holds_order: bool
    #: The time until which the process that sends the push is taken to be alive; ``None`` once the push has ended.
    lease_until: datetime | None
    #: The time at which the gateway is to be asked next.
    ask_after: datetime | None
    #: The time at which the gateway was last asked.
    asked_at: datetime | None
    #: The number of times that the gateway was asked.
    asks: int
    #: Whether the handler of outcomes has yet to be told something.
    is_owed: bool
    #: The earliest time of the next telling.
    owed_after: datetime
    #: The number of tellings that were begun.
    attempts: int
    #: The reason why the last telling failed.
    trouble: str | None
    #: The time at which a person released the order.
    released_at: datetime | None
    #: The payment's callbacks, in the order in which they came.
    callbacks: tuple[KeptCallback, ...]
    #: The other payments of the order, the newest first.
    others: tuple[Payment, ...]


@dataclass(frozen=True, slots=True)
class Pruned:
    """The counts of a prune, done or planned."""

    #: Payments whose personal data were deleted.
    payments: int
    #: Old payments that were left alone, because something is still to be learnt or told of them.
    unfinished: int


@dataclass(frozen=True, slots=True)
class Imported:
    """The result of an import."""

    #: The payment as the ledger has it now.
    payment: Payment
    #: ``new``: the ledger did not have the payment. ``merged``: the ledger learnt something from it. ``known``: the ledger
    #: knew all of it.
    change: Literal["new", "merged", "known"]
    #: Whether another payment holds the order that was named.
    order_is_held: bool


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """A report on a ledger, and on the payments of the client's shop."""

    #: The place of the payments, for people to read. It has no password.
    place: str
    #: The version of the tables; ``None`` where there are none.
    version: int | None
    #: The size on the disk; ``None`` where the store does not know it.
    bytes: int | None
    #: Faults that a person should look at.
    warnings: tuple[str, ...]
    #: Payments of the shop.
    payments: int
    #: Of these, those that may yet be paid.
    open: int
    #: Of these, those of which the handler of outcomes has yet to be told something.
    owed: int


def page_of(data: tuple[list[dict[str, Any]], int | None]) -> PaymentPage:
    payments, following = data
    return PaymentPage(tuple(map(payment_of, payments)), following)


def story_of(data: dict[str, Any]) -> PaymentStory:
    times = ("lease_until", "ask_after", "asked_at", "owed_after", "released_at")
    fields: dict[str, Any] = {
        **data,
        **{name: data[name] and datetime.fromisoformat(data[name]) for name in times},
        "payment": payment_of(data["payment"]),
        "callbacks": tuple(
            KeptCallback(datetime.fromisoformat(at), verdict, body)
            for at, verdict, body in data["callbacks"]
        ),
        "others": tuple(map(payment_of, data["others"])),
    }
    return PaymentStory(**fields)


def imported_of(data: tuple[dict[str, Any], Any, bool]) -> Imported:
    payment, change, order_is_held = data
    return Imported(payment_of(payment), change, order_is_held)


def report_of(data: tuple[str, int | None, int | None, list[str], int, int, int]) -> LedgerReport:
    place, version, size, warnings, *counts = data
    return LedgerReport(place, version, size, tuple(warnings), *counts)


def age_of(name: str, value: object) -> float:
    """An age in seconds."""
    if not isinstance(value, timedelta):
        raise refused_type(name, value, "which is not a timedelta", "Give a timedelta.")
    if value < timedelta():
        raise refused_input(
            name, "seconds_unreadable", "This is not a length of time.", "Give zero or more."
        )
    return value.total_seconds()
