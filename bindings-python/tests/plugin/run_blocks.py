"""Runs the blocks of one section of a document in their order, as one program, and drives the app where they make one.

Its arguments are files, each with one block. Times are those of the sandbox: nobody waits for real
customers.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import socket
import sys
import threading
import time
from http.client import HTTPConnection
from typing import Any

import lipia
from lipia._client_base import ClientBase

SECONDS = 20.0


def at_the_sandboxs_speed() -> None:
    """Makes the clients that the blocks make from the environment wait at the sandbox's speed."""
    wait = lipia.WaitOptions(**json.loads(os.environ["TEST_WAIT"]))
    make = ClientBase._make

    def hurried(self: ClientBase, settings: Any, variables: Any = None) -> None:
        make(self, {"wait": wait, **settings} if not settings.get("wait") else settings, variables)

    ClientBase._make = hurried  # type: ignore[method-assign]


#: What the blocks printed.
printed = io.StringIO()


def main() -> None:
    sys.stdout = printed
    try:
        run()
    finally:
        sys.__stdout__ and sys.__stdout__.write(printed.getvalue())


def run() -> None:
    at_the_sandboxs_speed()
    names: dict[str, Any] = {"__name__": "__main__"}
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            exec(compile(file.read(), path, "exec"), names)
    if "app" in names:
        drive(names["app"], names["daraja"])


def drive(app: Any, daraja: Any) -> None:
    """Serves the app and posts to it what the sandbox would post."""
    listening = socket.create_server(("127.0.0.1", 0))
    if isinstance(daraja, lipia.AsyncClient):
        import uvicorn

        server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
        serving = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    else:
        from werkzeug.serving import make_server

        port = listening.getsockname()[1]
        served = make_server("127.0.0.1", port, app, threaded=True, fd=listening.fileno())
        serving = threading.Thread(target=served.serve_forever, daemon=True)
    serving.start()
    if isinstance(daraja, lipia.AsyncClient):
        # The loop of the server is the one that calls the handler.
        while not server.started:
            time.sleep(0.01)
    requesting = daraja.request(
        order="INV-DRIVE", phone_number="0712349001", amount=150, account_reference="INV-DRIVE"
    )
    payment = asyncio.run(requesting) if asyncio.iscoroutine(requesting) else requesting
    url = payment.push.callback_url
    items = {"Amount": 150, "MpesaReceiptNumber": "TKM1ABCDEF", "TransactionDate": 20261121100000}
    body = {
        "MerchantRequestID": payment.acceptance.merchant_request_id,
        "CheckoutRequestID": payment.checkout_request_id,
        "ResultCode": 0,
        "ResultDesc": "told by a test",
        "CallbackMetadata": {
            "Item": [{"Name": name, "Value": value} for name, value in items.items()]
        },
    }
    connection = HTTPConnection("127.0.0.1", listening.getsockname()[1], timeout=SECONDS)
    connection.request(
        "POST", "/" + url.split("/", 3)[3], json.dumps({"Body": {"stkCallback": body}})
    )
    answer = connection.getresponse()
    print("answered", answer.status, answer.read().decode())
    deadline = time.monotonic() + SECONDS
    while "INV-DRIVE success" not in printed.getvalue() and time.monotonic() < deadline:
        time.sleep(0.01)


if __name__ == "__main__":
    main()
