"""The functions behind the methods of the models, given to them once Django is ready."""

from __future__ import annotations

from . import models, persistence, reconciling, requests


def provide() -> None:
    """Lets ``Payment`` and its manager request, ask and release."""
    models.services.request = requests.request
    models.services.arequest = requests.arequest
    models.services.ask = reconciling.ask
    models.services.release_order = persistence.release_order
