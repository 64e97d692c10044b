"""Reconciliation: asks about payments whose outcome did not come, and finishes what a dead process left undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone

import lipia
from lipia import PaymentState

from .app_ledger import AppLedger, ledger_here, of_app
from .columns import signals_due
from .models import OPEN_STATES, Callback, Payment
from .payments import SHORTEST_PAUSE, take_over
from .settings import APP_SHOP, current

#: How many rows one statement names.
_BATCH = 500


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

    #: The age from which open payments are asked about although it is not their turn. ``None``: each has its turn.
    older_than: timedelta | None
    limit: int | None
    dry_run: bool
    resend_failed: bool
    overdue: bool
    using: str


def reconcile(order: Order, say: Callable[[str], None]) -> Summary:
    """Makes one run. Several may run at once, beside callbacks and requests.

    :param say: called with each line of progress.
    """
    summary = Summary()
    if order.dry_run:
        _say_what_is_due(order, say)
    else:
        for account in ("", *current().accounts):
            _reconcile(account, order, say, summary)
        _report_raising(order, say, summary)
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
    accepted = PaymentState.ACCEPTED.value
    open_ones = of_app(using).open().exclude(order_claim=None)
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


def _reconcile(account: str, order: Order, say: Callable[[str], None], summary: Summary) -> None:
    """Reconciles the payments of one account, pass after pass, until there is nothing left to do now."""
    try:
        ledger = ledger_here(account, order.using)
        _take_over_rest(account, order)
        _hurry(account, order, summary, say)
        answered = _pass_on(ledger, order, summary)
    except lipia.LipiaError as error:
        has_payments = of_app(order.using).filter(account=account).exists()
        if isinstance(error, lipia.CorrectSettingsError) and not has_payments:
            # Whoever names the account in every request needs no first one.
            return
        summary.not_told += 1
        say(f"{account or 'the first account'}: {error}")
        return
    asked = [row for row in _rows(order).filter(payment_id__in=ledger.store.asked) if _can_ask(row)]
    summary.asked += len(asked)
    summary.settled += len(ledger.store.settled & ledger.store.asked)
    summary.not_told += max(0, len(asked) - answered)
    for row in asked:
        say(f"{row.payment_id}: {row}")


def _pass_on(ledger: AppLedger, order: Order, summary: Summary) -> int:
    """Makes passes until one has nothing to do. Returns how many questions were answered."""
    store, answered = ledger.store, 0
    store.asked, store.settled, store.limit = set(), set(), order.limit
    try:
        while True:
            known = len(store.asked)
            done = ledger.reconcile()
            answered += done.asked + done.judged
            summary.taken_in += done.judged
            summary.told += done.told
            if len(store.asked) == known and not done.judged and not done.senders_died:
                return answered
    finally:
        store.limit = None


def _take_over_rest(account: str, order: Order) -> None:
    """Takes payments of the version before the ledger into it, where something is yet to be learnt or told of them."""
    rows = of_app(order.using).filter(shop="", account=account)
    unfinished = Q(state__in=OPEN_STATES) | ~Q(look_again_at=None) | Q(callbacks__verdict="")
    untold = Q(state=PaymentState.SETTLED.value, signals="")
    paid_untold = Q(outcome="success") & ~Q(signals__contains="succeeded")
    for row in rows.filter(unfinished | untold | paid_untold).distinct():
        take_over(row)


def _hurry(account: str, order: Order, summary: Summary, say: Callable[[str], None]) -> None:
    """Makes payments of an age due to be asked about, those first that were not asked about for longest, and those due to be told
    whose receivers raise."""
    rows = _rows(order).filter(account=account)
    if order.resend_failed:
        raising = rows.filter(news__gt=F("told")).exclude(trouble=None)
        raising.update(owed_after=0, version=F("version") + 1)
    found = _out_of_turn(order).filter(account=account)
    asked: list[Any] = []
    for row in found.order_by(F("asked_at").asc(nulls_first=True), "created_at"):
        if _can_ask(row):
            asked.append(row.pk)
        else:
            summary.silent += 1
            say(f"{row.payment_id}: still {row.state}, and there is no id to ask by")
    for start in range(0, len(asked[: order.limit]), _BATCH):
        # Those that another process has asked about since stay its own.
        batch = found.filter(pk__in=asked[: order.limit][start : start + _BATCH])
        batch.update(ask_after=0, version=F("version") + 1)


def _out_of_turn(order: Order) -> QuerySet[Payment]:
    """Open payments of an age that nobody asked about just now."""
    if order.older_than is None:
        return Payment.objects.none()
    now = timezone.now()
    rested = Q(asked_at=None) | Q(asked_at__lte=now - SHORTEST_PAUSE)
    pushed = (PaymentState.UNKNOWN.value, PaymentState.ACCEPTED.value, PaymentState.SENDING.value)
    return _rows(order).filter(rested, state__in=pushed, created_at__lte=now - order.older_than)


def _can_ask(row: Payment) -> bool:
    """Whether the gateway can be asked: by the prompt's id, by an id that a callback claimed, or by PalPluss's list."""
    payment = row.core
    if payment.state is PaymentState.SENDING:
        return False
    listed = payment.gateway is lipia.Gateway.PALPLUSS
    return payment.acceptance is not None or bool(payment.flags) or listed


def _rows(order: Order) -> QuerySet[Payment]:
    """The payments of the app's ledger."""
    return Payment.objects.using(order.using).filter(shop=APP_SHOP)


def _say_what_is_due(order: Order, say: Callable[[str], None]) -> None:
    waiting = Callback.objects.using(order.using).filter(verdict="")
    for row in of_app(order.using).filter(pk__in=waiting.values("payment")):
        say(f"{row.payment_id}: a callback was kept and not looked at")
    now = int(timezone.now().timestamp() * 1000)
    for row in (_out_of_turn(order) | _rows(order).filter(ask_after__lte=now))[: order.limit]:
        say(f"{row.payment_id}: would be asked about ({row})")
    for row in _rows(order).filter(news__gt=F("told")):
        for signal in signals_due(row):
            say(f"{row.payment_id}: payment_{signal} would be sent")


def _report_raising(order: Order, say: Callable[[str], None], summary: Summary) -> None:
    owed = _rows(order).filter(news__gt=F("told"), trouble__startswith="payment_")
    for row in owed:
        summary.raising += 1
        say(
            f"{row.payment_id}: a receiver raises, after {row.attempts} attempts ({row.trouble}). It is called again, ever more "
            "seldom. Mend it, then: manage.py lipia_reconcile --resend-failed"
        )


def _report_overdue(order: Order, say: Callable[[str], None], summary: Summary) -> None:
    overdue_after = timedelta(seconds=current().overdue_after_seconds)
    overdue = of_app(order.using).open().filter(released_at=None)
    for payment in overdue.filter(created_at__lte=timezone.now() - overdue_after):
        summary.overdue.append(payment.payment_id)
        say(what_to_do(payment))


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
