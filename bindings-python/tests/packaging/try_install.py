"""Installs Lipia as a user does and tries it: ``python try_install.py FOLDER``.

Takes, from a folder of wheels, the one that is for this interpreter and this machine, installs it
into a new environment with no index to ask, and runs ``installed.py`` there. Needs the standard
library and pip. A source archive in the place of the folder is built and installed, which needs
Rust and an index.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

INSTALLED = Path(__file__).with_name("installed.py")

#: Of whoever calls; each would have something else imported or installed.
_STRANGE = ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_USER", "VIRTUAL_ENV")


def run(*command: str | Path) -> None:
    """Runs a program to its end; what it prints is printed."""
    environment = {name: value for name, value in os.environ.items() if name not in _STRANGE}
    subprocess.run([str(word) for word in command], env=environment, check=True)


def install(what: Path, environment: Path, interpreter: str | Path, pip: str | Path) -> Path:
    """Makes an environment of an interpreter and installs into it, with the pip of another. Returns
    its interpreter.
    """
    run(interpreter, "-m", "venv", "--without-pip", environment)
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    into = [
        pip,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--python",
        python,
        "install",
        "--quiet",
    ]
    if what.is_dir():
        run(
            *into,
            "--no-index",
            "--no-cache-dir",
            "--only-binary",
            ":all:",
            "--find-links",
            what,
            "lipia",
        )
    else:
        run(*into, what)
    return python


def main(arguments: list[str]) -> int:
    """Installs, tries, and removes what was installed."""
    if len(arguments) != 1:
        print(__doc__)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        what = Path(arguments[0]).resolve()
        python = install(what, Path(folder) / "environment", sys.executable, sys.executable)
        run(python, "-I", INSTALLED)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
