"""One step of the preparation, with a line of progress for a slow program and a time limit for one that hangs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from languages import REPOSITORY

LOGS = REPOSITORY / ".tools/bench/logs"

#: How often a step that takes long says so.
_SAYS_EVERY_SECONDS = 20


def say(text: str) -> None:
    """Tells whoever watches; the figures go to the other channel."""
    print(text, file=sys.stderr, flush=True)


def step(
    name: str,
    about: str,
    command: Sequence[str],
    *,
    longest_seconds: float,
    environment: Mapping[str, str] | None = None,
    folder: Path = REPOSITORY,
) -> str | None:
    """Runs one step and waits for it; its output goes to a file of this name.

    :returns: why it failed, or ``None``.
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{name}.log"
    say(f"· {about}")
    began = time.monotonic()
    with log.open("wb") as output:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                cwd=folder,
                start_new_session=True,
            )
        except OSError as error:
            return f"{command[0]}: {error.strerror}"
        try:
            ended = _wait(process, log, began, longest_seconds)
        except BaseException:
            _end(process)
            raise
    if not ended:
        _end(process)
        return f"it took longer than {longest_seconds:.0f} s ({log.relative_to(REPOSITORY)})"
    if process.returncode == 0:
        return None
    return f"{last_words(log)} ({log.relative_to(REPOSITORY)})"


def _wait(
    process: subprocess.Popen[bytes], log: Path, began: float, longest_seconds: float
) -> bool:
    """Whether it ended in time. Says now and then how far it is."""
    says_next = began + _SAYS_EVERY_SECONDS
    while True:
        try:
            process.wait(timeout=0.5)
            return True
        except subprocess.TimeoutExpired:
            now = time.monotonic()
        if now - began > longest_seconds:
            return False
        if now >= says_next:
            says_next += _SAYS_EVERY_SECONDS
            say(f"    {now - began:.0f} s: {last_words(log)}")


def last_words(log: Path) -> str:
    """The line of a log that says what is wrong, or else its last."""
    lines = log.read_bytes()[-20_000:].decode(errors="replace").splitlines()
    lines = [line.strip() for line in lines if line.strip()]
    wrong = [line for line in lines if line.lower().startswith(("error", "npm err"))]
    # npm gives its own word for it first.
    wrong = [line for line in wrong if not line.startswith("npm error code")] or wrong
    told = (wrong[:1] or lines[-1:] or ["still at it"])[0]
    return told[:160]


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a step with all that it started."""
    try:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    except ProcessLookupError:
        process.wait()
