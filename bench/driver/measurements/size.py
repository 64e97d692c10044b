"""The size of the shipped packages, and of each library on disk with all its dependencies."""

from __future__ import annotations

from pathlib import Path

import asked
from bench_run import Run
from languages import REPOSITORY
from peers import LANGUAGE_TITLES
from report import Row, Section, failure_row, megabytes
from workers import PeerFailed

_WHEELS = REPOSITORY / ".tools/wheels"
_MOBILE = REPOSITORY / ".tools/mobile"


def measure(run: Run) -> Section:
    rows = []
    if "python" in run.languages:
        rows += _files("Python", sorted(_WHEELS.glob("*.whl")), asked.WHEEL_BYTES, "the wheel")
    if "node" in run.languages and run.tools.node_packages is not None:
        addons = sorted(run.tools.node_packages.glob("node_modules/lipia-*/*.node"))
        rows += _files("Node", addons, asked.ADDON_BYTES, "the addon, with the sandbox in it")
    rows += _files(
        "Kotlin",
        sorted(_MOBILE.glob("liblipia_mobile.*")),
        asked.MOBILE_LIBRARY_BYTES,
        "the library for a phone, for this machine, as `.ci/mobile-library` left it",
    ) or [failure_row("Kotlin", "liblipia_mobile", "not built here; .ci/mobile-library builds it")]
    for peer in run.peers:
        if not peer.is_weighed:
            continue
        group, subject = LANGUAGE_TITLES[peer.language], f"{peer.title} installed"
        try:
            if peer.name in run.absent:
                raise PeerFailed(run.absent[peer.name])
            with run.worker(peer) as worker:
                found = worker.ask("size", longest_seconds=run.patience)
        except PeerFailed as failure:
            rows.append(failure_row(group, subject, str(failure)))
            continue
        others = len(found["packages"]) - 1
        detail = f"with {others} other package{'' if others == 1 else 's'}" if others else "alone"
        rows.append(Row(group, subject, megabytes(found["bytes"]), detail, numbers=found))
    return Section("size", "Size on disk", rows)


def _files(group: str, paths: list[Path], most: int, what: str) -> list[Row]:
    rows = []
    for path in paths:
        size = path.stat().st_size
        rows.append(
            Row(
                group=group,
                subject=path.name,
                figure=megabytes(size),
                detail=what,
                asked=f"at most {megabytes(most)}",
                is_met=size <= most,
                numbers={"bytes": size},
            )
        )
    return rows
