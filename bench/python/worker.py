"""The process in which one peer is measured, so that its CPU time, its memory and its mistakes are
its own.

``python worker.py PEER`` reads commands, a JSON object a line, and answers each with one; so do
`bench/node/worker.mjs` and `bench/rust/worker`.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import os
import platform
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from packages import size_of, version_of
from peers.sale import Where

#: Numbers the sales. One library answers a second push of the same sale from its own memory.
_sales = count(1)


def _reference() -> str:
    return f"INV-{next(_sales):06d}"


class Work:
    """What can be asked of a peer: a method a command, its arguments by name."""

    def __init__(self, peer: str) -> None:
        self._peer: Any = importlib.import_module(f"peers.{peer}")
        self._client: Any = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def about(self) -> dict[str, Any]:
        """What it is made of: a figure means little without its versions."""
        distribution = getattr(self._peer, "DISTRIBUTION", None)
        language = f"{platform.python_implementation()} {platform.python_version()}"
        # What has no distribution of its own is Python's.
        version = language if distribution is None else version_of(distribution)
        return {"language": language, "version": version}

    def make(self, where: dict[str, Any], mode: str) -> dict[str, Any]:
        """Makes the client: one that blocks, or one for asyncio on an event loop that stays."""
        if mode == "asyncio":
            self._loop = asyncio.new_event_loop()
            self._client = self._loop.run_until_complete(self._peer.make_async(Where(**where)))
        else:
            self._client = self._peer.make(Where(**where))
        return {}

    def push(self, pieces: int, in_flight: int) -> dict[str, Any]:
        """Pushes so often, so many at a time where the client is one for asyncio."""
        if self._loop is not None:
            return self._push_from_tasks(self._loop, pieces, in_flight)
        push, client = self._peer.push, self._client

        def work() -> None:
            for _ in range(pieces):
                push(client, _reference())

        return _measured(work)

    def _push_from_tasks(
        self, loop: asyncio.AbstractEventLoop, pieces: int, in_flight: int
    ) -> dict[str, Any]:
        push, client = self._peer.push_async, self._client

        async def one_after_the_other(turns: Iterator[int]) -> None:
            for _ in turns:
                await push(client, _reference())

        async def all_of_them() -> None:
            turns = iter(range(pieces))
            if in_flight == 1:
                await one_after_the_other(turns)
            else:
                await asyncio.gather(*(one_after_the_other(turns) for _ in range(in_flight)))

        return _measured(lambda: loop.run_until_complete(all_of_them()))

    def parse(self, pieces: int, body: str) -> dict[str, Any]:
        """Reads a callback so often."""
        parse, raw = self._peer.parse, body.encode()

        def work() -> None:
            for _ in range(pieces):
                parse(raw)

        return _measured(work)

    def push_once(self) -> dict[str, Any]:
        """Pushes once, and tells how that ended."""
        if self._loop is not None:
            return {"ended": self._loop.run_until_complete(self._at_once_from_tasks(1))[0]}
        try:
            self._peer.push(self._client, _reference())
        except Exception as error:
            return {"ended": type(error).__name__}
        return {"ended": "accepted"}

    def push_at_once(self, pieces: int) -> dict[str, Any]:
        """Pushes so often at the same moment, from as many threads or tasks, and tells how each
        ended.
        """
        if self._loop is not None:
            return {"ended": self._loop.run_until_complete(self._at_once_from_tasks(pieces))}
        start, ended = threading.Barrier(pieces), []

        def one() -> None:
            start.wait()
            ended.append(self.push_once()["ended"])

        threads = [threading.Thread(target=one) for _ in range(pieces)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return {"ended": ended}

    async def _at_once_from_tasks(self, pieces: int) -> list[str]:
        pushes = (self._peer.push_async(self._client, _reference()) for _ in range(pieces))
        results = await asyncio.gather(*pushes, return_exceptions=True)
        return [
            type(result).__name__ if isinstance(result, BaseException) else "accepted"
            for result in results
        ]

    def size(self) -> dict[str, Any]:
        """What is installed of the peer, with all that it needs."""
        return size_of(self._peer.DISTRIBUTION)

    def memory(self) -> dict[str, Any]:
        """What this process has resident now, and had at its peak, in bytes."""
        peak = peak_resident_bytes()
        return {"peak_bytes": peak, "resident_bytes": _of_this_process("VmRSS:") or peak}


def _measured(work: Callable[[], None]) -> dict[str, Any]:
    # Rubbish of what came before is not this work's.
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return {"cpu_seconds": cpu, "wall_seconds": wall}


def _of_this_process(name: str) -> int | None:
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            for line in status:
                if line.startswith(name):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None


def peak_resident_bytes() -> int:
    """The peak of this program alone. ``ru_maxrss`` would begin with the peak of the process that
    started it.
    """
    peak = _of_this_process("VmHWM:")
    if peak is not None:
        return peak
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


#: Longer than any run: a worker that hangs while nobody is left to end it ends then.
_LONGEST_LIFE_SECONDS = 600


def main() -> None:
    if hasattr(signal, "alarm"):
        signal.alarm(_LONGEST_LIFE_SECONDS)
    # Answers have a channel of their own: whatever a library prints goes to the other one.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def answer(data: dict[str, Any]) -> None:
        print(json.dumps(data), file=answers, flush=True)

    try:
        work = Work(sys.argv[1])
        answer(work.about())
    except Exception as error:
        answer({"failed": f"{type(error).__name__}: {error}"})
        return
    for line in sys.stdin:
        command = json.loads(line)
        try:
            answer(getattr(work, command.pop("do"))(**command))
        except Exception as error:
            answer({"failed": f"{type(error).__name__}: {error}"})


if __name__ == "__main__":
    main()
