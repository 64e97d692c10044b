"""The blocks of code in the project's documents."""

from __future__ import annotations

import re
from typing import NamedTuple

from repository import REPOSITORY

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

#: Libraries whose programs need more than a sandbox, and the test that runs such blocks.
RUN_ELSEWHERE = {
    "celery": "process/test_celery.py",
    "psycopg": "postgresql/test_one_database.py",
    "sqlalchemy": "postgresql/test_one_database.py",
}


class Block(NamedTuple):
    """A block of code: the heading that it stands under, its language, its text."""

    heading: str
    language: str
    text: str

    def imports(self, library: str) -> bool:
        """Whether the block imports a library."""
        return bool(re.search(rf"^(import|from) {library}\b", self.text, re.MULTILINE))

    def is_run_elsewhere(self) -> bool:
        """Whether a test of its own runs the block, with what it needs beside a sandbox."""
        return any(self.imports(library) for library in RUN_ELSEWHERE)


def blocks_of(document: str) -> list[Block]:
    """The blocks of a document, in their order."""
    text = (REPOSITORY / document).read_text(encoding="utf-8")
    found = []
    for fence in _FENCE.finditer(text):
        headings = re.findall(r"^##+ (.*)$", text[: fence.start()], re.MULTILINE)
        found.append(Block(headings[-1] if headings else "", fence.group(1), fence.group(2)))
    return found


def block_with(document: str, library: str) -> str:
    """The text of the one block of a document that imports a library."""
    (block,) = (block for block in blocks_of(document) if block.imports(library))
    return block.text
