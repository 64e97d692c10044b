"""The clients for asyncio are made from those that block."""

from __future__ import annotations

import runpy
import sys

import pytest
from repository import REPOSITORY


@pytest.mark.skipif(sys.platform == "win32", reason="the file has the line ends of the repository")
def test_the_async_client_is_what_the_script_makes() -> None:
    package = REPOSITORY / "bindings-python"
    script = runpy.run_path(str(package / "scripts" / "async_client.py"))
    checked_in = (package / "python" / "lipia" / "_async_client.py").read_text("utf-8")
    assert checked_in == script["made"](), "run bindings-python/scripts/async_client.py"
