"""The APK of the app: its classes for phones by R8, native libraries for the three ABIs, aligned, and signed with a key that is
made for it.

By Android's own zipalign and apksigner, as Debian has them. **Not for phones**: Lipia's native libraries in it were linked without
the NDK (.ci/phone-libraries).
"""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import shrinking
from app import MINIMUM_API, ROOT, App, run

sys.path.insert(0, str(ROOT / "bindings-mobile" / "scripts"))

from android_library import ABIS  # noqa: E402

#: The key's password. The key is made anew each time, and is nobody's.
PASSWORD = "of a key for a minute"


@dataclass(frozen=True)
class Aar:
    """The Android library, as `build-aar` packs it."""

    path: Path
    #: Of its classes, and of its rules for R8.
    classes: Path
    rules: Path


def aar(app: App, libraries: Path, *more: str) -> Aar:
    """The AAR of native libraries that were linked without the NDK, unpacked.

    :param libraries: one folder an ABI.
    """
    repository = app.folder / "repository"
    run(
        sys.executable, ROOT / "bindings-mobile" / "scripts" / "build-aar", *more,
        "--libraries", libraries, "--classes", app.lipia, "--out", repository,
    )  # fmt: skip
    (path,) = repository.rglob("*.aar")
    unpacked = app.folder / "lipia-aar"
    with zipfile.ZipFile(path) as archive:
        archive.extractall(unpacked)
    return Aar(path, unpacked / "classes.jar", unpacked / "proguard.txt")


def build(app: App, lipia: Aar, version: str) -> Path:
    """The APK, signed.

    :param version: of R8.
    """
    unaligned, aligned = app.folder / "unaligned.apk", app.folder / "aligned.apk"
    classes = shrinking.dex(app, version, lipia.classes, lipia.rules)
    with zipfile.ZipFile(unaligned, "w", zipfile.ZIP_DEFLATED) as apk:
        with zipfile.ZipFile(app.resources) as resources:
            for entry in resources.infolist():
                # Android reads the table of resources where it lies.
                apk.writestr(entry, resources.read(entry), entry.compress_type)
        with zipfile.ZipFile(classes) as dexes:
            for name in sorted(name for name in dexes.namelist() if name.endswith(".dex")):
                apk.writestr(name, dexes.read(name))
        for name, content in native_libraries(app, lipia.path):
            # Android loads them from where they lie.
            apk.writestr(name, content, zipfile.ZIP_STORED)
    run("zipalign", "-f", "-p", "4", unaligned, aligned)
    return sign(aligned, app.folder / "till.apk")


def native_libraries(app: App, lipia: Path) -> Iterator[tuple[str, bytes]]:
    """The libraries in Lipia's AAR and in those of others, by their places in an APK, as far as `abiFilters` lets them in."""
    wanted = [f"jni/{abi.name}/" for abi in ABIS]
    for path in [lipia, *sorted((app.brought / "app").glob("*.aar"))]:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith(".so") and name.startswith(tuple(wanted)):
                    yield f"lib/{name.removeprefix('jni/')}", archive.read(name)


def sign(apk: Path, signed: Path) -> Path:
    """The APK with the signature of a key that is made for it."""
    store = signed.with_suffix(".p12")
    store.unlink(missing_ok=True)
    run(
        "keytool", "-genkeypair", "-keystore", store, "-storetype", "PKCS12", "-storepass", PASSWORD, "-alias", "till",
        "-keyalg", "RSA", "-keysize", "2048", "-validity", "1", "-dname", "CN=A till for a minute",
    )  # fmt: skip
    run(
        "apksigner", "sign", "--ks", store, "--ks-pass", f"pass:{PASSWORD}", "--ks-key-alias", "till",
        "--min-sdk-version", str(MINIMUM_API), "--out", signed, apk,
    )  # fmt: skip
    return signed
