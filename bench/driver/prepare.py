"""The preparation of a run: builds Lipia as it is shipped, and installs the peers from the registries.

What cannot be had is noted, and its rows say why; without the Rust program, which is the gateway too, there is no bench.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Collection
from pathlib import Path

from languages import BENCH, REPOSITORY, Tools
from peers import LANGUAGE_TITLES
from steps import say, step

_HOME = REPOSITORY / ".tools/bench"
_WHEELS = REPOSITORY / ".tools/wheels"
_TARBALLS = REPOSITORY / ".tools/node"

#: Longer than a slow machine takes; one that hangs ends.
_BUILD_SECONDS = 1_800
_INSTALL_SECONDS = 300


class CannotMeasure(Exception):
    """Nothing can be measured at all; the text says why."""


def prepare(languages: Collection[str], *, as_built: bool) -> Tools:
    """Has everything there that can be had.

    :param as_built: takes Lipia's packages for Python and Node as they stand in `.tools`, where they do.
    :raises CannotMeasure: where there is no Rust program.
    """
    tools = Tools()
    _rust(tools, with_peer="rust" in languages)
    if "python" in languages:
        _python(tools, as_built=as_built)
    if "node" in languages:
        _node(tools, as_built=as_built)
    for name, reason in tools.missing.items():
        say(f"  ! {LANGUAGE_TITLES.get(name, name)}: {reason}")
    return tools


def _rust(tools: Tools, *, with_peer: bool) -> None:
    cargo = os.environ.get("CARGO") or "cargo"
    if shutil.which(cargo) is None:
        raise CannotMeasure("cargo was not found: install Rust.")
    target = Path(os.environ.get("CARGO_TARGET_DIR") or BENCH / "target").resolve()

    def build(name: str, manifest: Path, about: str) -> str | None:
        command = [cargo, "build", "--release", "--locked", "--manifest-path", str(manifest)]
        command += ["--target-dir", str(target)]
        return step(name, about, command, longest_seconds=_BUILD_SECONDS)

    about = "the gateway, the sandbox and the Rust client (some minutes the first time)"
    reason = build("rust", BENCH / "rust/Cargo.toml", about)
    if reason is not None:
        raise CannotMeasure(f"bench/rust does not build: {reason}")
    tools.rust = target / "release/lipia-bench"
    if not with_peer:
        return
    reason = build("rust-mpesa", BENCH / "rust/mpesa/Cargo.toml", "the crate mpesa (the same)")
    tools.mpesa = target / "release/mpesa-bench"
    if reason is not None:
        tools.missing["rust:mpesa"] = f"the crate does not build here: {reason}"


def _python(tools: Tools, *, as_built: bool) -> None:
    home = _HOME / "python"
    tools.python = home / "bin/python"
    requirements = BENCH / "python/requirements.txt"
    wanted = f"{sys.version}\n{requirements.read_text(encoding='utf-8')}"
    stamp = home / "made-of"
    pip = [str(tools.python), "-m", "pip", "--disable-pip-version-check", "install"]
    pip.append("--progress-bar=off")
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        shutil.rmtree(home, ignore_errors=True)
        reason = step(
            "python-environment",
            "an environment for the Python peers",
            [sys.executable, "-m", "venv", str(home)],
            longest_seconds=_INSTALL_SECONDS,
        )
        if reason is not None:
            tools.missing["python"] = f"no virtual environment: {reason} (apt install python3-venv)"
            return
        if _install_peers(tools, pip, requirements):
            stamp.write_text(wanted, encoding="utf-8")
    if not (as_built and any(_WHEELS.glob("*.whl"))):
        about = "Lipia's wheel, as it is shipped (many minutes the first time)"
        reason = step("wheel", about, [".ci/python"], longest_seconds=_BUILD_SECONDS)
        if reason is not None:
            tools.missing["python:lipia"] = f"the wheel was not built: {reason}"
            return
    wheels = sorted(map(str, _WHEELS.glob("*.whl")))
    reason = step(
        "wheel-install",
        "installing the wheel",
        [*pip, "--no-index", "--no-deps", "--force-reinstall", *wheels],
        longest_seconds=_INSTALL_SECONDS,
    )
    if reason is not None:
        tools.missing["python:lipia"] = f"the wheel cannot be installed: {reason}"


def _install_peers(tools: Tools, pip: list[str], requirements: Path) -> bool:
    """Installs all at once, or, where that fails, one by one; whether all are there."""
    together = step(
        "python-peers",
        "the Python peers, from the registry",
        [*pip, "--requirement", str(requirements)],
        longest_seconds=_INSTALL_SECONDS,
    )
    if together is None:
        return True
    lines = requirements.read_text(encoding="utf-8").splitlines()
    for line in (line.strip() for line in lines):
        if not line or line.startswith("#"):
            continue
        distribution = re.split(r"[=<>; ]", line)[0]
        reason = step(
            f"python-peer-{distribution}",
            f"that failed; {distribution} alone",
            [*pip, line],
            longest_seconds=_INSTALL_SECONDS,
        )
        for module in MODULES.get(distribution, ()) if reason is not None else ():
            tools.missing[f"python:{module}"] = f"not installed: {reason}"
    return False


#: Who is missing where a distribution is.
MODULES = {
    "daraja-v3": ("daraja_v3",),
    "daraja-sdk-py": ("daraja_sdk",),
    "mpesakit": ("mpesakit", "mpesakit_session"),
    "requests": ("by_hand_requests",),
    "httpx": ("by_hand_httpx",),
    "aiohttp": ("by_hand_aiohttp",),
}


def _node(tools: Tools, *, as_built: bool) -> None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        tools.missing["node"] = "node and npm were not found: install Node 20 or later"
        return
    tools.node, tools.node_packages = Path(node), _HOME / "node"
    tools.node_packages.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(BENCH / "node" / name, tools.node_packages / name)
    install = [npm, "install", "--no-save", "--no-fund", "--no-audit", "--loglevel=error"]
    reason = step(
        "node-peers",
        "the Node peers, from the registry",
        install,
        longest_seconds=_INSTALL_SECONDS,
        folder=tools.node_packages,
    )
    if reason is not None:
        tools.missing["node:mpesa_api"] = f"not installed: {reason}"
        # What cannot be had must not be asked for again, with Lipia.
        (tools.node_packages / "package.json").write_text('{"private": true}\n', encoding="utf-8")
    if not (as_built and any(_TARBALLS.glob("*.tgz"))):
        about = "Lipia's Node package, as it is shipped (many minutes the first time)"
        reason = step("node-package", about, [".ci/node"], longest_seconds=_BUILD_SECONDS)
        if reason is not None:
            tools.missing["node:lipia"] = f"the package was not built: {reason}"
            return
    reason = step(
        "node-install",
        "installing the Node package",
        [*install, "--no-package-lock", *sorted(map(str, _TARBALLS.glob("*.tgz")))],
        longest_seconds=_INSTALL_SECONDS,
        folder=tools.node_packages,
    )
    if reason is not None:
        tools.missing["node:lipia"] = f"the package cannot be installed: {reason}"
