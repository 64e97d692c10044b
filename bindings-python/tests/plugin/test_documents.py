"""Every block of code in the package's documents, run against a sandbox as it stands there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from documents import RUN_ELSEWHERE, blocks_of
from repository import REPOSITORY

import lipia

from .test_plugin import PLUGIN

pytest_plugins = ["pytester"]

HERE = Path(__file__).resolve().parent
DOCUMENTS = ["bindings-python/README.md", "docs/python.md", "README.md", "docs/callbacks.md"]
#: The documents of every language: what is not Python is run by the tests of its own language.
SHARED = DOCUMENTS[2:]


@dataclass(frozen=True)
class Program:
    """What one section of a document says to run."""

    where: str
    blocks: tuple[str, ...]
    #: Whether it is a test for pytest.
    is_test: bool


def _programs() -> list[Program]:
    """Blocks that import something begin a program; those that import nothing go on with the one before."""
    programs: list[Program] = []
    for document in DOCUMENTS:
        for block in blocks_of(document):
            text = block.text
            if block.language != "python" or block.is_run_elsewhere():
                continue
            where = f"{document}: {block.heading}"
            if "def test_" in text:
                programs.append(Program(where, (text,), True))
            elif re.search(r"^(import|from) ", text, re.MULTILINE) or not programs:
                programs.append(Program(where, (text,), False))
            else:
                before = programs.pop()
                programs.append(Program(before.where, (*before.blocks, text), before.is_test))
    return programs


PROGRAMS = _programs()


@pytest.mark.parametrize(
    "program",
    [program for program in PROGRAMS if not program.is_test],
    ids=lambda program: str(program.where),
)
def test_a_program_in_a_document_runs_as_it_stands(program: Program, tmp_path: Path) -> None:
    if any("fastapi" in block for block in program.blocks):
        pytest.importorskip("fastapi")
        pytest.importorskip("uvicorn")
    if any("flask" in block for block in program.blocks):
        pytest.importorskip("flask")
    files = []
    for number, block in enumerate(program.blocks):
        file = tmp_path / f"block{number}.py"
        file.write_text(block, encoding="utf-8")
        files.append(str(file))
    with lipia.Sandbox() as sandbox:
        environ = {
            **os.environ,
            **sandbox.environ(callback_url="http://127.0.0.1:9/pay"),
            "TEST_WAIT": json.dumps(sandbox.wait.to_dict()),
        }
        finished = subprocess.run(
            [sys.executable, str(HERE / "run_blocks.py"), *files],
            cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
    assert finished.returncode == 0, finished.stdout + finished.stderr
    for expected in re.findall(r"# prints: (.*)$", "\n".join(program.blocks), re.MULTILINE):
        assert expected in finished.stdout, finished.stdout
    if any(re.search(r"^app\b.* = ", block, re.MULTILINE) for block in program.blocks):
        assert "answered 200" in finished.stdout
        assert "INV-DRIVE success TKM1ABCDEF" in finished.stdout
    assert "Traceback" not in finished.stderr, finished.stderr


@pytest.mark.parametrize(
    "program",
    [program for program in PROGRAMS if program.is_test],
    ids=lambda program: str(program.where),
)
def test_a_test_in_a_document_passes_as_it_stands(
    program: Program, pytester: pytest.Pytester
) -> None:
    pytester.makepyfile(program.blocks[0])
    pytester.runpytest_subprocess(*PLUGIN, timeout=120).assert_outcomes(
        passed=program.blocks[0].count("def test_")
    )


@pytest.mark.parametrize("document", [name for name in DOCUMENTS if name not in SHARED])
def test_what_a_document_says_to_type_names_things_that_exist(document: str) -> None:
    with lipia.Sandbox() as sandbox:
        known = {
            name
            for gateway in ("daraja", "palpluss", "upesipay", "payhero")
            for name in sandbox.environ(gateway)
        } | {"LIPIA_LEDGER"}
    for _, language, text in blocks_of(document):
        assert language in ("python", "sh"), f"a block in {language!r} is run by no test"
        if language == "sh":
            assert set(re.findall(r"\b([A-Z]+_[A-Z_]+)=", text)) <= known
            for line in text.splitlines():
                assert re.match(
                    r"pip install|export |python -m lipia sandbox( --[a-z-]+ \d+)*$", line
                ), line


def test_what_runs_elsewhere_has_a_test() -> None:
    for file in RUN_ELSEWHERE.values():
        assert (HERE.parent / file).is_file()


def test_the_documents_have_programs_and_tests() -> None:
    assert len(PROGRAMS) >= 8 and any(program.is_test for program in PROGRAMS)


def test_the_tables_name_every_outcome_and_every_exception() -> None:
    text = (REPOSITORY / DOCUMENTS[0]).read_text(encoding="utf-8")
    for outcome in lipia.Outcome:
        assert f"`{outcome}`" in text
    for remedy in lipia.LipiaError.__subclasses__():
        assert f"`{remedy.__name__}`" in text
