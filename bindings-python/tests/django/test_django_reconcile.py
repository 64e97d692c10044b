"""``manage.py lipia_reconcile``: nothing stays silent for ever, and nothing is told twice."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from celery import Celery
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import override_settings
from django.utils import timezone
from shop_under_test.testing import (
    ASKED,
    callback_body,
    callback_path,
    leave_kept,
    lipia_setting,
    post,
    told,
    wait_until,
)

import lipia
from lipia.django import payment_succeeded
from lipia.django.clients import forget_if_changed
from lipia.django.columns import columns_of
from lipia.django.models import Name, Payment

PAYS_WITHOUT_CALLBACK = "0712349003"
CANCELS_WITHOUT_CALLBACK = "0712349014"
SILENT = "0712349001"


def reconcile(**options: Any) -> str:
    """What the command prints."""
    output = io.StringIO()
    call_command(
        "lipia_reconcile",
        **{"older_than": 0, "pause": 0, **options},
        stdout=output,
        skip_checks=True,
    )
    return output.getvalue()


def requested(phone_number: str, **more: Any) -> Payment:
    payment = Payment.objects.request(**{**ASKED, "phone_number": phone_number, **more})
    assert isinstance(payment, Payment)
    return payment


def ended(sandbox: lipia.Sandbox, payment: Payment) -> bool:
    """Whether the customer has decided."""
    known = {one["checkout_request_id"]: one for one in sandbox.payments()}
    return bool(known[payment.checkout_request_id]["state"] != "open")


def lose_the_answer(sandbox: lipia.Sandbox, **more: Any) -> Payment:
    sandbox.inject("push", "answer_lost")
    with pytest.raises(lipia.FindOutError) as lost:
        Payment.objects.request(**{**ASKED, **more})
    payment = lost.value.payment  # type: ignore[attr-defined]
    assert isinstance(payment, Payment)
    return payment


def test_payments_whose_callbacks_were_lost_are_asked_about_and_told(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    paid = requested(PAYS_WITHOUT_CALLBACK)
    cancelled = requested(CANCELS_WITHOUT_CALLBACK)
    wait_until(lambda: ended(sandbox, paid) and ended(sandbox, cancelled), "both have decided")
    said = reconcile()
    assert "Asked about 2, settled 2" in said
    assert told(paid) == ["succeeded"] and told(cancelled) == ["failed"]
    paid.refresh_from_db()
    assert paid.is_paid and paid.receipt == "", "Daraja tells the receipt by callback alone"
    assert "Asked about 0" in reconcile()
    # The callback comes after all, and brings the receipt; nobody is told again.
    assert post(callback_path(paid), callback_body(paid)) == 200
    paid.refresh_from_db()
    assert paid.receipt == "NLJ7RT61SV" and told(paid) == ["succeeded"]
    assert sandbox.prompts == 2


def test_a_payment_that_the_customer_has_not_decided_stays_open(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    payment = requested(SILENT)
    assert "Asked about 1, settled 0" in reconcile()
    payment.refresh_from_db()
    assert payment.is_open and payment.asked_at is not None and told(payment) == []
    queries = sandbox.counters()["queries"]
    assert "Asked about 0" in reconcile(), "it was asked about just now"
    with pytest.raises(lipia.LookAtPaymentError) as refused:
        payment.ask()
    assert refused.value.code == "asked_just_now"
    assert sandbox.counters()["queries"] == queries


def test_young_payments_are_left_to_their_callbacks(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    requested(SILENT)
    assert "Asked about 0" in reconcile(older_than=60)
    assert sandbox.counters()["queries"] == 0


def test_a_payment_has_its_turn_by_itself(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    payment = requested(CANCELS_WITHOUT_CALLBACK)
    wait_until(lambda: ended(sandbox, payment), "the customer has cancelled")
    Payment.objects.update(ask_after=0)
    assert "Asked about 1, settled 1" in reconcile(older_than=None)
    payment.refresh_from_db()
    # What a query alone says is looked at once more, and that is not now.
    assert payment.ask_after and payment.ask_after > timezone.now().timestamp() * 1000
    assert "Asked about 0" in reconcile(older_than=None)


def test_a_limit_is_kept_and_those_not_asked_about_go_first(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    for number in range(3):
        requested(f"07220{number}9001")
    assert "Asked about 2" in reconcile(limit=2)
    assert "Asked about 1" in reconcile(limit=2)
    assert not Payment.objects.filter(asked_at=None).exists()


def test_payments_that_cannot_be_asked_about_do_not_use_the_limit_up(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    lose_the_answer(sandbox)
    requested(SILENT)
    assert "Asked about 1, settled 0, not told 0; nothing to ask by 1" in reconcile(limit=1)


def test_a_dry_run_asks_and_tells_nobody(deaf_shop: dict[str, Any], sandbox: lipia.Sandbox) -> None:
    payment = requested(PAYS_WITHOUT_CALLBACK)
    leave_kept(payment, callback_body(payment))
    said = reconcile(dry_run=True)
    assert "would be asked about" in said and "was kept and not looked at" in said
    assert sandbox.counters()["queries"] == 0 and told(payment) == []
    payment.refresh_from_db()
    assert payment.is_open and payment.asked_at is None


def test_what_it_did_can_be_had_as_json(deaf_shop: dict[str, Any], sandbox: lipia.Sandbox) -> None:
    payment = requested(CANCELS_WITHOUT_CALLBACK)
    wait_until(lambda: ended(sandbox, payment), "the customer has cancelled")
    summary = json.loads(reconcile(json=True))
    assert (summary["asked"], summary["settled"], summary["overdue"]) == (1, 1, [])


def test_a_payment_that_nothing_can_be_asked_about_by_stays_open_until_a_person_looks(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    payment = lose_the_answer(sandbox, order="7")
    said = reconcile()
    assert "nothing to ask by 1" in said and "for a person to look at 0" in said
    payment.refresh_from_db()
    assert payment.is_open and payment.order_claim is not None and told(payment) == []

    Payment.objects.update(created_at=timezone.now() - timedelta(days=2))
    output = io.StringIO()
    with pytest.raises(CommandError) as trouble:
        call_command("lipia_reconcile", stdout=output, skip_checks=True)
    assert trouble.value.returncode == 1
    assert (
        "Look in the statement of your short code for KES 150 from 2547***678" in output.getvalue()
    )

    assert "for a person to look at 0" in reconcile(no_overdue=True)

    assert "can be paid" in reconcile(release=payment.payment_id)
    assert "for a person to look at 0" in reconcile(), "a person has looked"
    again = requested("0722345678", order="7")
    assert again != payment
    assert sandbox.prompts == 2, "the second was wanted by a person"
    with pytest.raises(CommandError, match="There is no payment"):
        reconcile(release="nothing")


def test_orders_of_old_payments_are_released_at_once(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    lost = lose_the_answer(sandbox, order="lost")
    accepted = requested("0722349001", order="accepted")
    Payment.objects.update(created_at=timezone.now() - timedelta(days=2))
    young = requested("0733349001", order="young")
    day = {"release": "", "older_than": 86_400}

    def held() -> set[str]:
        return set(Payment.objects.exclude(order_claim=None).values_list("order", flat=True))

    assert "Would release 1." in reconcile(**day, dry_run=True)
    assert held() == {"lost", "accepted", "young"}
    said = reconcile(**day)
    assert accepted.payment_id in said and "Released 1." in said
    assert held() == {"lost", "young"}, "nobody said that the lost one was not paid"
    assert lost.payment_id in reconcile(**day, not_paid=True)
    assert held() == {"young"} and young.is_open
    with pytest.raises(CommandError, match="--older-than"):
        reconcile(release="", older_than=None)


def test_celery_may_run_it(deaf_shop: dict[str, Any], sandbox: lipia.Sandbox) -> None:
    app = Celery("shop", broker="memory://", set_as_current=False)
    app.autodiscover_tasks(["lipia.django"], force=True)
    payment = requested(CANCELS_WITHOUT_CALLBACK)
    wait_until(lambda: ended(sandbox, payment), "the customer has cancelled")
    done = app.tasks["lipia.reconcile"].apply(kwargs={"older_than": 0, "pause": 0}).get()
    assert (done["asked"], done["settled"], done["overdue"]) == (1, 1, [])
    assert told(payment) == ["failed"]


def test_a_worker_that_died_before_the_answer_leaves_a_payment_that_is_never_pushed_again(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    row = requested(SILENT, order="7")
    died(row)
    assert "nothing to ask by 1" in reconcile()
    row.refresh_from_db()
    assert row.state == "unknown", "its lease is over"
    assert requested(SILENT, order="7") == row
    assert sandbox.counters()["push_attempts"] == 1
    assert post(callback_path(row), callback_body(row)) == 200
    row.refresh_from_db()
    assert row.is_paid and told(row) == ["succeeded"]


def died(row: Payment) -> None:
    """Makes the row what a process leaves behind that ended before the answer, more than its lease ago."""
    forget_if_changed(setting="LIPIA")
    state = {**json.loads(row.state_json), "state": "sending", "outcome": "unknown"}
    core = lipia.Payment.from_json(json.dumps({**state, "acceptance": None}))
    Name.objects.filter(payment=row).delete()
    Payment.objects.filter(pk=row.pk).update(
        **{**columns_of(core), "lease_until": 1, "ask_after": None}
    )


def test_palpluss_is_asked_by_its_list_where_the_answer_was_lost(
    sandbox: lipia.Sandbox, tables: None
) -> None:
    setting = lipia_setting(sandbox, "http://127.0.0.1:9/pay", "palpluss")
    with override_settings(LIPIA=setting):
        payment = lose_the_answer(sandbox, phone_number=PAYS_WITHOUT_CALLBACK)
        wait_until(lambda: sandbox.payments()[0]["state"] != "open", "the customer has paid")
        assert "settled 1" in reconcile()
        assert told(payment) == ["succeeded"] and sandbox.prompts == 1


def test_a_gateway_that_does_not_answer_is_reported_and_nothing_is_lost(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    payment = requested(PAYS_WITHOUT_CALLBACK)
    sandbox.inject("query", "unavailable_html", times=None)
    with pytest.raises(CommandError):
        reconcile()
    payment.refresh_from_db()
    assert payment.is_open and payment.asked_at is not None


def test_what_a_process_that_ended_left_behind_is_finished(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    kept = requested("0712349000")
    sandbox.act(kept.checkout_request_id, "pay")
    leave_kept(kept, callback_body(kept))
    settled = requested("0722349000")
    post(callback_path(settled), callback_body(settled, receipt="NLJ7RT62TW"))
    assert told(settled) == ["succeeded"]
    # As if it had ended while it called the receivers.
    in_a_minute = timezone.now().timestamp() * 1000 + 60_000
    row = Payment.objects.filter(pk=settled.pk)
    row.update(told=0, owed_after=in_a_minute, signals="")
    assert "callbacks taken in 1; signals sent 1" in reconcile(older_than=None)
    assert told(kept) == ["succeeded"] and told(settled) == ["succeeded"]
    row.update(owed_after=1)
    assert "signals sent 1" in reconcile(older_than=None)
    assert told(settled) == ["succeeded", "succeeded"], "nobody knows whether it was told"
    assert "signals sent 0" in reconcile(older_than=None)


def test_receivers_that_raise_are_called_again_ever_more_seldom_and_a_person_is_told(
    deaf_shop: dict[str, Any],
) -> None:
    calls: list[str] = []

    def broken(payment: Payment, **_: Any) -> None:
        calls.append(payment.payment_id)
        raise ZeroDivisionError

    payment = requested("0712349000")
    payment_succeeded.connect(broken)
    try:
        post(callback_path(payment), callback_body(payment))
        pauses = []
        for attempts in range(1, 4):
            assert len(calls) == attempts
            payment.refresh_from_db()
            pauses.append(payment.owed_after - timezone.now().timestamp() * 1000)
            with pytest.raises(CommandError):
                reconcile()
            assert len(calls) == attempts, "it is not its turn"
            Payment.objects.update(owed_after=1)
            with pytest.raises(CommandError):
                reconcile()
        assert pauses[0] < pauses[1] < pauses[2]
    finally:
        payment_succeeded.disconnect(broken)
    with pytest.raises(CommandError):
        reconcile()
    assert "signals sent 1" in reconcile(resend_failed=True)
    assert "signals sent 0" in reconcile(resend_failed=True)
    payment.refresh_from_db()
    assert payment.notified_at is not None


def test_runs_beside_each_other_ask_once_and_tell_once(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    payments = [requested(f"07220{number}9003") for number in range(4)]
    wait_until(lambda: all(ended(sandbox, one) for one in payments), "all have paid")
    queries = sandbox.counters()["queries"]

    def run() -> dict[str, Any]:
        try:
            summary: dict[str, Any] = json.loads(reconcile(json=True))
            return summary
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        runs = [future.result() for future in [pool.submit(run) for _ in range(4)]]
    assert sum(run["settled"] for run in runs) == 4
    assert sandbox.counters()["queries"] - queries == 4
    assert [told(one) for one in payments] == [["succeeded"]] * 4


@pytest.mark.parametrize(
    "arguments",
    [["--older-than", "-1"], ["--older-than", "soon"], ["--limit", "0"], ["--pause", "nan"]],
)
def test_an_option_that_makes_no_sense_is_refused(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("lipia_reconcile", *arguments)
