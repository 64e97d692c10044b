"""Builds the native library for one target, as it is shipped."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / ".ci"))

from shipped import (  # noqa: E402
    SEPARATOR,
    WITHOUT_UNWINDING,
    built_library,
    cargo_metadata,
    flags_without_paths,
    folders_of_crates,
    host_of,
)
from third_party_licenses import third_party_licenses  # noqa: E402

CRATE = "lipia-mobile"
MANIFEST = ROOT / "bindings-mobile" / "Cargo.toml"
LICENSES = ("LICENSE", "LICENSE-APACHE", "LICENSE-MIT")
THIRD_PARTY = "LICENSE-THIRD-PARTY"


def cargo() -> str:
    """The program, or the end of this one."""
    found = os.environ.get("CARGO") or shutil.which("cargo")
    if found is None:
        sys.exit(
            "cargo was not found: the native library is built with Rust. Install it (https://rustup.rs)."
        )
    return found


def version() -> str:
    """The version of all that is released."""
    text = (ROOT / "Cargo.toml").read_text("utf-8")
    lines = text.partition("[workspace.package]")[2].splitlines()
    return next(line.split('"')[1] for line in lines if line.startswith("version = "))


def build(
    kind: str,
    target: str | None = None,
    more_flags: Iterable[str] = (),
    environment: Mapping[str, str] | None = None,
) -> Path:
    """Runs cargo and returns the library that it made, or had made before.

    :param kind: what Rust calls it: ``cdylib`` or ``staticlib``.
    :param target: what Rust calls it; this machine where none is named.
    :param more_flags: for the compiler.
    :param environment: what is set beyond what is.
    """
    if target and not has_standard_library(target):
        sys.exit(f"Rust has no standard library for {target} here: rustup target add {target}.")
    built_with = {
        **os.environ,
        **(environment or {}),
        "CARGO_ENCODED_RUSTFLAGS": encoded_flags(kind, target, more_flags),
    }
    endings = (".a", ".lib") if kind == "staticlib" else (".so", ".dylib", ".dll")
    return built_library([cargo(), *arguments(kind, target)], built_with, "lipia_mobile", endings)


def arguments(kind: str, target: str | None) -> list[str]:
    """The arguments of cargo that build a library of one kind."""
    # One kind alone: to link the other takes a linker that knows the system, and a hundred megabytes.
    told = ["rustc", "--locked", "--package", CRATE, "--lib", "--crate-type", kind]
    told += ["--profile", os.environ.get("LIPIA_MOBILE_PROFILE") or "dist-mobile"]
    told += ["--message-format", "json-render-diagnostics"]
    return [*told, "--target", target] if target else told


def encoded_flags(kind: str, target: str | None, more_flags: Iterable[str]) -> str:
    """The compiler's flags, as cargo wants them in one variable."""
    flags = flags_without_paths(folders_of_crates(cargo_metadata(cargo(), MANIFEST)))
    if kind == "cdylib" and links_with_lld(target):
        # Functions that came out the same are kept once.
        more_flags = [*more_flags, "-Clink-arg=-Wl,--icf=all", *WITHOUT_UNWINDING]
    return SEPARATOR.join([flags, *more_flags])


def links_with_lld(target: str | None) -> bool:
    """Whether the library is linked by LLVM's linker: the NDK brings it, and Rust has its own for this one system."""
    wanted = target or host()
    return "android" in wanted or wanted == "x86_64-unknown-linux-gnu"


def host() -> str:
    """The target of this machine, as Rust names it."""
    return host_of(cargo())


def has_standard_library(target: str) -> bool:
    """Whether anything can be compiled for it."""
    compiler = os.environ.get("RUSTC") or "rustc"
    asked = [compiler, "--print", "target-libdir", "--target", target]
    told = subprocess.run(
        asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False
    )
    folder = Path(told.stdout.strip() or os.devnull)
    return told.returncode == 0 and folder.is_dir() and any(folder.glob("libstd-*"))


def licenses() -> dict[str, bytes]:
    """This project's licences, by the names of their files."""
    return {name: (ROOT / name).read_bytes() for name in LICENSES}


def licenses_of_linked(targets: Iterable[str]) -> str:
    """The licences of what is linked into the library for some targets, in one text."""
    metadata = cargo_metadata(cargo(), MANIFEST)
    # What `cargo metadata` tells is for every system, with the features that anybody in the workspace asks for.
    wanted = {crate for target in targets for crate in _linked_for(target)}
    identities = {
        package["id"]
        for package in metadata["packages"]
        if (package["name"], package["version"]) in wanted
    }
    for node in metadata["resolve"]["nodes"]:
        node["deps"] = [one for one in node["deps"] if one["pkg"] in identities]
    return third_party_licenses(metadata, CRATE)


def _linked_for(target: str) -> set[tuple[str, str]]:
    """The crates, with their versions, that a target's library is linked from."""
    command = [cargo(), "tree", "--locked", "--package", CRATE, "--edges", "normal,no-proc-macro"]
    command += ["--prefix", "none", "--format", "{p}", "--target", target]
    listed = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    crates = [line.split() for line in listed.splitlines() if line]
    return {(crate[0], crate[1].removeprefix("v")) for crate in crates}
