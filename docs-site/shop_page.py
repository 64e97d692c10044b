"""The page with the same shop in five languages, made of the programs of README.md and docs/callbacks.md."""

from __future__ import annotations

import re
from collections.abc import Iterator

from repository import REPOSITORY

LANGUAGES = {"python": "Python", "js": "Node", "rust": "Rust", "kotlin": "Kotlin", "swift": "Swift"}


def blocks(document: str, section: str) -> dict[str, str]:
    """The first block of code of each language in a section of a document."""
    text = (REPOSITORY / document).read_text(encoding="utf-8")
    part = re.search(rf"^## {re.escape(section)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if part is None:
        raise ValueError(f"{document} has no section {section}")
    found: dict[str, str] = {}
    for language, code in re.findall(r"^```(\w+)\n(.*?)^```$", part[1], re.MULTILINE | re.DOTALL):
        found.setdefault(language, code)
    return found


def tabs(found: dict[str, str]) -> Iterator[str]:
    for language, code in found.items():
        yield f'=== "{LANGUAGES[language]}"\n'
        yield f"    ```{language}"
        yield from (f"    {line}".rstrip() for line in code.splitlines())
        yield "    ```\n"


def shop() -> str:
    programs = blocks("README.md", "Use it")
    if list(programs) != list(LANGUAGES):
        raise ValueError(f"README.md has programs in {', '.join(programs)}")
    handlers = blocks("docs/callbacks.md", "One handler")
    return "\n".join(
        [
            "# The same shop in five languages",
            "",
            "One prompt for one order, in each language. The programs are those of the [first page](../README.md), and tests run them",
            "as they stand. The settings come from the environment: [all variables](command-line.md#credentials).",
            "",
            *tabs(programs),
            "Kotlin and Swift are for a till: a phone has no address that a gateway can call, so the program waits for the outcome.",
            "",
            "## One handler of callbacks",
            "",
            "What is checked, and how a server answers: [callbacks](callbacks.md).",
            "",
            *tabs(handlers),
            "## Further",
            "",
            "[Python](python.md) · [Django](django.md) · [Node](node.md) · [Rust](rust.md) · [Kotlin and Swift](mobile.md) ·",
            "[API references](api/index.md) · [going live](go-live.md) · [troubleshooting](troubleshooting.md)",
            "",
        ]
    )
