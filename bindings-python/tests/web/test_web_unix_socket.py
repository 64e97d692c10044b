"""Callbacks behind a Unix socket, where the server knows no address: its proxy counts as listed once there is a list."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Protocol

import pytest

import lipia

from .conftest import DEADLINE_SECONDS, daraja_body, path_of, until

LISTED = ["196.201.214.0/24"]


class _UnixConnection(HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=DEADLINE_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self._path)


class Post(Protocol):
    """Posts a payment's callback to a shop with these settings; the status of the answer."""

    def __call__(self, settings: dict[str, Any], *hops: str) -> int: ...


def _posted(socket_path: str, payment: lipia.PaymentHandle, hops: tuple[str, ...]) -> int:
    connection = _UnixConnection(socket_path)
    try:
        headers = {"X-Forwarded-For": ", ".join(hops)} if hops else {}
        connection.request("POST", path_of(payment), daraja_body(payment), headers)
        return connection.getresponse().status
    finally:
        connection.close()


def _flask(client: lipia.Client) -> Any:
    import flask

    from lipia.flask import callback_blueprint

    app = flask.Flask("shop")
    app.register_blueprint(callback_blueprint(client, url_prefix="/pay"))
    return app


def _starlette(client: lipia.AsyncClient) -> Any:
    from starlette.applications import Starlette

    from lipia.starlette import callback_route

    return Starlette(routes=[callback_route(client, "/pay")])


@pytest.fixture(params=["flask", "starlette"])
def post(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Post]:
    """Serves a shop on a Unix socket for one callback."""
    with lipia.Sandbox() as sandbox:

        def serve_and_post(settings: dict[str, Any], *hops: str) -> int:
            path = str(tmp_path / f"shop-{len(list(tmp_path.iterdir()))}.sock")
            given = {"callback_url": "http://127.0.0.1:9/pay", **settings}
            if request.param == "flask":
                from werkzeug.serving import make_server

                client = sandbox.daraja(**given)
                server = make_server(f"unix://{path}", 0, _flask(client), threaded=True)
                thread = threading.Thread(target=server.serve_forever)
                thread.start()
                try:
                    return _posted(path, _reserved(client), hops)
                finally:
                    server.shutdown()
                    thread.join(DEADLINE_SECONDS)
                    server.server_close()
            import uvicorn

            async_client = sandbox.async_daraja(**given)
            config = uvicorn.Config(
                _starlette(async_client),
                uds=path,
                log_level="critical",
                lifespan="off",
                proxy_headers=False,
            )
            asgi = uvicorn.Server(config)
            thread = threading.Thread(target=asgi.run)
            thread.start()
            until("uvicorn has started", lambda: asgi.started)
            try:
                return _posted(path, _reserved(async_client), hops)
            finally:
                asgi.should_exit = True
                thread.join(DEADLINE_SECONDS)

        yield serve_and_post


def _reserved(client: lipia.Client | lipia.AsyncClient) -> lipia.PaymentHandle:
    payment = client.reserve(phone_number="0712345678", amount=150, account_reference="INV-001")
    payment.begin()
    _held.append(payment)
    return payment


#: A payment that nobody holds is not known to its shop.
_held: list[lipia.PaymentHandle] = []


def test_the_proxy_in_front_of_a_unix_socket_is_believed_where_proxies_are_listed(
    post: Post,
) -> None:
    behind = {"source_addresses": LISTED, "trusted_proxies": ["10.0.0.0/8"]}
    assert post(behind, "203.0.113.9", "196.201.214.200") == 200
    assert post(behind, "196.201.214.200", "10.0.0.7") == 200
    assert post(behind, "196.201.214.200", "203.0.113.9") == 403
    assert post(behind) == 403


def test_without_a_list_of_proxies_nobody_is_believed_about_others(post: Post) -> None:
    assert post({"source_addresses": LISTED}, "196.201.214.200") == 403
    assert post({}) == 200
