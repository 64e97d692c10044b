"""The wheel as it was built, installed into environments of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import try_install
import wheel_contents

#: What has not ended by then hangs.
LONGEST_SECONDS = 180

#: Makes an environment of an interpreter, installs a wheel into it, and returns the environment's
#: interpreter.
Install = Callable[[Path, Path], Path]


def in_folder(variable: str, folder: str) -> Path:
    """The wheel that a variable names, or the only one in a folder of the tree."""
    named = os.environ.get(variable)
    found = [Path(named)] if named else sorted((wheel_contents.ROOT / folder).glob("*.whl"))
    if len(found) != 1 or not found[0].is_file():
        pytest.fail(
            f"One wheel is needed and {found} is there: build it, or set {variable} to its path."
        )
    return found[0].resolve()


@pytest.fixture(scope="session")
def wheel() -> Path:
    """The wheel for every Python from 3.10 on."""
    return in_folder("LIPIA_WHEEL", ".tools/wheels")


def run(*command: str | Path) -> str:
    """Runs a program to its end, without what this environment would add to it, and returns what it
    printed.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "PIP_", "LIPIA_"))
    }
    done = subprocess.run(
        [str(word) for word in command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture
def install(tmp_path: Path) -> Install:
    """Installs into an empty environment, from the wheel alone: no index is asked, so nothing else
    can come along.
    """

    def install_into_new(interpreter: Path, wheel: Path) -> Path:
        wheels = tmp_path / "wheels"
        wheels.mkdir()
        shutil.copy(wheel, wheels)
        return try_install.install(wheels, tmp_path / "environment", interpreter, sys.executable)

    return install_into_new
