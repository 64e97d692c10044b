"""What the release workflow relies on, as far as it can be seen here."""

from __future__ import annotations

import re
from pathlib import Path

import release_contents
import wheel_contents

WORKFLOW = wheel_contents.ROOT / ".github" / "workflows" / "release-python.yml"


def folder_of_a_release(folder: Path) -> Path:
    for name in release_contents.expected(wheel_contents.version_of_workspace()):
        (folder / name).touch()
    return folder


def test_a_whole_release_has_no_fault(tmp_path: Path) -> None:
    folder = folder_of_a_release(tmp_path)
    tag = f"v{wheel_contents.version_of_workspace()}"
    assert list(release_contents.faults(folder, tag)) == []
    assert release_contents.main([str(folder), tag]) == 0


def test_what_is_missing_or_too_much_or_of_another_version_is_told(tmp_path: Path) -> None:
    folder = folder_of_a_release(tmp_path)
    version = wheel_contents.version_of_workspace()
    (folder / f"lipia-{version}-cp310-abi3-win_arm64.whl").unlink()
    (folder / "lipia-9.9.9.tar.gz").touch()
    assert list(release_contents.faults(folder, "v9.9.9")) == [
        f"The tag is v9.9.9, the version {version}.",
        f"lipia-{version}-cp310-abi3-win_arm64.whl is missing.",
        "lipia-9.9.9.tar.gz is none of a release.",
    ]
    assert release_contents.main([str(folder)]) == 1


def test_the_wheel_built_here_is_one_of_those_that_are_published_but_for_its_platform(
    wheel: Path,
) -> None:
    version = wheel_contents.version_of_workspace()
    start = "-".join(["lipia", version, *wheel_contents.tags(wheel)[:2]])
    assert any(name.startswith(start) for name in release_contents.expected(version))


def test_every_script_that_the_workflow_runs_is_there() -> None:
    named = set(re.findall(r"(?:\.ci|bindings-python)/[\w./-]*\w\b", WORKFLOW.read_text("utf-8")))
    assert len(named) > 3
    assert [path for path in sorted(named) if not (wheel_contents.ROOT / path).exists()] == []


def test_every_platform_is_built_by_the_workflow() -> None:
    text = WORKFLOW.read_text("utf-8")
    for target in (
        "aarch64-apple-darwin",
        "aarch64-pc-windows-msvc",
        "aarch64-unknown-linux-gnu",
        "aarch64-unknown-linux-musl",
        "x86_64-apple-darwin",
        "x86_64-pc-windows-msvc",
        "x86_64-unknown-linux-gnu",
        "x86_64-unknown-linux-musl",
    ):
        assert re.search(rf"\b{target}\b", text), target
