"""What a type checker makes of users' programs, of their mistakes, and of the package itself."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import lipia

HERE = Path(__file__).parent / "typing"
PACKAGE = Path(lipia.__file__).parent
PROGRAMS = [HERE / "program.py", HERE / "program_async.py"]

#: Lines that were reported, with what was said of them.
Found = dict[tuple[str, int], str]


def environment() -> dict[str, str]:
    there = dict(os.environ)
    if "site-packages" not in PACKAGE.parts:
        there["MYPYPATH"] = str(PACKAGE.parent)
    return there


def mypy(folder: Path, python_version: str, *paths: Path) -> Found:
    run = subprocess.run(
        [
            sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--no-color-output", "--hide-error-context",
            "--config-file", os.devnull, "--cache-dir", str(folder / "mypy"), "--python-version", python_version,
            *map(str, paths),
        ],
        capture_output=True,
        text=True,
        timeout=300,
        env=environment(),
        cwd=folder,
    )  # fmt: skip
    assert run.returncode in (0, 1), run.stdout + run.stderr
    lines = re.findall(r"^(.*?):(\d+): error: (.*)$", run.stdout, re.MULTILINE)
    assert bool(lines) == bool(run.returncode), run.stdout + run.stderr
    return {(Path(path).name, int(line)): said for path, line, said in lines}


def pyright(folder: Path, python_version: str, *paths: Path) -> Found:
    config = folder / "pyrightconfig.json"
    config.write_text(
        json.dumps(
            {
                "typeCheckingMode": "strict",
                "pythonVersion": python_version,
                "extraPaths": [str(PACKAGE.parent)],
            }
        )
    )
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pyright",
            "--outputjson",
            "--pythonpath",
            sys.executable,
            "--project",
            str(config),
            *paths,
        ],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode in (0, 1), run.stdout + run.stderr
    told = json.loads(run.stdout)
    assert told["summary"]["filesAnalyzed"] >= len(paths)
    return {
        (Path(one["file"]).name, one["range"]["start"]["line"] + 1): one["message"]
        for one in told["generalDiagnostics"]
        if one["severity"] == "error"
    }


CHECKERS = [mypy, pyright]


@pytest.mark.parametrize("checker", CHECKERS)
def test_users_programs_pass_at_the_strictest(checker: object, tmp_path: Path) -> None:
    assert callable(checker)
    # `except*` and task groups are of 3.11; the rest is checked as the oldest Python reads it.
    assert checker(tmp_path, "3.10", PROGRAMS[0]) == {}
    assert checker(tmp_path, "3.11", PROGRAMS[1]) == {}


@pytest.mark.parametrize("checker", CHECKERS)
def test_every_mistake_is_found_and_nothing_else_is(checker: object, tmp_path: Path) -> None:
    assert callable(checker)
    path = HERE / "mistakes.py"
    lines = path.read_text(encoding="utf-8").splitlines()
    marked = {number for number, line in enumerate(lines, 1) if line.endswith("# mistake")}
    assert len(marked) > 25
    found: Found = checker(tmp_path, "3.10", path)
    reported = {line for _, line in found}
    unseen = [f"{number}: {lines[number - 1].strip()}" for number in sorted(marked - reported)]
    assert not unseen, "\n".join(unseen)
    beyond = {place: said for place, said in found.items() if place[1] not in marked}
    assert not beyond, beyond


@pytest.mark.parametrize("checker", CHECKERS)
def test_the_package_itself_passes_at_the_strictest(checker: object, tmp_path: Path) -> None:
    assert callable(checker)
    # What belongs to a framework has a name without an underscore, and is checked where that framework is installed.
    # A copy: mypy takes no file of an environment's own library for a program.
    copy = shutil.copytree(
        PACKAGE,
        tmp_path / "copy" / "lipia",
        ignore=shutil.ignore_patterns("__pycache__", "_native.*so", "_native.pyd"),
    )
    core = sorted([*copy.glob("_*.py"), copy / "ledger.py", copy / "testing.py"])
    assert len(core) >= 14
    assert checker(tmp_path, "3.10", *core) == {}


def test_the_package_says_that_it_is_typed() -> None:
    assert (PACKAGE / "py.typed").is_file()
    assert (PACKAGE / "_native.pyi").is_file()
