"""The build of every library that is shipped: by cargo, with flags that keep the paths of the machine out of it.

Panic messages hold the paths of source files: those of the machine that builds are replaced, so that a binary tells nothing
about it and comes out the same wherever it is built.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
#: Flags that make the linker leave out the tables for unwinding, where nothing unwinds: rustc's own switch does nothing
#: where all is optimised as one. Rust's own linker takes the script; the NDK's, which is LLD too, was not tried.
WITHOUT_UNWINDING = (
    f"-Clink-arg={ROOT / '.ci' / 'no_unwinding.ld'}",
    "-Clink-arg=-Wl,--no-eh-frame-hdr",
)
#: The separator of flags in the variable that, unlike RUSTFLAGS, allows paths with spaces.
SEPARATOR = "\x1f"


def host_of(cargo: str) -> str:
    """The target that is built for where none is named."""
    told = subprocess.run([cargo, "-vV"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return next(
        line.removeprefix("host: ") for line in told.splitlines() if line.startswith("host: ")
    )


def built_library(
    command: list[str], environment: dict[str, str], name: str, endings: tuple[str, ...]
) -> Path:
    """Runs cargo, and returns the library that it made, or had made before; without one, ends this program.

    :param command: with ``--message-format json-render-diagnostics``.
    :param name: of the crate's library target.
    :param endings: of the file that is wanted; one target may make several.
    """
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.returncode)
    for line in done.stdout.splitlines():
        message = json.loads(line)
        if message["reason"] == "compiler-artifact" and message["target"]["name"] == name:
            for file in message["filenames"]:
                if file.endswith(endings):
                    return Path(file)
    sys.exit(f"cargo built no library {name}.")


def put(content: bytes, path: Path) -> None:
    """Puts a file in its place at once: a process that has the old one loaded keeps it."""
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.write_bytes(content)
    beside.replace(path)


def cargo_metadata(cargo: str, manifest: Path) -> dict[str, Any]:
    """Cargo's metadata of the packages, all of which it has fetched then."""
    command = [
        cargo,
        "metadata",
        "--locked",
        "--format-version",
        "1",
        "--manifest-path",
        str(manifest),
    ]
    listed = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    metadata: dict[str, Any] = json.loads(listed)
    return metadata


def folders_of_crates(metadata: dict[str, Any]) -> list[Path]:
    """The folders in which cargo keeps the sources of dependencies: one for each registry."""
    manifests = [
        Path(package["manifest_path"]) for package in metadata["packages"] if package["source"]
    ]
    return sorted({manifest.parent.parent for manifest in manifests})


def replacements(crates: list[Path]) -> list[tuple[Path, str]]:
    """Folders, and what stands for them. Of several that begin a path the compiler takes the last."""
    cargo_home = Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")
    target = os.environ.get("CARGO_TARGET_DIR")
    general = [(cargo_home, "cargo"), (ROOT, "lipia")]
    if Path.home() != Path(Path.home().anchor):
        general.insert(0, (Path.home(), "home"))
    if target:
        general.append((Path(target).resolve(), "target"))
    return general + [(folder, "crates") for folder in crates]


def flags_without_paths(crates: list[Path]) -> str:
    """The compiler's flags, after those that are set already."""
    encoded = os.environ.get("CARGO_ENCODED_RUSTFLAGS")
    flags = encoded.split(SEPARATOR) if encoded else os.environ.get("RUSTFLAGS", "").split()
    flags += [f"--remap-path-prefix={folder}={name}" for folder, name in replacements(crates)]
    return SEPARATOR.join(flags)
