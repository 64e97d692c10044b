"""Traces in a library that tell on which machine it was made."""

from __future__ import annotations

import os
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: Folders of people's and build machines, and what cargo's and rustup's own folders are called.
_MACHINE = re.compile(
    # Texts of a library lie end to end: where "/tmp" ends and "/dev/urandom" begins, nobody's folder is named.
    rb"/root/|/home/|/Users/|/tmp/(?!(?:dev|etc|proc|sys|usr)/)|/github/|/builds/|[A-Za-z]:[\\/]+(?:Users|a|_work)[\\/]"
    rb"|\.cargo[\\/]|\.rustup[\\/]|registry[\\/]src|crates\.io"
)
_TEXT = re.compile(rb"[\x20-\x7e]{6,}")


def folders_of_this_machine() -> list[str]:
    """Where this repository, cargo's and the user's files lie."""
    cargo = os.environ.get("CARGO_HOME") or str(Path.home() / ".cargo")
    target = os.environ.get("CARGO_TARGET_DIR") or str(ROOT / "target")
    # One as short as /root stands in many a text; the general list knows those.
    return [folder for folder in (str(ROOT), cargo, target, str(Path.home())) if len(folder) > 8]


def traces(content: bytes, folders: list[str] | None = None) -> list[str]:
    """The texts in it that name a folder of a machine.

    :param folders: of this machine.
    """
    own = [folder.encode() for folder in folders_of_this_machine() if folders is None]
    own += [folder.encode() for folder in folders or ()]
    found: dict[str, None] = {}
    for line in _TEXT.findall(content):
        places = [match.start() for match in [_MACHINE.search(line)] if match]
        places += [line.find(folder) for folder in own if folder in line]
        if places:
            at = min(places)
            found[line[at : at + 80].decode("ascii")] = None
    return list(found)
