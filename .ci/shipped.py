"""What every binary that is shipped is built with: flags that keep the paths of the machine out of it.

Panic messages hold the paths of source files: those of the machine that builds are replaced, so that a binary tells nothing
about it and comes out the same wherever it is built.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
#: What stands between the flags in the variable that, unlike RUSTFLAGS, allows paths with spaces.
SEPARATOR = "\x1f"


def cargo_metadata(cargo: str, manifest: Path) -> dict[str, Any]:
    """What cargo knows of the packages, all of which it has fetched then."""
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
    """Where cargo keeps the sources of what is depended on: one folder for each registry."""
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
