"""Where and with what a run was made."""

from __future__ import annotations

import os
import platform
import sys
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from peers import PEERS


def describe() -> dict[str, Any]:
    """Date, interpreter, processors, load and versions."""
    return {
        "date": datetime.now().astimezone().isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "processors": os.cpu_count(),
        "load": load(),
        "versions": _versions(),
    }


def load() -> float | None:
    """How many programs wanted a processor in the last minute, where the system counts them."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def _versions() -> dict[str, str]:
    versions = {}
    for name in sorted({peer.distribution for peer in PEERS if peer.distribution}):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "not installed"
    if versions.get("lipia") == "not installed":
        try:
            import lipia

            versions["lipia"] = f"{lipia.__version__}, from its source folder"
        except ImportError:
            pass
    return versions
