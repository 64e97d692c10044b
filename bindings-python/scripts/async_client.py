#!/usr/bin/env python3
"""The generator of the asyncio clients: writes ``_async_client.py`` from ``_client.py``. The result is checked in, and a
test compares the two, so a verb is written in ``_client.py`` alone. Needs ruff."""

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


def made() -> str:
    """The text of ``_async_client.py``."""
    text = with_awaited_verbs((_PACKAGE / "_client.py").read_text("utf-8"))
    for pattern, replacement in _ROWS:
        text, count = re.subn(pattern, replacement, text)
        if not count:
            sys.exit(f"nothing fits {pattern}")
    command = [
        sys.executable,
        "-m",
        "ruff",
        "format",
        "--config",
        str(_PACKAGE.parents[2] / "ruff.toml"),
        "-",
    ]
    return subprocess.run(
        command, input=text, capture_output=True, text=True, check=True, cwd=_PACKAGE
    ).stdout


if __name__ == "__main__":
    (_PACKAGE / "_async_client.py").write_text(made(), "utf-8", newline="\n")
