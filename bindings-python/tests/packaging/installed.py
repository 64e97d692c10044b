"""What an installation must be able to do: ``python installed.py [VERSION]``.

Runs in the interpreter that Lipia was installed into, on whatever machine that is, with nothing
else installed: it needs the standard library alone. A payment is made from the prompt to the money,
against the sandbox that the package brings along. Ends with 0 and one line where all of it holds.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import os
import platform
import subprocess
import sys
import sysconfig
import tempfile
import warnings
from pathlib import Path
from typing import Any

#: Long enough for the slowest of machines; a command that has not ended by then hangs.
LONGEST_SECONDS = 60

SALE: dict[str, Any] = {"phone_number": "0712345678", "amount": 150, "account_reference": "INV-001"}


def is_free_threaded() -> bool:
    """Whether this interpreter can run without the GIL."""
    return bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


def check_import(version: str | None) -> None:
    """It is the installed package that is imported, whole, and the GIL stays as it was."""
    with warnings.catch_warnings():
        # A module that is not made for it turns the GIL on, with a warning.
        warnings.simplefilter("error")
        import lipia
        import lipia._native
    folder = Path(lipia.__file__).resolve()
    assert folder.is_relative_to(Path(sys.prefix).resolve()), (
        f"{folder} is imported, not what was installed"
    )
    assert version is None or lipia.__version__ == version, lipia.__version__
    assert importlib.metadata.version("lipia") == lipia.__version__
    for name in lipia.__all__:
        getattr(lipia, name)
    if is_free_threaded():
        assert not sys._is_gil_enabled(), "importing lipia turned the GIL on"  # type: ignore[attr-defined]


def check_payment() -> None:
    """One payment that blocks, one that is awaited, each prompted once and paid."""
    import lipia

    with lipia.Sandbox() as sandbox:
        with sandbox.daraja() as daraja:
            paid = daraja.collect(**SALE)
        assert paid.is_paid, paid
        assert sandbox.prompts == 1, sandbox.counters()

        async def collect() -> lipia.Payment:
            async with sandbox.async_daraja() as daraja:
                return await daraja.collect(**SALE)

        awaited = asyncio.run(collect())
        assert awaited.is_paid and awaited.id != paid.id, awaited
        assert sandbox.prompts == 2, sandbox.counters()


def check_command(version: str | None) -> None:
    """The command is there under both its names, and is of the same version."""
    script = Path(sysconfig.get_path("scripts")) / ("lipia.exe" if os.name == "nt" else "lipia")
    for command in ([sys.executable, "-m", "lipia"], [str(script)]):
        done = subprocess.run(
            [*command, "--version"],
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
        assert done.returncode == 0, (command, done)
        said = done.stdout.split()
        assert said == ["lipia", version or importlib.metadata.version("lipia")], (command, said)


def main(arguments: list[str]) -> int:
    """Checks everything, in an empty folder."""
    version = arguments[0] if arguments else None
    with tempfile.TemporaryDirectory() as folder:
        before = Path.cwd()
        os.chdir(folder)
        try:
            check_import(version)
            check_payment()
            check_command(version)
        finally:
            os.chdir(before)
    kind = "free-threaded" if is_free_threaded() else "with the GIL"
    machine = f"{platform.system()} {platform.machine()}"
    lipia_version = importlib.metadata.version("lipia")
    print(f"lipia {lipia_version}: {platform.python_version()} {kind}, {machine}: paid")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
