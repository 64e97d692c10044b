"""What a shop's callback URL does with what is posted to it, on real servers."""

from __future__ import annotations

import json
import logging
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import lipia

from .conftest import (
    DEADLINE_SECONDS,
    OpenShop,
    daraja_body,
    path_of,
    post,
    post_at_once,
    until,
)


def test_a_customer_who_pays_is_told_of_once(open_shop: OpenShop, sandbox: lipia.Sandbox) -> None:
    shop = open_shop()
    payment = shop.push("0712345678")
    until("the shop is told", lambda: len(shop.told) == 1)
    assert shop.told[0].is_paid and shop.told[0].receipt
    assert shop.told[0].id == payment.id and shop.told[0].order == payment.order
    until("the gateway has its answer", lambda: sandbox.counters()["callbacks_acknowledged"] == 1)


def test_the_answer_is_the_one_that_gateways_know(open_shop: OpenShop) -> None:
    shop = open_shop()
    payment = shop.push()
    status, body = post(shop, path_of(payment), daraja_body(payment))
    assert (status, body.decode()) == (200, lipia.accepted_reply())


def test_a_customer_who_cancels_is_told_of(open_shop: OpenShop) -> None:
    shop = open_shop()
    payment = shop.push()
    assert post(shop, path_of(payment), daraja_body(payment, code=1032))[0] == 200
    until("the shop is told", lambda: len(shop.told) == 1)
    assert shop.told[0].outcome is lipia.Outcome.CANCELLED


def test_a_payment_after_a_timeout_is_told_of_although_the_timeout_was(open_shop: OpenShop) -> None:
    shop = open_shop()
    payment = shop.push()
    post(shop, path_of(payment), daraja_body(payment, code=1037))
    until("the shop is told of the timeout", lambda: len(shop.told) == 1)
    post(shop, path_of(payment), daraja_body(payment))
    until("the shop is told of the money", lambda: len(shop.told) == 2)
    post(shop, path_of(payment), daraja_body(payment, code=1037))
    post(shop, path_of(payment), daraja_body(payment))
    assert [told.outcome for told in shop.told] == ["timeout", "success"]


def test_twenty_sales_at_once_are_told_of(open_shop: OpenShop, sandbox: lipia.Sandbox) -> None:
    shop = open_shop()
    phone_numbers = [f"07123{shift:02}678" for shift in range(20)]
    with ThreadPoolExecutor(20) as pool:
        payments = list(pool.map(shop.push, phone_numbers))
    sandbox.until(callbacks_acknowledged=20)
    until("the shop is told", lambda: len(shop.told) == 20)
    assert {told.id for told in shop.told} == {payment.id for payment in payments}


def test_fifty_duplicates_at_once_are_told_of_once(open_shop: OpenShop) -> None:
    shop = open_shop()
    payment = shop.push()
    statuses = post_at_once(shop, path_of(payment), daraja_body(payment), 50)
    assert statuses == [200] * 50
    until("the shop is told", lambda: len(shop.told) > 0)
    assert len(shop.told) == 1


def test_a_payment_is_in_the_ledger_before_the_gateway_is_answered(open_shop: OpenShop) -> None:
    shop = open_shop()
    payment = shop.push()
    assert post(shop, path_of(payment), daraja_body(payment))[0] == 200
    assert shop.now(payment).receipt == "TKM1ABCDEF"


def test_a_forged_token_is_not_found_whether_the_payment_exists_or_not(open_shop: OpenShop) -> None:
    shop = open_shop()
    payment = shop.push()
    body = daraja_body(payment)
    real, other = path_of(payment), path_of(shop.push("0722349001"))
    real_id, other_seal = real.rpartition("/")[2].split("-")[0], other.split("-")[1]
    forged = [
        f"/pay/{real_id}-{other_seal}",
        f"/pay/{'0' * 32}-{other_seal}",
        f"/pay/{real_id}-",
        f"/pay/{real_id}",
        "/pay/",
        "/pay/%ff%fe%00",
        "/pay/" + "a" * 4000,
        real[:-1] + ("0" if real[-1] != "0" else "1"),
    ]
    answers = {path: post(shop, path, body) for path in forged}
    assert {status for status, _ in answers.values()} == {404}
    assert answers[forged[0]] == answers[forged[1]]
    assert shop.now(payment).state == "accepted" and shop.told == []


def test_a_wrong_amount_is_kept_with_the_payment_and_not_believed(open_shop: OpenShop) -> None:
    shop = open_shop()
    payment = shop.push()
    assert post(shop, path_of(payment), daraja_body(payment, Amount=1))[0] == 200
    assert [flag.reason for flag in shop.now(payment).flags] == ["amount_differs"]
    assert shop.now(payment).state == "accepted"
    assert post(shop, path_of(payment), daraja_body(payment))[0] == 200
    until("the shop is told", lambda: len(shop.told) == 1)
    assert shop.now(payment).is_paid


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_long_is_refused(open_shop: OpenShop, chunked: bool) -> None:
    shop = open_shop()
    payment = shop.push()
    too_long = daraja_body(payment) + b" " * (64 * 1024)
    assert post(shop, path_of(payment), too_long, chunked=chunked)[0] == 413
    assert post(shop, path_of(payment), daraja_body(payment))[0] == 200


def test_whatever_is_posted_the_server_does_not_fail(open_shop: OpenShop) -> None:
    shop = open_shop()
    payment = shop.push()
    path, real = path_of(payment), daraja_body(payment)
    dice = random.Random(20261121)
    bodies = [b"", b"null", b"[]", b"{}", b"\xff", b'{"Body":', real[:-1], real + b"x", b"[" * 5000]
    for _ in range(60):
        spoilt = bytearray(real)
        for _ in range(dice.randrange(1, 9)):
            spoilt[dice.randrange(len(spoilt))] = dice.randrange(256)
        bodies.append(bytes(spoilt))
    statuses = {post(shop, path, body)[0] for body in bodies}
    assert 400 in statuses and statuses <= {200, 400}
    assert not any(told.is_paid and told.receipt is None for told in shop.told)


def test_only_posts_are_callbacks(open_shop: OpenShop) -> None:
    from http.client import HTTPConnection

    shop = open_shop()
    connection = HTTPConnection("127.0.0.1", shop.port, timeout=DEADLINE_SECONDS)
    connection.request("GET", path_of(shop.push()))
    assert connection.getresponse().status == 405
    connection.close()


def test_a_slow_handler_does_not_delay_the_answer(open_shop: OpenShop) -> None:
    may_end, began, ended = threading.Event(), threading.Event(), threading.Event()

    def slow(_: lipia.Payment) -> None:
        began.set()
        may_end.wait(DEADLINE_SECONDS / 2)
        ended.set()

    shop = open_shop(on_outcome=slow)
    payment = shop.push()
    try:
        assert post(shop, path_of(payment), daraja_body(payment))[0] == 200
        assert began.wait(DEADLINE_SECONDS) and not ended.is_set()
    finally:
        may_end.set()


def test_a_handler_that_fails_is_logged_and_the_payment_is_kept(
    open_shop: OpenShop, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(_: lipia.Payment) -> None:
        raise RuntimeError("the shop's own mistake")

    shop = open_shop(on_outcome=failing)
    payment = shop.push()
    assert post(shop, path_of(payment), daraja_body(payment))[0] == 200

    def logged() -> bool:
        return any(
            record.exc_info and "shop's own" in str(record.exc_info[1]) for record in caplog.records
        )

    until("it is logged", logged)
    assert shop.now(payment).is_paid
    assert {record.name for record in caplog.records if record.exc_info} == {"lipia"}


def test_a_callback_before_the_pushs_answer_is_told_of_once(open_shop: OpenShop) -> None:
    shop = open_shop()
    payment = shop.push("0712349005")
    until("the shop is told", lambda: len(shop.told) == 1)
    known = shop.now(payment)
    assert known.is_paid and known.checkout_request_id and len(shop.told) == 1


def test_a_callback_of_no_known_payment_is_kept_where_the_ledger_is_a_file(
    open_shop: OpenShop, sandbox: lipia.Sandbox
) -> None:
    shop = open_shop()
    with sandbox.daraja(callback_url=f"http://127.0.0.1:{shop.port}/pay") as elsewhere:
        payment = elsewhere.request(
            phone_number="0712349001", amount=150, account_reference="INV-001"
        )
    path, body = path_of(payment), daraja_body(payment)
    assert post(shop, path, body)[0] == 200
    assert shop.told == []


def test_a_callback_that_nobody_keeps_is_asked_for_again_and_logged(
    open_shop: OpenShop, sandbox: lipia.Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    shop = open_shop(settings={"ledger": None})
    with sandbox.daraja(callback_url=f"http://127.0.0.1:{shop.port}/pay") as elsewhere:
        payment = elsewhere.request(
            phone_number="0712349001", amount=150, account_reference="INV-001"
        )
    assert post(shop, path_of(payment), daraja_body(payment))[0] == 503
    until("it is logged", lambda: any(payment.id in line.getMessage() for line in caplog.records))
    assert not any("TKM1ABCDEF" in record.getMessage() for record in caplog.records)


def test_a_callback_that_comes_while_the_ledger_is_away_is_kept_beside_it(
    open_shop: OpenShop, tmp_path: Path
) -> None:
    shop = open_shop()
    payment = shop.push()
    ledger, away = tmp_path / "payments.db", tmp_path / "away.db"
    ledger.rename(away)
    assert post(shop, path_of(payment), daraja_body(payment))[0] == 200
    assert len(list((tmp_path / "payments.db-spool").iterdir())) == 1
    away.rename(ledger)
    until("the shop is told", lambda: len(shop.told) == 1)


def test_where_neither_ledger_nor_spool_can_be_written_the_gateway_is_asked_to_send_again(
    open_shop: OpenShop, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shop = open_shop()
    payment = shop.push()
    path, body = path_of(payment), daraja_body(payment)
    ledger, away = tmp_path / "payments.db", tmp_path / "away.db"
    # A file where the folder of the spool would be.
    (tmp_path / "payments.db-spool").touch()
    ledger.rename(away)
    assert post(shop, path, body)[0] == 503
    away.rename(ledger)
    assert post(shop, path, body)[0] == 200
    until("the shop is told", lambda: len(shop.told) == 1)
    assert any("ledger_" in record.getMessage() for record in caplog.records)


def test_the_hop_that_our_own_proxy_saw_decides_who_sent_it(open_shop: OpenShop) -> None:
    shop = open_shop(
        settings={"source_addresses": ["196.201.214.0/24"], "trusted_proxies": ["127.0.0.1"]}
    )
    payment = shop.push()
    path, body = path_of(payment), daraja_body(payment)

    def from_hops(*hops: str) -> int:
        return post(shop, path, body, {"X-Forwarded-For": ", ".join(hops)} if hops else {})[0]

    assert from_hops() == 403
    assert from_hops("196.201.214.200", "203.0.113.9") == 403
    assert from_hops("no address") == 403
    assert shop.told == []
    assert from_hops("203.0.113.9", "196.201.214.200") == 200
    until("the shop is told", lambda: len(shop.told) == 1)


def test_past_a_listed_proxy_the_header_does_not_count(open_shop: OpenShop) -> None:
    shop = open_shop(
        settings={"source_addresses": ["196.201.214.0/24"], "trusted_proxies": ["10.0.0.0/8"]}
    )
    payment = shop.push()
    headers = {"X-Forwarded-For": "196.201.214.200"}
    assert post(shop, path_of(payment), daraja_body(payment), headers)[0] == 403


def test_without_a_proxy_a_strangers_header_does_not_count(open_shop: OpenShop) -> None:
    shop = open_shop(settings={"source_addresses": ["196.201.214.200"]})
    payment = shop.push()
    headers = {"X-Forwarded-For": "196.201.214.200"}
    assert post(shop, path_of(payment), daraja_body(payment), headers)[0] == 403


def test_a_gateway_that_must_confirm_is_asked_before_its_webhook_is_believed(
    open_shop: OpenShop, sandbox: lipia.Sandbox
) -> None:
    shop = open_shop(gateway="palpluss")
    payment = shop.push("0712345678")
    until("the shop is told", lambda: len(shop.told) == 1)
    assert shop.told[0].is_paid and sandbox.counters()["queries"] >= 1
    assert shop.now(payment).is_paid


def test_a_forged_success_on_a_payments_own_url_is_not_confirmed(
    open_shop: OpenShop, sandbox: lipia.Sandbox
) -> None:
    shop = open_shop(confirm=True)
    payment = shop.push("0712349000")
    assert post(shop, path_of(payment), daraja_body(payment))[0] == 200
    assert shop.told == [] and not shop.now(payment).is_paid
    assert payment.checkout_request_id
    sandbox.act(payment.checkout_request_id, "pay")
    until("the shop is told", lambda: len(shop.told) == 1)
    assert shop.now(payment).is_paid


def test_a_log_of_refusals_says_what_to_do_and_no_secret(
    open_shop: OpenShop, caplog: pytest.LogCaptureFixture
) -> None:
    shop = open_shop()
    payment = shop.push()
    with caplog.at_level(logging.INFO, "lipia"):
        post(shop, path_of(payment)[:-4] + "0000", daraja_body(payment))
    texts = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert any("callback_token_wrong" in text and "secret changed" in text for text in texts)
    assert not any(path_of(payment)[-40:-4] in text for text in texts)
    assert json.loads(shop.now(payment).to_json())["state"] == "accepted"


def test_what_is_owed_is_told_when_the_server_starts_again(
    open_shop: OpenShop, request: pytest.FixtureRequest
) -> None:
    shop = open_shop(on_outcome=lambda _: False)
    payment = shop.push()
    assert post(shop, path_of(payment), daraja_body(payment))[0] == 200
    shop.stop()
    again = open_shop()
    if request.node.callspec.params["open_shop"] == "flask":
        # Nothing starts a server of WSGI but its first request, whatever it is about.
        post(again, "/", b"")
    until("the shop is told", lambda: [told.id for told in again.told] == [payment.id])
