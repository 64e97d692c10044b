"""The check that a folder holds everything that is published: ``python release_contents.py FOLDER [TAG]``.

The folder has maven/, a Maven repository, and swift/, what build-xcframework makes. Ends with 1 where something is missing,
where a phone cannot load a library or the NDK did not link it, where what is published under one version is of another, and where
the tag is not the version.
"""

from __future__ import annotations

import contextlib
import hashlib
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import native
import swift_package
from android_library import ABIS, FILE, faults as faults_of_library

#: Platforms of the JVM, as JNA calls them, with what the library is called there.
JVM = {
    "linux-x86-64": "liblipia_mobile.so",
    "linux-aarch64": "liblipia_mobile.so",
    "darwin-x86-64": "liblipia_mobile.dylib",
    "darwin-aarch64": "liblipia_mobile.dylib",
    "win32-x86-64": "lipia_mobile.dll",
}


def faults(folder: Path, tag: str | None) -> Iterator[str]:
    """The faults of a release folder, a sentence each."""
    version = native.version()
    if tag is not None and tag != f"v{version}":
        yield f"The tag is {tag}, the version {version}."
    for artifact, kind in (("lipia", "jar"), ("lipia-android", "aar")):
        place = folder / "maven" / "dev" / "lipia" / artifact / version
        wanted = [
            f"{artifact}-{version}{ending}"
            for ending in (f".{kind}", ".pom", "-sources.jar", "-javadoc.jar")
        ]
        missing = [name for name in wanted if not (place / name).is_file()]
        yield from (f"{name} is missing." for name in missing)
        if wanted[0] not in missing:
            inside = (
                [f"{platform}/{name}" for platform, name in JVM.items()]
                if kind == "jar"
                else [f"jni/{abi.name}/{FILE}" for abi in ABIS]
            )
            yield from _lacking(place / wanted[0], inside)
            if kind == "aar":
                yield from _unfit(place / wanted[0])
    archive = folder / "swift" / swift_package.ARCHIVE
    manifest = folder / "swift" / "package" / "Package.swift"
    yield from (f"{path.name} is missing." for path in (archive, manifest) if not path.is_file())
    if archive.is_file() and manifest.is_file():
        text = manifest.read_text("utf-8")
        if hashlib.sha256(archive.read_bytes()).hexdigest() not in text:
            yield f"Package.swift names another checksum than that of {archive.name}."
        if f"/v{version}/{archive.name}" not in text:
            yield f"Package.swift names an archive of another version than {version}."


def _lacking(archive: Path, names: list[str]) -> Iterator[str]:
    try:
        with zipfile.ZipFile(archive) as opened:
            found = set(opened.namelist())
    except zipfile.BadZipFile:
        yield f"{archive.name} is not an archive."
        return
    yield from (f"{archive.name} lacks {name}." for name in names if name not in found)


def _unfit(aar: Path) -> Iterator[str]:
    """The faults of the libraries that an AAR has."""
    with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(aar) as opened:
        for abi in ABIS:
            name = f"jni/{abi.name}/{FILE}"
            if name in opened.namelist():
                for fault in faults_of_library(opened.read(name), abi):
                    yield f"{aar.name}, {name}: {fault}"


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
