"""The SwiftPM package as apps get it, from the one that is developed in bindings-mobile/swift."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

MODULE = "LipiaFFI"
FRAMEWORK = f"{MODULE}.xcframework"
ARCHIVE = f"{FRAMEWORK}.zip"
HEADER = f"{MODULE}.h"
#: What apps import, and what their tests import beside it.
PRODUCT = "Lipia"
PRODUCTS = (PRODUCT, "LipiaTesting")
#: The endings of what is passed on: sources, DocC's articles, and what Xcode reads of privacy.
_ENDINGS = (".swift", ".md", ".xcprivacy")
_SYSTEMS = ("iOS", "macOS")


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
    #: The modules of Swift that apps compile, as they stand there, by their names.
    targets: Mapping[str, str]


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
    targets = {}
    for place in re.finditer(r'\.target\(\s*name: "(\w+)"', text):
        targets[place[1]] = _call(text, place.start())
    for product in PRODUCTS:
        if product not in targets:
            raise Unfit(f"Package.swift has no target {product}.")
    return Manifest(tools[1], platforms[1].strip().rstrip(","), oldest, targets)


def _call(text: str, start: int) -> str:
    """The call that begins somewhere, to its last parenthesis."""
    depth = 0
    for place in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0 and text[place] == ")":
            return text[start : place + 1]
    raise Unfit("Package.swift breaks off.")


def manifest_for_apps(developed: Manifest, native: str, more: str = "") -> str:
    """The manifest of the package that apps get.

    :param native: the target of the native library.
    :param more: what the manifest does after the package is declared.
    """
    targets = "".join(f"        {target},\n" for target in developed.targets.values())
    products = "".join(
        f'        .library(name: "{product}", targets: ["{product}"]),\n' for product in PRODUCTS
    )
    return f"""// swift-tools-version: {developed.tools_version}

import PackageDescription

let package = Package(
    name: "{PRODUCT}",
    platforms: [{developed.platforms}],
    products: [
{products}    ],
    targets: [
        {native},
{targets}    ],
    swiftLanguageModes: [.v6]
)
{more}"""


def sources(folder: Path, targets: Iterable[str]) -> dict[str, bytes]:
    """The Swift that an app compiles, by its paths in the package.

    :param folder: bindings-mobile/swift/Sources.
    :raises Unfit: if a part is missing.
    """
    found = {}
    for target in targets:
        files = {
            f"Sources/{path.relative_to(folder).as_posix()}": path.read_bytes()
            for path in sorted((folder / target).rglob("*"))
            if path.is_file() and path.suffix in _ENDINGS
        }
        if not any(name.endswith(".swift") for name in files):
            raise Unfit(
                f"{folder / target} holds no Swift: run .ci/mobile-bindings, which writes what is generated."
            )
        found.update(files)
    return found
