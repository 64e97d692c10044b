"""The route for callbacks. Use ``path("pay/", include("lipia.django.urls"))``, with ``https://…/pay`` as the
``CALLBACK_URL``."""

from __future__ import annotations

from django.urls import re_path

from .views import callback

app_name = "lipia"

urlpatterns = [re_path(r"^(?P<token>[^/]+)/?$", callback, name="callback")]
