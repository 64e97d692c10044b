"""The paths of the files under test, which .ci/mobile-packaging builds."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
MOBILE = ROOT / "bindings-mobile"
SCRIPTS = MOBILE / "scripts"
#: Whoever imports this finds the modules of the scripts, and `r8`.
sys.path[:0] = [str(SCRIPTS), str(MOBILE / "test")]
KOTLIN = MOBILE / "kotlin"
SWIFT = MOBILE / "swift"
GENERATED_KOTLIN = (
    KOTLIN / "target" / "generated-sources" / "lipia" / "dev" / "lipia" / "lipia_mobile.kt"
)
GENERATED_SWIFT = SWIFT / "Sources" / "LipiaMobile" / "LipiaMobile.swift"
GENERATED_HEADER = SWIFT / "Sources" / "LipiaFFI" / "LipiaFFI.h"
#: What the native library is called on this machine.
LIBRARY = "liblipia_mobile.dylib" if platform.system() == "Darwin" else "liblipia_mobile.so"


def _built(variable: str, what: str) -> Path:
    value = os.environ.get(variable)
    assert value, (
        f"{variable} is not set: it names {what}. Run .ci/mobile-packaging, which builds it and sets it."
    )
    path = Path(value)
    assert path.exists(), f"{variable} is {path}, and that is not there: it names {what}."
    return path


def native_folder() -> Path:
    """The folder with the library for tests, the generator and the sandbox (.ci/mobile-bindings)."""
    return _built("LIPIA_MOBILE_NATIVE", "the folder that .ci/mobile-bindings prints")


def shipped_folder() -> Path:
    """The folder with the library as it is shipped (.ci/mobile-library)."""
    return _built("LIPIA_MOBILE_SHIPPED", "the folder that .ci/mobile-library prints")


def kotlin_jar() -> Path:
    """The Kotlin library."""
    return _built("LIPIA_KOTLIN_JAR", "the jar of bindings-mobile/kotlin")


def kotlin_testing_jar() -> Path:
    """The artifact `testing` of the Kotlin library."""
    return _built("LIPIA_KOTLIN_TESTING", "the jar that .ci/kotlin-testing-jar prints")


def scratch_folder(test: unittest.TestCase | type[unittest.TestCase]) -> Path:
    """A folder that is removed when the test, or the class of tests, has ended."""
    made = tempfile.TemporaryDirectory(prefix="lipia-packaging-")
    if isinstance(test, unittest.TestCase):
        test.addCleanup(made.cleanup)
    else:
        test.addClassCleanup(made.cleanup)
    return Path(made.name).resolve()


def run_script(
    name: str, *arguments: str | Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a script of bindings-mobile/scripts as a person does."""
    return subprocess.run(
        [sys.executable, str(SCRIPTS / name), *map(str, arguments)],
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=300,
        check=False,
    )
