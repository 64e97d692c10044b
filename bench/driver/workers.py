"""One process for each peer that is measured. It ends with the block that started it, and by itself when its standard input
closes.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import threading
from typing import Any

from languages import REPOSITORY, NotThere, Tools
from peers import Peer


class PeerFailed(Exception):
    """A peer cannot be measured; the text says why."""


class Worker:
    """A process that measures one peer."""

    def __init__(self, tools: Tools, peer: Peer, *, longest_seconds: float) -> None:
        """Starts it and has it load the peer.

        :raises PeerFailed: where it cannot.
        """
        self.peer = peer
        try:
            command = tools.command(peer)
        except NotThere as reason:
            raise PeerFailed(str(reason)) from None
        self._said = tempfile.TemporaryFile()
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
                env=tools.environment(),
                cwd=REPOSITORY,
                text=True,
            )
        except OSError as error:
            self._said.close()
            raise PeerFailed(f"its program does not start: {error}") from error
        try:
            #: What it tells of itself: the versions of its library and of its language.
            self.about = self._answer(longest_seconds)
        except BaseException:
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
            # It has died; why, its answer says.
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
        if ended_here.is_set():
            raise PeerFailed(f"no answer within {longest_seconds:.0f} s")
        if not line:
            raise PeerFailed(f"its process ended: {self._last_words()}")
        try:
            answer: dict[str, Any] = json.loads(line)
        except ValueError:
            raise PeerFailed(f"its answer is no JSON: {line[:80]!r}") from None
        if "failed" in answer:
            raise PeerFailed(" ".join(str(answer["failed"]).split())[:300])
        return answer

    def _last_words(self) -> str:
        self._process.wait()
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "without a word")[:300]

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

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
