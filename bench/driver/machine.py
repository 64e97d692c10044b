"""The machine of a run, and the versions of its programs."""

from __future__ import annotations

import os
import platform
from datetime import datetime
from pathlib import Path
from typing import Any


def describe() -> dict[str, Any]:
    """Date, system, processors and load."""
    return {
        "date": datetime.now().astimezone().isoformat(timespec="seconds"),
        "system": f"{platform.system()} {platform.machine()}",
        "processors": f"{os.cpu_count()} x {_model()}",
        "load": load(),
    }


def load() -> float | None:
    """How many programs wanted a processor in the last minute, where the system counts them."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def _model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "of unknown make"
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "of unknown make")
