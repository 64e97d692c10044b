"""The Django app."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.signals import setting_changed


class LipiaConfig(AppConfig):
    """``"lipia.django"`` in ``INSTALLED_APPS``."""

    name = "lipia.django"
    label = "lipia"
    verbose_name = "M-Pesa"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Registers the checks, gives the models their services, and forgets the clients when a test changes the settings."""
        # Here and not above: Django imports this module before models may be imported.
        from . import checks, clients, services

        checks.register()
        services.provide()
        setting_changed.connect(clients.forget_if_changed, dispatch_uid="lipia.django.clients")
