"""The installed packages: their versions, and their size on disk."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any


def version_of(name: str) -> str:
    """A distribution and its version."""
    return f"{name} {distribution(name).version}"


def size_of(name: str) -> dict[str, Any]:
    """A distribution and all that it needs, and the bytes of what each lists, compiled modules left
    out.
    """
    together = _with_dependencies(name)
    return {"bytes": sum(map(_bytes_of, together.values())), "packages": sorted(together)}


def _with_dependencies(name: str) -> dict[str, Distribution]:
    """By name. What only an extra needs is left out."""
    found: dict[str, Distribution] = {}
    waiting = [name]
    while waiting:
        one = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if one in found:
            continue
        try:
            found[one] = distribution(one)
        except PackageNotFoundError:
            if one == name:
                raise
            # A marker says that this interpreter does not need it.
            continue
        for requirement in found[one].requires or []:
            needed, _, marker = requirement.partition(";")
            word = re.match(r"[A-Za-z0-9._-]+", needed.strip())
            if word and "extra" not in marker:
                waiting.append(word.group())
    return found


def _bytes_of(one: Distribution) -> int:
    paths = [
        Path(str(file.locate())) for file in one.files or [] if "__pycache__" not in file.parts
    ]
    return sum(path.stat().st_size for path in paths if path.is_file())
