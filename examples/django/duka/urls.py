"""The shop's pages, the admin, and the place to which M-Pesa reports."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("orders.urls")),
    path("pay/", include("lipia.django.urls")),
    path("admin/", admin.site.urls),
]
