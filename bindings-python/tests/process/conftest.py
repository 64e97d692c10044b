"""Programs in processes of their own, observed from outside."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable

import pytest

#: A program that has not ended by then hangs.
LONGEST_SECONDS = 60

#: What every program begins with. Phones differ, since a customer with an open prompt is busy, and none ends with digits
#: that the sandbox gives a meaning to.
PREAMBLE = """
import itertools, os, sys
import lipia
_count = itertools.count(1)
def sale():
    number = (os.getpid() % 9973) * 97 + next(_count)
    phone_number = "071%03d4%03d" % divmod(number, 1000)
    return dict(phone_number=phone_number, amount=1, account_reference="INV-001")
"""

Run = Callable[..., str]


@pytest.fixture
def run() -> Run:
    """Runs a program to its end and returns what it printed."""

    def run_program(program: str, *arguments: str, longest_seconds: float = LONGEST_SECONDS) -> str:
        done = subprocess.run(
            [sys.executable, "-c", PREAMBLE + textwrap.dedent(program), *arguments],
            capture_output=True,
            text=True,
            timeout=longest_seconds,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run_program
