"""A failure that only says "nobody answered in time": the customer may have paid, so it is asked about again."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from shop_under_test.testing import ASKED, callback_body, callback_path, post, told

import lipia
from lipia.django import payment_flagged
from lipia.django.clients import forget_if_changed
from lipia.django.columns import columns_of
from lipia.django.models import Callback, Payment

#: Their customers decide when the test says so.
DECIDES_LATER = "0712349000"
ANOTHER_DECIDES_LATER = "0722349000"
ASKED_LATER = {**ASKED, "phone_number": DECIDES_LATER}

#: "DS timeout": the phone was not reached, or its customer answered too late.
UNANSWERED = 1037


@pytest.fixture
def unanswered(deaf_shop: dict[str, Any]) -> Payment:
    """A payment whose callback says that nobody answered, and which may be paid all the same."""
    payment = Payment.objects.request(**ASKED_LATER, order="7")
    assert post(callback_path(payment), callback_body(payment, result_code=UNANSWERED)) == 200
    payment.refresh_from_db()
    assert payment.outcome == "timeout" and told(payment) == ["failed"]
    return payment


def grow_older(payment: Payment, seconds: float) -> None:
    """As though it had been pushed that much earlier, and told and asked about then."""
    # As after a restart: the client of this process knows when it was really pushed.
    forget_if_changed(setting="LIPIA")
    back = timedelta(seconds=seconds)
    state = json.loads(payment.state_json)
    for name in ("reserved_at", "sent_at", "settled_at"):
        at = datetime.fromisoformat(state[name]) - back
        state[name] = at.isoformat(timespec="milliseconds")
    row = Payment.objects.filter(pk=payment.pk)
    core = lipia.Payment.from_json(json.dumps(state))
    ask_after = core.look_again_at and int(core.look_again_at.timestamp() * 1000)
    row.update(
        **{
            **columns_of(core),
            "created_at": payment.created_at - back,
            "ask_after": None if payment.ask_after is None else ask_after,
            "asked_at": None if payment.asked_at is None else payment.asked_at - back,
        }
    )
    payment.refresh_from_db()


def reconcile() -> dict[str, Any]:
    out = StringIO()
    call_command("lipia_reconcile", pause=0, json=True, no_overdue=True, stdout=out)
    summary: dict[str, Any] = json.loads(out.getvalue())
    return summary


def test_within_the_grace_the_order_is_held_and_its_payment_asked_about(
    unanswered: Payment, sandbox: lipia.Sandbox
) -> None:
    again = Payment.objects.request(**ASKED_LATER, order="7")
    assert again == unanswered and again.order_free_at is not None
    assert sandbox.prompts == 1 and sandbox.counters()["queries"] == 1
    with pytest.raises(lipia.LookAtPaymentError) as refused:
        Payment.objects.request(**{**ASKED_LATER, "amount": 1}, order="7")
    assert refused.value.payment == unanswered and sandbox.prompts == 1


def test_a_success_that_the_next_request_finds_is_money(
    unanswered: Payment, sandbox: lipia.Sandbox
) -> None:
    sandbox.act(unanswered.checkout_request_id, "pay")
    again = Payment.objects.request(**ASKED_LATER, order="7")
    assert again == unanswered and again.is_paid and sandbox.prompts == 1
    assert told(unanswered) == ["failed", "succeeded"]


@pytest.mark.parametrize(
    ("does", "paid", "prompts"), [("pay", True, 1), ("cancel", False, 2), (None, False, 1)]
)
def test_after_the_grace_the_order_is_asked_about_and_free_if_that_failed_again(
    unanswered: Payment, sandbox: lipia.Sandbox, does: str | None, paid: bool, prompts: int
) -> None:
    grow_older(unanswered, 91)
    if does is not None:
        sandbox.act(unanswered.checkout_request_id, does)
    wanted = {**ASKED, "phone_number": ANOTHER_DECIDES_LATER if prompts == 2 else DECIDES_LATER}
    second = Payment.objects.request(**wanted, order="7")
    assert sandbox.counters()["queries"] == 1
    # "Still processing" confirms nothing: the order is held until the next look.
    assert (second == unanswered, second.is_paid) == (prompts == 1, paid)
    assert sandbox.prompts == prompts


def test_an_order_is_not_freed_while_the_gateway_cannot_be_asked(
    unanswered: Payment, sandbox: lipia.Sandbox
) -> None:
    grow_older(unanswered, 91)
    sandbox.inject("query", "internal_error", times=None)
    assert Payment.objects.request(**ASKED_LATER, order="7") == unanswered
    assert sandbox.prompts == 1


def test_reconcile_takes_a_second_look_and_a_success_found_so_is_told(
    unanswered: Payment, sandbox: lipia.Sandbox
) -> None:
    assert reconcile()["asked"] == 0, "the prompt may still be on the phone"
    grow_older(unanswered, 91)
    sandbox.act(unanswered.checkout_request_id, "pay")
    assert reconcile()["settled"] == 1
    unanswered.refresh_from_db()
    assert unanswered.is_paid and unanswered.order_claim is not None
    assert told(unanswered) == ["failed", "succeeded"]
    assert reconcile()["asked"] == 0


def test_looks_come_to_an_end(unanswered: Payment, sandbox: lipia.Sandbox) -> None:
    asked = 0
    for _ in range(10):
        grow_older(unanswered, 15 * 60)
        asked += reconcile()["asked"]
        unanswered.refresh_from_db()
    assert 1 <= asked <= 5 and unanswered.look_again_at is None


def test_a_callback_with_a_code_that_nobody_knows_is_kept_and_told_once(
    deaf_shop: dict[str, Any],
) -> None:
    payment = Payment.objects.request(**ASKED_LATER)
    heard: list[str] = []

    def look(payment: Payment, **_: Any) -> None:
        heard.append(payment.payment_id)

    payment_flagged.connect(look)
    try:
        for code in (77777, 77777, 88888):
            assert post(callback_path(payment), callback_body(payment, result_code=code)) == 200
    finally:
        payment_flagged.disconnect(look)
    payment.refresh_from_db()
    assert payment.flag_count >= 1 and heard == [payment.payment_id]


@pytest.mark.parametrize("what", ["receipt", "prompt"])
def test_what_one_payment_has_another_is_never_given(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox, what: str
) -> None:
    first = Payment.objects.request(**ASKED_LATER)
    assert post(callback_path(first), callback_body(first)) == 200
    sandbox.inject("push", "answer_lost")
    with pytest.raises(lipia.FindOutError) as lost:
        Payment.objects.request(**{**ASKED, "phone_number": ANOTHER_DECIDES_LATER})
    second: Payment = lost.value.payment
    first.refresh_from_db()
    named = {"receipt": "NEW1RECEIPT"} if what == "prompt" else {}
    prompt = first.checkout_request_id if what == "prompt" else "ws_CO_another"
    body = callback_body(second, checkout_request_id=prompt, **named)
    assert post(callback_path(second), body) == 200
    second.refresh_from_db()
    assert first.is_paid and not second.is_paid and second.is_open
    assert Callback.objects.get(payment=second).verdict == "mismatch"
