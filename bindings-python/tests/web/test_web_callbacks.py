"""What a shop's callback URL does with what is posted to it, on real servers."""

from __future__ import annotations

import json
import logging
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import lipia
from lipia.store import keep

from .conftest import (
    DEADLINE_SECONDS,
    OpenShop,
    daraja_body,
    path_of,
    post,
    post_at_once,
    until,
)
from .sqlite_store import SqliteStore


def test_a_customer_who_pays_is_told_of_once(open_shop: OpenShop, sandbox: lipia.Sandbox) -> None:
    shop = open_shop()
    payment = shop.push("0712345678")
    until("the shop is told", lambda: len(shop.told) == 1)
    assert shop.told[0].is_paid and shop.told[0].receipt
    assert shop.told[0].id == payment.id
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


def test_a_payment_that_nothing_but_its_wait_holds_is_told_of(
    open_shop: OpenShop, sandbox: lipia.Sandbox
) -> None:
    # No question settles a payment before its callback does.
    patient = lipia.WaitOptions(timeout=DEADLINE_SECONDS, first_query_after=DEADLINE_SECONDS)
    shop = open_shop(settings={"wait": patient})
    phone_numbers = [f"07123{shift:02}678" for shift in range(20)]
    with ThreadPoolExecutor(20) as pool:
        payments = list(pool.map(shop.collect, phone_numbers))
    assert all(payment.is_paid for payment in payments)
    sandbox.until(callbacks_acknowledged=20)
    until("the shop is told", lambda: len(shop.told) == 20)


def test_fifty_duplicates_at_once_are_told_of_once(open_shop: OpenShop) -> None:
    shop = open_shop()
    payment = shop.push()
    statuses = post_at_once(shop, path_of(payment), daraja_body(payment), 50)
    assert statuses == [200] * 50
    until("the shop is told", lambda: len(shop.told) > 0)
    assert len(shop.told) == 1


@pytest.mark.parametrize("compares", [True, False])
def test_fifty_duplicates_for_a_payment_that_this_process_does_not_hold_are_told_of_once(
    open_shop: OpenShop, tmp_path: Path, compares: bool
) -> None:
    store = SqliteStore(str(tmp_path / "shop.sqlite"), compares)
    shop = open_shop(load=store.load, save=store.save)
    payment = shop.push_elsewhere()
    store.insert(payment)
    path, body, payment_id = path_of(payment), daraja_body(payment), payment.id
    assert post_at_once(shop, path, body, 50) == [200] * 50
    until("the shop is told", lambda: len(shop.told) > 0)
    assert len(shop.told) == 1 and store.calls.count("save") == 1
    assert store.now(payment_id).is_paid


def test_a_payment_is_saved_before_the_gateway_is_answered(
    open_shop: OpenShop, tmp_path: Path
) -> None:
    store = SqliteStore(str(tmp_path / "shop.sqlite"))
    shop = open_shop(load=store.load, save=store.save)
    payment = shop.push()
    store.insert(payment)
    assert post(shop, path_of(payment), daraja_body(payment))[0] == 200
    assert store.now(payment.id).receipt == "TKM1ABCDEF"


def test_a_forged_token_is_not_found_whether_the_payment_exists_or_not(open_shop: OpenShop) -> None:
    shop = open_shop()
    payment = shop.push()
    body = daraja_body(payment)
    real, other = path_of(payment), path_of(shop.reserve())
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
    assert payment.snapshot().state == "accepted" and shop.told == []


def test_a_wrong_amount_is_kept_with_the_payment_and_not_believed(
    open_shop: OpenShop, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = SqliteStore(str(tmp_path / "shop.sqlite"))
    shop = open_shop(load=store.load, save=store.save)
    payment = shop.push_elsewhere()
    store.insert(payment)
    path, payment_id = path_of(payment), payment.id
    assert post(shop, path, daraja_body(payment, Amount=1))[0] == 200
    assert [flag.reason for flag in store.now(payment_id).flags] == ["amount_differs"]
    assert store.now(payment_id).state == "accepted"
    assert post(shop, path, daraja_body(payment))[0] == 200
    until("the shop is told", lambda: len(shop.told) == 1)
    assert store.now(payment_id).is_paid
    assert any("does not fit" in record.message for record in caplog.records)


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
    connection.request("GET", path_of(shop.reserve()))
    assert connection.getresponse().status == 405
    connection.close()


def test_a_slow_function_does_not_delay_the_answer(open_shop: OpenShop) -> None:
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


def test_a_function_that_fails_is_logged_and_changes_nothing(
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
    assert payment.snapshot().is_paid
    assert {record.name for record in caplog.records if record.exc_info} == {"lipia"}


def test_a_callback_before_the_pushs_answer_is_told_of_once(
    open_shop: OpenShop, tmp_path: Path
) -> None:
    store = SqliteStore(str(tmp_path / "shop.sqlite"))
    shop = open_shop(load=store.load, save=store.save)
    payment = shop.reserve("0712349005")
    payment.begin()
    store.insert(payment)
    shop.push_reserved(payment)
    until("the shop is told", lambda: len(shop.told) == 1)
    kept = keep(payment, load=store.load, save=store.save)
    assert kept.is_paid and kept.checkout_request_id == payment.snapshot().checkout_request_id
    assert store.now(payment.id) == kept and len(shop.told) == 1


def test_a_payment_that_nobody_here_knows_is_asked_for_again_and_logged(
    open_shop: OpenShop, caplog: pytest.LogCaptureFixture
) -> None:
    shop = open_shop()
    payment = shop.push_elsewhere()
    path, body, payment_id = path_of(payment), daraja_body(payment), payment.id
    assert post(shop, path, body)[0] == 503
    assert shop.told == []
    assert any(payment_id in record.getMessage() for record in caplog.records)
    assert not any("TKM1ABCDEF" in record.getMessage() for record in caplog.records)


def test_a_payment_that_nobody_here_knows_goes_to_who_wants_it(open_shop: OpenShop) -> None:
    received: list[lipia.ReceivedCallback] = []
    shop = open_shop(on_unknown=received.append)
    payment = shop.push_elsewhere()
    path, body, payment_id = path_of(payment), daraja_body(payment), payment.id
    assert post(shop, path, body)[0] == 200
    until("somebody is told", lambda: len(received) == 1)
    assert received[0].payment_id == payment_id and received[0].verdict is None
    assert shop.told == []


def test_where_saving_fails_the_gateway_is_asked_to_send_again(
    open_shop: OpenShop, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = SqliteStore(str(tmp_path / "shop.sqlite"))
    broken = [True]

    def save(payment: lipia.Payment, previous: lipia.Payment) -> bool | None:
        if broken[0]:
            raise OSError("the disk is full")
        return store.save(payment, previous)

    shop = open_shop(load=store.load, save=save)
    for held in (True, False):
        broken[0] = True
        payment = shop.push() if held else shop.push_elsewhere("0722349001")
        store.insert(payment)
        path, payment_id, before = path_of(payment), payment.id, len(shop.told)
        # A receipt is of one payment.
        body = daraja_body(payment, receipt="TKM1ABCDEF" if held else "TKM1ABCDEG")
        assert post(shop, path, body)[0] == 503
        assert not store.now(payment_id).is_paid and len(shop.told) == before
        broken[0] = False
        assert post(shop, path, body)[0] == 200
        until("the shop is told", lambda: len(shop.told) == before + 1)
        assert store.now(payment_id).is_paid
    assert any("disk is full" in str(record.exc_info) for record in caplog.records)


def test_another_payment_than_the_one_asked_for_is_not_credited(open_shop: OpenShop) -> None:
    saved: list[str] = []
    other: list[str] = []
    shop = open_shop(
        load=lambda payment_id: other[0], save=lambda payment, previous: saved.append(payment.id)
    )
    other.append(shop.push("0722349001").to_json())
    payment = shop.push_elsewhere()
    path, body = path_of(payment), daraja_body(payment)
    assert post(shop, path, body)[0] == 503
    assert saved == [] and shop.told == []


@pytest.mark.parametrize("junk", ["", "{}", '{"form":2}', 7, b"x", {"form": 1}])
def test_a_store_that_returns_junk_is_logged_and_nothing_is_believed(
    open_shop: OpenShop, junk: Any, caplog: pytest.LogCaptureFixture
) -> None:
    shop = open_shop(load=lambda payment_id: junk, save=lambda payment, previous: None)
    payment = shop.push_elsewhere()
    path, body = path_of(payment), daraja_body(payment)
    assert post(shop, path, body)[0] == 503
    assert shop.told == [] and any(record.exc_info for record in caplog.records)


def test_a_store_that_runs_out_of_rows_does_not_hang(open_shop: OpenShop) -> None:
    def load(payment_id: str) -> str | None:
        return next(iter([]))

    shop = open_shop(load=load, save=lambda payment, previous: None)
    payment = shop.push_elsewhere()
    path, body = path_of(payment), daraja_body(payment)
    assert post(shop, path, body)[0] == 503


def test_what_another_process_saved_meanwhile_is_loaded_and_not_overwritten(
    open_shop: OpenShop, tmp_path: Path, sandbox: lipia.Sandbox
) -> None:
    store = SqliteStore(str(tmp_path / "shop.sqlite"))
    meanwhile: list[lipia.Payment] = []

    def save(payment: lipia.Payment, previous: lipia.Payment) -> bool | None:
        # Another process saves first, once.
        if meanwhile:
            other = meanwhile.pop()
            assert store.save(other, store.now(other.id))
        return store.save(payment, previous)

    shop = open_shop(load=store.load, save=save)
    payment = shop.push_elsewhere()
    store.insert(payment)
    path, body, payment_id = path_of(payment), daraja_body(payment), payment.id
    with sandbox.daraja() as another_process:
        elsewhere = another_process.resume(payment.to_json())
        another_process.believe(elsewhere, lipia.parse_callback(daraja_body(payment, Amount=1)))
        meanwhile.append(elsewhere.snapshot())
    assert post(shop, path, body)[0] == 200
    until("the shop is told", lambda: len(shop.told) == 1)
    now = store.now(payment_id)
    assert now.is_paid and [flag.reason for flag in now.flags] == ["amount_differs"]


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
    assert payment.snapshot().is_paid


def test_a_forged_success_on_a_payments_own_url_is_not_confirmed(
    open_shop: OpenShop, sandbox: lipia.Sandbox, tmp_path: Path
) -> None:
    store = SqliteStore(str(tmp_path / "shop.sqlite"))
    shop = open_shop(load=store.load, save=store.save, confirm=True)
    payment = shop.push("0712349000")
    store.insert(payment)
    assert post(shop, path_of(payment), daraja_body(payment))[0] == 200
    assert shop.told == [] and not store.now(payment.id).is_paid
    checkout_request_id = payment.snapshot().checkout_request_id
    assert checkout_request_id
    sandbox.act(checkout_request_id, "pay")
    until("the shop is told", lambda: len(shop.told) == 1)
    assert store.now(payment.id).is_paid


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
    assert json.loads(payment.to_json())["state"] == "accepted"
