"""The signals that tell the shop what happens to a payment. Each is sent with ``sender=Payment`` and the row as
``payment``."""

from __future__ import annotations

from django.dispatch import Signal

#: The money was received. It may follow :data:`payment_failed`, where a customer paid late.
payment_succeeded = Signal()

#: The prompt ended without money: ``payment.outcome`` says why. A success may still follow.
payment_failed = Signal()

#: The money of a payment that had succeeded was returned, as the gateway says.
payment_reversed = Signal()

#: A callback or an answer was not believed (another amount, an unknown code) and is kept as a flag: see
#: ``payment.core.flags``. A person should look at it. Sent once for each payment.
payment_flagged = Signal()
