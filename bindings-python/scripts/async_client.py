#!/usr/bin/env python3
"""The generator of the asyncio clients: writes ``_async_client.py`` from ``_client.py``, and ``_async_payments.py`` from
``_payments.py``. The results are checked in, and a test compares, so a verb is written once. Needs ruff."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent / "python" / "lipia"

#: What is written otherwise for asyncio, in this order. A row that fits nothing is an error.
_ROWS = [
    (
        r'"""Blocking clients: one class for each gateway."""',
        '"""Clients for asyncio: the same verbs, awaited. Made by `scripts/async_client.py`: do not edit."""',
    ),
    (
        r'"""The payments of a blocking client\'s ledger\."""',
        '"""The payments of an asyncio client\'s ledger. Made by `scripts/async_client.py`: do not edit."""',
    ),
    (r"from \._client import Client", "from ._async_client import AsyncClient"),
    (r"from \._payments import Payments", "from ._async_payments import AsyncPayments"),
    (r"from \._green import run\n", "from ._calls import call\n"),
    (
        r"from collections\.abc import Iterable, Iterator",
        "from collections.abc import AsyncIterator, Iterable",
    ),
    (
        r"from \._checkup import",
        r"from ._async_outcomes import AsyncOutcomes\nfrom ._calls import call, drained\nfrom ._checkup import",
    ),
    (r"from \._green import drained, run\n", ""),
    (r"from \._outcomes import LAST_SECONDS, Outcomes", "from ._outcomes import LAST_SECONDS"),
    # A call of the native module.
    (r"\brun\(", "await call("),
    (r"return drained\(", "return await drained("),
    # A method that calls another one here.
    (r"self\.(_ask|_prune)\(", r"await self.\1("),
    (r"self\._outcomes\.stop\(", "await self._outcomes.stop("),
    (r"def close\(", "async def aclose("),
    (r"self\.close\(\)", "await self.aclose()"),
    (r"def __(enter|exit)__\(", r"async def __a\1__("),
    (r"def __next__\(", "async def __anext__("),
    (r"StopIteration", "StopAsyncIteration"),
    # Its classes.
    (r"= Outcomes", "= AsyncOutcomes"),
    (r"\bPayments\b(?! whose)", "AsyncPayments"),
    (r"client: Client\)", "client: AsyncClient)"),
    (r"(?<!as )\bIterator\[", "AsyncIterator["),
    (r"\bWatch\b", "AsyncWatch"),
    (r"iterate over it\.", "iterate over it with ``async for``."),
    (r"\bclass (Client|Daraja|PalPluss|UpesiPay|PayHero)\(", r"class Async\1("),
    (r"Base, Client\)", "Base, AsyncClient)"),
    (r'bound="Client"', 'bound="AsyncClient"'),
    (r":class:`(Daraja|PalPluss|UpesiPay|PayHero)`", r":class:`Async\1`"),
    # Its examples and what it says.
    (r"with lipia\.(\w+)\.from_env", r"async with lipia.Async\1.from_env"),
    (r"= (daraja|palpluss|upesipay|payhero)\.(?=[a-z])(?!reserve|resume)", r"= await \1."),
    (
        r"print\(daraja\.payments\.get\((.*?)\)\.outcome\)",
        r"print((await daraja.payments.get(\1)).outcome)",
    ),
    (
        r"in daraja\.payments\.search\((.*?)\)\.payments",
        r"in (await daraja.payments.search(\1)).payments",
    ),
    (r"( +)daraja\.payments\.(resolve|prune|import_)", r"\1await daraja.payments.\2"),
    (r"for progress in daraja\.watch", "async for progress in daraja.watch"),
    (r"Where Ctrl-C interrupts(\s+)it", r"Where the task is\1cancelled"),
    (r"a push that Ctrl-C interrupted", "a push whose task was cancelled"),
]


#: Methods that make a call and have another name for asyncio.
_APART = {"__next__", "close"}


def with_awaited_verbs(text: str) -> str:
    """The text with each verb that makes a call as a coroutine, and its overloads too."""
    methods = re.findall(r"^    def (\w+)\((.*?)(?=^    @|^    def|^class|\Z)", text, re.M | re.S)
    verbs = {
        name for name, body in methods if re.search(r"\b(run|drained|self\._(ask|prune))\(", body)
    }
    return re.sub(
        rf"^    def ({'|'.join(verbs - _APART)})\(", r"    async def \1(", text, flags=re.M
    )


#: What is made of which file.
_FILES = {"_async_client.py": "_client.py", "_async_payments.py": "_payments.py"}


def made() -> dict[str, str]:
    """The texts of the files for asyncio."""
    texts = {
        name: with_awaited_verbs((_PACKAGE / source).read_text("utf-8"))
        for name, source in _FILES.items()
    }
    for pattern, replacement in _ROWS:
        found = [re.subn(pattern, replacement, text) for text in texts.values()]
        if not any(count for _, count in found):
            sys.exit(f"nothing fits {pattern}")
        texts = dict(zip(texts, (text for text, _ in found)))
    return {name: _formatted(text) for name, text in texts.items()}


def _formatted(text: str) -> str:
    config = ["--config", str(_PACKAGE.parents[2] / "ruff.toml"), "-"]
    # The names of modules change with the names of classes, and with them the order of imports.
    for command in (["check", "--quiet", "--fix", "--select", "I"], ["format"]):
        text = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *config],
            input=text,
            capture_output=True,
            text=True,
            check=True,
            cwd=_PACKAGE,
        ).stdout
    return text


if __name__ == "__main__":
    for name, text in made().items():
        (_PACKAGE / name).write_text(text, "utf-8", newline="\n")
