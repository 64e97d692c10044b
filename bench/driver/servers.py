"""The servers that all peers push to. Each is a process of its own, so that its CPU time does not count for a peer."""

from __future__ import annotations

import json
import select
import subprocess
import urllib.request
from typing import Any, TypeVar

from languages import Tools

_LONGEST_SECONDS = 20.0

_Self = TypeVar("_Self", bound="Server")


class Server:
    """A part of the program `lipia-bench` that serves until its standard input closes."""

    def __init__(self, tools: Tools, *part: str) -> None:
        """Starts it.

        :raises RuntimeError: where it does not start.
        """
        assert tools.rust is not None, "nothing is measured without it"
        self._process = subprocess.Popen(
            [str(tools.rust), *part],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=tools.environment(),
        )
        try:
            self.base_url = f"http://127.0.0.1:{self._port(part)}"
        except BaseException:
            self.end()
            raise
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def _port(self, part: tuple[str, ...]) -> int:
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], _LONGEST_SECONDS)
        line = self._process.stdout.readline().strip() if ready else b""
        if not line.isdigit():
            raise RuntimeError(f"`lipia-bench {' '.join(part)}` did not start")
        return int(line)

    def ask(self, path: str, body: bytes | None = None) -> Any:
        """What it answers, read as JSON."""
        request = urllib.request.Request(self.base_url + path, data=body)
        if body is not None:
            request.add_header("Content-Type", "application/json")
        with self._opener.open(request, timeout=_LONGEST_SECONDS) as answer:
            return json.loads(answer.read())

    def end(self) -> None:
        """Closes its standard input, at which it ends."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


class Gateway(Server):
    """Accepts every push at once, and counts."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, "gateway")

    def tokens(self) -> int:
        """How many tokens it has handed out."""
        return int(self.ask("/bench/counters")["tokens"])

    def take_for_a_token(self, milliseconds: int) -> None:
        """Makes every token from now on take so long."""
        self.ask("/bench/token-milliseconds", str(milliseconds).encode())


class Sandbox(Server):
    """Lipia's sandbox, which prompts pretend phones, breaks things on request, and counts both."""

    def __init__(self, tools: Tools, time_scale: float) -> None:
        super().__init__(tools, "sandbox", str(time_scale))

    def inject(self, **fault: Any) -> None:
        """Spoils every push from now on."""
        fault = {"step": "push", "times": "forever", **fault}
        self.ask("/_sandbox/faults", json.dumps(fault).encode())

    def counters(self) -> dict[str, Any]:
        """What it has counted."""
        return dict(self.ask("/_sandbox/counters"))
