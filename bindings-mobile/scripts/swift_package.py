"""The SwiftPM package as apps get it, from the one that is developed in bindings-mobile/swift."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MODULE = "LipiaFFI"
FRAMEWORK = f"{MODULE}.xcframework"
ARCHIVE = f"{FRAMEWORK}.zip"
HEADER = f"{MODULE}.h"
#: As the package says them, as the objects of a library say them.
_SYSTEMS = {"iOS": "iOS", "macOS": "macOS"}


class Unfit(ValueError):
    """The package that is developed cannot be passed on. Its message is a sentence."""


@dataclass(frozen=True)
class Manifest:
    """What of the package's manifest holds for apps too."""

    tools_version: str
    #: As it stands there: ``.iOS(.v15), .macOS(.v12)``.
    platforms: str
    #: The oldest version of each system, by its name.
    oldest: Mapping[str, tuple[int, int]]


def manifest(text: str) -> Manifest:
    """Reads the manifest that is developed.

    :raises Unfit: if it does not say what apps have to know.
    """
    tools = re.match(r"// swift-tools-version: *([\d.]+)", text)
    platforms = re.search(r"platforms: *\[(.*?)\]", text, re.DOTALL)
    if not tools or not platforms:
        raise Unfit("Package.swift says no swift-tools-version or no platforms.")
    listed = re.findall(r"\.(\w+)\(\.v(\d+)(?:_(\d+))?\)", platforms[1])
    oldest = {name: (int(major), int(minor or 0)) for name, major, minor in listed}
    missing = [name for name in _SYSTEMS if name not in oldest]
    if missing:
        raise Unfit(f"Package.swift does not say which {' and '.join(missing)} it needs.")
    return Manifest(tools[1], platforms[1].strip().rstrip(","), oldest)


def manifest_for_apps(developed: Manifest, binary: str) -> str:
    """The manifest of the package that apps get.

    :param binary: where the native library is, as arguments of a binary target.
    """
    return f"""// swift-tools-version: {developed.tools_version}

import PackageDescription

let package = Package(
    name: "Lipia",
    platforms: [{developed.platforms}],
    products: [.library(name: "Lipia", targets: ["Lipia"])],
    targets: [
        .binaryTarget(name: "{MODULE}", {binary}),
        .target(name: "Lipia", dependencies: ["{MODULE}"]),
    ],
    swiftLanguageModes: [.v6]
)
"""


def sources(folder: Path) -> dict[str, bytes]:
    """The Swift that an app compiles, by its paths in the package.

    :param folder: bindings-mobile/swift/Sources.
    :raises Unfit: if a part is missing.
    """
    found = {
        f"Sources/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in sorted((folder / "Lipia").rglob("*"))
        if path.is_file() and path.suffix in (".swift", ".md", ".tutorial")
    }
    if not any(name.endswith("/Generated/LipiaMobile.swift") for name in found):
        raise Unfit(f"{folder / 'Lipia' / 'Generated' / 'LipiaMobile.swift'} is missing: run .ci/mobile-bindings, which writes it.")
    if all("/Generated/" in name for name in found):
        raise Unfit(f"{folder / 'Lipia'} holds nothing but what is generated.")
    return found
