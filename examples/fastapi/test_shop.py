"""The shop, run as in production: four uvicorn workers on loopback, and a sandbox that plays M-Pesa."""

from __future__ import annotations

import ast
import contextlib
import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import lipia

HERE = Path(__file__).resolve().parent
#: How long anything may take before it counts as hanging, in seconds.
DEADLINE_SECONDS = 30.0


def until(what: str, holds: Callable[[], object]) -> None:
    """Waits until it holds."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"waited {DEADLINE_SECONDS} s until {what}"
        time.sleep(0.02)


#: Runs a command until it ends, and ends it with all its processes when this test's process is gone.
RUN = """
import os, signal, subprocess, sys, threading
server = subprocess.Popen(sys.argv[1:])
signal.signal(signal.SIGTERM, lambda *_: server.terminate())
orphaned = lambda: (sys.stdin.read(), os.killpg(0, signal.SIGKILL))
threading.Thread(target=orphaned, daemon=True).start()
sys.exit(server.wait())
"""


class Shop:
    """A running shop; it can be ended and started again on its port and file."""

    def __init__(self, sandbox: lipia.Sandbox, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.database = folder / "shop.sqlite"
        self._ledger = f"sqlite://{folder}/payments.db"
        # Looks into the ledger beside the shop.
        self._books = sandbox.daraja(ledger=self._ledger)
        self._log = folder / "uvicorn.log"
        self._environ = {
            **os.environ,
            **sandbox.environ(callback_url=f"http://127.0.0.1:{self.port}/pay"),
            "SHOP_DATABASE": str(self.database),
            "LIPIA_LEDGER": self._ledger,
        }
        self.start()

    def start(self) -> None:
        server = ["-m", "uvicorn", "shop:app", "--workers", "4", "--timeout-graceful-shutdown", "5"]
        with self._log.open("ab") as log:
            self._running = subprocess.Popen(
                [sys.executable, "-c", RUN, sys.executable, *server, "--port", str(self.port)],
                cwd=HERE,
                env=self._environ,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            until("the shop answers", self._answers)
        except BaseException:
            self.end(signal.SIGKILL)
            raise

    def _answers(self) -> bool:
        assert self._running.poll() is None, self._log.read_text()
        try:
            return "Duka" in self.get("/")
        except OSError:
            return False

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ends it: politely, or all its processes at once. A second time does nothing."""
        if self._running.poll() is None:
            if how == signal.SIGTERM:
                self._running.terminate()
            else:
                os.killpg(self._running.pid, how)
            self._running.wait(DEADLINE_SECONDS)
        if self._running.stdin is not None:
            self._running.stdin.close()

    def get(self, path: str) -> str:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{self.port}{path}", timeout=DEADLINE_SECONDS
        ) as answer:
            text: str = answer.read().decode()
            return text

    def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", body, {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE_SECONDS) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()

    def order(self, order_id: str, phone_number: str) -> tuple[int, Any]:
        order = {"item": "coffee", "phone": phone_number}
        status, body = self.post(f"/orders/{order_id}/pay", json.dumps(order).encode())
        return status, json.loads(body)

    def look(self, order_id: str) -> Any:
        return json.loads(self.get(f"/orders/{order_id}"))

    def delivered(self) -> list[str]:
        database = sqlite3.connect(self.database, timeout=DEADLINE_SECONDS)
        try:
            return [row[0] for row in database.execute("SELECT number FROM paid")]
        finally:
            database.close()

    def payment(self, order_id: str) -> lipia.Payment:
        return self._books.payments.of_order(order_id)[0]


@pytest.fixture
def sandbox() -> Iterator[lipia.Sandbox]:
    with lipia.Sandbox() as running:
        yield running


@pytest.fixture
def shop(sandbox: lipia.Sandbox, tmp_path: Path) -> Iterator[Shop]:
    running = Shop(sandbox, tmp_path)
    try:
        yield running
    finally:
        running.end()


def test_the_file_for_the_sandbox_names_what_the_sandbox_accepts(sandbox: lipia.Sandbox) -> None:
    lines = (HERE / "sandbox.env").read_text(encoding="utf-8").splitlines()
    named = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    accepted = sandbox.environ()
    assert {name for name in accepted if name != "MPESA_ENVIRONMENT"} == set(named)
    for name, value in named.items():
        assert name.endswith("_URL") or value == accepted[name]


def test_the_shop_is_fifteen_lines_beyond_its_routes() -> None:
    text = (HERE / "shop.py").read_text(encoding="utf-8")
    beyond = set(range(1, len(text.splitlines()) + 1))
    for part in ast.parse(text).body:
        is_docstring = isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)
        decorators = getattr(part, "decorator_list", [])
        if is_docstring or any(ast.unparse(one).startswith("app.") for one in decorators):
            first = min([part.lineno, *(one.lineno for one in decorators)])
            beyond -= set(range(first, (part.end_lineno or first) + 1))
    lines = [line for number, line in enumerate(text.splitlines(), 1) if number in beyond]
    assert len([line for line in lines if line.strip()]) <= 15, lines


def has_ended(shop: Shop, order_id: str) -> bool:
    return bool(shop.look(order_id)["state"] == "settled")


def click_in_vain(shop: Shop, order_id: str, phone_number: str) -> None:
    """A click that is never answered."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        shop.order(order_id, phone_number)


def is_paid(shop: Shop, order_id: str) -> bool:
    return bool(shop.look(order_id)["outcome"] == "success")


def test_an_order_is_paid_while_the_customer_looks_on(shop: Shop, sandbox: lipia.Sandbox) -> None:
    status, shown = shop.order("INV001", "0712 345 678")
    assert status == 202 and shown["state"] == "accepted" and shown["customer_message_sw"]
    until("it is paid", lambda: is_paid(shop, "INV001"))
    until("the goods are handed over", lambda: shop.delivered() == ["INV001"])
    assert sandbox.prompts == 1 and shop.payment("INV001").receipt


def test_a_customer_who_cancels_gets_nothing_and_is_told(shop: Shop) -> None:
    shop.order("INV001", "0712341032")
    until("it has ended", lambda: has_ended(shop, "INV001"))
    shown = shop.look("INV001")
    assert shown["outcome"] == "cancelled" and shown["customer_message_en"]
    assert shop.delivered() == []


def test_twenty_clicks_at_once_are_one_prompt_and_one_delivery(
    shop: Shop, sandbox: lipia.Sandbox
) -> None:
    with ThreadPoolExecutor(20) as pool:
        clicks = [pool.submit(shop.order, "INV001", "0712345678") for _ in range(20)]
        assert {click.result()[0] for click in clicks} == {202}
    until("the goods are handed over", shop.delivered)
    assert sandbox.prompts == 1 and shop.delivered() == ["INV001"]


def test_what_the_customer_mistyped_is_named(shop: Shop, sandbox: lipia.Sandbox) -> None:
    status, told = shop.order("INV001", "0712 345")
    assert status == 400 and told["field"] == "phone_number" and told["customer_message_en"]
    assert sandbox.prompts == 0


def test_a_restart_between_push_and_callback_ends_paid_once(
    shop: Shop, sandbox: lipia.Sandbox
) -> None:
    shop.order("INV001", "0712349000")
    until("the push is accepted", lambda: shop.payment("INV001").checkout_request_id)
    shop.end()
    shop.start()
    sandbox.act(shop.payment("INV001").checkout_request_id or "", "pay")
    until("the goods are handed over", shop.delivered)
    assert shop.payment("INV001").receipt
    assert shop.delivered() == ["INV001"] and sandbox.prompts == 1


def test_a_shop_that_is_killed_and_misses_the_callback_asks_when_it_is_back(
    shop: Shop, sandbox: lipia.Sandbox
) -> None:
    shop.order("INV001", "0712349000")
    until("the push is accepted", lambda: shop.payment("INV001").checkout_request_id)
    shop.end(signal.SIGKILL)
    sandbox.act(shop.payment("INV001").checkout_request_id or "", "pay")
    sandbox.until(callbacks_failed=1)
    shop.start()
    until("the goods are handed over", shop.delivered)
    assert shop.delivered() == ["INV001"] and sandbox.prompts == 1


def test_a_shop_that_is_killed_while_it_pushes_says_nothing_false_and_never_pushes_again(
    shop: Shop, sandbox: lipia.Sandbox
) -> None:
    sandbox.inject("push", "slow_after", seconds=100_000)
    clicked = threading.Thread(target=click_in_vain, args=(shop, "INV001", "0712349000"))
    clicked.start()
    sandbox.until(prompts=1)
    shop.end(signal.SIGKILL)
    clicked.join()
    shop.start()
    assert not has_ended(shop, "INV001")
    (prompt,) = sandbox.payments()
    sandbox.act(prompt["checkout_request_id"], "pay")
    until("the goods are handed over", shop.delivered)
    assert shop.delivered() == ["INV001"] and sandbox.prompts == 1


def test_a_lost_answer_is_waited_for_and_never_pushed_again(
    shop: Shop, sandbox: lipia.Sandbox
) -> None:
    sandbox.inject("push", "answer_lost")
    shop.order("INV001", "0712345678")
    until("the goods are handed over", shop.delivered)
    assert shop.delivered() == ["INV001"] and sandbox.prompts == 1


def test_a_push_that_is_refused_is_told_and_can_be_ordered_again(
    shop: Shop, sandbox: lipia.Sandbox
) -> None:
    status, told = shop.order("INV001", "0712349012")
    assert status >= 400 and told["customer_message_en"] and sandbox.prompts == 0
    assert shop.order("INV001", "0712345678")[0] == 202
    until("the goods are handed over", shop.delivered)


def test_fifty_duplicates_to_four_workers_are_one_delivery(
    shop: Shop, sandbox: lipia.Sandbox
) -> None:
    shop.order("INV001", "0712349001")
    until("the push is accepted", lambda: shop.payment("INV001").checkout_request_id)
    payment = shop.payment("INV001")
    path = "/" + payment.push.callback_url.split("/", 3)[3]
    items = {"Amount": 150, "MpesaReceiptNumber": "TKM1ABCDEF", "TransactionDate": 20261121100000,
             "PhoneNumber": 254712349001}  # fmt: skip
    callback = {
        "MerchantRequestID": payment.acceptance and payment.acceptance.merchant_request_id,
        "CheckoutRequestID": payment.checkout_request_id,
        "ResultCode": 0,
        "ResultDesc": "told by a test",
        "CallbackMetadata": {
            "Item": [{"Name": name, "Value": value} for name, value in items.items()]
        },
    }
    body = json.dumps({"Body": {"stkCallback": callback}}).encode()
    with ThreadPoolExecutor(50) as pool:
        answers = [pool.submit(shop.post, path, body) for _ in range(50)]
        assert {answer.result()[0] for answer in answers} == {200}
    until("the goods are handed over", shop.delivered)
    assert shop.delivered() == ["INV001"] and shop.payment("INV001").receipt == "TKM1ABCDEF"
    forged = path[:-1] + ("0" if path[-1] != "0" else "1")
    assert shop.post(forged, body)[0] == 404
