"""The shop of docs/python.md on real Celery workers: tasks that come twice, faults, and workers that are killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from callback_shop import Shop, eventually
from documents import block_with

import lipia

celery = pytest.importorskip("celery")

#: What `celery -A` loads: the shop as it is printed, on a broker that is a folder.
WORKER = """
import json, pathlib
from tasks import app
app.conf.update(json.loads(pathlib.Path("settings.json").read_text()))
"""


def settings_of(folder: Path) -> dict[str, Any]:
    """Celery's settings for a broker in a folder."""
    tasks = str(folder / "tasks")
    folders = {"data_folder_in": tasks, "data_folder_out": tasks, "control_folder": tasks}
    return {"broker_url": "filesystem://", "broker_transport_options": folders}


def without_django(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of a shop without Django: other tests of the same run name a project, and Celery would load it."""
    return {name: text for name, text in environ.items() if name != "DJANGO_SETTINGS_MODULE"}


class Worker:
    """A Celery worker with four processes, or four threads."""

    def __init__(self, pool: str, environ: dict[str, str], folder: Path) -> None:
        import json

        settings = settings_of(folder)
        (folder / "tasks").mkdir()
        (folder / "tasks.py").write_text(block_with("docs/python.md", "celery"), encoding="utf-8")
        (folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
        (folder / "worker.py").write_text(WORKER, encoding="utf-8")
        self.log = folder / "worker.log"
        self._producer = celery.Celery("till")
        self._producer.conf.update(settings)
        command = ["celery", "-A", "worker", "worker", "--pool", pool, "--concurrency", "4"]
        quiet = [
            "--loglevel",
            "INFO",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
        with self.log.open("wb") as log:
            self._running = subprocess.Popen(
                [sys.executable, "-m", *command, *quiet],
                cwd=folder,
                env={**without_django(os.environ), **environ, "C_FORCE_ROOT": "1"},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        eventually("the worker is ready", self._is_ready)

    def _is_ready(self) -> bool:
        assert self._running.poll() is None, self.log.read_text()
        return " ready." in self.log.read_text()

    def ask_for_payment(self, number: int) -> None:
        """Has the phone of an order prompted, by whichever process takes the task."""
        arguments = [f"O{number:03}", f"07{1000 + number:04}5678", 150]
        self._producer.send_task("tasks.ask_for_payment", arguments)

    def told(self) -> Counter[str]:
        """How often the handler was told that an order is paid."""
        return Counter(re.findall(r"(O\d+) success [A-Z0-9]{10}", self.log.read_text()))

    def children(self) -> list[int]:
        """The processes that carry the tasks out."""
        own = f"/proc/{self._running.pid}/task/{self._running.pid}/children"
        return [int(child) for child in Path(own).read_text().split()]

    def stop(self) -> None:
        """Ends it as an operator does: tasks that run may end."""
        if self._running.poll() is None:
            self._running.send_signal(signal.SIGTERM)
        try:
            self._running.wait(60)
        finally:
            if self._running.poll() is None:
                os.killpg(self._running.pid, signal.SIGKILL)


@pytest.fixture
def web(sandbox: lipia.Sandbox, tmp_path: Path) -> Iterator[Shop]:
    """The web server beside the workers: it takes callbacks, and has no handler."""
    with Shop() as shop:
        ledger = f"sqlite://{tmp_path}/payments.db"
        with sandbox.daraja(callback_url=shop.callback_url, ledger=ledger) as daraja:
            shop.receive = daraja.receive_callback
            yield shop


@pytest.fixture(params=["prefork", "threads", "gevent"])
def worker(
    request: pytest.FixtureRequest, sandbox: lipia.Sandbox, web: Shop, tmp_path: Path
) -> Iterator[Worker]:
    environ = {
        **sandbox.environ(callback_url=web.callback_url),
        "LIPIA_LEDGER": f"sqlite://{tmp_path}/payments.db",
    }
    running = Worker(request.param, environ, tmp_path)
    yield running
    running.stop()


def prompts_of(sandbox: lipia.Sandbox) -> Counter[str]:
    """How often each order was prompted for, by the gateway's books."""
    return Counter(payment["reference"] for payment in sandbox.payments())


def test_tasks_that_are_delivered_twice_are_one_prompt_and_told_once(
    worker: Worker, sandbox: lipia.Sandbox
) -> None:
    sandbox.inject("push", "answer_lost", times=3)
    sandbox.inject("push", "system_busy", times=3)
    for number in range(40):
        worker.ask_for_payment(number)
        worker.ask_for_payment(number)
    eventually("all are told", lambda: len(worker.told()) == 40)
    assert set(worker.told().values()) == {1}
    assert set(prompts_of(sandbox).values()) == {1} and sandbox.prompts == 40


#: How long the answers to pushes take that a worker is killed in the middle of, in seconds.
_SLOW = 6


@pytest.mark.parametrize("worker", ["prefork"], indirect=True)
def test_workers_that_are_killed_lose_no_order_and_prompt_nobody_twice(
    worker: Worker, sandbox: lipia.Sandbox
) -> None:
    kills = 0
    for first in range(0, 40, 10):
        # All four processes are in the middle of a push. One that waits for a task has the lock of Celery's own queue, and
        # takes it along when it is killed.
        sandbox.inject("push", "slow_after", seconds=_SLOW * sandbox.time_scale, times=4)
        began = time.monotonic()
        for number in range(first, first + 4):
            worker.ask_for_payment(number)
        eventually(
            "four are prompted",
            lambda wanted=first + 4: len(prompts_of(sandbox)) == wanted,
        )
        if time.monotonic() - began < _SLOW - 1:
            os.kill(worker.children()[0], signal.SIGKILL)
            kills += 1
        for number in range(first + 4, first + 10):
            worker.ask_for_payment(number)
        eventually(
            "all orders are prompted for",
            lambda wanted=first + 10: len(prompts_of(sandbox)) == wanted,
        )
    assert kills
    assert set(prompts_of(sandbox).values()) == {1}


@pytest.mark.parametrize("worker", ["prefork"], indirect=True)
def test_a_worker_tells_before_its_first_task(
    worker: Worker, sandbox: lipia.Sandbox, web: Shop, tmp_path: Path
) -> None:
    ledger = f"sqlite://{tmp_path}/payments.db"
    with sandbox.daraja(callback_url=web.callback_url, ledger=ledger) as elsewhere:
        sale = {"phone_number": "0712345678", "amount": 150, "account_reference": "O999"}
        elsewhere.request(order="O999", **sale)
        eventually("a worker tells of it", lambda: worker.told() == {"O999": 1})
