"""The check that a folder holds everything that is published: ``python release_contents.py FOLDER [TAG]``.

A release that lacks a platform makes pip build from source there, on a machine without Rust. Ends
with 1 where something is missing or too much, and where the tag is not the version.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import wheel_contents

#: Platforms as the ends of wheels' names have them, each in full: pip reads no patterns either.
PLATFORMS = (
    "macosx_11_0_arm64",
    "macosx_11_0_x86_64",
    "manylinux2014_aarch64.manylinux_2_17_aarch64",
    "manylinux2014_x86_64.manylinux_2_17_x86_64",
    "musllinux_1_2_aarch64",
    "musllinux_1_2_x86_64",
    "win_amd64",
    "win_arm64",
)
#: One wheel for every Python with a GIL, and one for each without that PyO3 supports.
INTERPRETERS = ("cp310-abi3", "cp314-cp314t")


def expected(version: str) -> set[str]:
    """The names of all that is published."""
    wheels = {
        f"lipia-{version}-{interpreter}-{platform}.whl"
        for interpreter in INTERPRETERS
        for platform in PLATFORMS
    }
    return {*wheels, f"lipia-{version}.tar.gz"}


def faults(folder: Path, tag: str | None) -> Iterator[str]:
    """What is wrong, in sentences."""
    version = wheel_contents.version_of_workspace()
    if tag is not None and tag != f"v{version}":
        yield f"The tag is {tag}, the version {version}."
    found, needed = {path.name for path in folder.iterdir()}, expected(version)
    yield from (f"{name} is missing." for name in sorted(needed - found))
    yield from (f"{name} is none of a release." for name in sorted(found - needed))


def main(arguments: list[str]) -> int:
    """Prints the faults."""
    if len(arguments) not in (1, 2):
        print(__doc__)
        return 2
    told = list(faults(Path(arguments[0]), arguments[1] if len(arguments) == 2 else None))
    print("\n".join(told) or "Everything is there.")
    return int(bool(told))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
