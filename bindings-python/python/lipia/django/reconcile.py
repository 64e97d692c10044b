"""Reconciliation: asks about payments whose outcome did not come, and finishes what a dead process left undone."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

import lipia

from .callbacks import FORGOTTEN_AFTER, take_in
from .models import Callback, Payment
from .outbox import MAX_ATTEMPTS, tell, unfinished
from .reconciling import is_due
from .settings import current

#: What keeps a question from being put, and is not trouble.
_NO_TROUBLE = ("nothing_to_ask", "asked_just_now")


@dataclass
class Summary:
    """The counts of one run."""

    #: Payments that the gateway was asked about.
    asked: int = 0
    #: Of these, payments that are settled now.
    settled: int = 0
    #: Open payments for which no id is known to ask by.
    silent: int = 0
    #: Questions that could not be asked, or whose answers were not understood.
    not_told: int = 0
    #: Callbacks that had been kept and not judged.
    taken_in: int = 0
    #: Signals sent that were due.
    told: int = 0
    #: Signals whose receivers raise.
    raising: int = 0
    #: Ids of the open payments that a person has to look at.
    overdue: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)

    @property
    def needs_a_person(self) -> bool:
        """Whether something is left that another run cannot mend."""
        return bool(self.overdue or self.raising or self.not_told)


@dataclass(frozen=True)
class Order:
    """The options of a run."""

    older_than: timedelta
    limit: int | None
    pause_seconds: float
    dry_run: bool
    resend_failed: bool
    overdue: bool
    using: str


def reconcile(order: Order, say: Callable[[str], None]) -> Summary:
    """Makes one run. Several may run at once, beside callbacks and requests.

    :param say: called with each line of progress.
    """
    summary = Summary()
    _take_in_forgotten(order, say, summary)
    _ask_silent(order, say, summary)
    _tell_untold(order, say, summary)
    if order.overdue:
        _report_overdue(order, say, summary)
    return summary


def release_older_than(
    age: timedelta, say: Callable[[str], None], *, not_paid: bool, dry_run: bool, using: str
) -> int:
    """Releases the orders of payments that were requested that long ago, were accepted, and are still open.

    :param not_paid: also release payments whose phones may not have been prompted. For a person who has looked at the
        statement and found none of them.
    :returns: the number of orders that were released.
    """
    accepted = lipia.PaymentState.ACCEPTED.value
    open_ones = Payment.objects.db_manager(using).open().of_app().exclude(order_claim=None)
    found = open_ones.filter(created_at__lte=timezone.now() - age)
    if not not_paid:
        found = found.filter(state=accepted)
    released = 0
    for payment in found.order_by("pk"):
        if not dry_run:
            try:
                payment.release_order()
            except lipia.LookAtPaymentError:
                # Its money came meanwhile.
                continue
        released += 1
        say(
            f"{payment.payment_id}: its order {'would be' if dry_run else 'is'} released ({payment})"
        )
    return released


def _take_in_forgotten(order: Order, say: Callable[[str], None], summary: Summary) -> None:
    forgotten = Callback.objects.using(order.using).filter(
        verdict="", received_at__lte=timezone.now() - FORGOTTEN_AFTER
    )
    payments = Payment.objects.db_manager(order.using).get_queryset().of_app()
    for payment in payments.filter(pk__in=forgotten.values("payment_id")):
        say(f"{payment.payment_id}: a callback was kept and not looked at")
        if order.dry_run:
            continue
        try:
            take_in(payment)
            summary.taken_in += 1
        except lipia.LipiaError as error:
            summary.not_told += 1
            say(f"{payment.payment_id}: {error}")


def _due(order: Order) -> list[Payment]:
    """The payments that are due to be asked about, those first that were not asked about for longest: open ones, then failures
    that only say "nobody answered"."""
    now = timezone.now()
    payments = Payment.objects.db_manager(order.using).get_queryset().of_app()
    open_ones = payments.open().filter(created_at__lte=now - order.older_than)
    looks = payments.filter(look_again_at__lte=now)
    return [
        payment
        for rows in (open_ones, looks)
        for payment in rows.order_by(F("asked_at").asc(nulls_first=True), "created_at").iterator(
            chunk_size=200
        )
        if is_due(payment, now, order.older_than)
    ]


def _ask_silent(order: Order, say: Callable[[str], None], summary: Summary) -> None:
    for payment in _due(order):
        if summary.asked == order.limit:
            break
        if order.dry_run:
            say(f"{payment.payment_id}: would be asked about ({payment})")
        else:
            _ask(payment, order, say, summary)


def _report_overdue(order: Order, say: Callable[[str], None], summary: Summary) -> None:
    overdue_after = timedelta(seconds=current().overdue_after_seconds)
    overdue = Payment.objects.db_manager(order.using).open().of_app().filter(released_at=None)
    for payment in overdue.filter(created_at__lte=timezone.now() - overdue_after):
        summary.overdue.append(payment.payment_id)
        say(what_to_do(payment))


def _ask(payment: Payment, order: Order, say: Callable[[str], None], summary: Summary) -> None:
    if summary.asked:
        time.sleep(order.pause_seconds)
    before = payment.outcome
    try:
        payment.ask()
    except lipia.LipiaError as error:
        if error.code == "nothing_to_ask_by":
            summary.silent += 1
            say(f"{payment.payment_id}: still {payment.state}, and there is no id to ask by")
        elif error.code not in _NO_TROUBLE:
            summary.asked += 1
            summary.not_told += 1
            say(f"{payment.payment_id}: not told: {error}")
    else:
        summary.asked += 1
        summary.settled += not payment.is_open and payment.outcome != before
        say(f"{payment.payment_id}: {payment}")


def what_to_do(payment: Payment) -> str:
    """The advice to a person about a payment that stayed open for too long."""
    return (
        f"{payment.payment_id}: open since {payment.created_at:%Y-%m-%d %H:%M}, and nobody can "
        "say what became of it. Look in the statement of your short code for KES "
        f"{payment.amount} from {payment.masked_phone_number} with reference "
        f"{payment.account_reference} at that time. If it is there, the customer has paid: hand "
        "over, and note the receipt with the order. If it is not, let the order be paid again: "
        f"manage.py lipia_reconcile --release {payment.payment_id}"
    )


def _tell_untold(order: Order, say: Callable[[str], None], summary: Summary) -> None:
    for notice in list(unfinished(timezone.now(), order.using).select_related("payment")):
        if order.dry_run:
            say(f"{notice.payment.payment_id}: payment_{notice.signal} would be sent")
            continue
        if notice.attempts >= MAX_ATTEMPTS and not order.resend_failed:
            summary.raising += 1
            say(
                f"{notice.payment.payment_id}: payment_{notice.signal} was sent {notice.attempts} "
                f"times and a receiver raises ({notice.trouble}). Mend it, then: manage.py "
                "lipia_reconcile --resend-failed"
            )
        elif tell(notice):
            summary.told += 1
            say(f"{notice.payment.payment_id}: payment_{notice.signal} was sent")
        else:
            summary.raising += 1
            say(f"{notice.payment.payment_id}: a receiver of payment_{notice.signal} raised")
