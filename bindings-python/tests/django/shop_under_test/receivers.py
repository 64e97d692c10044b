from __future__ import annotations

import os
import signal as signals
from pathlib import Path
from typing import Any

from django.dispatch import receiver

from lipia.django import payment_failed, payment_reversed, payment_succeeded
from lipia.django.models import Payment

from .models import Told

#: Where this file exists, the process that is called next removes it and dies as if the power had
#: failed.
DIES_WHERE_THIS_EXISTS = os.environ.get("LIPIA_TEST_DIES_WHERE_THIS_EXISTS")


def _note(payment: Payment, signal: str) -> None:
    if DIES_WHERE_THIS_EXISTS and Path(DIES_WHERE_THIS_EXISTS).exists():
        Path(DIES_WHERE_THIS_EXISTS).unlink()
        os.kill(os.getpid(), signals.SIGKILL)
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
