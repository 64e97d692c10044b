"""The shop, served by real servers in processes of their own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from server_process import end

_HERE = Path(__file__).parent.parent


@dataclass
class Served:
    """A server that runs."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def post(self, path: str, body: bytes | Mapping[str, Any]) -> tuple[int, bytes]:
        """Posts a body, or a form; status and body of the answer."""
        form = not isinstance(body, bytes)
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            data = urlencode(body).encode() if not isinstance(body, bytes) else body
            connection.request("POST", path, data, {"Content-Type": kind})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def buy(self, path: str = "/buy", **form: Any) -> dict[str, Any]:
        """A customer buys; what the shop answers."""
        status, body = self.post(path, form)
        assert status == 200, (status, body, self.log.read_text(errors="replace"))
        answer: dict[str, Any] = json.loads(body)
        return answer

    def workers(self) -> list[int]:
        """The ids of its worker processes."""
        pid = self.process.pid
        return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def kill_workers(self) -> None:
        """Kills every worker as if the power had failed; the server starts others."""
        for worker in self.workers():
            os.kill(worker, signal.SIGKILL)


def listening_socket() -> socket.socket:
    """A socket on a free port of loopback, for a server to inherit."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(256)
    listener.set_inheritable(True)
    return listener


@contextmanager
def served(
    arguments: list[str],
    listener: socket.socket,
    log: Path,
    *,
    database: Mapping[str, object],
    setting: Mapping[str, Any],
    variables: Mapping[str, str] | None = None,
) -> Iterator[Served]:
    """Runs ``python -m`` with these arguments until the block ends; it listens on the socket that
    it inherits."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "shop_under_test.settings",
        "LIPIA_TEST_DATABASE": json.dumps(database),
        "LIPIA_TEST_SETTINGS": json.dumps(setting),
        "PYTHONPATH": os.pathsep.join([str(_HERE), *filter(None, sys.path)]),
        **(variables or {}),
    }
    port: int = listener.getsockname()[1]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            env=environment,
            stdout=output,
            stderr=output,
            pass_fds=[listener.fileno()],
            cwd=log.parent,
        )
    running = Served(port, process, log)
    try:
        _wait_until_it_answers(running)
        yield running
    finally:
        end(process)
        listener.close()


def _wait_until_it_answers(running: Served) -> None:
    deadline = time.monotonic() + 60
    while True:
        assert running.process.poll() is None, running.log.read_text(errors="replace")
        try:
            # Nothing is believed of it: it is no callback.
            if running.post("/pay/nothing", b"")[0] == 404:
                return
        except OSError:
            pass
        assert time.monotonic() < deadline, running.log.read_text(errors="replace")
        time.sleep(0.05)
