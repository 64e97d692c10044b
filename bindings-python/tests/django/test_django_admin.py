"""Payments in the admin: looked at, searched, asked about, and never edited."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from shop_under_test.testing import ASKED, callback_body, callback_path, post, wait_until

import lipia
from lipia.django.models import Payment

LIST = "/admin/lipia/payment/"


@pytest.fixture
def staff(tables: None) -> Client:
    User.objects.all().delete()
    client = Client()
    client.force_login(User.objects.create_superuser("amina"))
    return client


@pytest.fixture
def viewer(tables: None) -> Client:
    User.objects.filter(username="brian").delete()
    user = User.objects.create_user("brian", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_payment"))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def payment(deaf_shop: dict[str, Any]) -> Payment:
    asked = {**ASKED, "phone_number": "0712349014"}
    return Payment.objects.request(**asked, order="7", metadata={"basket": 3})


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def act(client: Client, action: str, payment: Payment) -> str:
    answer = client.post(LIST, {"action": action, "_selected_action": [payment.pk]}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_masks_numbers_and_the_payments_own_page_does_not_show_its_secret(
    staff: Client, payment: Payment
) -> None:
    assert post(callback_path(payment), callback_body(payment, amount=1)) == 200
    listed = page(staff, LIST)
    assert "2547***014" in listed and "254712349014" not in listed
    shown = page(staff, f"{LIST}{payment.pk}/change/")
    assert "254712349014" in shown and "amount_differs" in shown and "mismatch" in shown
    assert callback_path(payment).rpartition("/")[2] not in shown
    assert 'name="_save"' not in shown and '<input type="text"' not in shown


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ("q=0712349014", 1),
        ("q=%2B254712349014", 1),
        ("q=0722000000", 0),
        ("q=INV-001", 1),
        ("open=1", 1),
        ("open=0", 0),
        ("flagged=1", 0),
        ("flagged=0", 1),
        ("outcome=pending", 1),
        ("state=settled", 0),
        ("gateway=daraja", 1),
    ],
)
def test_payments_are_found(staff: Client, payment: Payment, query: str, hits: int) -> None:
    assert page(staff, f"{LIST}?{query}").count('class="action-select"') == hits


def test_nobody_adds_changes_or_deletes_a_payment(staff: Client, payment: Payment) -> None:
    assert staff.get(f"{LIST}add/").status_code == 403
    assert staff.post(f"{LIST}{payment.pk}/delete/", {"post": "yes"}).status_code == 403
    assert staff.post(f"{LIST}{payment.pk}/change/", {"outcome": "success"}).status_code == 403
    assert "delete_selected" not in page(staff, LIST)
    payment.refresh_from_db()
    assert not payment.is_paid


def test_the_gateway_is_asked_from_the_list(
    staff: Client, payment: Payment, sandbox: lipia.Sandbox
) -> None:
    wait_until(lambda: sandbox.payments()[0]["state"] != "open", "the customer has cancelled")
    assert "cancelled" in act(staff, "ask_the_gateway", payment)
    payment.refresh_from_db()
    assert payment.outcome == "cancelled"
    # What a query alone says is asked about again, and not at once.
    assert "less than ten seconds ago" in act(staff, "ask_the_gateway", payment)


def test_an_order_is_released_from_the_list_and_that_is_on_record(
    staff: Client, payment: Payment
) -> None:
    assert "its order can be paid again" in act(staff, "release_orders", payment)
    payment.refresh_from_db()
    assert payment.order_claim is None and payment.is_open
    assert "Released its order" in page(staff, f"{LIST}{payment.pk}/history/")


def test_who_may_only_look_may_not_ask(
    viewer: Client, payment: Payment, sandbox: lipia.Sandbox
) -> None:
    assert "ask_the_gateway" not in page(viewer, LIST)
    act(viewer, "ask_the_gateway", payment)
    act(viewer, "release_orders", payment)
    payment.refresh_from_db()
    assert payment.order_claim is not None and sandbox.counters()["queries"] == 0
