"""R8, which shrinks apps, as Android's build tools run it for a release: in full mode."""

from __future__ import annotations

import re
import subprocess
import zipfile
from collections.abc import Iterable
from pathlib import Path

#: The versions that Android's build tools come with: the last of 8, and 9.
VERSIONS = ("8.13.6", "9.5.28")


def command(
    jar: Path, out: Path, rules: Iterable[Path], libraries: Iterable[Path], program: Iterable[Path], *how: str
) -> list[str | Path]:  # fmt: skip
    """The command that shrinks a program.

    :param jar: R8 itself.
    :param rules: files of what is kept.
    :param libraries: what the program calls and is not part of it.
    :param how: ``--classfile`` for classes that run on a JVM, or ``--min-api`` and a number for a phone's.
    """
    return [
        # For a minute: what would be optimised takes longer than what is saved.
        "java", "-Xmx2g", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", jar, "com.android.tools.r8.R8",
        "--release", "--output", out, *how,
        *(part for path in rules for part in ("--pg-conf", path)),
        *(part for path in libraries for part in ("--lib", path)),
        *program,
    ]  # fmt: skip


def jar_of(folder: Path, jar: Path) -> Path:
    """A folder of classes as a jar."""
    with zipfile.ZipFile(jar, "w") as classes:
        for path in sorted(folder.rglob("*.class")):
            classes.write(path, path.relative_to(folder))
    return jar


def java_home() -> Path:
    """The JDK that `java` is of."""
    told = subprocess.run(
        ["java", "-XshowSettings:properties", "-version"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True,
    ).stdout  # fmt: skip
    found = re.search(r"java\.home = (.+)", told)
    assert found, told
    return Path(found[1])
