"""The app of orders."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Connects the receivers when Django is ready."""

    name = "orders"

    def ready(self) -> None:
        """Connects the receivers."""
        from . import receivers  # noqa: F401
