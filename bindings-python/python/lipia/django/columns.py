"""The columns of a row, computed from the core's payment. Pure: nothing is read or written here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

import lipia
from lipia import Outcome, PaymentState


def columns_of(payment: lipia.Payment, push_begun_at: datetime | None) -> dict[str, Any]:
    """The columns that repeat what the core's payment says.

    :param push_begun_at: when its push was begun, where the answer is not known. A payment that says ``reserved`` may have
        been sent then.
    """
    on_its_way = push_begun_at is not None and payment.state is PaymentState.RESERVED
    error = payment.last_error
    return {
        "state": (PaymentState.SENDING if on_its_way else payment.state).value,
        "outcome": (Outcome.UNKNOWN if on_its_way else payment.outcome).value,
        "checkout_request_id": _said(payment.checkout_request_id, 128),
        "gateway_id": _said(payment.acceptance.id if payment.acceptance else None, 128),
        "receipt": _said(payment.receipt, 32),
        "result_code": _said(payment.result_code, 64),
        "error_code": _said(error.code if error else None, 64),
        "flag_count": len(payment.flags),
        "revision": payment.revision,
        "state_json": payment.to_json(),
        "push_begun_at": push_begun_at,
        "settled_at": database_time(payment.settled_at),
        "look_again_at": database_time(payment.look_again_at),
        "order_free_at": database_time(payment.order_free_at),
    }


def _said(text: str | None, most_characters: int) -> str:
    """A text of the gateway's, cut to fit its column. The core's payment has all of it."""
    return (text or "").replace("\0", "")[:most_characters]


def database_time(at: datetime | None) -> datetime | None:
    """An instant as the project's ``USE_TZ`` wants it."""
    if at is None or settings.USE_TZ:
        return at
    return timezone.make_naive(at, timezone.get_default_timezone())


def claims_order(payment: lipia.Payment, *, claimed: bool, is_open: bool, now: datetime) -> bool:
    """Whether a payment holds its order, so that the order is not prompted for again: while it may be paid, during the grace
    period of a failure that only says "nobody answered", and once it is paid. A payment that a person released does not hold
    its order again unless it is paid."""
    held = payment.order_free_at is not None and payment.order_free_at > now
    return payment.is_paid or (claimed and (is_open or held))


def signal_of(payment: lipia.Payment, *, told_success: bool) -> str | None:
    """The signal that the payment owes its receivers.

    :param told_success: whether the receivers were told, or are owed, that it succeeded.
    """
    if payment.state is not PaymentState.SETTLED:
        return None
    if payment.is_paid:
        return "succeeded"
    if payment.outcome is Outcome.REVERSED and told_success:
        return "reversed"
    return "failed"


def is_overtaken(signal: str, outcome: str) -> bool:
    """Whether a failure that was not told yet is out of date."""
    return signal == "failed" and outcome == Outcome.SUCCESS.value
