"""The shop, run as its README says and used as a customer uses it: over HTTP, with the sandbox as
M-Pesa."""

from __future__ import annotations

import html
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

import lipia

HERE = Path(__file__).resolve().parent


class Shop:
    """The shop that runs."""

    def __init__(self, address: str, environment: dict[str, str]) -> None:
        self.address = address
        self._environment = environment

    def manage(self, *arguments: str) -> str:
        """What ``manage.py`` prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=HERE,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


class Customer:
    """Somebody with a browser."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._browser = build_opener(HTTPCookieProcessor(CookieJar()))
        self.page, self.address = "", ""

    def open(self, address: str) -> Customer:
        return self._go(address, None)

    def send(self, address: str, **form: str) -> Customer:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.page)
        assert token, self.page
        return self._go(address, {"csrfmiddlewaretoken": token[1], **form})

    def order(self, item: str) -> Customer:
        return self.open("/").send("/", item=item)

    def pay(self, phone_number: str) -> Customer:
        action = re.search(r'action="([^"]+)"', self.page)
        assert action, self.page
        return self.send(action[1], phone_number=phone_number)

    def waits_for(self, text: str) -> None:
        deadline = time.monotonic() + 30
        while text not in self.open(self.address).page:
            assert time.monotonic() < deadline, f"{text!r} never came:\n{self.page}"
            time.sleep(0.05)

    def _go(self, address: str, form: dict[str, str] | None) -> Customer:
        data = None if form is None else urlencode(form).encode()
        with self._browser.open(self._shop.address + address, data, timeout=60) as answer:
            self.page = html.unescape(answer.read().decode())
            self.address = answer.url.removeprefix(self._shop.address)
        return self


@pytest.fixture(scope="module")
def sandbox() -> Iterator[lipia.Sandbox]:
    with lipia.Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def shop(sandbox: lipia.Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    keys: dict[str, Any] = sandbox.settings()
    environment = {
        **os.environ,
        "SHOP_DATABASE": str(folder / "shop.sqlite3"),
        "MPESA_CONSUMER_KEY": keys["consumer_key"],
        "MPESA_CONSUMER_SECRET": keys["consumer_secret"],
        "MPESA_SHORTCODE": keys["short_code"],
        "MPESA_PASSKEY": keys["pass_key"],
        "MPESA_BASE_URL": sandbox.base_url,
        "MPESA_CALLBACK_URL": f"{address}/pay",
    }
    shop = Shop(address, environment)
    shop.manage("check")
    shop.manage("migrate", "--verbosity", "0")
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"],
            cwd=HERE,
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        wait_until_it_answers(shop, server, folder / "log")
        yield shop
    finally:
        server.terminate()
        server.wait(timeout=30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_it_answers(shop: Shop, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            assert "Duka" in Customer(shop).open("/").page
            return
        except OSError:
            assert server.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_customer_pays_and_sees_the_receipt(shop: Shop, sandbox: lipia.Sandbox) -> None:
    before = sandbox.prompts
    customer = Customer(shop).order("Two coffees").pay("0712 345 678")
    customer.waits_for("Paid. Asante! M-Pesa receipt")
    assert sandbox.prompts == before + 1


def test_a_customer_who_cancels_is_told_and_can_try_again(
    shop: Shop, sandbox: lipia.Sandbox
) -> None:
    customer = Customer(shop).order("A mandazi").pay("0712341032")
    customer.waits_for("Pay with M-Pesa")
    assert lipia.describe("1032").customer_message_en in customer.page
    customer.pay("0722345678").waits_for("Paid. Asante!")


def test_a_button_that_is_pressed_twice_prompts_once(shop: Shop, sandbox: lipia.Sandbox) -> None:
    before = sandbox.prompts
    customer = Customer(shop).order("A bag of beans")
    form = customer.page
    customer.pay("0712349001")
    customer.page = form
    customer.pay("0712349001")
    assert "Look at your phone" in customer.page
    assert sandbox.prompts == before + 1


def test_a_number_that_is_none_is_explained_and_nobody_is_prompted(
    shop: Shop, sandbox: lipia.Sandbox
) -> None:
    before = sandbox.prompts
    customer = Customer(shop).order("A mandazi").pay("12")
    assert 'role="alert"' in customer.page and "Pay with M-Pesa" in customer.page
    assert sandbox.prompts == before


def test_a_payment_whose_callback_is_lost_is_found_out_about(
    shop: Shop, sandbox: lipia.Sandbox
) -> None:
    customer = Customer(shop).order("Two coffees").pay("0733349003")
    wait_until(
        lambda: all(p["state"] != "open" for p in sandbox.payments() if "733349003" in p["phone"])
    )
    assert "settled 1" in shop.manage("lipia_reconcile", "--older-than", "0", "--pause", "0")
    assert "Paid. Asante!" in customer.open(customer.address).page


def test_a_payment_whose_answer_is_lost_is_settled_by_its_callback(
    shop: Shop, sandbox: lipia.Sandbox
) -> None:
    before = sandbox.prompts
    sandbox.inject("push", "answer_lost")
    customer = Customer(shop).order("Two coffees").pay("0744345678")
    customer.waits_for("Paid. Asante! M-Pesa receipt")
    assert sandbox.prompts == before + 1
