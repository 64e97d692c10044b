from __future__ import annotations

from django.db import models


class Told(models.Model):
    """A signal that a receiver of the shop was called with."""

    payment_id = models.CharField(max_length=64)
    signal = models.CharField(max_length=16)
    process_id = models.PositiveIntegerField()


class Sale(models.Model):
    """What a customer buys."""

    price = models.PositiveIntegerField(default=150)
