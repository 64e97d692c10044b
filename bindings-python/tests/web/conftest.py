"""Shops on real servers, one for each framework, and what their tests share."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import pytest

import lipia

#: How long anything in these tests may take before it counts as hanging, in seconds.
DEADLINE_SECONDS = 40.0


_ORDERS = count(1)


def until(what: str, holds: Callable[[], bool]) -> None:
    """Waits until it holds."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"waited {DEADLINE_SECONDS} s until {what}"
        time.sleep(0.002)


class Listening(Protocol):
    """A shop, whatever serves it."""

    port: int


def post(
    shop: Listening,
    path: str,
    body: bytes,
    headers: dict[str, str] | None = None,
    chunked: bool = False,
) -> tuple[int, bytes]:
    """Posts as a gateway does; the status and the body of the answer."""
    connection = HTTPConnection("127.0.0.1", shop.port, timeout=DEADLINE_SECONDS)
    try:
        connection.request(
            "POST",
            path,
            iter([body]) if chunked else body,
            {"Content-Type": "application/json", **(headers or {})},
            encode_chunked=chunked,
        )
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def post_at_once(shop: Listening, path: str, body: bytes, count: int) -> list[int]:
    """Posts the same so many times in parallel; the statuses."""
    start = threading.Barrier(count)

    def one(_: int) -> int:
        start.wait()
        return post(shop, path, body)[0]

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def path_of(payment: lipia.PaymentHandle | lipia.Payment) -> str:
    """The path of a payment's own callback URL."""
    json_text = payment.to_json()
    url: str = json.loads(json_text)["push"]["callback_url"]
    return "/" + url.split("/", 3)[3]


def daraja_body(
    payment: lipia.PaymentHandle | lipia.Payment,
    *,
    code: int = 0,
    receipt: str = "TKM1ABCDEF",
    **changes: Any,
) -> bytes:
    """What Daraja posts about a payment, with fields changed by name."""
    saved = json.loads(payment.to_json())
    acceptance = saved["acceptance"] or {}
    callback: dict[str, Any] = {
        "MerchantRequestID": acceptance.get("merchant_request_id") or "29115-34620561-1",
        "CheckoutRequestID": acceptance.get("checkout_request_id") or "ws_CO_1",
        "ResultCode": code,
        "ResultDesc": "told by a test",
    }
    if code == 0:
        values = {
            "Amount": saved["push"]["amount"],
            "MpesaReceiptNumber": receipt,
            "TransactionDate": 20261121100000,
            "PhoneNumber": int(saved["push"]["phone_number"]),
            **changes,
        }
        callback["CallbackMetadata"] = {
            "Item": [{"Name": name, "Value": value} for name, value in values.items()]
        }
    return json.dumps({"Body": {"stkCallback": callback}}).encode()


class Shop:
    """A shop that listens on loopback, whatever its framework."""

    client: Any

    def __init__(self, listening: socket.socket) -> None:
        self.port: int = listening.getsockname()[1]
        self.told: list[lipia.Payment] = []

    def push(self, phone_number: str = "0712349001", **changes: Any) -> lipia.Payment:
        """Requests a payment, of an order of its own."""
        sale = {
            "order": f"order-{next(_ORDERS)}",
            "phone_number": phone_number,
            "amount": 150,
            "account_reference": "INV-001",
        }
        payment: lipia.Payment = self.do(self.client.request, **{**sale, **changes})
        return payment

    def now(self, payment: lipia.Payment) -> lipia.Payment:
        """The payment as the ledger has it."""
        known: lipia.Payment = self.do(self.client.payments.get, payment.id)
        return known

    def do(self, verb: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        """Calls a verb of the client, where the client is called."""
        raise NotImplementedError

    def stop(self) -> None:
        raise NotImplementedError


class FlaskShop(Shop):
    """A shop in Flask, on werkzeug's server."""

    def __init__(self, listening: socket.socket, client: lipia.Client, functions: Any) -> None:
        super().__init__(listening)
        import flask
        from werkzeug.serving import make_server

        from lipia.flask import callback_blueprint

        self.client: lipia.Client = client
        app = flask.Flask("shop")
        client.on_outcome(functions.pop("on_outcome", self.told.append))
        app.register_blueprint(callback_blueprint(client, url_prefix="/pay", **functions))
        self._server = make_server(
            "127.0.0.1", self.port, app, threaded=True, fd=listening.fileno()
        )
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def do(self, verb: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        return verb(*arguments, **keywords)

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join(DEADLINE_SECONDS)
        self._server.server_close()
        self.client.close()


class AsgiShop(Shop):
    """A shop in FastAPI or Starlette, on uvicorn, with an event loop in a thread of its own."""

    def __init__(
        self, listening: socket.socket, framework: str, client: lipia.AsyncClient, functions: Any
    ) -> None:
        super().__init__(listening)
        import uvicorn

        self.client: lipia.AsyncClient = client
        client.on_outcome(functions.pop("on_outcome", self.told.append))
        app: Any
        if framework == "fastapi":
            import fastapi

            from lipia.fastapi import callback_router

            app = fastapi.FastAPI()
            app.include_router(callback_router(client, prefix="/pay", **functions))
        else:
            from starlette.applications import Starlette

            from lipia.starlette import callback_route, lifespan

            route = callback_route(client, "/pay", **functions)
            app = Starlette(routes=[route], lifespan=lifespan(client))
        # uvicorn would take the sender's word for it where the connection comes from this machine.
        config = uvicorn.Config(app, log_level="critical", lifespan="on", proxy_headers=False)
        self._server = uvicorn.Server(config)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, args=(listening,))
        self._thread.start()
        until("uvicorn has started", lambda: self._server.started)

    def _run(self, listening: socket.socket) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._server.serve(sockets=[listening]))

    def do(self, verb: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        calling = asyncio.run_coroutine_threadsafe(verb(*arguments, **keywords), self._loop)
        return calling.result(DEADLINE_SECONDS)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(DEADLINE_SECONDS)
        self._loop.close()


@pytest.fixture
def sandbox() -> Iterator[lipia.Sandbox]:
    """A sandbox for one test, a hundred times faster than life."""
    with lipia.Sandbox() as running:
        yield running


class OpenShop(Protocol):
    """Opens a shop; ``settings`` are the client's, the rest is given to the route."""

    def __call__(
        self, *, gateway: str = "daraja", settings: dict[str, Any] | None = None, **functions: Any
    ) -> Shop: ...


@pytest.fixture(params=["fastapi", "starlette", "flask"])
def open_shop(
    request: pytest.FixtureRequest, sandbox: lipia.Sandbox, tmp_path: Path
) -> Iterator[OpenShop]:
    """Opens shops of one framework that take callbacks below ``/pay``, with a ledger in a file."""
    with ExitStack() as stack:

        def open_one(
            *, gateway: str = "daraja", settings: dict[str, Any] | None = None, **functions: Any
        ) -> Shop:
            listening = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=128))
            port = listening.getsockname()[1]
            given = {
                "callback_url": f"http://127.0.0.1:{port}/pay",
                "ledger": f"sqlite://{tmp_path}/payments.db",
                **(settings or {}),
            }
            shop: Shop
            if request.param == "flask":
                shop = FlaskShop(listening, getattr(sandbox, gateway)(**given), functions)
            else:
                client = getattr(sandbox, "async_" + gateway)(**given)
                shop = AsgiShop(listening, request.param, client, functions)
            stack.callback(shop.stop)
            return shop

        yield open_one
