"""The module built for a Python without a GIL. `.ci/free-threaded` builds both and runs this."""

from __future__ import annotations

import os
from pathlib import Path

import installed
import pytest
import wheel_contents
from conftest import Install, in_folder, run

INTERPRETER = os.environ.get("LIPIA_FREE_THREADED_PYTHON")

pytestmark = pytest.mark.skipif(
    INTERPRETER is None, reason="LIPIA_FREE_THREADED_PYTHON names no interpreter"
)


@pytest.fixture(scope="module")
def wheel() -> Path:
    """The wheel for that interpreter."""
    return in_folder("LIPIA_FREE_THREADED_WHEEL", ".tools/wheels-free-threaded")


def test_the_wheel_has_no_fault(wheel: Path) -> None:
    assert list(wheel_contents.faults(wheel)) == []
    interpreter, abi, _ = wheel_contents.tags(wheel)
    assert abi == f"{interpreter}t"


def test_a_payment_is_made_and_the_gil_stays_off(wheel: Path, install: Install) -> None:
    python = install(Path(str(INTERPRETER)), wheel)
    printed = run(python, "-I", installed.__file__, wheel_contents.version_of_workspace())
    assert "free-threaded" in printed and printed.strip().endswith("paid")


def test_many_threads_do_everything_at_once(wheel: Path, install: Install) -> None:
    python = install(Path(str(INTERPRETER)), wheel)
    program = Path(__file__).with_name("many_threads.py")
    assert run(python, "-I", program).splitlines()[-1] == "without the GIL"
