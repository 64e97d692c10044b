"""The signals that tell the shop: the handler of outcomes of the app's ledger."""

from __future__ import annotations

import logging

from django.db.models import Value
from django.db.models.functions import Concat
from django.dispatch import Signal
from django.utils import timezone

from .columns import signals_due
from .models import Payment
from .signals import payment_failed, payment_flagged, payment_reversed, payment_succeeded

log = logging.getLogger("lipia.django")

_SIGNALS: dict[str, Signal] = {
    "succeeded": payment_succeeded,
    "failed": payment_failed,
    "reversed": payment_reversed,
    "flagged": payment_flagged,
}


def tell(payment_id: str, using: str) -> str:
    """Sends the signals that are due for a payment, and notes those whose receivers have all returned.

    :returns: the receivers that raised; empty where none did.
    """
    rows = Payment.objects.using(using).filter(payment_id=payment_id)
    row = rows.first()
    trouble: list[str] = []
    for name in [] if row is None else signals_due(row):
        results = _SIGNALS[name].send_robust(sender=Payment, payment=row)
        raised = [(one, result) for one, result in results if isinstance(result, Exception)]
        for receiver, error in raised:
            log.error(
                "a receiver of payment_%s raised payment_id=%s receiver=%s",
                name,
                payment_id,
                _name(receiver),
                exc_info=error,
            )
            trouble.append(f"payment_{name}: {_name(receiver)}: {type(error).__name__}")
        if not raised:
            rows.update(signals=Concat("signals", Value(f"{name} ")), notified_at=timezone.now())
    return "; ".join(trouble)


def _name(receiver: object) -> str:
    name = getattr(receiver, "__qualname__", type(receiver).__qualname__)
    return f"{getattr(receiver, '__module__', '')}.{name}"
