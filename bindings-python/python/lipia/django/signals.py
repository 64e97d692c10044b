"""Signals: what happens to a payment, told to the shop. Each is sent with ``sender=Payment`` and
``payment=`` the row."""

from __future__ import annotations

from django.dispatch import Signal

#: The money was received. Also after :data:`payment_failed`, where a customer paid late: money is
#: money.
payment_succeeded = Signal()

#: The prompt ended without money: ``payment.outcome`` says why. A success may still follow.
payment_failed = Signal()

#: A payment that had succeeded was given back, says the gateway.
payment_reversed = Signal()

#: Something was handed to a payment and not believed (another amount, a code that nobody knows), and
#: is kept with it: ``payment.core.flags``. Sent once for a payment; look at it.
payment_flagged = Signal()
