"""A connection that the gateway closed while it was idle is not a lost answer."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest

import lipia

PASS_KEY = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"
#: The prompt that the server answers a query about.
ASKED_FOR = "ws_CO_191220191020363925"


class ImpatientServer:
    """Answers one request on each connection as if it would stay open, and closes it a moment later."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.pushes = 0
        self.closed = 0
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection: socket.socket) -> None:
        with connection:
            request = b""
            while b"\r\n\r\n" not in request:
                request += connection.recv(65536)
            head, _, body = request.partition(b"\r\n\r\n")
            length = next(
                (
                    int(line.split(b":")[1])
                    for line in head.lower().split(b"\r\n")
                    if line.startswith(b"content-length")
                ),
                0,
            )
            while len(body) < length:
                body += connection.recv(65536)
            manners = b""
            if b"oauth" in head:
                # The push follows at once: it must not find a connection that is just being closed.
                manners = b"Connection: close\r\n"
                answer = {"access_token": "token", "expires_in": "3599"}
            elif b"query" in head:
                answer = {
                    "CheckoutRequestID": ASKED_FOR,
                    "ResponseCode": "0",
                    "ResultCode": "0",
                    "ResultDesc": "Processed",
                }
            else:
                self.pushes += 1
                answer = {
                    "MerchantRequestID": "1-2-3",
                    "CheckoutRequestID": f"ws_CO_{self.pushes}",
                    "ResponseCode": "0",
                    "ResponseDescription": "Success",
                    "CustomerMessage": "Success",
                }
            text = json.dumps(answer).encode()
            connection.sendall(
                b"HTTP/1.1 200 OK\r\n%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                % (manners, len(text), text)
            )
        self.closed += 1

    def wait_until_closed(self, count: int) -> None:
        deadline = time.monotonic() + 20
        while self.closed < count:
            assert time.monotonic() < deadline, "the server did not close its connections"
            time.sleep(0.005)
        # On a busy machine the end of a connection is on its way for a moment, even on loopback.
        time.sleep(0.03)


@pytest.fixture
def server() -> Iterator[ImpatientServer]:
    server = ImpatientServer()
    yield server
    server.listener.close()


def settings(server: ImpatientServer) -> dict[str, str]:
    return {
        "consumer_key": "key",
        "consumer_secret": "secret",
        "short_code": "174379",
        "pass_key": PASS_KEY,
        "base_url": f"http://127.0.0.1:{server.port}",
        "callback_url": "http://127.0.0.1:9/pay",
    }


def test_a_blocking_client_notices_before_it_sends(server: ImpatientServer) -> None:
    with lipia.Daraja(**settings(server)) as daraja:
        for count in range(1, 21):
            daraja.stk_push(phone_number="0712000115", amount=1, account_reference="INV-001")
            # The token's connection, and one for each push.
            server.wait_until_closed(count + 1)
        assert server.pushes == 20


def test_a_question_notices_too(server: ImpatientServer) -> None:
    with lipia.Daraja(**settings(server)) as daraja:
        for count in range(1, 21):
            daraja.stk_query(ASKED_FOR)
            server.wait_until_closed(count + 1)


def test_an_async_client_notices_before_it_sends(server: ImpatientServer) -> None:
    async def several() -> None:
        async with lipia.AsyncDaraja(**settings(server)) as daraja:
            for count in range(1, 21):
                await daraja.stk_push(
                    phone_number="0712000115", amount=1, account_reference="INV-001"
                )
                server.wait_until_closed(count + 1)

    asyncio.run(several())
    assert server.pushes == 20
