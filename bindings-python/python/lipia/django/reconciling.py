"""Questions to the gateway about a payment whose outcome did not come."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

import lipia
from lipia._public import public

from .callbacks import take_in
from .clients import get_client
from .locks import is_being_pushed, payment_lock
from .models import Payment
from .outbox import tell_new
from .persistence import (
    belongs_to_another,
    database_of,
    free_order,
    ids_of,
    look_at_payment,
    refuse_payment_of_ledger,
    replace,
    with_payment,
)

log = logging.getLogger("lipia.django")

#: Gateways dislike more than one question about a payment in about ten seconds.
SHORTEST_PAUSE = timedelta(seconds=10)

#: Why a question about a failure was not put, where that says nothing against freeing its order.
_ASKED_ENOUGH = ("asked_just_now", "nothing_to_ask", "nothing_to_ask_by")

#: The most seconds that one question may take, with its token and resends.
_ANSWERED_WITHIN_SECONDS = 30.0


@public
def ask(row: Payment) -> None:
    """Asks about a payment, and saves the answer. Only one process asks at a time.

    :raises LookAtPaymentError: there is nothing to ask, or no id is known to ask by.
    :raises LipiaError: the question could not be asked, or its answer was not understood.
    """
    refuse_payment_of_ledger(row)
    take_in(row)
    using = database_of(row)
    payments = Payment.objects.using(using)
    with payment_lock(row.payment_id):
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
        error, payment = _asked(row.account, row.state_json)
        if payment is not None and payment.revision != row.revision:
            other = belongs_to_another(row, receipt=payment.receipt, ids=ids_of(payment))
            if other:
                log.error(
                    "what the gateway says of a payment belongs to another one and was not taken: "
                    "a person has to look payment_id=%s other=%s",
                    row.payment_id,
                    other,
                )
            else:
                # Who wrote the row meanwhile had news of its own. What was learnt here can be
                # asked for again.
                replace(row, payment, push_begun_at=row.push_begun_at)
    tell_new(row)
    if error is not None:
        raise with_payment(error, row)


def _refuse_unless_it_can_be_asked_about(row: Payment) -> None:
    if not row.is_open and row.order_free_at is None:
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
    """Whether the gateway can be asked: by the prompt's id, by an id that a callback claimed, or by PalPluss's list."""
    if payment.state is lipia.PaymentState.RESERVED:
        return False
    listed = payment.gateway is lipia.Gateway.PALPLUSS
    return payment.acceptance is not None or bool(payment.flags) or listed


def _asked(account: str, state_json: str) -> tuple[lipia.LipiaError | None, lipia.Payment | None]:
    """Asks one question. Returns the error that it met, and the payment after it. The live payment ends here."""
    try:
        client = get_client(account).with_options(timeout=_ANSWERED_WITHIN_SECONDS)
        handle = client.resume(state_json)
    except lipia.LipiaError as error:
        return error.with_traceback(None), None
    try:
        return None, client.ask(handle)
    except lipia.LipiaError as error:
        return error.with_traceback(None), handle.snapshot()


def free_if_unpaid(row: Payment) -> bool:
    """Asks about a failed payment that still holds its order, because nobody answered in time and the customer may have paid.
    Frees the order where the answer is still a failure and the grace period is over.

    :returns: whether the order is free. If not, the row has what is known by now.
    """
    if row.is_open or row.is_paid:
        return False
    try:
        ask(row)
    except lipia.LipiaError as error:
        if error.code not in _ASKED_ENOUGH and row.look_again_at is not None:
            log.warning(
                "an order stays held, because the gateway could not be asked whether its payment "
                "was paid after all payment_id=%s code=%s",
                row.payment_id,
                error.code,
            )
            row.refresh_from_db()
            return False
    row.refresh_from_db()
    return free_order(row, timezone.now())


def is_due(payment: Payment, now: datetime, older_than: timedelta) -> bool:
    """Whether a payment is due to be asked about. An open one is due after ``older_than``, and then once in a quarter of its
    age; a failure that only says "nobody answered", when the core says so."""
    if not payment.is_open:
        asked_just_now = payment.asked_at and now - payment.asked_at < SHORTEST_PAUSE
        return (
            payment.look_again_at is not None
            and payment.look_again_at <= now
            and not asked_just_now
        )
    age = now - payment.created_at
    if age < older_than:
        return False
    return payment.asked_at is None or now - payment.asked_at >= max(age / 4, SHORTEST_PAUSE)
