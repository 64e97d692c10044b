"""Real servers with real workers on PostgreSQL and MariaDB: workers that race, and workers that die."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from shop_under_test.models import Told
from shop_under_test.processes import Served, listening_socket, served
from shop_under_test.testing import (
    callback_body,
    callback_path,
    lipia_setting,
    told,
    wait_until,
)

import lipia
from lipia.django.models import Callback, Payment

pytestmark = pytest.mark.on_a_server

PAYS = "0712345678"
DECIDES_LATER = "0712349000"

Start = Callable[..., AbstractContextManager[Served]]


@pytest.fixture
def start(
    database: dict[str, object], tables: None, sandbox: lipia.Sandbox, tmp_path: Path
) -> Iterator[Start]:
    """Starts the shop in a server, with its callbacks coming to that server."""

    @contextmanager
    def starting(*arguments: str, variables: dict[str, str] | None = None) -> Iterator[Served]:
        listener = listening_socket()
        port, fd = listener.getsockname()[1], listener.fileno()
        setting = lipia_setting(sandbox, f"http://127.0.0.1:{port}/pay")
        words = [argument.format(fd=fd) for argument in arguments]
        with (
            override_settings(LIPIA=setting),
            served(
                words,
                listener,
                tmp_path / "server.log",
                database=database,
                setting=setting,
                variables=variables,
            ) as server,
        ):
            yield server

    yield starting


def gunicorn(workers: int, *more: str) -> list[str]:
    return [
        *("gunicorn", "shop_under_test.wsgi", "--bind", "fd://{fd}", "--workers", str(workers)),
        *("--timeout", "120", *more),
    ]


GEVENT = gunicorn(2, "--worker-class", "gevent")
UVICORN = ["uvicorn", "shop_under_test.asgi:application", "--fd", "{fd}", "--lifespan", "off"]


def at_once(count: int, work: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(count) as pool:
        return [future.result() for future in [pool.submit(work) for _ in range(count)]]


@pytest.mark.parametrize(
    "arguments",
    [gunicorn(8), gunicorn(8, "--preload"), gunicorn(2, "--threads", "8"), GEVENT, UVICORN],
    ids=["gunicorn", "gunicorn --preload", "gunicorn with threads", "gevent", "uvicorn"],
)
def test_the_same_callback_fifty_times_at_once_is_one_signal(
    start: Start, sandbox: lipia.Sandbox, arguments: list[str]
) -> None:
    with start(*arguments) as server:
        bought = server.buy(phone=DECIDES_LATER, amount=150, order="7")
        assert bought["state"] == "accepted"
        payment = Payment.objects.get(payment_id=bought["id"])
        path, body = callback_path(payment), callback_body(payment)
        answers = at_once(50, lambda: server.post(path, body))
        assert answers == [(200, lipia.accepted_reply().encode())] * 50
        wait_until(lambda: Payment.objects.exclude(notified_at=None).exists(), "it is told")
        assert server.post(path, body)[0] == 200
        assert server.post(path, callback_body(payment, result_code=1037))[0] == 200
        wait_until(lambda: not Callback.objects.filter(verdict="").exists(), "all are looked at")
    assert told(payment) == ["succeeded"]
    assert Told.objects.get().process_id != os.getpid()
    payment.refresh_from_db()
    assert payment.is_paid and payment.flag_count == 1 and sandbox.prompts == 1


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        (gunicorn(8, "--preload"), "/buy"),
        (gunicorn(1, "--threads", "16"), "/buy"),
        (GEVENT, "/buy"),
        ([*UVICORN, "--workers", "1"], "/abuy"),
    ],
    ids=["gunicorn --preload", "gunicorn with threads", "gevent", "uvicorn"],
)
def test_an_impatient_customer_is_prompted_once(
    start: Start, sandbox: lipia.Sandbox, arguments: list[str], path: str
) -> None:
    with start(*arguments) as server:
        answers = at_once(10, lambda: server.buy(path, phone=DECIDES_LATER, amount=150, order="7"))
    assert len({answer["id"] for answer in answers}) == 1, answers
    assert sandbox.prompts == 1 and Payment.objects.count() == 1


def test_a_worker_that_is_killed_before_the_answer_leaves_a_payment_that_its_callback_settles(
    start: Start, sandbox: lipia.Sandbox
) -> None:
    sandbox.inject("push", "slow_after", seconds=6_000)
    with start(*gunicorn(1)) as server:
        with ThreadPoolExecutor(1) as pool:
            buying = pool.submit(
                server.post, "/buy", {"phone": DECIDES_LATER, "amount": 150, "order": 7}
            )
            wait_until(lambda: sandbox.prompts == 1, "the phone is prompted")
            payment = Payment.objects.get()
            assert (payment.state, payment.outcome) == ("sending", "unknown")
            server.kill_workers()
            with pytest.raises(OSError):
                buying.result()
        # Nobody knows, nobody is prompted again, and a person would be told.
        again = server.buy(phone=DECIDES_LATER, amount=150, order="7")
        assert again == {"id": payment.payment_id, "state": "sending", "error": None}
        call_command("lipia_reconcile", older_than=0, skip_checks=True, verbosity=0)
        payment.refresh_from_db()
        assert payment.is_open and told(payment) == []
        (prompt,) = sandbox.payments()
        sandbox.act(prompt["checkout_request_id"], "pay")
        wait_until(lambda: told(payment) == ["succeeded"], "it is told")
    payment.refresh_from_db()
    assert payment.is_paid and payment.receipt
    assert payment.checkout_request_id == prompt["checkout_request_id"]
    assert sandbox.prompts == 1 and sandbox.counters()["push_attempts"] == 1


def test_a_worker_that_is_killed_in_a_receiver_has_its_signal_sent_again(
    start: Start, sandbox: lipia.Sandbox, tmp_path: Path
) -> None:
    dies = tmp_path / "dies"
    variables = {"LIPIA_TEST_DIES_WHERE_THIS_EXISTS": str(dies)}
    with start(*gunicorn(2), variables=variables) as server:
        bought = server.buy(phone=DECIDES_LATER, amount=150)
        payment = Payment.objects.get(payment_id=bought["id"])
        dies.touch()
        assert server.post(callback_path(payment), callback_body(payment))[0] == 200
        wait_until(lambda: not dies.exists(), "the worker has died")
        assert told(payment) == []
        # It might still be at work. After its lease nobody waits for it.
        call_command("lipia_reconcile", skip_checks=True, verbosity=0)
        assert told(payment) == []
        Payment.objects.update(owed_after=1)
        call_command("lipia_reconcile", skip_checks=True, verbosity=0)
        assert told(payment) == ["succeeded"]


def test_callbacks_that_come_before_the_answers_lose_nothing(
    start: Start, sandbox: lipia.Sandbox
) -> None:
    phones = [f"07120{number}9005" for number in range(6)]
    with start(*gunicorn(8)) as server, ThreadPoolExecutor(6) as pool:
        for buying in [
            pool.submit(server.buy, phone=phone, amount=150, order=phone) for phone in phones
        ]:
            buying.result()
        wait_until(lambda: Told.objects.count() == 6, "all are told")
    for payment in Payment.objects.all():
        assert payment.is_paid and payment.receipt and payment.push_begun_at is None
        assert told(payment) == ["succeeded"]
    assert sandbox.prompts == 6


def test_forgeries_are_not_believed_whoever_takes_them_in(
    start: Start, sandbox: lipia.Sandbox
) -> None:
    with start(*gunicorn(4)) as server:
        bought = server.buy(phone=DECIDES_LATER, amount=150)
        payment = Payment.objects.get(payment_id=bought["id"])
        path, body = callback_path(payment), callback_body(payment)
        forged_path = path[:-8] + "00000000"
        assert {answer[0] for answer in at_once(10, lambda: server.post(forged_path, body))} == {
            404
        }
        small = callback_body(payment, amount=1)
        assert {answer[0] for answer in at_once(10, lambda: server.post(path, small))} == {200}
        wait_until(lambda: Callback.objects.exclude(verdict="").exists(), "it is looked at")
        payment.refresh_from_db()
        assert payment.is_open and payment.flag_count == 1 and told(payment) == []
        # It is the truth that counts: the customer cancels, and then pays after all.
        assert server.post(path, callback_body(payment, result_code=1032))[0] == 200
        wait_until(lambda: told(payment) == ["failed"], "the failure is told")
        assert server.post(path, body)[0] == 200
        wait_until(lambda: told(payment) == ["failed", "succeeded"], "the success is told")
    payment.refresh_from_db()
    assert payment.is_paid


def test_runs_of_cron_beside_callbacks_tell_once(start: Start, sandbox: lipia.Sandbox) -> None:
    with start(*gunicorn(4)) as server:
        sales = [server.buy(phone=f"07120{n}5678", amount=150) for n in range(6)]
        for _ in range(5):
            try:
                call_command(
                    "lipia_reconcile", older_than=0, pause=0, skip_checks=True, verbosity=0
                )
            except CommandError:
                pass
        wait_until(lambda: Payment.objects.exclude(notified_at=None).count() == 6, "all are told")
    assert Told.objects.count() == 6 and len(sales) == 6
    assert all(told(payment) == ["succeeded"] for payment in Payment.objects.all())
    assert sandbox.prompts == 6
