"""Workers that were forked, each of which may get any callback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

import lipia

from .conftest import (
    DEADLINE_SECONDS,
    daraja_body,
    path_of,
    post,
    post_at_once,
    until,
)
from .sqlite_store import SqliteStore

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


class Gunicorn:
    """Two workers that were forked from a process that had made the client."""

    def __init__(self, sandbox: lipia.Sandbox, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.store = SqliteStore(str(folder / "shop.sqlite"))
        self._told, self._log = folder / "told.txt", folder / "gunicorn.log"
        self._told.touch()
        #: Once this folder exists, no worker saves before both have loaded.
        self.meeting = folder / "meeting"
        environ = {
            **os.environ,
            **sandbox.environ(callback_url=f"http://127.0.0.1:{self.port}/pay"),
            "SHOP_DATABASE": str(folder / "shop.sqlite"),
            "SHOP_TOLD": str(self._told),
            "SHOP_MEETING": str(self.meeting),
        }
        options = ["--preload", "--workers", "2", "--threads", "8", "--no-control-socket"]
        with self._log.open("wb") as log:
            self._server = subprocess.Popen(
                [sys.executable, "-c", RUN, sys.executable, "-m", "gunicorn", *options]
                + ["--bind", f"127.0.0.1:{self.port}", "web.gunicorn_shop:app"],
                cwd=HERE.parent,
                env=environ,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def has_both_workers(self) -> bool:
        assert self._server.poll() is None, self._log.read_text()
        return len({self.get("/worker") for _ in range(8)} - {""}) == 2

    def get(self, path: str) -> str:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_SECONDS)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        except OSError:
            return ""
        finally:
            connection.close()

    @property
    def told(self) -> list[str]:
        return self._told.read_text().splitlines()

    def stop(self) -> None:
        self._server.terminate()
        self._server.wait(DEADLINE_SECONDS)
        if self._server.stdin is not None:
            self._server.stdin.close()


@pytest.fixture
def gunicorn(sandbox: lipia.Sandbox, tmp_path: Path) -> Iterator[Gunicorn]:
    pytest.importorskip("gunicorn")
    running = Gunicorn(sandbox, tmp_path)
    try:
        until("both workers answer", running.has_both_workers)
        yield running
    finally:
        running.stop()


def test_fifty_duplicates_to_two_forked_workers_are_told_of_once(gunicorn: Gunicorn) -> None:
    status, payment_id = post(gunicorn, "/orders/0712349001", b"")
    assert status == 202
    payment = gunicorn.store.now(payment_id.decode())
    gunicorn.meeting.mkdir()
    assert post_at_once(gunicorn, path_of(payment), daraja_body(payment), 50) == [200] * 50
    assert len(list(gunicorn.meeting.iterdir())) == 2
    until("the shop is told", lambda: gunicorn.told != [])
    assert gunicorn.told == [f"{payment.id} success TKM1ABCDEF"]
    assert gunicorn.store.now(payment.id).is_paid


def test_ten_sales_at_once_in_two_forked_workers_are_ten_prompts_and_told_of_ten_times(
    gunicorn: Gunicorn, sandbox: lipia.Sandbox
) -> None:
    for number in range(10):
        assert post(gunicorn, f"/orders/07123{number:02}678", b"")[0] == 202
    until("the shop is told of all", lambda: len(gunicorn.told) == 10)
    sandbox.until(callbacks_acknowledged=10)
    assert len(set(gunicorn.told)) == 10 and sandbox.prompts == 10
