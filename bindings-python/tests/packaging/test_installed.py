"""The wheel in an environment of its own, in every Python of this machine."""

from __future__ import annotations

from pathlib import Path

import installed
import interpreters
import many_threads
import pytest
import wheel_contents
from conftest import Install, run

FOUND = interpreters.interpreters()


def test_there_is_a_python_to_install_into() -> None:
    assert FOUND


@pytest.mark.parametrize("interpreter", FOUND, ids=lambda path: path.parent.parent.name)
def test_it_installs_with_nothing_else_and_a_payment_is_made(
    interpreter: Path, wheel: Path, install: Install
) -> None:
    python = install(interpreter, wheel)
    printed = run(python, "-I", installed.__file__, wheel_contents.version_of_workspace())
    assert printed.strip().endswith("paid")


def test_many_threads_do_everything_at_once(wheel: Path, install: Install) -> None:
    python = install(FOUND[-1], wheel)
    printed = run(python, "-I", many_threads.__file__).splitlines()
    assert printed[-1] == "with the GIL" and len(printed) == len(many_threads.CHECKS) + 1
