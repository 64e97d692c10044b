"""The links from a payment to the shop's order."""

from __future__ import annotations

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models

from lipia._errors import refused_input

_MAX_CHARACTERS = 128


def order_key(order: object) -> str:
    """The key of an order: ``shop.order:7`` for a model instance, else the id as text; empty for ``None``.

    :raises CorrectInputError: the order has no usable key.
    """
    if order is None:
        return ""
    if isinstance(order, models.Model):
        if order.pk is None:
            raise refused_input(
                "order",
                "order_not_saved",
                "This order has no primary key yet, so nothing can be known by it.",
                "Save the order before you request its payment.",
            )
        text = f"{order._meta.label_lower}:{order.pk}"
    else:
        text = str(order)
    readable = text.isprintable() and text.strip() == text
    if not readable or not 1 <= len(text) <= _MAX_CHARACTERS:
        raise refused_input(
            "order",
            "order_unreadable",
            f"An order is known by 1 to {_MAX_CHARACTERS} printable characters without white "
            "space around them.",
            "Give the order itself, or its id.",
        )
    return text


def order_of(key: str) -> models.Model | None:
    """The model instance with this key; ``None`` where the key is an id of the shop's own, or the instance is gone."""
    label, _, primary_key = key.partition(":")
    try:
        found = apps.get_model(label)._base_manager.filter(pk=primary_key).first()
    except (LookupError, ValueError, ValidationError):
        return None
    # Of several texts that a database reads as one key, `order_key` writes one.
    return found if found is not None and order_key(found) == key else None
