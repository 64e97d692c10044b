"""The code of docs/mobile.md, as sources for the compilers: `python3 guide.py FOLDER` writes FOLDER/kotlin and FOLDER/swift.

Each block is a file of declarations. What a block is given and does not declare (a Keystore, a server, a database) is in
guide_given.kt and guide_given.swift.
"""

import re
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
GUIDE = HERE.parents[1] / "docs/mobile.md"

KOTLIN_HEAD = """package guide.block{number}

import dev.lipia.*
import guide.*
import java.io.File
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.*

"""
SWIFT_HEAD = "import Foundation\nimport Lipia\n\n"


def blocks():
    """Every block of code: the line it begins at, its language, its text."""
    text = GUIDE.read_text()
    for found in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S):
        yield text.count("\n", 0, found.start()) + 1, found[1], found[2]


def write(folder):
    kotlin = folder / "kotlin/src/main/kotlin"
    swift = folder / "swift"
    kotlin.mkdir(parents=True)
    swift.mkdir(parents=True)
    shutil.copy(HERE / "guide_given.kt", kotlin)
    shutil.copy(HERE / "guide_given.swift", swift)
    for line, language, text in blocks():
        if language == "kotlin":
            (kotlin / f"Line{line}.kt").write_text(KOTLIN_HEAD.format(number=line) + text)
        elif language == "swift":
            (swift / f"line{line}.swift").write_text(SWIFT_HEAD + text)
        else:
            raise SystemExit(
                f"{GUIDE}:{line}: nobody compiles a block of '{language}': write it in kotlin or swift, or as text."
            )


if __name__ == "__main__":
    write(Path(sys.argv[1]))
