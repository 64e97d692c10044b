"""Persistence of payments: only this module makes and changes their rows."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone as datetime_timezone
from typing import Any

from django.db import DEFAULT_DB_ALIAS, IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone

import lipia
from lipia import Disposition, ErrorKind, Verdict, _native
from lipia._types import payment_of

from .columns import claims_order, columns_of, signal_of
from .models import OPEN_STATES, Callback, Notice, Payment
from .order_links import order_key

log = logging.getLogger("lipia.django")

#: How often a row is tried that a unique index refused for a row which is gone when it is looked for.
MAX_TRIES = 10


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


def begin(
    payment: lipia.Payment,
    *,
    free_if_unpaid: Callable[[Payment], bool],
    account: str = "",
    order: object,
    metadata: Mapping[str, Any] | None,
    durable: bool,
    using: str,
) -> tuple[Payment, bool]:
    """Commits the row of a payment whose push is about to leave.

    :param free_if_unpaid: asks about a payment that holds the order although it failed, and frees
        the order where it may; the row is refreshed. Whether the order was freed.
    :returns: the row, and whether it is this payment's. It is another's where the same was
        requested for the same order before.
    :raises LookAtPaymentError: where the order has a payment that asked for something else.
    :raises RuntimeError: where the row could be rolled back.
    """
    if durable:
        refuse_unless_durable(using)
    key = order_key(order)
    now = timezone.now()
    row = Payment(
        payment_id=payment.id,
        gateway=payment.gateway.value,
        account=account,
        amount=payment.push.amount,
        phone_number=payment.push.phone_number,
        account_reference=payment.push.account_reference,
        order=key,
        order_claim=key or None,
        metadata={} if metadata is None else dict(metadata),
        created_at=now,
        updated_at=now,
        **columns_of(payment, now),
    )
    for tries_left in reversed(range(MAX_TRIES)):
        try:
            with transaction.atomic(using=using):
                row.save(force_insert=True, using=using)
            return row, True
        except IntegrityError:
            earlier = Payment.objects.using(using).filter(order_claim=key).first() if key else None
            if earlier is not None:
                if tries_left and free_if_unpaid(earlier):
                    continue
                return _same_request(earlier, row), False
            taken = Payment.objects.using(using).filter(payment_id=payment.id).exists()
            if taken or not key or not tries_left:
                raise
            # Else the one that had the order let go of it meanwhile.
    raise AssertionError("the last try has returned or raised")


def _same_request(earlier: Payment, wanted: Payment) -> Payment:
    if all(
        getattr(earlier, name) == getattr(wanted, name)
        for name in ("phone_number", "amount", "account")
    ):
        log.info(
            "the order has a payment, nothing was sent payment_id=%s outcome=%s",
            earlier.payment_id,
            earlier.outcome,
        )
        return earlier
    # Also behind a failure that only says "nobody answered": until order_free_at.
    standing = "is paid" if earlier.is_paid else "may yet be paid"
    raise with_payment(
        look_at_payment(
            "order_has_payment",
            f"An earlier payment for this order {standing}, and it asked for another amount, of "
            "another phone or for another account. Nothing was sent.",
            "Show that payment (error.payment) to the customer. Another part of the sale is "
            'another order, such as "7:balance".',
        ),
        earlier,
    )


def look_at_payment(code: str, message: str, hint: str) -> lipia.LookAtPaymentError:
    """The error for a call that does not fit the payment's state."""
    return lipia.LookAtPaymentError(
        message,
        kind=ErrorKind.PAYMENT_STATE,
        disposition=Disposition.NOT_SENT,
        code=code,
        hint=hint,
    )


def with_payment(error: lipia.LipiaError, row: Payment) -> lipia.LipiaError:
    """The error, with the row as its ``payment``."""
    error.payment = row  # type: ignore[attr-defined]
    return error


def replace(
    row: Payment,
    payment: lipia.Payment,
    *,
    push_begun_at: datetime | None,
    verdicts: Mapping[int, Verdict] | None = None,
) -> bool:
    """Writes the core's payment into a row that nobody has written since it was read, together with the signal that is due.

    :param verdicts: the verdicts on callbacks, by their keys.
    :returns: False where the row was written by somebody else since it was read, and nothing was
        written now.
    """
    using = database_of(row)
    stored = row.core
    payment = merged(stored, payment)
    columns = columns_of(payment, push_begun_at)
    claims = bool(row.order) and claims_order(
        payment,
        claimed=row.order_claim is not None,
        is_open=columns["state"] in OPEN_STATES,
        now=datetime.now(datetime_timezone.utc),
    )
    if not claims:
        columns["order_claim"] = None
    with transaction.atomic(using=using):
        # First of all: on SQLite this takes the lock that a later write would not wait for.
        if not _write(row, columns, using):
            return False
        for key, verdict in (verdicts or {}).items():
            Callback.objects.using(using).filter(pk=key).update(verdict=verdict.value)
        _owe_signal(row, payment, using)
        if _has_new_flags(stored, payment) or Verdict.MISMATCH in (verdicts or {}).values():
            _owe(row, "flagged", using)
        if claims and row.order_claim is None:
            _claim_order(row, using)
    return True


def _write(row: Payment, columns: Mapping[str, Any], using: str) -> bool:
    as_read = Payment.objects.using(using).filter(pk=row.pk, version=row.version)
    now = timezone.now()
    return bool(as_read.update(version=row.version + 1, updated_at=now, **columns))


def merged(stored: lipia.Payment, known: lipia.Payment) -> lipia.Payment:
    """The merge of two copies of a payment."""
    _, data = _native.gain_between(stored.to_json(), known.to_json())
    return payment_of(data)


def _has_new_flags(stored: lipia.Payment, payment: lipia.Payment) -> bool:
    return len(payment.flags) + payment.flags_dropped > len(stored.flags) + stored.flags_dropped


def belongs_to_another(row: Payment, *, receipt: str | None, ids: Iterable[str | None]) -> str:
    """The id of another payment that has this receipt or one of these prompt ids; empty where there is none. A receipt or
    prompt of one payment is never given to another."""
    named = [name for name in ids if name]
    theirs = Q(pk__in=())
    if receipt:
        theirs |= Q(receipt=receipt)
    if named:
        theirs |= Q(checkout_request_id__in=named) | Q(gateway_id__in=named)
    others = Payment.objects.using(database_of(row)).filter(theirs, gateway=row.gateway)
    return others.exclude(pk=row.pk).values_list("payment_id", flat=True).first() or ""


def ids_of(payment: lipia.Payment) -> tuple[str | None, ...]:
    """The ids of a payment's prompt."""
    acceptance = payment.acceptance
    return () if acceptance is None else (acceptance.id, acceptance.checkout_request_id)


def _owe_signal(row: Payment, payment: lipia.Payment, using: str) -> None:
    told_success = Notice.objects.using(using).filter(payment=row, signal="succeeded").exists()
    signal = signal_of(payment, told_success=told_success)
    if signal is not None:
        _owe(row, signal, using)


def _owe(row: Payment, signal: str, using: str) -> None:
    notice = Notice(payment=row, signal=signal, created_at=timezone.now())
    Notice.objects.using(using).bulk_create([notice], ignore_conflicts=True)


def _claim_order(row: Payment, using: str) -> None:
    """Gives the order back to a paid payment, unless another payment holds it by now."""
    try:
        with transaction.atomic(using=using):
            Payment.objects.using(using).filter(pk=row.pk).update(order_claim=row.order)
    except IntegrityError:
        log.error(
            "an order was paid by a payment that had ended or was released, and another payment "
            "has it: look whether it is paid twice payment_id=%s order=%s",
            row.payment_id,
            row.order,
        )


def record_answer(row: Payment, payment: lipia.Payment) -> None:
    """Saves the answer to a push. A callback that another process judged meanwhile is not lost: what it settled stays, and
    one that settled nothing is judged again, now that more is known."""
    using = database_of(row)
    other = belongs_to_another(row, receipt=payment.receipt, ids=ids_of(payment))
    if other:
        log.error(
            "the answer to a push names the prompt of another payment and was not taken; the "
            "payment stays open and its own callback settles it payment_id=%s other=%s",
            row.payment_id,
            other,
        )
        return
    while not replace(row, payment, push_begun_at=None):
        row = Payment.objects.using(using).get(pk=row.pk)
        if row.core.state is not lipia.PaymentState.SETTLED:
            Callback.objects.using(using).filter(payment=row).update(verdict="")


def free_order(row: Payment, now: datetime) -> bool:
    """Frees the order of a failure whose grace period is over, unless the row was written since it was read."""
    if row.is_paid or row.is_open or (row.order_free_at is not None and row.order_free_at > now):
        return False
    as_read = Payment.objects.using(database_of(row)).filter(pk=row.pk, version=row.version)
    return bool(as_read.update(order_claim=None, version=row.version + 1))


def refuse_payment_of_ledger(row: Payment) -> None:
    """Refuses a payment that belongs to a ledger.

    :raises LookAtPaymentError: the payment belongs to a ledger.
    """
    if row.is_of_ledger:
        raise with_payment(
            look_at_payment(
                "payment_of_ledger",
                "A ledger looks after this payment.",
                "Use the payments of the client that requested it: client.payments.",
            ),
            row,
        )


def release_order(row: Payment) -> None:
    """See :meth:`Payment.release_order`."""
    refuse_payment_of_ledger(row)
    using = database_of(row)
    unpaid = Payment.objects.using(using).filter(pk=row.pk).exclude(outcome="success")
    # A new version: whoever has read the row with its claim reads it again before writing.
    now = timezone.now()
    if not unpaid.update(order_claim=None, released_at=now, version=models.F("version") + 1):
        raise with_payment(
            look_at_payment(
                "payment_is_paid",
                "This payment is paid, so its order is not to be paid again.",
                "If the money was given back, ask the gateway: a reversal releases the order.",
            ),
            row,
        )
    log.warning("an order was released by hand payment_id=%s order=%s", row.payment_id, row.order)
    row.order_claim, row.released_at = None, now
