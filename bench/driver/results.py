"""The tables of RESULTS.md: the figures of a run, as Markdown between two markers. Pure but for the two paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from languages import REPOSITORY
from report import Row, Section

RESULTS = REPOSITORY / "bench/RESULTS.md"
PICTURE = REPOSITORY / "docs/bench.svg"

BEGIN = "<!-- bench:begin -->"
END = "<!-- bench:end -->"

#: The title of each table, and whether it is shown at once or unfolded.
_TABLES: dict[str, tuple[str, bool]] = {
    "push": (
        "CPU of a push: Lipia's as a share of the other's (least to most of the rounds)",
        True,
    ),
    "faults": (
        "Prompts on one phone from one call, where the gateway has acted and its answer does not come through",
        True,
    ),
    "callback": (
        "CPU of reading a callback: Lipia's as a share of the other's (least to most of the rounds)",
        False,
    ),
    "load": ("CPU of loading in a fresh process", False),
    "tokens": ("OAuth calls of 20 cold pushes at once", False),
    "memory": ("Resident memory at its peak, after many pushes", False),
    "waits": ("Resident memory of 10,000 waits in flight", False),
    "size": ("Size on disk", False),
}


def as_markdown(header: Mapping[str, Any], sections: Sequence[Section]) -> str:
    """All the tables, with date, machine and versions."""
    parts = [_about(header), "![What others cost, beside Lipia](../docs/bench.svg)"]
    for name, (title, is_shown) in _TABLES.items():
        columns = [section for section in sections if section.name == name]
        if not columns:
            continue
        table = _table(columns)
        if is_shown:
            parts.append(f"**{title}**\n\n{table}")
        else:
            parts.append(f"<details><summary>{title}</summary>\n\n{table}\n\n</details>")
    reasons = _reasons(sections)
    if reasons:
        parts.append("Not measured: " + "; ".join(reasons) + ".")
    return "\n\n".join(parts)


def _about(header: Mapping[str, Any]) -> str:
    versions = ", ".join(dict.fromkeys(str(one) for one in header["versions"].values()))
    return (
        f"Printed by `make bench`, {header['date']}, in {header['seconds']} s on {header['system']}, "
        f"{header['processors']}, load {header['load']} to {header['load_at_the_end']}. "
        f"{versions}."
    )


def _table(sections: Sequence[Section]) -> str:
    """One column for each section, one line for each thing that any of them has."""
    lines: dict[tuple[str, str], dict[str, Row]] = {}
    for section in sections:
        for row in section.rows:
            lines.setdefault((row.group, row.subject), {})[section.column] = row
    columns = [section.column for section in sections]
    written = [f"| | | {' | '.join(columns)} |", f"|---|---|{'---|' * len(columns)}"]
    for (group, subject), rows in _grouped(lines):
        cells = [_cell(rows.get(column)) for column in columns]
        written.append(f"| {group} | {subject} | {' | '.join(cells)} |")
    return "\n".join(written)


def _grouped(
    lines: Mapping[tuple[str, str], dict[str, Row]],
) -> list[tuple[tuple[str, str], dict[str, Row]]]:
    """Those of one group beside each other, in the order in which they first came."""
    order = list(dict.fromkeys(group for group, _ in lines))
    return sorted(lines.items(), key=lambda line: order.index(line[0][0]))


def _cell(row: Row | None) -> str:
    if row is None:
        return ""
    if row.failed is not None:
        return "–"
    told = row.brief or row.figure
    if not row.asked:
        return told
    return f"**{told}**, asked {row.asked}" if row.is_met else f"{told}, **missed: {row.asked}**"


def _reasons(sections: Sequence[Section]) -> list[str]:
    found = {
        f"{row.subject} ({row.group}, {section.name}): {row.failed}": None
        for section in sections
        for row in section.rows
        if row.failed is not None
    }
    return [reason.replace("|", "/").replace("\n", " ") for reason in found]


def with_table(text: str, table: str) -> str:
    """A document whose part between the markers is this table.

    :raises ValueError: where the markers are not there once each, in their order.

    >>> with_table("a <!-- bench:begin --> old <!-- bench:end --> b", "new")
    'a <!-- bench:begin -->\\nnew\\n<!-- bench:end --> b'
    """
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise ValueError(f"the document needs {BEGIN} and {END} once each")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table}\n{END}{after}"
