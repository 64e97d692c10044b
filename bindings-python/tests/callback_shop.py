"""A shop's web server: it hands every callback to a client and remembers what came of it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

import lipia

#: How long anything on this machine may take before a test gives up on it.
PATIENCE_SECONDS = 30.0

Receive = Callable[[str, bytes], lipia.ReceivedCallback]


def eventually(what: str, holds: Callable[[], bool]) -> None:
    """Waits until something holds that comes about by itself."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"it never came about that {what}"
        time.sleep(0.005)


class Background:
    """An event loop with a thread of its own, for a test that is itself not asynchronous."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Any) -> Any:
        """Awaits there and returns the result here."""

        async def awaited() -> Any:
            return await work

        return asyncio.run_coroutine_threadsafe(awaited(), self.loop).result(2 * PATIENCE_SECONDS)

    def stop(self) -> None:
        """Ends the loop and its thread."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive()
        self.loop.close()


class Shop:
    """A running shop. What is posted to it goes to `receive`, which is set once the shop has a client."""

    def __init__(self) -> None:
        self.receive: Receive | None = None
        self.heard: list[lipia.ReceivedCallback | lipia.LipiaError] = []
        self.requests: list[tuple[str, bytes]] = []
        shop = self

        class Desk(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                shop._take(self.path, body)
                reply = lipia.accepted_reply().encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, format: str, *arguments: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
        self._server.daemon_threads = True
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()

    @property
    def callback_url(self) -> str:
        """Where it takes callbacks."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/pay"

    def _take(self, path: str, body: bytes) -> None:
        self.requests.append((path, body))
        if self.receive is None:
            return
        try:
            self.heard.append(self.receive(path, body))
        except lipia.LipiaError as error:
            self.heard.append(error)

    def verdicts(self) -> list[str | None]:
        """What was made of every callback so far: the verdict's word, or the error's code."""
        return [
            heard.code
            if isinstance(heard, lipia.LipiaError)
            else heard.verdict and heard.verdict.value
            for heard in list(self.heard)
        ]

    def close(self) -> None:
        """Closes it."""
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Shop:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
