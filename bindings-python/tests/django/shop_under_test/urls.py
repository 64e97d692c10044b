from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from . import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("buy", views.buy),
    path("abuy", views.abuy),
    path("pay/", include("lipia.django.urls")),
]
