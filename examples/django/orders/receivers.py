"""What the shop does when it is told of money."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from lipia.django import payment_succeeded
from lipia.django.models import Payment

from .models import Order


@receiver(payment_succeeded)
def mark_paid(payment: Payment, **_: Any) -> None:
    """Marks the order paid. Written so that a second call changes nothing."""
    unpaid = Order.objects.filter(pk=payment.metadata["order_id"], paid_at=None)
    unpaid.update(paid_at=timezone.now())
