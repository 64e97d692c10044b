"""Programs that the tests run, and the sandbox that they pay in."""

from __future__ import annotations

import json
import subprocess
import threading
import unittest
from pathlib import Path

from surroundings import native_folder

#: The sandbox's own pass key, in which there is no money.
PASS_KEY = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"


def run(*command: str | Path, limit: int = 300) -> subprocess.CompletedProcess[str]:
    """Runs a program to its end, within seconds; what it says on stderr is in its output."""
    return subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=limit,
        check=False,
    )


def start_sandbox(test: unittest.TestCase | type[unittest.TestCase]) -> str:
    """Starts a sandbox, which ends with the test or the class of tests; its address."""
    sandbox = subprocess.Popen(
        [native_folder() / "lipia", "sandbox", "--json", "--time-scale", "100"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )

    def end() -> None:
        sandbox.kill()
        sandbox.communicate(timeout=60)

    if isinstance(test, unittest.TestCase):
        test.addCleanup(end)
    else:
        test.addClassCleanup(end)
    # One that says nothing is ended, and then its output is over.
    limit = threading.Timer(60, sandbox.kill)
    limit.start()
    line = sandbox.stdout.readline()
    limit.cancel()
    assert line, "the sandbox did not start"
    return json.loads(line)["base_url"]
