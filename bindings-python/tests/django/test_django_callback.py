"""Receiving callbacks: kept, answered, and only then looked at; each signal once."""

from __future__ import annotations

import http.client
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.dispatch import Signal
from django.test import Client, override_settings
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
from lipia.django import get_client, payment_failed, payment_succeeded
from lipia.django.app_ledger import AppStore
from lipia.django.models import Callback, Payment

DECIDES_LATER = "0712349000"


@pytest.fixture
def open_payment(deaf_shop: dict[str, Any]) -> Payment:
    """A payment that is accepted, and of which nothing was heard."""
    return Payment.objects.request(**{**ASKED, "phone_number": DECIDES_LATER}, order="7")


def is_all_told(payment: Payment) -> bool:
    return payment.told == payment.news


@contextmanager
def listening(signal: Signal, receiver: Callable[..., Any]) -> Iterator[None]:
    signal.connect(receiver)
    try:
        yield
    finally:
        signal.disconnect(receiver)


def test_a_callback_is_believed_and_told_once_however_often_it_comes(open_payment: Payment) -> None:
    path, body = callback_path(open_payment), callback_body(open_payment)

    def send() -> int:
        try:
            return post(path, body)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        statuses = [future.result() for future in [pool.submit(send) for _ in range(50)]]
    assert statuses == [200] * 50
    wait_until(lambda: told(open_payment), "it is told")
    assert post(path, body) == 200
    assert told(open_payment) == ["succeeded"]
    open_payment.refresh_from_db()
    assert (open_payment.outcome, open_payment.receipt) == ("success", "NLJ7RT61SV")
    assert open_payment.notified_at is not None
    assert [callback.verdict for callback in Callback.objects.all()] == ["believed"]
    assert bytes(Callback.objects.get().body) == body


def test_the_answer_is_the_gateways_and_comes_before_any_receiver(
    shop: dict[str, Any], server: str
) -> None:
    entered, leave = threading.Event(), threading.Event()

    def slow(payment: Payment, **_: Any) -> None:
        entered.set()
        assert leave.wait(60)

    payment = Payment.objects.request(**{**ASKED, "phone_number": DECIDES_LATER})
    with listening(payment_succeeded, slow):
        try:
            to_server = http.client.HTTPConnection(server.removeprefix("http://"), timeout=30)
            to_server.request("POST", callback_path(payment), callback_body(payment))
            answer = to_server.getresponse()
            assert (answer.status, answer.read()) == (200, lipia.accepted_reply().encode())
            assert answer.getheader("Content-Type") == "application/json"
            assert entered.wait(30), "the receiver runs, and has kept nobody waiting"
        finally:
            leave.set()
            to_server.close()
    wait_until(lambda: told(payment) == ["succeeded"], "the other receiver is called too")


@pytest.mark.parametrize(
    ("path_of", "body_of", "status"),
    [
        (lambda path: path[:-1] + ("0" if path[-1] != "0" else "1"), None, 404),
        (lambda path: "/pay/" + "0" * 32 + path[path.index("-") :], None, 404),
        (lambda path: "/pay/nothing", None, 404),
        (lambda path: "/pay/%00%ff", None, 404),
        (lambda path: path, b"", 400),
        (lambda path: path, b"{}", 400),
        (lambda path: path, b"\xff\xfe", 400),
        (lambda path: path, b'{"Body":', 400),
        (lambda path: path, b'{"a":1}' + b" " * 70_000, 400),
    ],
)
def test_what_is_not_for_us_is_refused_and_leaves_nothing(
    open_payment: Payment, path_of: Callable[[str], str], body_of: bytes | None, status: int
) -> None:
    body = callback_body(open_payment) if body_of is None else body_of
    before = Payment.objects.values().get()
    assert post(path_of(callback_path(open_payment)), body) == status
    assert Payment.objects.values().get() == before
    assert not Callback.objects.exists() and told(open_payment) == []


def test_a_forged_token_and_a_payment_that_is_not_here_are_refused_alike(
    open_payment: Payment,
) -> None:
    path, body = callback_path(open_payment), callback_body(open_payment)
    reserved_elsewhere = get_client().reserve(**ASKED).snapshot().push.callback_url
    answers = [
        Client().post(to, data=body, content_type="application/json")
        for to in (path[:-4] + "0000", "/" + reserved_elsewhere.split("/", 3)[3])
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize("method", ["get", "put", "delete", "options"])
def test_nothing_but_a_post_is_taken(open_payment: Payment, method: str) -> None:
    assert getattr(Client(), method)(callback_path(open_payment)).status_code == 405


def test_a_gateway_needs_no_csrf_token(open_payment: Payment) -> None:
    client = Client(enforce_csrf_checks=True)
    body = callback_body(open_payment)
    answer = client.post(callback_path(open_payment), data=body, content_type="application/json")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "status"),
    [
        (None, "196.201.214.200", "", 200),
        (None, "10.0.0.1", "", 403),
        (None, "10.0.0.1", "196.201.214.200", 403),
        (["10.0.0.0/8"], "10.0.0.1", "196.201.214.200", 200),
        (["10.0.0.0/8"], "10.0.0.1", "196.201.214.200, 6.6.6.6", 403),
        (["10.0.0.0/8"], "6.6.6.6", "196.201.214.200", 403),
        (["10.0.0.0/8"], "", "6.6.6.6, 196.201.214.200", 200),
        (None, "", "196.201.214.200", 403),
        (None, "no address", "", 403),
    ],
)
def test_an_address_that_is_not_on_the_list_is_refused(
    deaf_shop: dict[str, Any], proxies: list[str] | None, peer: str, forwarded: str, status: int
) -> None:
    listed = {**deaf_shop, "SOURCE_ADDRESSES": ["196.201.214.200"], "TRUSTED_PROXIES": proxies}
    with override_settings(LIPIA=listed):
        payment = Payment.objects.request(**{**ASKED, "phone_number": DECIDES_LATER})
        headers = {
            "REMOTE_ADDR": peer,
            **({"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}),
        }
        assert post(callback_path(payment), callback_body(payment), **headers) == status
    assert told(payment) == (["succeeded"] if status == 200 else [])


@pytest.mark.parametrize(
    "forged",
    [{"amount": 1}, {"checkout_request_id": "ws_CO_000000000000000000"}],
    ids=["amount", "checkout_request_id"],
)
def test_a_forged_success_is_kept_and_not_believed(
    open_payment: Payment, forged: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "lipia.django"):
        assert post(callback_path(open_payment), callback_body(open_payment, **forged)) == 200
    open_payment.refresh_from_db()
    assert open_payment.is_open and not open_payment.is_paid and open_payment.flag_count == 1
    assert Callback.objects.get().verdict == "mismatch" and "verdict=mismatch" in caplog.text
    assert told(open_payment) == []
    # The true one is believed all the same.
    assert post(callback_path(open_payment), callback_body(open_payment)) == 200
    assert told(open_payment) == ["succeeded"]


def test_a_success_after_a_failure_is_money_and_is_told_once(
    shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    payment = Payment.objects.request(**{**ASKED, "phone_number": "0712349017"})
    wait_until(lambda: told(payment) == ["failed", "succeeded"], "failed, then succeeded")
    payment.refresh_from_db()
    assert payment.is_paid and payment.receipt


def test_a_failure_after_a_success_is_flagged_and_told_to_nobody(
    shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    payment = Payment.objects.request(**{**ASKED, "phone_number": "0712349006"})
    wait_until(lambda: Payment.objects.flagged().exists(), "the late failure has come")
    payment.refresh_from_db()
    assert payment.is_paid and told(payment) == ["succeeded"]
    assert payment.core.flags[0].reason == "contradicts_success"


def test_a_failure_that_a_success_overtook_before_it_was_told_is_not_told(
    open_payment: Payment,
) -> None:
    # What is learnt in a transaction is told after it.
    with transaction.atomic():
        for result_code in (1037, 0):
            body = callback_body(open_payment, result_code=result_code)
            assert post(callback_path(open_payment), body) == 200
        assert told(open_payment) == []
    assert told(open_payment) == ["succeeded"]
    open_payment.refresh_from_db()
    assert open_payment.signals.split() == ["succeeded"] and is_all_told(open_payment)


def test_where_the_gateway_is_to_confirm_a_forged_success_is_not_believed(
    shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    with override_settings(LIPIA={**shop, "CONFIRM": True}):
        payment = Payment.objects.request(**{**ASKED, "phone_number": "0712349015"})
        wait_until(lambda: told(payment), "it is settled")
        wait_until(lambda: Callback.objects.exclude(verdict="").count() == 2, "both are judged")
        payment.refresh_from_db()
        assert payment.outcome == "cancelled"
        reasons = [flag.reason for flag in payment.core.flags]
        # The second callback may be judged while the gateway is asked about the first.
        assert "success_not_confirmed" in reasons
        assert set(reasons) <= {"success_not_confirmed", "contradicts_claim"}
        assert told(payment) == ["failed"]
        verdicts = list(Callback.objects.values_list("verdict", flat=True))
        assert verdicts == ["not_confirmed", "believed"]


@pytest.mark.parametrize("gateway", ["palpluss", "upesipay", "payhero"])
def test_a_gateway_that_must_be_asked_is_asked_and_then_believed(
    sandbox: lipia.Sandbox, server: str, tables: None, gateway: str
) -> None:
    with override_settings(LIPIA=lipia_setting(sandbox, f"{server}/pay", gateway)):
        payment = Payment.objects.request(**ASKED, order="7")
        assert payment.gateway == gateway
        wait_until(lambda: told(payment) == ["succeeded"], "it is told")
        payment.refresh_from_db()
        assert payment.is_paid and payment.receipt
    assert sandbox.counters()["queries"] > 0 and sandbox.prompts == 1


def test_a_receiver_that_raises_keeps_no_other_from_being_told(
    open_payment: Payment, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(payment: Payment, **_: Any) -> None:
        raise ZeroDivisionError("of the receiver")

    with listening(payment_succeeded, broken), caplog.at_level(logging.ERROR, "lipia.django"):
        assert post(callback_path(open_payment), callback_body(open_payment)) == 200
    assert told(open_payment) == ["succeeded"]
    assert "broken" in caplog.text and "of the receiver" in caplog.text
    open_payment.refresh_from_db()
    assert not is_all_told(open_payment) and open_payment.attempts == 1
    assert open_payment.trouble and open_payment.trouble.endswith("broken: ZeroDivisionError")
    # Another callback is no reason to call it again.
    assert post(callback_path(open_payment), callback_body(open_payment, result_code=1037)) == 200
    assert told(open_payment) == ["succeeded"]


def test_a_receiver_may_ask_about_the_payment_that_it_is_told_of(open_payment: Payment) -> None:
    refused: list[str] = []

    def asks(payment: Payment, **_: Any) -> None:
        try:
            payment.ask()
        except lipia.LookAtPaymentError as error:
            refused.append(error.code)

    with listening(payment_failed, asks):
        body = callback_body(open_payment, result_code=1032)
        assert post(callback_path(open_payment), body) == 200
    assert refused == ["nothing_to_ask"] and told(open_payment) == ["failed"]


def test_a_body_that_a_process_left_behind_is_looked_at_when_it_comes_again(
    open_payment: Payment,
) -> None:
    body = callback_body(open_payment)
    leave_kept(open_payment, body)
    assert told(open_payment) == []
    assert post(callback_path(open_payment), body) == 200
    assert told(open_payment) == ["succeeded"]


def test_somebody_who_learnt_a_url_does_not_fill_the_disk(open_payment: Payment) -> None:
    for amount in range(1, 80):
        body = callback_body(open_payment, amount=amount)
        assert post(callback_path(open_payment), body) == 200
    assert Callback.objects.count() == 64
    open_payment.refresh_from_db()
    assert open_payment.flag_count == 16 and not open_payment.is_paid


def test_a_callback_is_taken_in_where_every_request_is_a_transaction(open_payment: Payment) -> None:
    connection.settings_dict["ATOMIC_REQUESTS"] = True
    try:
        assert post(callback_path(open_payment), callback_body(open_payment)) == 200
    finally:
        connection.settings_dict["ATOMIC_REQUESTS"] = False
    assert told(open_payment) == ["succeeded"]


# What two processes do to one payment: the one pushes it, the other takes its callback in. Each thread has a client of its own.


@contextmanager
def being_pushed(sandbox: lipia.Sandbox) -> Iterator[Callable[[], Payment]]:
    """A payment whose phone is prompted while its pusher waits for the answer; what the request returns."""
    sandbox.inject("push", "slow_after", seconds=400)

    def push() -> Payment:
        try:
            return Payment.objects.request(**{**ASKED, "phone_number": DECIDES_LATER}, order="7")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        pushed = pool.submit(push)
        wait_until(lambda: sandbox.prompts == 1, "the phone is prompted")
        yield pushed.result


def test_what_another_process_settled_outlives_the_answer_to_the_push(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    def prompted() -> str:
        return str(sandbox.payments()[0]["checkout_request_id"])

    with being_pushed(sandbox) as answered:
        row = Payment.objects.get()
        body = callback_body(row, checkout_request_id=prompted())
        assert post(callback_path(row), body) == 200
        row = answered()
    assert row.is_paid and row.receipt and row.push_begun_at is None
    assert row.checkout_request_id == prompted()
    wait_until(lambda: told(row) == ["succeeded"], "it is told")


def test_what_another_process_did_not_believe_is_flagged_beside_the_answer(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    with being_pushed(sandbox) as answered:
        row = Payment.objects.get()
        assert post(callback_path(row), callback_body(row, amount=1)) == 200
        row.refresh_from_db()
        assert (row.state, row.flag_count) == ("sending", 1)
        row = answered()
    assert (row.state, row.flag_count) == ("accepted", 1)
    assert row.checkout_request_id == sandbox.payments()[0]["checkout_request_id"]
    assert Callback.objects.get().verdict == "mismatch" and told(row) == []


def test_a_process_that_holds_an_older_payment_does_not_take_a_success_back(
    open_payment: Payment,
) -> None:
    def elsewhere() -> int:
        try:
            return post(callback_path(open_payment), callback_body(open_payment))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(elsewhere).result() == 200
    # This thread's client knows the payment as it was accepted, and now hears of a failure.
    body = callback_body(open_payment, result_code=1037)
    assert post(callback_path(open_payment), body) == 200
    open_payment.refresh_from_db()
    assert open_payment.is_paid and open_payment.receipt and told(open_payment) == ["succeeded"]


def test_a_callback_that_was_left_behind_is_confirmed_by_one_question(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    with override_settings(LIPIA={**deaf_shop, "CONFIRM": True}):
        payment = Payment.objects.request(**{**ASKED, "phone_number": DECIDES_LATER})
        sandbox.act(payment.checkout_request_id, "pay")
        leave_kept(payment, callback_body(payment))
        sandbox.inject("query", "slow_after", seconds=50, times=None)

        def look() -> None:
            try:
                call_command("lipia_reconcile", verbosity=0, skip_checks=True)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(4) as pool:
            for looking in [pool.submit(look) for _ in range(4)]:
                looking.result()
    assert sandbox.counters()["queries"] == 1 and told(payment) == ["succeeded"]


def test_a_callback_that_comes_again_while_the_gateway_is_asked_asks_no_second_time(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    with override_settings(LIPIA={**deaf_shop, "CONFIRM": True}):
        payment = Payment.objects.request(**{**ASKED, "phone_number": DECIDES_LATER})
        sandbox.act(payment.checkout_request_id, "pay")
        for _ in range(3):
            assert post(callback_path(payment), callback_body(payment)) == 200
    assert sandbox.counters()["queries"] == 1 and told(payment) == ["succeeded"]


def test_who_read_a_row_before_its_order_was_released_has_to_read_it_again(
    open_payment: Payment,
) -> None:
    store = AppStore("default", "")
    read_before = store.load(open_payment.payment_id)
    assert read_before is not None and read_before["holds_order"]
    open_payment.release_order()
    assert store.replace({**read_before, **_looked_up(open_payment)}) == "stale"
    open_payment.refresh_from_db()
    assert open_payment.order_claim is None


def _looked_up(payment: Payment) -> dict[str, Any]:
    """What the core adds to a row that it writes."""
    return {
        "id": payment.payment_id,
        "gateway": payment.gateway,
        "amount": payment.amount,
        "phone_number": payment.phone_number,
        "reference": payment.account_reference,
        "reserved_at": int(payment.created_at.timestamp() * 1000),
        "names": [],
    }


class _Lines(logging.Handler):
    """Every line of the log, whatever loggers it goes to."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(logging.Formatter("%(message)s").format(record))


def test_no_refusal_and_no_failure_writes_the_path_to_a_log(
    open_payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, body = callback_path(open_payment), callback_body(open_payment)
    secret = path.rpartition("/")[2]
    lines, loggers = _Lines(), [logging.getLogger(name) for name in ("", "django", "lipia")]
    for logger in loggers:
        logger.addHandler(lines)
    try:
        assert post(path, b"no callback") == 400
        assert Client().get(path).status_code == 405
        with override_settings(LIPIA={**settings.LIPIA, "SOURCE_ADDRESSES": ["203.0.113.9"]}):
            assert post(path, body) == 403
        with monkeypatch.context() as broken:
            broken.setattr("lipia.django.views._row_of", lambda _: 1 / 0)
            assert post(path, body) == 503
        Payment.objects.all().delete()
        assert post(path, body) == 404
    finally:
        for logger in loggers:
            logger.removeHandler(lines)
    assert any("code=payment_not_here" in line for line in lines.lines)
    assert any("ZeroDivisionError" in line for line in lines.lines)
    assert [line for line in lines.lines if secret in line] == []
