"""A small run for tests, in the form that the tables and the picture take."""

from __future__ import annotations

from typing import Any

from report import Row, Section, failure_row, own_row, ratio_row
from rounds import ratio

HEADER: dict[str, Any] = {
    "date": "2026-11-22T12:00:00+03:00",
    "system": "Linux",
    "processors": "2 x made up",
    "load": 0.1,
    "load_at_the_end": 1.2,
    "seconds": 12,
    "versions": {"python": "CPython 3.13", "python:lipia": "lipia 0.1.0", "node": "CPython 3.13"},
}

GROUP = "Python, blocking"


def push(in_flight: int, *, lipia: float, at_most: float | None = None) -> Section:
    found = ratio([lipia, lipia * 1.5], [1.0, 1.0])
    rows = [
        own_row(GROUP, [lipia]),
        ratio_row(GROUP, "<peer> & co", found, at_most=at_most),
        failure_row("Rust", "mpesa", "the crate | does not\nbuild"),
    ]
    return Section("push", "CPU of a push", rows, column=f"{in_flight} in flight")


def faults(prompts: int, *, refused: int = 0) -> Section:
    numbers = {"prompts": prompts, "push_requests": prompts, "refused": refused}
    row = Row(GROUP, "peer", f"{prompts} prompts", "told", numbers=numbers)
    return Section("faults", "Prompts", [row], column="503")


def memory() -> Section:
    row = Row(GROUP, "lipia", "30.00 MB", numbers={"peak_bytes": 30_000_000})
    return Section("memory", "Resident memory", [row])
