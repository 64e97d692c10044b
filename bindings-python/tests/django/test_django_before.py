"""Payments of a version before the ledger: they are taken over, and keep their promises."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from shop_under_test.testing import ASKED, callback_body, callback_path, post, told, wait_until

import lipia
from lipia.django.clients import forget_if_changed
from lipia.django.models import Name, Payment

DECIDES_LATER = "0712349000"
WANTED = {**ASKED, "phone_number": DECIDES_LATER, "order": "7"}


def before(payment: Payment, **columns: Any) -> Payment:
    """Makes the row what the version before the ledger wrote."""
    forget_if_changed(setting="LIPIA")
    Name.objects.filter(payment=payment).delete()
    state = json.loads(payment.state_json)
    state.pop("of_ledger", None)
    of_ledger = {"shop": "", "environment": "", "ask_after": None, "news": 0, "told": 0}
    held = {} if payment.order_claim is None else {"order_claim": payment.order}
    Payment.objects.filter(pk=payment.pk).update(
        **{**of_ledger, **held, "state_json": json.dumps(state), **columns}
    )
    payment.refresh_from_db()
    return payment


@pytest.fixture
def open_payment(deaf_shop: dict[str, Any]) -> Payment:
    payment: Payment = Payment.objects.request(**WANTED)
    return before(payment)


def test_an_order_that_may_be_paid_is_not_prompted_for_again(
    open_payment: Payment, sandbox: lipia.Sandbox
) -> None:
    assert Payment.objects.request(**WANTED) == open_payment
    with pytest.raises(lipia.LookAtPaymentError):
        Payment.objects.request(**{**WANTED, "amount": 1})
    assert sandbox.prompts == 1


def test_an_order_that_is_paid_stays_paid_and_nobody_is_told_twice(
    open_payment: Payment, sandbox: lipia.Sandbox
) -> None:
    assert post(callback_path(open_payment), callback_body(open_payment)) == 200
    assert told(open_payment) == ["succeeded"]
    open_payment.refresh_from_db()
    before(open_payment)
    again = Payment.objects.request(**WANTED)
    assert again == open_payment and again.is_paid
    call_command("lipia_reconcile", verbosity=0, skip_checks=True)
    assert told(open_payment) == ["succeeded"] and sandbox.prompts == 1


def test_one_that_was_being_pushed_may_have_prompted(
    open_payment: Payment, sandbox: lipia.Sandbox
) -> None:
    state = {**json.loads(open_payment.state_json), "state": "reserved", "outcome": "pending"}
    pushed = {"state_json": json.dumps({**state, "acceptance": None, "sent_at": None})}
    now = open_payment.created_at
    before(open_payment, **pushed, state="sending", outcome="unknown", push_begun_at=now)
    again = Payment.objects.request(**WANTED)
    assert again == open_payment and again.state == "unknown" and sandbox.prompts == 1
    assert post(callback_path(again), callback_body(again)) == 200
    again.refresh_from_db()
    assert again.is_paid and told(again) == ["succeeded"]


def test_a_released_order_stays_free(open_payment: Payment, sandbox: lipia.Sandbox) -> None:
    Payment.objects.update(order_claim=None, released_at=open_payment.created_at)
    second = Payment.objects.request(**{**WANTED, "phone_number": "0722349000"})
    assert second != open_payment and sandbox.prompts == 2
    open_payment.refresh_from_db()
    assert open_payment.is_open and open_payment.released_at is not None


def test_its_callback_is_believed_and_its_metadata_stays(open_payment: Payment) -> None:
    Payment.objects.update(metadata={"basket": 3})
    assert post(callback_path(open_payment), callback_body(open_payment)) == 200
    open_payment.refresh_from_db()
    assert open_payment.is_paid and open_payment.metadata == {"basket": 3}
    assert told(open_payment) == ["succeeded"]


def test_it_is_asked_about(open_payment: Payment, sandbox: lipia.Sandbox) -> None:
    sandbox.act(open_payment.checkout_request_id, "pay")
    call_command("lipia_reconcile", verbosity=0, skip_checks=True)
    open_payment.refresh_from_db()
    assert open_payment.is_paid and told(open_payment) == ["succeeded"]
    assert open_payment.order_claim is not None


def test_a_signal_that_was_not_sent_is_sent(open_payment: Payment) -> None:
    assert post(callback_path(open_payment), callback_body(open_payment)) == 200
    open_payment.refresh_from_db()
    before(open_payment, signals="")
    for _ in range(2):
        call_command("lipia_reconcile", verbosity=0, skip_checks=True)
    assert told(open_payment) == ["succeeded", "succeeded"]


def test_it_is_released_by_hand(open_payment: Payment) -> None:
    open_payment.release_order()
    open_payment.refresh_from_db()
    assert open_payment.order_claim is None and open_payment.released_at is not None


def test_signals_of_notices_are_not_sent_again(tables: None) -> None:
    def at(name: str) -> Any:
        executor = MigrationExecutor(connection)
        executor.migrate([("lipia", name)])
        return MigrationExecutor(connection).loader.project_state(("lipia", name)).apps

    try:
        apps = at("0003_ledger")
        columns = {"gateway": "daraja", "amount": 150, "state_json": "{}"}
        for name, signals in (("one", ["failed", "succeeded"]), ("other", [])):
            row = apps.get_model("lipia", "Payment").objects.create(payment_id=name, **columns)
            notices = apps.get_model("lipia", "Notice").objects
            for signal in signals:
                notices.create(payment=row, signal=signal, told_at=row.created_at)
            notices.create(payment=row, signal="flagged")
    finally:
        at("0005_mariadb")
    signals = dict(Payment.objects.values_list("payment_id", "signals"))
    assert signals == {"one": "failed succeeded ", "other": ""}
    # What is left of the notices keeps no payment from being deleted.
    Payment.objects.all().delete()
    wait_until(lambda: not Payment.objects.exists(), "they are deleted")
