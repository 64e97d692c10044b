"""The outbox: sends each due signal once, after the change that made it due is committed."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.dispatch import Signal
from django.utils import timezone

from .columns import is_overtaken
from .models import Notice, Payment
from .persistence import database_of, is_durable
from .signals import (
    payment_failed,
    payment_flagged,
    payment_reversed,
    payment_succeeded,
)

log = logging.getLogger("lipia.django")

_SIGNALS: dict[str, Signal] = {
    "succeeded": payment_succeeded,
    "failed": payment_failed,
    "reversed": payment_reversed,
    "flagged": payment_flagged,
}

#: How long receivers may take before their process is taken to have ended.
LEASE = timedelta(minutes=10)

#: How often receivers are called in all while one of them raises.
MAX_ATTEMPTS = 5


def tell_new(row: Payment) -> None:
    """Sends a payment's new signals, once the transaction is committed."""
    using = database_of(row)

    def send() -> None:
        due = Notice.objects.using(using).filter(payment=row, told_at=None, attempts=0)
        for notice in due.order_by("pk"):
            tell(notice)

    if is_durable(using):
        send()
    elif transaction.get_connection(using).in_atomic_block:
        transaction.on_commit(send, using=using)
    # Else the program commits by hand, and lipia_reconcile sends them.


def unfinished(now: datetime, using: str) -> QuerySet[Notice]:
    """The signals that are due and that no process is sending."""
    due = Notice.objects.using(using).filter(told_at=None)
    return due.filter(Q(claimed_until=None) | Q(claimed_until__lt=now)).order_by("pk")


def tell(notice: Notice) -> bool:
    """Calls the receivers of one signal, unless another process does or did.

    :returns: False where a receiver raised.
    """
    using = database_of(notice)
    notices = Notice.objects.using(using)
    now = timezone.now()
    if (
        not unfinished(now, using)
        .filter(pk=notice.pk)
        .update(claimed_until=now + LEASE, attempts=F("attempts") + 1)
    ):
        return True
    payment = Payment.objects.using(using).get(pk=notice.payment_id)
    raised = []
    if not is_overtaken(notice.signal, payment.outcome):
        results = _SIGNALS[notice.signal].send_robust(sender=Payment, payment=payment)
        raised = [
            (receiver, result) for receiver, result in results if isinstance(result, Exception)
        ]
    for receiver, error in raised:
        log.error(
            "a receiver of payment_%s raised payment_id=%s receiver=%s",
            notice.signal,
            payment.payment_id,
            _name(receiver),
            exc_info=error,
        )
    trouble = "; ".join(f"{_name(receiver)}: {type(error).__name__}" for receiver, error in raised)
    told_at = None if raised else timezone.now()
    notices.filter(pk=notice.pk).update(claimed_until=None, trouble=trouble, told_at=told_at)
    if told_at is not None:
        Payment.objects.using(using).filter(pk=payment.pk).update(notified_at=told_at)
    return not raised


def _name(receiver: object) -> str:
    name = getattr(receiver, "__qualname__", type(receiver).__qualname__)
    return f"{getattr(receiver, '__module__', '')}.{name}"
