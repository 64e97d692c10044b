"""Callbacks: saved before they are answered, judged afterwards."""

from __future__ import annotations

import hashlib
import logging
from datetime import timedelta

from django.utils import timezone

import lipia
from lipia._public import public, without_frames

from . import settings
from .clients import get_client
from .locks import is_being_pushed, payment_lock
from .models import Callback, Payment
from .outbox import tell_new
from .persistence import belongs_to_another, database_of, replace

log = logging.getLogger("lipia.django")

#: How many different bodies are kept for one payment: somebody who learnt its URL could otherwise
#: fill a disk.
_MAX_BODIES = 64

#: After how long a body that nobody has looked at is taken to have been forgotten by a process that
#: ended.
FORGOTTEN_AFTER = timedelta(seconds=60)


def keep(row: Payment, body: bytes) -> bool:
    """Saves and commits a body that came on a payment's own URL.

    :returns: whether it has yet to be judged: not where the same body came before.
    """
    bodies = Callback.objects.using(database_of(row)).filter(payment=row)
    digest = hashlib.sha256(body).hexdigest()
    known = bodies.filter(digest=digest).first()
    if known is None:
        if bodies.count() >= _MAX_BODIES:
            log.warning("a payment has had too many callbacks payment_id=%s", row.payment_id)
            return False
        known, is_new = bodies.get_or_create(
            payment=row,
            of_payment=row.payment_id,
            digest=digest,
            defaults={"body": body, "received_at": timezone.now()},
        )
        if is_new:
            return True
    return not known.verdict and timezone.now() - known.received_at > FORGOTTEN_AFTER


@public
def take_in(row: Payment) -> None:
    """Judges the callbacks that wait for a payment, updates the payment, and sends the signals that this makes due. The
    gateway is asked without a database lock; where another process has written the row meanwhile, the judging is repeated.

    :raises LipiaError: the payment cannot be resumed.
    """
    if row.is_of_ledger:
        # The ledger judges what is kept.
        return
    using = database_of(row)
    with payment_lock(row.payment_id):
        if is_being_pushed(row.payment_id):
            return
        while True:
            now = Payment.objects.using(using).get(pk=row.pk)
            waiting = list(now.callbacks.filter(verdict=""))
            if not waiting:
                break
            judged, verdicts = _judge(now, waiting)
            if replace(now, judged, push_begun_at=now.push_begun_at, verdicts=verdicts):
                _report(now, judged, verdicts)
                break
    tell_new(row)


def take_in_quietly(row: Payment) -> None:
    """:func:`take_in`, which logs an error instead of raising it. ``lipia_reconcile`` then tries again."""
    try:
        take_in(row)
    except Exception as error:
        log.error(
            "a callback was kept and could not be taken in; lipia_reconcile tries again "
            "payment_id=%s",
            row.payment_id,
            # The frames here hold the payment's secret URL.
            exc_info=without_frames(error),
        )


def _judge(
    row: Payment, callbacks: list[Callback]
) -> tuple[lipia.Payment, dict[int, lipia.Verdict]]:
    """The verdicts on a payment's callbacks, and the payment after them. The live payment ends here."""
    client = get_client(row.account)
    confirm = settings.current().account(row.account).confirm
    handle = client.resume(row.state_json)
    verdicts = {}
    for callback in callbacks:
        event = client.parse_callback(bytes(callback.body))
        other = belongs_to_another(row, receipt=event.receipt, ids=[event.checkout_request_id])
        if other:
            log.error(
                "a callback names the receipt or the prompt of another payment and was not "
                "believed: a person has to look payment_id=%s other=%s",
                row.payment_id,
                other,
            )
            verdicts[callback.pk] = lipia.Verdict.MISMATCH
        else:
            verdicts[callback.pk] = client.believe(handle, event, confirm=confirm)
    return handle.snapshot(), verdicts


def _report(row: Payment, judged: lipia.Payment, verdicts: dict[int, lipia.Verdict]) -> None:
    for verdict in verdicts.values():
        level = logging.INFO
        if verdict in (lipia.Verdict.MISMATCH, lipia.Verdict.NOT_CONFIRMED):
            level = logging.WARNING
        log.log(
            level,
            "a callback was taken in payment_id=%s verdict=%s outcome=%s",
            row.payment_id,
            verdict,
            judged.outcome,
        )
