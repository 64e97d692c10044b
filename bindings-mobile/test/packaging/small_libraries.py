"""Small native libraries for phones, made by a real compiler and linker: right ones, and ones with one thing wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

import surroundings  # noqa: F401 # It says where the scripts are.

# isort: split
import android_library
import apple_library
from android_library import Abi

#: What a library of Lipia's has, as far as packing it goes.
_SOURCE = """
unsigned ffi_lipia_mobile_uniffi_contract_version(void) { return 30; }
"""
#: What the NDK's crtbegin_so.o brings along: who linked it, and for which Android.
_NDKS_NOTE = """
__attribute__((section(".note.android.ident"), used, aligned(4)))
static const struct { unsigned name, contents, kind; char text[8]; unsigned api; } ident = {8, 4, 1, "Android", 26};
"""
_WITHOUT_CONTRACT = "int another_library(void) { return 1; }\n"


def need_compilers() -> None:
    """Skips, aloud, where there is no compiler for phones; in CI that is a failure."""
    missing = [
        program for program in ("clang", "ld.lld", "llvm-ar") if shutil.which(program) is None
    ]
    if not missing:
        return
    told = f"{', '.join(missing)} not found (Debian: apt-get install clang lld llvm)"
    if os.environ.get("CI"):
        raise AssertionError(f"{told}, and CI runs everything.")
    print(f"\nNOT RUN: packing native libraries: {told}.", file=sys.stderr)
    raise unittest.SkipTest(told)


def _run(*command: str | Path) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{command}: {done.stdout}"


def android(
    path: Path,
    abi: Abi,
    *,
    page: int = android_library.PAGE,
    needs: str | None = None,
    stripped: bool = True,
    contract: bool = True,
    by_ndk: bool = True,
    contents: bytes = b"",
) -> Path:
    """Makes an Android library.

    :param by_ndk: whether it says that the NDK linked it.
    :param needs: a library that it is linked to.
    :param contents: bytes that it holds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    clang = [
        "clang",
        f"--target={abi.clang}{android_library.MINIMUM_API}",
        "-shared",
        "-nostdlib",
        "-fPIC",
        "-fuse-ld=lld",
    ]
    linked: list[str | Path] = []
    if needs:
        other = path.with_name("needed.c")
        other.write_text("int needed(void) { return 2; }\n")
        linked = [path.with_name("needed.so")]
        _run(*clang, other, f"-Wl,-soname,{needs}", "-o", linked[0])
    source = path.with_name("library.c")
    text = _SOURCE if contract else _WITHOUT_CONTRACT
    if by_ndk:
        text += _NDKS_NOTE
    if needs:
        text += "int needed(void);\nint call(void) { return needed(); }\n"
    if contents:
        text += f"const unsigned char contents[] = {{{', '.join(map(str, contents))}}};\n"
    source.write_text(text)
    strip = ["-Wl,--strip-all"] if stripped else []
    _run(*clang, source, *linked, f"-Wl,-z,max-page-size={page}", *strip, "-o", path)
    for made in (source, *map(Path, linked)):
        made.unlink()
    return path


def large_android(path: Path, abi: Abi) -> Path:
    """Makes an Android library that is larger than one may be."""
    android(path, abi)
    # As a library that holds that much would be: its end is read by nobody.
    with path.open("ab") as library:
        library.write(b"\1" * android_library.LARGEST)
    return path


def apple(path: Path, triple: str, *, contract: bool = True, text: str = "") -> Path:
    """Makes a static library for an Apple system.

    :param triple: the system as clang calls it, such as ``arm64-apple-ios15.0-simulator``.
    :param text: that it holds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    source, compiled = (
        path.with_name("library.c"),
        path.with_name("library-with-a-name-of-some-length.o"),
    )
    held = f'const char text[] = "{text}";\n' if text else ""
    source.write_text((_SOURCE if contract else _WITHOUT_CONTRACT) + held)
    _run("clang", f"--target={triple}", "-c", source, "-o", compiled)
    path.unlink(missing_ok=True)
    # Without times and owners, as Rust makes its own.
    _run("llvm-ar", "--format=darwin", "rcsD", path, compiled)
    source.unlink()
    compiled.unlink()
    return path


#: Rust's targets, as clang calls them.
TRIPLES = {
    "aarch64-apple-ios": "arm64-apple-ios15.0",
    "aarch64-apple-ios-sim": "arm64-apple-ios15.0-simulator",
    "x86_64-apple-ios": "x86_64-apple-ios15.0-simulator",
    "aarch64-apple-darwin": "arm64-apple-macos12.0",
    "x86_64-apple-darwin": "x86_64-apple-macos12.0",
}


def all_android(folder: Path) -> Path:
    """Makes a library for each ABI, as `build-aar --libraries` wants them."""
    for abi in android_library.ABIS:
        android(folder / abi.name / android_library.FILE, abi)
    return folder


def all_apple(folder: Path) -> Path:
    """Makes a library for each target, as `build-xcframework --libraries` wants them."""
    for target, triple in TRIPLES.items():
        apple(folder / target / apple_library.FILE, triple)
    return folder
