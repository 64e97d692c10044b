"""M-Pesa payments for Django: a model that is saved before a phone is prompted, a view that verifies callbacks, and
signals that tell outcomes once.

::

    # settings.py
    INSTALLED_APPS = [..., "lipia.django"]
    LIPIA = {"CALLBACK_URL": "https://shop.example.co.ke/pay"}  # the credentials come from MPESA_CONSUMER_KEY …

    # urls.py
    path("pay/", include("lipia.django.urls"))

    # anywhere
    from lipia.django.models import Payment
    payment = Payment.objects.request(
        phone_number="0712345678", amount=150, account_reference="INV-001", order=order
    )

    # receivers.py
    @receiver(lipia.django.payment_succeeded)
    def mark_paid(payment, **kwargs): ...
"""

from .clients import get_async_client, get_client
from .signals import (
    payment_failed,
    payment_flagged,
    payment_reversed,
    payment_succeeded,
)

__all__ = [
    "get_async_client",
    "get_client",
    "payment_failed",
    "payment_flagged",
    "payment_reversed",
    "payment_succeeded",
]
