"""Four workers with one ledger, each of which may get any click and any callback, and may be killed at any moment."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import NamedTuple

import pytest
from documents import block_with

import lipia

from .conftest import DEADLINE_SECONDS, until
from .orders import Orders

HERE = Path(__file__).resolve().parent

#: Runs a command until it ends, and ends it with all its processes when this test's process is gone.
RUN = """
import os, signal, subprocess, sys, threading
server = subprocess.Popen(sys.argv[1:])
signal.signal(signal.SIGTERM, lambda *_: server.terminate())
orphaned = lambda: (sys.stdin.read(), os.killpg(0, signal.SIGKILL))
threading.Thread(target=orphaned, daemon=True).start()
sys.exit(server.wait())
"""

SERVERS = {
    "gunicorn": ["gunicorn", "--workers", "4", "--threads", "8", "--no-control-socket"],
    "gunicorn --preload": [
        "gunicorn", "--preload", "--workers", "4", "--threads", "8", "--no-control-socket",
    ],
    "uvicorn": ["uvicorn", "--workers", "4", "--log-level", "warning"],
    "README.md": ["uvicorn", "--workers", "4"],
}  # fmt: skip


class Answer(NamedTuple):
    """What a shop answered: the status, the process id of the worker, the body."""

    status: int
    worker: int
    body: bytes


class Server:
    """Four workers of a shop, on loopback."""

    def __init__(self, name: str, sandbox: lipia.Sandbox, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.database = str(folder / "shop.sqlite")
        self.ledger = f"sqlite://{folder}/payments.db"
        self.orders = Orders(self.database)
        self.log = folder / "server.log"
        environ = {
            **os.environ,
            **sandbox.environ(callback_url=f"http://127.0.0.1:{self.port}/pay"),
            "SHOP_DATABASE": self.database,
            "LIPIA_LEDGER": self.ledger,
            "PYTHONPATH": str(folder),
        }
        where = ["--bind", f"127.0.0.1:{self.port}", "web.flask_shop:app"]
        if "uvicorn" in SERVERS[name]:
            where = ["--port", str(self.port)]
            where.append("shop:app" if name == "README.md" else "web.fastapi_example:app")
        with self.log.open("wb") as log:
            self._server = subprocess.Popen(
                [sys.executable, "-c", RUN, sys.executable, "-m", *SERVERS[name], *where],
                cwd=folder if name == "README.md" else HERE.parent,
                env=environ,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def workers(self) -> set[int]:
        assert self._server.poll() is None, self.log.read_text()
        answers = [self.ask("GET", "/") for _ in range(16)]
        return {answer.worker for answer in answers if answer.status == 200}

    def ask(self, method: str, path: str, body: object = None) -> Answer:
        """A request as a browser makes it; the status is 0 where no answer came."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_SECONDS)
        try:
            headers = {"Connection": "close", "Content-Type": "application/json"}
            connection.request(method, path, json.dumps(body), headers)
            answer = connection.getresponse()
            return Answer(answer.status, int(answer.headers.get("X-Worker", 0)), answer.read())
        except (OSError, HTTPException):
            return Answer(0, 0, b"")
        finally:
            connection.close()

    def stop(self) -> None:
        self._server.terminate()
        try:
            self._server.wait(DEADLINE_SECONDS)
        finally:
            if self._server.stdin is not None:
                self._server.stdin.close()


OpenServer = Callable[[str], Server]


@pytest.fixture
def open_server(sandbox: lipia.Sandbox, tmp_path: Path) -> Iterator[OpenServer]:
    opened: list[Server] = []

    def open_one(name: str) -> Server:
        opened.append(Server(name, sandbox, tmp_path))
        until("the workers answer", lambda: len(opened[0].workers()) >= 2)
        return opened[0]

    yield open_one
    for server in opened:
        server.stop()


def phone_of(number: int) -> str:
    """A phone of its own for each order; its customer pays."""
    return f"07{1000 + number:04}5678"


def clicked_twice(server: Server, number: int) -> list[Answer]:
    """Two clicks at the same moment, each of which is made again where no answer comes; the answers."""
    together = threading.Barrier(2)

    def click(_: int) -> Answer:
        together.wait()
        deadline = time.monotonic() + DEADLINE_SECONDS
        while True:
            sale = {"item": "coffee", "phone": phone_of(number)}
            answer = server.ask("POST", f"/orders/O{number:03}/pay", sale)
            # A push whose answer was lost is answered 202: its payment is `unknown`.
            if answer.status in (202, 409, 502, 503):
                return answer
            assert time.monotonic() < deadline, answer
            time.sleep(0.02)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(click, range(2)))


def prompts_of(sandbox: lipia.Sandbox) -> Counter[str]:
    """How often each order was prompted for, by the gateway's books."""
    return Counter(payment["reference"] for payment in sandbox.payments())


@pytest.mark.parametrize("name", ["gunicorn", "gunicorn --preload", "uvicorn"])
def test_orders_that_are_clicked_twice_in_four_workers_are_prompted_for_and_marked_once(
    name: str, open_server: OpenServer, sandbox: lipia.Sandbox
) -> None:
    server = open_server(name)
    with ThreadPoolExecutor(8) as pool:
        clicks = list(pool.map(lambda number: clicked_twice(server, number), range(40)))
    assert all(click.status == 202 for pair in clicks for click in pair), clicks
    until("all are told", lambda: len(server.orders.told()) == 40)
    assert len(server.orders.paid()) == 40
    assert set(prompts_of(sandbox).values()) == {1} and sandbox.prompts == 40
    told = Counter(order for order, _, _ in server.orders.told())
    assert set(told.values()) == {1} and len(told) == 40
    with sandbox.daraja(ledger=server.ledger) as books:
        assert all(len(books.payments.of_order(order)) == 1 for order in told)


#: Where a worker is killed in the middle of a telling, another one waits a minute before it tells again: with the 64 tellings of an
#: event loop that is the rule.
LONG = pytest.mark.skipif("LIPIA_LONG" not in os.environ, reason="LIPIA_LONG is not set")


#: How many click at the same moment.
CUSTOMERS = 8

#: What goes wrong, at every step. Of a push whose answer and callback are both lost nobody can learn anything, so callbacks are
#: lost later.
FAULTS = [
    ("oauth", "unavailable_html"),
    ("oauth", "answer_lost"),
    ("push", "answer_lost"),
    ("push", "answer_cut"),
    ("push", "system_busy"),
    ("push", "invalid_token_404"),
    ("push", "slow_after"),
    ("query", "answer_lost"),
    ("query", "internal_error"),
    ("query", "query_with_other_ids"),
    ("callback", "callback_twice"),
    ("callback", "slow_before"),
]


@LONG
@pytest.mark.parametrize("name", ["gunicorn --preload", "uvicorn"])
def test_three_hundred_orders_through_faults_and_kills(
    name: str, open_server: OpenServer, sandbox: lipia.Sandbox
) -> None:
    server = open_server(name)
    for step, kind in FAULTS:
        sandbox.inject(
            step,
            kind,
            times=2 if step == "query" else 5,
            seconds=30 if kind.startswith("slow") else None,
        )
    dice, over = random.Random(20261129), threading.Event()
    killed: list[int] = []

    def kill_workers() -> None:
        while len(killed) < 4 and not over.wait(1.0):
            workers = sorted(server.workers())
            if workers:
                killed.append(dice.choice(workers))
                os.kill(killed[-1], signal.SIGKILL)

    killing = threading.Thread(target=kill_workers)
    killing.start()
    with ThreadPoolExecutor(CUSTOMERS) as pool:
        clicks = list(pool.map(lambda number: clicked_twice(server, number), range(150)))
        until("the lost answers are made up for", lambda: len(server.orders.paid()) > 100)
        sandbox.inject("callback", "callback_lost", times=10)
        clicks += pool.map(lambda number: clicked_twice(server, number), range(150, 300))
    over.set()
    killing.join()
    assert killed, "no worker was killed"
    assert sum(len({click.worker for click in pair}) == 2 for pair in clicks) > 20

    def paid() -> set[str]:
        return {
            payment["reference"] for payment in sandbox.payments() if payment["state"] == "paid"
        }

    with sandbox.daraja(ledger=server.ledger) as books:

        def open_ones() -> list[lipia.Payment]:
            """What a question could still settle: the answer to a push has the id by which a question is asked."""
            newest = (books.payments.of_order(f"O{number:03}") for number in range(300))
            payments = [payment[0] for payment in newest if payment]
            return [one for one in payments if one.state != "settled" and one.checkout_request_id]

        deadline = time.monotonic() + 80
        while (open_ones() or not paid() <= server.orders.paid()) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert open_ones() == []
        for order in paid() - server.orders.paid():
            # Its sender was killed before the answer came, and so was the worker that got its callback.
            (payment,) = books.payments.of_order(order)
            assert payment.state == "unknown" and payment.acceptance is None, payment
        unpaid = {f"O{number:03}" for number in range(300)} - paid()
        for order in unpaid:
            answers = clicks[int(order.removeprefix("O"))]
            if any(answer.status == 202 for answer in answers):
                # Its sender was killed before the gateway had the push: nobody may send it again.
                assert [payment.state for payment in books.payments.of_order(order)] == ["unknown"]
            else:
                # No worker got a token, and both clicks heard that nothing was sent.
                assert {answer.status for answer in answers} == {503}, answers
    assert set(prompts_of(sandbox).values()) == {1}
    assert not unpaid & set(prompts_of(sandbox)), "a customer who was prompted has not paid"
    # A customer buys one thing after the other, so a kill meets one order of each; and a fault keeps a token from one click.
    assert len(unpaid) <= CUSTOMERS * len(killed) + 2 * 5, unpaid
    told = Counter(order for order, outcome, _ in server.orders.told() if outcome == "success")
    again = {order for order, _, attempt in server.orders.told() if attempt > 1}
    # Told twice is only what a worker was told when it was killed.
    assert {order for order, count in told.items() if count > 1} <= again
    assert len(again) <= 64 * len(killed)


#: Writes each line at once, as for a terminal.
LINE_BY_LINE = "import sys; sys.stdout.reconfigure(line_buffering=True, write_through=False)\n"


class ReadmeServer(Server):
    """The program of README.md in four workers, and what it prints."""

    def __init__(self, sandbox: lipia.Sandbox, folder: Path) -> None:
        (folder / "shop.py").write_text(block_with("README.md", "fastapi"), encoding="utf-8")
        (folder / "sitecustomize.py").write_text(LINE_BY_LINE, encoding="utf-8")
        super().__init__("README.md", sandbox, folder)

    def workers(self) -> set[int]:
        assert self._server.poll() is None, self.log.read_text()
        log = self.log.read_text()
        begun = re.findall(r"Started server process \[(\d+)\]", log)
        return set(map(int, begun)) if log.count("startup complete") >= 4 else set()

    def click(self, number: int) -> Answer:
        return self.ask("POST", f"/orders/O{number:03}/pay?phone_number={phone_of(number)}")

    def paid(self) -> set[str]:
        """The orders that the handler printed as paid."""
        return set(re.findall(r"^(O\d+) success", self.log.read_text(), re.MULTILINE))


@pytest.mark.parametrize("kills", [0, pytest.param(3, marks=LONG)])
def test_the_program_of_the_readme_loses_nothing_in_four_workers(
    kills: int, sandbox: lipia.Sandbox, tmp_path: Path
) -> None:
    server = ReadmeServer(sandbox, tmp_path)
    try:
        until("the workers have started", lambda: len(server.workers()) >= 4)
        if kills == 0:
            # Of a push whose answer is lost, and whose callback comes to a worker that is killed, nobody can learn anything.
            sandbox.inject("push", "answer_lost", times=5)
        sandbox.inject("callback", "callback_twice", times=5)
        with ThreadPoolExecutor(8) as pool:
            for at_once in range(0, 80, 20):
                clicks = [number for number in range(at_once, at_once + 20) for _ in range(2)]
                answers = list(pool.map(server.click, clicks))
                assert {answer.status for answer in answers} == {200}, answers
                if at_once < 20 * kills:
                    os.kill(sorted(server.workers())[at_once // 20], signal.SIGKILL)
        deadline = time.monotonic() + 80
        while len(server.paid()) < 80 and time.monotonic() < deadline:
            time.sleep(0.1)
        assert len(server.paid()) == 80
        assert set(prompts_of(sandbox).values()) == {1} and sandbox.prompts == 80
    finally:
        server.stop()
