"""Asking the gateway about a payment that stayed silent."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

import lipia

from .clients import get_client
from .inbox import take_in
from .models import Payment
from .notices import tell_new
from .rows import database_of, look_at_payment, replace, with_payment
from .turns import is_being_pushed, turn

log = logging.getLogger("lipia.django")

#: Gateways dislike more than one question about a payment in about ten seconds.
SHORTEST_PAUSE = timedelta(seconds=10)

#: How long one question may take in all, token and whatever is asked again included.
_ANSWERED_WITHIN_SECONDS = 30.0


def ask(row: Payment) -> None:
    """Asks about a payment, and writes down what the gateway tells. Only one process asks at a
    time.

    :raises LookAtPaymentError: there is nothing to ask, or nothing to ask by.
    :raises LipiaError: the question could not be asked or the answer not be understood.
    """
    take_in(row)
    using = database_of(row)
    payments = Payment.objects.using(using)
    with turn(row.payment_id):
        now = timezone.now()
        row = payments.get(pk=row.pk)
        _refuse_unless_it_can_be_asked_about(row)
        not_just_asked = Q(asked_at=None) | Q(asked_at__lte=now - SHORTEST_PAUSE)
        if not payments.filter(not_just_asked, pk=row.pk).update(asked_at=now):
            raise with_payment(
                look_at_payment(
                    "asked_just_now",
                    "The gateway was asked about this payment less than ten seconds ago.",
                    "Ask again later: gateways dislike more.",
                ),
                row,
            )
        error, payment = _asked(row.state_json)
        if payment is not None and payment.revision != row.revision:
            # Who wrote the row meanwhile had news of its own. What was learnt here can be asked for
            # again.
            replace(row, payment, push_begun_at=row.push_begun_at)
    tell_new(row)
    if error is not None:
        raise with_payment(error, row)


def _refuse_unless_it_can_be_asked_about(row: Payment) -> None:
    if not row.is_open:
        raise with_payment(
            look_at_payment(
                "nothing_to_ask",
                f"This payment is {row.state}, so there is nothing to ask about it.",
                "Look at its outcome, and at its error.",
            ),
            row,
        )
    if is_being_pushed(row.payment_id) or not _can_ask(row.core):
        raise with_payment(
            look_at_payment(
                "nothing_to_ask_by",
                "The answer to this payment's push did not arrive, and with it the id to ask by.",
                "Wait for its callback: it finds the payment by its own URL. If none comes, look "
                "in the statement of the short code.",
            ),
            row,
        )


def _can_ask(payment: lipia.Payment) -> bool:
    """Whether something is known to ask by: the prompt's id, one that a callback claimed, or
    PalPluss's list."""
    if payment.state is lipia.PaymentState.RESERVED:
        return False
    listed = payment.gateway is lipia.Gateway.PALPLUSS
    return payment.acceptance is not None or bool(payment.flags) or listed


def _asked(state_json: str) -> tuple[lipia.LipiaError | None, lipia.Payment | None]:
    """One question; what kept it from being answered, and the payment as it is then. The live
    payment lives no longer than this."""
    try:
        client = get_client().with_options(
            wait=lipia.WaitOptions(timeout=_ANSWERED_WITHIN_SECONDS, first_query_after=0)
        )
        handle = client.resume(state_json)
        for progress in client.watch(handle):
            if isinstance(progress, lipia.NotTold):
                return progress.error.with_traceback(None), handle.snapshot()
            if isinstance(progress, (lipia.Asked, lipia.Settled, lipia.StillOpen)):
                break
        return None, handle.snapshot()
    except lipia.LipiaError as error:
        return error.with_traceback(None), None


def is_due(payment: Payment, now: datetime, older_than: timedelta) -> bool:
    """Whether it is time to ask about an open payment: after ``older_than``, and then ever more
    seldom, once in a quarter of its age."""
    age = now - payment.created_at
    if age < older_than:
        return False
    return payment.asked_at is None or now - payment.asked_at >= max(age / 4, SHORTEST_PAUSE)
