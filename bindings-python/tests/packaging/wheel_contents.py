"""What a wheel holds, and what it must not: ``python wheel_contents.py WHEEL …`` ends with 1 where
one is at fault.

Needs no package, so that it runs on every machine that builds or publishes one.
"""

from __future__ import annotations

import configparser
import email
import os
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

BINDINGS = Path(__file__).resolve().parents[2]
ROOT = BINDINGS.parent
SOURCES = BINDINGS / "python"

#: A shop's line takes some twenty seconds for it.
LARGEST_BYTES = 5_200_000

ENTRY_POINTS = {
    "console_scripts": {"lipia": "lipia.__main__:main"},
    "pytest11": {"lipia": "lipia.pytest_plugin"},
}
LICENSES = ("LICENSE-APACHE", "LICENSE-MIT")
#: Written while a wheel is built: `.ci/third_party_licenses.py`.
THIRD_PARTY = "LICENSE-THIRD-PARTY"

NATIVE = re.compile(r"lipia/_native\.(?:.*\.)?(?:so|pyd)")

#: Folders of people's and build machines, and what cargo's and rustup's own folders are called.
_MACHINE = re.compile(
    rb"/root/|/home/|/Users/|/tmp/|/github/|/builds/|/opt/_internal|[A-Za-z]:[\\/]+(?:Users|a|_work)[\\/]"
    rb"|\.cargo[\\/]|\.rustup[\\/]|\.pyenv[\\/]|registry[\\/]src"
)
_ENDS_OF_TEXT = re.compile(rb"[\x00-\x1f\"]")


def names(wheel: Path) -> set[str]:
    """The files in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


def read(wheel: Path, name: str) -> bytes:
    """One file of a wheel. ``{}`` in the name stands for the folder of its metadata."""
    distribution, version = wheel.name.split("-")[:2]
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(name.format(f"{distribution}-{version}.dist-info"))


def tags(wheel: Path) -> tuple[str, str, str]:
    """Interpreter, ABI and platform that its name tells."""
    interpreter, abi, platform = wheel.name.removesuffix(".whl").split("-")[-3:]
    return interpreter, abi, platform


def version_of_workspace() -> str:
    """The version that every crate and the package share."""
    found = re.search(r'(?m)^version = "(.+)"', (ROOT / "Cargo.toml").read_text("utf-8"))
    assert found is not None
    return found[1]


def sources() -> dict[str, bytes]:
    """What the package is made of here, without what is built and what an interpreter leaves
    behind.
    """
    return {
        path.relative_to(SOURCES).as_posix(): path.read_bytes()
        for path in (SOURCES / "lipia").rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and path.suffix not in (".so", ".pyd", ".pyc")
    }


def local_folders() -> list[bytes]:
    """What of this machine would tell where a wheel was built: its folders, and what its cargo
    calls its registries.
    """
    cargo_home = Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")
    folders = [str(ROOT), str(cargo_home), os.environ.get("CARGO_TARGET_DIR", ""), str(Path.home())]
    registries = [folder.name for folder in (cargo_home / "registry" / "src").glob("*-*")]
    # A folder as short as `/` or `/root` stands in many a text; the general list knows those.
    return [text.encode() for text in (*folders, *registries) if len(text) > 8]


def machine_paths(content: bytes, folders: list[bytes]) -> Iterator[str]:
    """Texts that name a folder of the machine that built."""
    pattern = re.compile(b"|".join([_MACHINE.pattern, *map(re.escape, folders)]))
    for found in pattern.finditer(content):
        rest = _ENDS_OF_TEXT.split(content[found.start() : found.start() + 80], 1)[0]
        yield rest.decode("utf-8", "replace")


def faults(wheel: Path) -> Iterator[str]:
    """What is wrong with it, in sentences."""
    size = wheel.stat().st_size
    if size > LARGEST_BYTES:
        yield f"It is {size:,} bytes large; {LARGEST_BYTES:,} are allowed."
    held, expected = names(wheel), sources()
    native = {name for name in held if NATIVE.fullmatch(name)}
    if len(native) != 1:
        yield f"It holds {len(native)} native modules: {sorted(native)}."
    metadata = {name for name in held if ".dist-info/" in name}
    if missing := expected.keys() - held:
        yield f"It lacks {sorted(missing)}."
    if surplus := held - expected.keys() - native - metadata:
        yield f"It holds what is none of the package: {sorted(surplus)}."
    for name in sorted(expected.keys() & held):
        if read(wheel, name) != expected[name]:
            yield f"{name} is not the one of this tree."
    yield from faults_of_metadata(wheel, metadata)
    folders = local_folders()
    for name in sorted(held):
        if told := sorted(set(machine_paths(read(wheel, name), folders))):
            yield f"{name} tells where it was built: {told[:5]} and {max(len(told) - 5, 0)} more."


def faults_of_metadata(wheel: Path, held: set[str]) -> Iterator[str]:
    """What is wrong with what it says of itself."""
    said = email.message_from_string(read(wheel, "{}/METADATA").decode("utf-8"))
    for name, value in (
        ("Name", "lipia"),
        ("Version", version_of_workspace()),
        ("Requires-Python", ">=3.10"),
    ):
        if said[name] != value:
            yield f"Its {name} is {said[name]!r}, not {value!r}."
    needed = [text for text in said.get_all("Requires-Dist", []) if "extra ==" not in text]
    if needed:
        yield f"It needs {needed}; the package needs nothing."
    readme = (BINDINGS / "README.md").read_text("utf-8").strip()
    if not readme or str(said.get_payload()).strip() != readme:
        yield "Its long description is not bindings-python/README.md."
    for name in LICENSES:
        paths = [path for path in held if path.endswith(f"/licenses/{name}")]
        if [read(wheel, path) for path in paths] != [(ROOT / name).read_bytes()]:
            yield f"{name} is not in it as it stands in this tree."
    third_party = [read(wheel, path) for path in held if path.endswith(f"/licenses/{THIRD_PARTY}")]
    if (
        not third_party
        or b"\nring " not in third_party[0]
        or b"Permission is hereby granted" not in third_party[0]
    ):
        yield f"{THIRD_PARTY} is not in it, or holds no licences: build it with .ci/wheel."
    parser = configparser.ConfigParser(delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(read(wheel, "{}/entry_points.txt").decode("utf-8"))
    found = {section: dict(parser[section]) for section in parser.sections()}
    if found != ENTRY_POINTS:
        yield f"Its entry points are {found}."


def main(arguments: list[str]) -> int:
    """Says of each wheel how large it is and what is wrong with it."""
    wheels = [Path(argument) for argument in arguments]
    if not wheels:
        print(__doc__)
        return 2
    at_fault = False
    for wheel in wheels:
        print(f"{wheel.name}: {wheel.stat().st_size:,} bytes")
        for fault in faults(wheel):
            at_fault = True
            print(f"  {fault}")
    return int(at_fault)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
