"""A mailbox for callbacks, for a test whose app does not listen on a port."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from types import TracebackType

from ._values import accepted_reply

#: The sandbox's callbacks have a few hundred bytes.
_MAX_BODY_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class ArrivedCallback:
    """A callback that the sandbox posted."""

    #: The path that the callback was posted to, with the payment's own token.
    path: str
    #: The body, byte for byte.
    body: bytes


class Mailbox:
    """A server on 127.0.0.1 that answers callbacks as a shop does, and keeps them for the test.

    ::

        with lipia_sandbox.mailbox() as mailbox:
            app = make_app(callback_url=mailbox.url)
            test_client.post("/orders", …)
            callback = mailbox.next()
            test_client.post(callback.path, content=callback.body)

    :param path: the path at which the app takes its callbacks, which is the path of :attr:`url`.
    """

    def __init__(self, path: str = "/pay") -> None:
        self._arrived: Queue[ArrivedCallback] = Queue()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._arrived))
        self._server.daemon_threads = True
        #: The URL to give to the client as its ``callback_url``.
        self.url = f"http://127.0.0.1:{self._server.server_port}/{path.strip('/')}"
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.02},
            name="lipia-mailbox",
            daemon=True,
        )
        self._thread.start()

    def next(self, *, timeout: float = 10.0) -> ArrivedCallback:
        """The oldest callback that was not handed out yet. Waits for one.

        :param timeout: seconds to wait at most. Default: 10.
        :raises TimeoutError: no callback came in time.
        """
        try:
            return self._arrived.get(timeout=timeout)
        except Empty:
            raise TimeoutError(
                f"No callback came to {self.url} within {timeout} s. Was the client made with this callback_url, and does "
                "the customer's scenario send one?"
            ) from None

    async def next_async(self, *, timeout: float = 10.0) -> ArrivedCallback:
        """:meth:`next` for asyncio."""
        import asyncio

        return await asyncio.to_thread(self.next, timeout=timeout)

    def close(self) -> None:
        """Stops listening."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Mailbox:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _handler(arrived: Queue[ArrivedCallback]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            try:
                length = int(self.headers.get("Content-Length", ""))
            except ValueError:
                length = -1
            if not 0 <= length <= _MAX_BODY_BYTES:
                self.send_error(411 if length < 0 else 413)
                return
            arrived.put(ArrivedCallback(self.path, self.rfile.read(length)))
            reply = accepted_reply().encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, format: str, *arguments: object) -> None:
            """A test's output is its own."""

    return Handler
