"""The size of Lipia's wheel, and what each library takes on disk with all that it depends on."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from bench_run import Run
from peers import PEERS
from processes import REPOSITORY
from report import Row, Section, failure_row, mebibytes

_WHEELS = REPOSITORY / ".tools/wheels"


def measure(_: Run) -> Section:
    rows = []
    for wheel in sorted(_WHEELS.glob("*.whl")):
        size = wheel.stat().st_size
        rows.append(Row(wheel.name, mebibytes(size), "the wheel", numbers={"bytes": size}))
    if not rows:
        rows.append(failure_row("lipia's wheel", "none was built; .ci/python builds one"))
    seen = set()
    for peer in PEERS:
        name = peer.distribution
        if name is None or name in seen:
            continue
        seen.add(name)
        try:
            rows.append(_installed(name))
        except PackageNotFoundError:
            rows.append(failure_row(f"{name} installed", "it is not installed"))
    return Section("Size on disk", rows)


def _installed(name: str) -> Row:
    together = _with_dependencies(name)
    size = sum(map(_bytes_of, together.values()))
    others = len(together) - 1
    detail = f"with {others} other distribution{'' if others == 1 else 's'}" if others else "alone"
    return Row(
        f"{name} installed",
        mebibytes(size),
        detail,
        numbers={"bytes": size, "distributions": sorted(together)},
    )


def _with_dependencies(name: str) -> dict[str, Distribution]:
    """A distribution and all that it needs, by name. What only an extra needs is left out."""
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
