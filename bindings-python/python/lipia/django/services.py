"""The functions behind the methods of the models, given to them once Django is ready."""

from __future__ import annotations

from . import models, payments


def provide() -> None:
    """Lets ``Payment`` and its manager request, ask and release."""
    models.services.request = payments.request
    models.services.arequest = payments.arequest
    models.services.ask = payments.ask
    models.services.release_order = payments.release_order
