"""Requesting payments: the row first, then the prompt, once for a sale."""

from __future__ import annotations

import asyncio
import logging
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import SynchronousOnlyOperation
from django.db import connection, connections, transaction
from django.test import TestCase, override_settings
from shop_under_test.models import Sale
from shop_under_test.testing import (
    ASKED,
    callback_body,
    callback_path,
    post,
    told,
    wait_until,
)

import lipia
from lipia.django.models import Payment

#: How a customer's phone ends who …
CANCELS = "0712341032"
DECIDES_LATER = "0712349000"
REFUSES_BUSY = "0712349012"
PAYS_BEFORE_THE_ANSWER = "0712349005"


def in_threads(count: int, work: Any) -> list[Any]:
    """What the same work brings in so many threads at once; exceptions are brought too."""
    together = threading.Barrier(count)

    def one() -> Any:
        try:
            together.wait(30)
            return work()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return [future.result() for future in [pool.submit(one) for _ in range(count)]]


def test_a_request_prompts_once_and_its_outcome_comes_by_callback(
    shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    payment = Payment.objects.request(**ASKED, metadata={"basket": [1, 2]})
    assert payment.state == "accepted" and payment.checkout_request_id
    wait_until(lambda: told(payment) == ["succeeded"], "the success is told")
    payment.refresh_from_db()
    assert payment.is_paid and payment.receipt and not payment.is_open
    assert payment.settled_at is not None and payment.push_begun_at is None
    assert payment.metadata == {"basket": [1, 2]}
    assert payment.core.is_paid and payment.core.paid_amount == 150
    assert sandbox.prompts == 1


def test_the_row_is_committed_before_a_byte_leaves(
    shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    sandbox.inject("push", "slow_before", seconds=200)
    with ThreadPoolExecutor(1) as pool:
        request = pool.submit(in_threads, 1, lambda: Payment.objects.request(**ASKED))
        # Another connection sees it while the gateway has not even read the push.
        wait_until(Payment.objects.exists, "the row is seen")
        seen = list(Payment.objects.all())
        assert sandbox.prompts == 0
        assert (seen[0].state, seen[0].outcome) == ("sending", "unknown")
        assert seen[0].is_open and seen[0].push_begun_at is not None
        assert request.result() == seen
    assert sandbox.prompts == 1 and Payment.objects.get().state in ("accepted", "settled")


@pytest.mark.parametrize(
    ("argument", "value"),
    [("phone_number", "12"), ("amount", "0.5"), ("account_reference", "far too long a reference")],
)
def test_an_argument_that_is_not_valid_makes_no_row(
    shop: dict[str, Any], sandbox: lipia.Sandbox, argument: str, value: str
) -> None:
    with pytest.raises(lipia.CorrectInputError) as refused:
        Payment.objects.request(**{**ASKED, argument: value})
    assert refused.value.field == argument
    assert not Payment.objects.exists() and sandbox.prompts == 0


@pytest.mark.parametrize("order", ["", " 7", "x" * 201, "a\0b", "\ud800", Sale()])
def test_an_order_that_nothing_can_be_known_by_is_refused(
    shop: dict[str, Any], sandbox: lipia.Sandbox, order: object
) -> None:
    with pytest.raises(lipia.CorrectInputError) as refused:
        Payment.objects.request(**ASKED, order=order)
    assert refused.value.field == "order"
    assert not Payment.objects.exists() and sandbox.prompts == 0


def test_metadata_that_is_no_json_sends_nothing(
    shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    with pytest.raises(TypeError):
        Payment.objects.request(**ASKED, metadata={"basket": object()})
    assert not Payment.objects.exists() and sandbox.prompts == 0


def test_a_lost_answer_leaves_a_row_that_its_callback_settles(
    shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    sandbox.inject("push", "answer_lost")
    with pytest.raises(lipia.FindOutError) as lost:
        Payment.objects.request(**ASKED, order=7)
    payment = lost.value.payment  # type: ignore[attr-defined]
    assert (payment.state, payment.order) == ("unknown", "7") and payment.error_code
    wait_until(lambda: told(payment) == ["succeeded"], "the success is told")
    payment.refresh_from_db()
    assert payment.is_paid and payment.receipt and payment.checkout_request_id
    assert sandbox.prompts == 1


def test_a_refused_push_leaves_a_row_with_its_error_and_frees_its_order(
    shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    with pytest.raises(lipia.TryAgainError) as refused:
        Payment.objects.request(**{**ASKED, "phone_number": REFUSES_BUSY}, order=7)
    payment = refused.value.payment  # type: ignore[attr-defined]
    assert (payment.state, payment.outcome) == ("reserved", "pending")
    assert payment.error_code == refused.value.code and not payment.is_open
    assert payment.push_begun_at is None and payment.order_claim is None
    assert told(payment) == []
    again = Payment.objects.request(**ASKED, order=7)
    assert again != payment and sandbox.prompts == 1


def test_the_same_request_for_the_same_order_prompts_once(
    shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    sale = Sale.objects.create()
    first = Payment.objects.request(**{**ASKED, "phone_number": DECIDES_LATER}, order=sale)
    again = Payment.objects.request(**{**ASKED, "phone_number": "+254 712 349 000"}, order=sale)
    assert again == first and first.order == f"shop_under_test.sale:{sale.pk}"
    assert list(Payment.objects.for_order(sale)) == [first]
    sandbox.act(first.checkout_request_id, "pay")
    wait_until(lambda: told(first) == ["succeeded"], "the success is told")
    after = Payment.objects.request(**{**ASKED, "phone_number": DECIDES_LATER}, order=sale)
    assert after == first and after.is_paid
    assert sandbox.prompts == 1


def test_requests_for_one_order_at_the_same_moment_prompt_once(
    shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    wanted = {**ASKED, "phone_number": DECIDES_LATER, "order": "7"}
    results = in_threads(8, lambda: Payment.objects.request(**wanted))
    assert {type(result) for result in results} == {Payment}, results
    assert len({result.pk for result in results}) == 1
    assert sandbox.prompts == 1 and Payment.objects.count() == 1


@pytest.mark.parametrize(
    "other", [{"amount": 151}, {"phone_number": "0722000000"}], ids=["amount", "phone"]
)
def test_another_request_for_an_order_that_may_yet_be_paid_is_refused(
    shop: dict[str, Any], sandbox: lipia.Sandbox, other: dict[str, Any]
) -> None:
    wanted = {**ASKED, "phone_number": DECIDES_LATER, "order": "7"}
    first = Payment.objects.request(**wanted)
    with pytest.raises(lipia.LookAtPaymentError) as refused:
        Payment.objects.request(**{**wanted, **other})
    assert refused.value.code == "order_asked_differently"
    assert refused.value.payment == first  # type: ignore[attr-defined]
    assert sandbox.prompts == 1 and Payment.objects.count() == 1


def test_an_order_whose_payment_failed_can_be_paid_by_another(
    shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    first = Payment.objects.request(**{**ASKED, "phone_number": CANCELS}, order="7")
    wait_until(lambda: told(first) == ["failed"], "the failure is told")
    second = Payment.objects.request(**ASKED, order="7")
    wait_until(lambda: told(second) == ["succeeded"], "the success is told")
    assert sandbox.prompts == 2


def test_money_that_comes_late_is_taken_though_another_payment_has_the_order(
    deaf_shop: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    asked = {**ASKED, "phone_number": DECIDES_LATER, "order": "7"}
    first = Payment.objects.request(**asked)
    assert post(callback_path(first), callback_body(first, result_code=1)) == 200
    second = Payment.objects.request(**{**asked, "phone_number": "0722349000"})
    with caplog.at_level(logging.ERROR, "lipia.django"):
        assert post(callback_path(first), callback_body(first)) == 200
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.is_paid and first.order_claim is None
    assert second.is_open and second.order_claim is not None
    assert "look whether it is paid twice" in caplog.text
    assert told(first) == ["failed", "succeeded"]


def test_a_released_order_can_be_paid_again_and_stays_released(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    sandbox.inject("push", "answer_lost")
    with pytest.raises(lipia.FindOutError):
        Payment.objects.request(**ASKED, order="7")
    lost = Payment.objects.get()
    lost.release_order()
    assert post(callback_path(lost), callback_body(lost, amount=1)) == 200
    lost.refresh_from_db()
    assert lost.is_open and lost.order_claim is None and lost.flag_count == 1
    second = Payment.objects.request(**{**ASKED, "phone_number": DECIDES_LATER}, order="7")
    assert second != lost and sandbox.prompts == 2


def test_the_order_of_a_paid_payment_is_not_released(deaf_shop: dict[str, Any]) -> None:
    payment = Payment.objects.request(**{**ASKED, "phone_number": DECIDES_LATER}, order="7")
    assert post(callback_path(payment), callback_body(payment)) == 200
    with pytest.raises(lipia.LookAtPaymentError):
        payment.release_order()
    payment.refresh_from_db()
    assert payment.order_claim is not None


def test_a_request_inside_a_transaction_is_refused_and_sends_nothing(
    shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="transaction.on_commit"):
        Payment.objects.request(**ASKED)
    transaction.set_autocommit(False)
    try:
        with pytest.raises(RuntimeError, match="Nothing was sent"):
            Payment.objects.request(**ASKED)
    finally:
        transaction.rollback()
        transaction.set_autocommit(True)
    assert sandbox.counters()["push_attempts"] == 0 and not Payment.objects.exists()


def test_a_request_inside_a_transaction_can_be_had_by_saying_so(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    wanted = {**ASKED, "phone_number": DECIDES_LATER, "order": "7", "durable": False}
    with transaction.atomic():
        first = Payment.objects.request(**wanted)
        assert first.state == "accepted"
        assert Payment.objects.request(**wanted) == first
    assert Payment.objects.get() == first and sandbox.prompts == 1


def test_a_request_works_in_djangos_testcase_and_tells_its_receivers(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    class InATest(TestCase):
        def runTest(self) -> None:
            payment = Payment.objects.request(**ASKED)
            self.assertEqual(post(callback_path(payment), callback_body(payment)), 200)
            self.assertEqual(told(payment), ["succeeded"])
            with transaction.atomic(), self.assertRaises(RuntimeError):
                Payment.objects.request(**ASKED)

    result = unittest.TestResult()
    unittest.TestSuite([InATest("runTest")]).run(result)
    assert result.testsRun == 1 and result.wasSuccessful(), result.errors + result.failures
    assert not Payment.objects.exists(), "Django has rolled the test back"


def test_a_signal_of_what_was_learnt_in_a_transaction_waits_for_its_commit(
    deaf_shop: dict[str, Any],
) -> None:
    payment = Payment.objects.request(**{**ASKED, "phone_number": "0712349014"})
    wait_until(lambda: not _asked_anew(payment).is_pending, "the customer has cancelled")
    with transaction.atomic():
        payment.ask()
        assert payment.outcome == "cancelled" and told(payment) == []
    assert told(payment) == ["failed"]


class _asked_anew:
    """What the gateway itself says of a payment, without telling the row."""

    def __init__(self, payment: Payment) -> None:
        from lipia.django import get_client

        status = get_client().stk_query(payment.checkout_request_id)
        self.is_pending = not status.is_final


def test_a_callback_that_comes_before_the_answer_is_taken_in(
    shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    payment = Payment.objects.request(**{**ASKED, "phone_number": PAYS_BEFORE_THE_ANSWER})
    assert payment.is_paid and payment.receipt and payment.core.acceptance is not None
    wait_until(lambda: told(payment) == ["succeeded"], "the success is told")
    assert sandbox.prompts == 1


def test_an_awaited_request_does_the_same(shop: dict[str, Any], sandbox: lipia.Sandbox) -> None:
    async def two_sales() -> tuple[Payment, Payment, lipia.LipiaError]:
        paid = await Payment.objects.arequest(**ASKED, order="7")
        again = await Payment.objects.arequest(**ASKED, order="7")
        sandbox.inject("push", "answer_lost")
        with pytest.raises(lipia.FindOutError) as lost:
            await Payment.objects.arequest(**{**ASKED, "phone_number": "0722000000"})
        return paid, again, lost.value

    paid, again, error = asyncio.run(two_sales())
    assert paid == again
    lost = error.payment  # type: ignore[attr-defined]
    wait_until(lambda: told(paid) == told(lost) == ["succeeded"], "both are told")
    assert sandbox.prompts == 2


def test_a_cancelled_request_goes_on_and_is_written_down(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    sandbox.inject("push", "slow_after", seconds=100)

    async def cancelled_halfway() -> None:
        task = asyncio.ensure_future(
            Payment.objects.arequest(**{**ASKED, "phone_number": DECIDES_LATER})
        )
        while sandbox.prompts == 0:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        while await Payment.objects.filter(state="sending").aexists():
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(cancelled_halfway(), 30))
    payment = Payment.objects.get()
    assert payment.state == "accepted" and payment.checkout_request_id


def test_a_blocking_request_in_an_event_loop_sends_nothing(
    shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    async def blocks() -> None:
        Payment.objects.request(**ASKED)

    with pytest.raises(SynchronousOnlyOperation):
        asyncio.run(blocks())
    assert sandbox.counters()["push_attempts"] == 0


def break_other_connections() -> int:
    """Has the server end all connections but this one; how many."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> "
                "pg_backend_pid() AND backend_type = 'client backend'"
            )
            return int(cursor.fetchone()[0])
        cursor.execute(
            "SELECT id FROM information_schema.processlist WHERE id <> connection_id() AND user = 'shop'"
        )
        others = [id for (id,) in cursor.fetchall()]
        for other in others:
            cursor.execute("KILL CONNECTION %s", [other])
        return len(others)


def test_an_answer_is_written_down_though_the_connection_broke_while_it_was_waited_for(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    if connection.vendor == "sqlite":
        # A file has no connection that another process can break.
        return
    sandbox.inject("push", "slow_after", seconds=100)

    def break_it() -> None:
        wait_until(lambda: sandbox.prompts == 1, "the phone is prompted")
        assert break_other_connections() > 0
        connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        breaking = pool.submit(break_it)
        payment = Payment.objects.request(**{**ASKED, "phone_number": DECIDES_LATER})
        breaking.result()
    assert payment.state == "accepted" and payment.checkout_request_id
    assert sandbox.prompts == 1


def test_a_row_that_was_read_before_a_callback_cannot_undo_it(deaf_shop: dict[str, Any]) -> None:
    payment = Payment.objects.request(**{**ASKED, "phone_number": DECIDES_LATER})
    read_before = Payment.objects.get()
    assert post(callback_path(payment), callback_body(payment)) == 200
    read_before.metadata = {"note": "mine"}
    read_before.save()
    payment.refresh_from_db()
    assert payment.is_paid and payment.metadata == {"note": "mine"}
    with pytest.raises(ValueError, match="Lipia alone writes outcome"):
        read_before.save(update_fields=["metadata", "outcome"])


def test_neither_text_nor_log_of_a_payment_shows_the_whole_number(
    shop: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "lipia"):
        payment = Payment.objects.request(**ASKED)
        wait_until(lambda: told(payment) == ["succeeded"], "the success is told")
    assert "712345678" not in f"{payment} {payment!r} {payment.core!r}"
    assert str(payment).startswith("KES 150 from 2547***678 for INV-001")
    assert payment.payment_id in caplog.text and "712345678" not in caplog.text


def test_a_project_without_time_zones_keeps_payments_too(
    sandbox: lipia.Sandbox, server: str, tables: None, shop: dict[str, Any]
) -> None:
    with override_settings(USE_TZ=False):
        connections.close_all()
        payment = Payment.objects.request(**ASKED)
        wait_until(lambda: Payment.objects.get().notified_at, "the success is told")
        payment.refresh_from_db()
        assert payment.settled_at is not None and payment.settled_at.tzinfo is None
        apart = abs((payment.settled_at - payment.created_at).total_seconds())
        assert apart < 600, "both are local times"
    connections.close_all()


def test_a_payment_leads_back_to_its_order(deaf_shop: dict[str, Any]) -> None:
    sale = Sale.objects.create()
    phones = iter(range(712_340_000, 712_341_000, 7))

    def of(order: object) -> Payment:
        return Payment.objects.request(**{**ASKED, "phone_number": f"0{next(phones)}"}, order=order)

    payment = of(sale)
    assert payment.get_order() == sale
    assert of("17").get_order() is None and of(None).get_order() is None
    assert of(f"{sale.pk}:deposit").get_order() is None
    assert of("shop_under_test.sale:seventeen").get_order() is None
    assert of(f"shop_under_test.sale:0{sale.pk}").get_order() is None
    sale.delete()
    assert payment.get_order() is None
