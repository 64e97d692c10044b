"""The Pythons of this machine that the package is for: ``python interpreters.py`` lists them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 10)
#: Well past what exists.
NEWEST_MINOR = 30

#: What an interpreter says of itself. One that cannot make environments is of no use here.
_QUESTION = """
import json, sys, sysconfig, venv
free_threaded = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
print(json.dumps([sys.implementation.name, sys.version_info[:3], free_threaded, sys.executable]))
"""


def candidates() -> list[Path]:
    """Where interpreters may be: this one, those on PATH, and those that pyenv built."""
    names = [f"python3.{minor}" for minor in range(OLDEST[1], NEWEST_MINOR)]
    on_path = [shutil.which(name) for name in ("python3", *names)]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    built = sorted((pyenv / "versions").glob("3.*/bin/python3"))
    return [Path(sys.executable), *(Path(path) for path in on_path if path), *built]


def ask(interpreter: Path) -> tuple[tuple[int, ...], Path] | None:
    """Version and path of a CPython with a GIL that is new enough, if it is one."""
    try:
        done = subprocess.run(
            [interpreter, "-I", "-c", _QUESTION], capture_output=True, timeout=30, check=False
        )
        name, version, free_threaded, executable = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    if name != "cpython" or free_threaded or tuple(version[:2]) < OLDEST:
        return None
    return tuple(version), Path(executable)


def interpreters() -> list[Path]:
    """One CPython of each version from 3.10 on, the oldest first."""
    found: dict[tuple[int, ...], Path] = {}
    for candidate in candidates():
        if answer := ask(candidate):
            found.setdefault(answer[0][:2], answer[1])
    return [path for _, path in sorted(found.items())]


if __name__ == "__main__":
    print("\n".join(map(str, interpreters())))
