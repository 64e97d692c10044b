"""Files that scripts make: the clients for asyncio of those that block, and the native module's stub of its Rust sources."""

from __future__ import annotations

import runpy
import sys

import pytest
from repository import REPOSITORY

PACKAGE = REPOSITORY / "bindings-python"


@pytest.mark.skipif(sys.platform == "win32", reason="the file has the line ends of the repository")
@pytest.mark.parametrize("script", ["async_client.py", "native_stub.py"])
def test_files_are_what_their_script_makes(script: str) -> None:
    made = runpy.run_path(str(PACKAGE / "scripts" / script))["made"]()
    for file, text in made.items():
        checked_in = (PACKAGE / "python" / "lipia" / file).read_text("utf-8")
        assert checked_in == text, f"{file} differs: run bindings-python/scripts/{script}"
