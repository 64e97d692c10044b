"""The pages of the shop."""

from django.urls import path

from . import views

app_name = "orders"

urlpatterns = [
    path("", views.shop, name="shop"),
    path("orders/<int:order_id>", views.show, name="show"),
    path("orders/<int:order_id>/pay", views.pay, name="pay"),
]
