"""Requests for payments, questions about them and releases of their orders. The core's ledger decides; this module hands it the
call, and hands back rows."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.utils import timezone

import lipia
from lipia import Disposition, ErrorKind, PaymentState

from .app_ledger import AppLedger, is_of_before, is_of_one_thread, ledger_here, of_app
from .columns import signals_due
from .models import Payment
from .order_links import order_key

log = logging.getLogger("lipia.django")

#: Gateways dislike more than one question about a payment in about ten seconds.
SHORTEST_PAUSE = timedelta(seconds=10)

#: How many awaited requests are made at once in a process; others wait for their turn.
_MAX_AWAITED = 32

_threads = ThreadPoolExecutor(_MAX_AWAITED, thread_name_prefix="lipia-django-request")


def _renew_threads() -> None:
    """Leaves the threads of awaited requests, with the connections that they hold. After a fork they are the parent's."""
    global _threads
    _threads = ThreadPoolExecutor(_MAX_AWAITED, thread_name_prefix="lipia-django-request")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_threads)


def request(
    push: Mapping[str, Any],
    *,
    account: str,
    order: object,
    metadata: Mapping[str, Any] | None,
    durable: bool,
    using: str,
) -> Payment:
    """See :meth:`PaymentManager.request`."""
    if durable:
        refuse_unless_durable(using)
    # What is not JSON is refused before anything is claimed.
    json.dumps(metadata, cls=Payment._meta.get_field("metadata").encoder)  # type: ignore[union-attr]
    key = order_key(order)
    ledger = ledger_here(account, using)
    for row in of_app(using).filter(shop="", order=key) if key else ():
        take_over(row)
    try:
        with ledger.store.keeping(metadata or {}):
            payment = ledger.call(ledger.client.request, order=key or None, **push)
    except lipia.LipiaError as error:
        raise with_row(error, using) from None
    row = _payments(using).get(payment_id=payment.id)
    if row.news > row.told:
        # A callback came before the answer, or the gateway was asked about a payment of the order.
        tell_when_committed(ledger)
        row.refresh_from_db()
    if payment.is_existing:
        return _same_request(row, ledger, push, account)
    if payment.state is PaymentState.UNKNOWN and payment.last_error is not None:
        raise with_row(payment.last_error, using)
    return row


def _same_request(
    row: Payment, ledger: AppLedger, push: Mapping[str, Any], account: str
) -> Payment:
    """The payment that the order has already, for a request that asks for the same."""
    asked = ledger.client.reserve(**push).snapshot().push
    if (row.phone_number, row.amount, row.account) == (asked.phone_number, asked.amount, account):
        return row
    standing = "is paid" if row.is_paid else "may yet be paid"
    raise refused(
        "order_asked_differently",
        f"An earlier payment for this order {standing}, and it asked for another amount, of "
        "another phone or for another account. Nothing was sent.",
        "Show that payment (error.payment) to the customer. Another part of the sale is "
        'another order, such as "7:balance".',
        row,
    )


async def arequest(push: Mapping[str, Any], *, using: str, **options: Any) -> Payment:
    """See :meth:`PaymentManager.arequest`."""

    def work() -> Payment:
        return request(push, using=using, **options)

    def work_and_leave() -> Payment:
        try:
            return work()
        finally:
            connections[using].close_if_unusable_or_obsolete()

    if await sync_to_async(is_of_one_thread)(using):
        return await sync_to_async(work)()
    # A thread of its own: the row and the prompt belong together, whoever waits for them.
    going_on = asyncio.get_running_loop().run_in_executor(_threads, work_and_leave)
    going_on.add_done_callback(_log_unheard)
    return await asyncio.shield(going_on)


def _log_unheard(going_on: asyncio.Future[Payment]) -> None:
    # Where the caller went away nobody else looks at it.
    if not going_on.cancelled() and (trouble := going_on.exception()) is not None:
        log.info("a request ended with %s", type(trouble).__name__)


def ask(row: Payment) -> None:
    """Asks about a payment, and writes the answer.

    :raises LookAtPaymentError: there is nothing to ask, or no id is known to ask by.
    :raises LipiaError: the question could not be asked, or its answer was not understood.
    """
    _refuse_payment_of_ledger(row)
    using = database_of(row)
    row = _row_now(row)
    if not row.is_open and row.order_free_at is None:
        raise refused(
            "nothing_to_ask",
            f"This payment is {row.state}, so there is nothing to ask about it.",
            "Look at its outcome, and at its error.",
            row,
        )
    if row.asked_at is not None and timezone.now() - _aware(row.asked_at) < SHORTEST_PAUSE:
        raise refused(
            "asked_just_now",
            "The gateway was asked about this payment less than ten seconds ago.",
            "Ask again later: gateways dislike more.",
            row,
        )
    ledger = ledger_here(row.account, using)
    try:
        ledger.call(ledger.client.payments.ask, row.payment_id)
    except lipia.LipiaError as error:
        raise with_row(error, using) from None
    finally:
        tell_when_committed(ledger)


def release_order(row: Payment) -> None:
    """See :meth:`Payment.release_order`."""
    _refuse_payment_of_ledger(row)
    using = database_of(row)
    row_now = _row_now(row)
    if row_now.is_paid:
        raise refused(
            "payment_is_paid",
            "This payment is paid, so its order is not to be paid again.",
            "If the money was given back, ask the gateway: a reversal releases the order.",
            row,
        )
    if row_now.order_claim is not None:
        ledger = ledger_here(row_now.account, using)
        try:
            ledger.call(ledger.client.payments.release, row_now.order)
        except lipia.LipiaError as error:
            raise with_row(error, using) from None
    else:
        # It holds nothing; it is reported no more.
        _payments(using).filter(pk=row.pk).update(
            released_at=timezone.now(), version=models.F("version") + 1
        )
    log.warning("an order was released by hand payment_id=%s order=%s", row.payment_id, row.order)
    row.refresh_from_db(fields=["order_claim", "released_at", "version"])


def take_over(row: Payment) -> Payment:
    """Takes a row of a version before the ledger into the ledger. One that was being pushed may have prompted.

    :raises LipiaError: its account has no client, or the ledger failed.
    """
    if not is_of_before(row):
        return row
    using = database_of(row)
    payment = json.loads(row.state_json)
    if row.push_begun_at is not None and payment["state"] == "reserved":
        payment["state"] = "sending"
    ledger = ledger_here(row.account, using)
    ledger.call(
        ledger.client.payments.import_,
        lipia.Payment.from_json(json.dumps(payment)),
        order=row.order or None,
        tell=bool(signals_due(row)),
    )
    return _payments(using).get(pk=row.pk)


def _row_now(row: Payment) -> Payment:
    """The row as the database has it, taken over into the ledger."""
    row = take_over(row)
    row.refresh_from_db()
    return row


def tell_when_committed(ledger: AppLedger) -> None:
    """Sends the signals that are due, once the transaction is committed."""
    if is_durable(ledger.using):
        _tell(ledger)
    elif transaction.get_connection(ledger.using).in_atomic_block:
        transaction.on_commit(partial(_tell, ledger), using=ledger.using)
    # Else the program commits by hand, and lipia_reconcile sends them.


def _tell(ledger: AppLedger) -> None:
    try:
        ledger.tell()
    except lipia.LipiaError as error:
        log.error("signals were not sent; lipia_reconcile sends them code=%s", error.code)


def database_of(row: models.Model) -> str:
    """The database that a row was read from."""
    return row._state.db or DEFAULT_DB_ALIAS


def is_durable(using: str) -> bool:
    """Whether a write is committed at once. The transaction that Django's ``TestCase`` wraps around a test does not count, as
    for ``atomic(durable=True)``."""
    connection = transaction.get_connection(using)
    if not connection.in_atomic_block and not connection.get_autocommit():
        return False
    try:
        with transaction.atomic(using=using, durable=True, savepoint=False):
            return True
    except RuntimeError:
        return False


def refuse_unless_durable(using: str) -> None:
    """Refuses a transaction in which a row could be rolled back after its prompt has been sent.

    :raises RuntimeError: there is such a transaction.
    """
    if not is_durable(using):
        raise RuntimeError(
            "A payment cannot be requested inside a transaction: its row has to be committed "
            "before the phone is prompted, or a rollback forgets a prompt that the customer can "
            "pay. Nothing was sent. Request it after the transaction (transaction.on_commit), "
            "mark the view with @transaction.non_atomic_requests where ATOMIC_REQUESTS is on, or "
            "accept the risk with durable=False."
        )


def with_row(error: lipia.LipiaError, using: str) -> lipia.LipiaError:
    """The error, with the row of the payment that it names as its ``payment``."""
    if error.payment_id:
        row = _payments(using).filter(payment_id=error.payment_id).first()
        error.payment = row
    return error.with_traceback(None)


def refused(code: str, message: str, hint: str, row: Payment) -> lipia.LookAtPaymentError:
    """The error for a call that does not fit the payment's state."""
    error = lipia.LookAtPaymentError(
        message,
        kind=ErrorKind.PAYMENT_STATE,
        disposition=Disposition.NOT_SENT,
        code=code,
        hint=hint,
    )
    error.payment = row
    return error


def _refuse_payment_of_ledger(row: Payment) -> None:
    if row.is_of_ledger:
        raise refused(
            "payment_of_ledger",
            "A client of your own looks after this payment.",
            "Use the payments of the client that requested it: client.payments.",
            row,
        )


def _payments(using: str) -> models.QuerySet[Payment]:
    return Payment.objects.using(using)


def _aware(instant: Any) -> Any:
    return timezone.make_aware(instant) if timezone.is_naive(instant) else instant
