"""The columns of a row, computed from the core's payment, and the signals that a row owes. Pure: nothing is read or written here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

import lipia
from lipia import Outcome, PaymentState

from .models import Payment


def columns_of(payment: lipia.Payment) -> dict[str, Any]:
    """The columns that repeat what the core's payment says."""
    is_sending = payment.state is PaymentState.SENDING
    error = payment.last_error
    return {
        "state": payment.state.value,
        "outcome": payment.outcome.value,
        "checkout_request_id": _said(payment.checkout_request_id, 128),
        "gateway_id": _said(payment.acceptance.id if payment.acceptance else None, 128),
        "receipt": _said(payment.receipt, 32),
        "result_code": _said(payment.result_code, 64),
        "error_code": _said(error.code if error else None, 64),
        "flag_count": len(payment.flags),
        "revision": payment.revision,
        "state_json": payment.to_json(),
        "updated_at": timezone.now(),
        "push_begun_at": database_time(payment.sent_at) if is_sending else None,
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


def signals_due(row: Payment) -> list[str]:
    """The signals that are due for a row: each is sent once. A failure that a success overtook is not told."""
    told = row.signals.split()
    due = []
    if row.state == PaymentState.SETTLED.value:
        is_reversed = row.outcome == Outcome.REVERSED.value and "succeeded" in told
        due.append("succeeded" if row.is_paid else "reversed" if is_reversed else "failed")
    if row.flag_count:
        due.append("flagged")
    return [signal for signal in due if signal not in told]
