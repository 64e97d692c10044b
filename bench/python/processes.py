"""The other processes of a run: the gateway, and one worker for each peer. Each ends with the block
that started it, and by itself when its standard input closes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from peers import Peer

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent

#: A gateway that was built before, where there is one.
GATEWAY_VARIABLE = "LIPIA_BENCH_SERVER"


class PeerFailed(Exception):
    """A peer cannot be measured; the text says why."""


def environment() -> dict[str, str]:
    """Our variables without a proxy: what is measured goes to this machine."""
    return {
        name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")
    }


class Worker:
    """A process that measures one peer."""

    def __init__(self, peer: Peer, *, longest_seconds: float) -> None:
        """Starts it and has it import the peer.

        :raises PeerFailed: where the import fails.
        """
        self.peer = peer
        self._said = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "worker.py"), peer.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            env=environment(),
            text=True,
        )
        try:
            self._answer(longest_seconds)
        except PeerFailed:
            self.end()
            raise

    def ask(self, do: str, *, longest_seconds: float, **arguments: Any) -> dict[str, Any]:
        """Has a command done.

        :param longest_seconds: after so long it is taken to hang, and ended.
        :raises PeerFailed: where it fails, dies or hangs.
        """
        assert self._process.stdin is not None
        try:
            print(json.dumps({"do": do, **arguments}), file=self._process.stdin, flush=True)
        except OSError:
            pass
        return self._answer(longest_seconds)

    def _answer(self, longest_seconds: float) -> dict[str, Any]:
        assert self._process.stdout is not None
        ended_here = threading.Event()

        def end() -> None:
            ended_here.set()
            self._process.kill()

        deadline = threading.Timer(max(longest_seconds, 0.1), end)
        deadline.start()
        try:
            line = self._process.stdout.readline()
        finally:
            deadline.cancel()
        if not line:
            if ended_here.is_set():
                raise PeerFailed(f"no answer within {longest_seconds:.0f} s")
            raise PeerFailed(f"its process ended: {self._last_words()}")
        answer: dict[str, Any] = json.loads(line)
        if "failed" in answer:
            raise PeerFailed(answer["failed"])
        return answer

    def _last_words(self) -> str:
        self._process.wait()
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "without a word")

    def end(self) -> None:
        """Ends it. A second time does nothing."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._said):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    pass


@contextmanager
def workers(
    peers: Iterable[Peer], *, longest_seconds: float
) -> Iterator[tuple[dict[str, Worker], dict[str, str]]]:
    """A worker for each peer by its name, and why there is none for the others."""
    started: dict[str, Worker] = {}
    failures: dict[str, str] = {}
    try:
        for peer in peers:
            try:
                started[peer.name] = Worker(peer, longest_seconds=longest_seconds)
            except PeerFailed as failure:
                failures[peer.name] = str(failure)
        yield started, failures
    finally:
        for worker in started.values():
            worker.end()


class Gateway:
    """The loopback server of `bench/`, which accepts every push at once."""

    def __init__(self) -> None:
        """Starts it.

        :raises RuntimeError: where it does not start.
        """
        built = os.environ.get(GATEWAY_VARIABLE)
        program = (
            [built]
            if built
            else [
                "cargo",
                "run",
                "--release",
                "--quiet",
                "--manifest-path",
                "bench/Cargo.toml",
                "--",
            ]
        )
        self._process = subprocess.Popen(
            [*program, "serve"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=REPOSITORY,
            text=True,
        )
        assert self._process.stdout is not None
        port = self._process.stdout.readline().strip()
        if not port.isdecimal():
            self.end()
            raise RuntimeError(f"the gateway did not start: {' '.join(program)} serve")
        self.base_url = f"http://127.0.0.1:{port}"

    def tokens(self) -> int:
        """How many tokens it has handed out."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self.base_url}/tokens", timeout=10) as answer:
            return int(answer.read())

    def end(self) -> None:
        """Closes its standard input, at which it ends."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> Gateway:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
