"""The licences of what is linked into the native module: a binary that is passed on has to bring
them along.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

_NAMES = ("license", "licence", "copying", "copyright", "notice", "unlicense")

_HEAD = """The native module of this package is linked from the crates below, each under its own
licence. Where one offers the Apache License 2.0, its text is LICENSE-APACHE beside this file; the
other texts follow.
"""


#: Whose packages have no licence in them, although it asks to be passed on: the copyright lines of their repositories, over
#: the text of the MIT License.
_MIT_OF_REPOSITORY = {
    "https://github.com/napi-rs/napi-rs": (
        "Copyright (c) 2018 GitHub",
        "Copyright (c) 2020 LongYinan",
    ),
}

#: What the Mozilla Public License asks of who passes a program on: to say where the source is that it was made from.
_MPL = """This is under the Mozilla Public License 2.0, which stands at https://www.mozilla.org/MPL/2.0/. Its source code,
which was not changed, is version {version} of {name} in {repository}."""


#: What a package has within it that is not the package's own.
_COMPILED_IN = {"libsqlite3-sys": ", with the source of SQLite, which is in the public domain"}


def linked(metadata: dict[str, Any], root: str) -> list[dict[str, Any]]:
    """The packages that `root` is linked from, on whatever platform, but for the workspace's own.

    :param metadata: what `cargo metadata` tells.
    """
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    waiting = [identity for identity, package in packages.items() if package["name"] == root]
    found: set[str] = set()
    while waiting:
        identity = waiting.pop()
        if identity not in found:
            found.add(identity)
            # A kind of `None` is a dependency of the library itself, not of its build or its tests.
            waiting += [
                dependency["pkg"]
                for dependency in nodes[identity]["deps"]
                if any(kind["kind"] is None for kind in dependency["dep_kinds"])
            ]
    elsewhere = [packages[identity] for identity in found if packages[identity]["source"]]
    return sorted(elsewhere, key=lambda package: (package["name"], package["version"]))


def texts_of(package: dict[str, Any]) -> list[str]:
    """The licences and notices that lie in a package's folder, but for the Apache License."""
    folder = Path(package["manifest_path"]).parent
    files = [
        path
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name.lower().startswith(_NAMES)
    ]
    holders = _MIT_OF_REPOSITORY.get(str(package["repository"]).rstrip("/"))
    if not files and holders and package["license"] == "MIT":
        return [mit_of(holders)]
    if not files and package["license"] == "MPL-2.0" and package["repository"]:
        return [_MPL.format_map(package)]
    if not files and offers_apache(package["license"] or ""):
        return []
    if not files:
        raise SystemExit(
            f"{package['name']} {package['version']} brings no licence along: what is it under?"
        )
    texts = [path.read_text("utf-8", "replace").strip() for path in files]
    return [text for text in texts if not is_apache(text)]


def offers_apache(license: str) -> bool:
    """Whether a package may be passed on under the Apache License alone, whose text goes along."""
    return "Apache-2.0" in license.replace("/", " OR ").split(" OR ")


def mit_of(holders: tuple[str, ...]) -> str:
    """The MIT License, granted by others than this project."""
    own = (Path(__file__).parents[1] / "LICENSE-MIT").read_text("utf-8").strip()
    head, _, rest = own.partition("Permission is hereby granted")
    title = head.splitlines()[0] if not head.startswith("Copyright") else "MIT License"
    return "\n\n".join([title, "\n".join(holders), f"Permission is hereby granted{rest}"])


def is_apache(text: str) -> bool:
    """Whether it is the text of the Apache License, with or without its appendix filled in."""
    words = " ".join(text.split()[:12]).lower()
    return words.startswith("apache license version 2.0") and "END OF TERMS AND CONDITIONS" in text


def third_party_licenses(metadata: dict[str, Any], root: str) -> str:
    """One text: the crates with what each is under, and every licence once."""
    packages = linked(metadata, root)
    holders: dict[str, list[str]] = defaultdict(list)
    originals: dict[str, str] = {}
    for package in packages:
        for text in texts_of(package):
            # Lines are broken in different places.
            key = " ".join(text.split())
            originals.setdefault(key, text)
            holders[key].append(package["name"])
    crates = [
        f"{package['name']} {package['version']}: {package['license']}"
        f"{_COMPILED_IN.get(package['name'], '')}"
        for package in packages
    ]
    parts = [_HEAD, "\n".join(crates) + "\n"]
    for key, names in sorted(holders.items(), key=lambda item: item[1]):
        unique = list(dict.fromkeys(names))
        parts.append(f"{'-' * 80}\n{', '.join(unique)}\n\n{originals[key]}\n")
    return "\n".join(parts)
