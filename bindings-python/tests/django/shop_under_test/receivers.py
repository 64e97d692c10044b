from __future__ import annotations

import os
from typing import Any

from django.dispatch import receiver

from lipia.django import payment_failed, payment_reversed, payment_succeeded
from lipia.django.models import Payment

from .models import Told


def _note(payment: Payment, signal: str) -> None:
    Told.objects.create(payment_id=payment.payment_id, signal=signal, process_id=os.getpid())


@receiver(payment_succeeded)
def note_success(payment: Payment, **_: Any) -> None:
    _note(payment, "succeeded")


@receiver(payment_failed)
def note_failure(payment: Payment, **_: Any) -> None:
    _note(payment, "failed")


@receiver(payment_reversed)
def note_reversal(payment: Payment, **_: Any) -> None:
    _note(payment, "reversed")
