from __future__ import annotations

from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "shop_under_test"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import receivers  # noqa: F401
