"""The report of a run, as text and as JSON. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rounds import Ratio, median


@dataclass(frozen=True)
class Row:
    """One figure."""

    #: Whom it is compared with: a language, and a way of using it.
    group: str
    #: What is compared, or whose figure it is.
    subject: str
    #: The figure.
    figure: str
    #: What stands behind it.
    detail: str = ""
    #: What was asked of it, if anything.
    asked: str = ""
    #: Whether it is as asked; ``None`` where nothing was asked.
    is_met: bool | None = None
    #: The figure where there is little room; the figure itself where this is empty.
    brief: str = ""
    #: The same for programs.
    numbers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def failed(self) -> str | None:
        """Why there is no figure."""
        reason = self.numbers.get("failed")
        return None if reason is None else str(reason)


@dataclass(frozen=True)
class Section:
    """The figures of one measurement."""

    #: What is measured. Sections of one name are columns of one table.
    name: str
    title: str
    rows: Sequence[Row]
    #: What sets it apart from others of its name.
    column: str = ""


def seconds(value: float) -> str:
    """A time as a person reads it.

    >>> seconds(0.0000123), seconds(0.0456)
    ('12.3 us', '45.6 ms')
    """
    return f"{value * 1e6:,.1f} us" if value < 0.001 else f"{value * 1e3:,.1f} ms"


def times(value: float) -> str:
    """A ratio as a person reads it.

    >>> times(1.2345), times(0.01234), times(123.4)
    ('1.23', '0.012', '123')
    """
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def megabytes(value: float) -> str:
    """A size as a person reads it.

    >>> megabytes(3_040_000)
    '3.04 MB'
    """
    return f"{value / 1e6:,.2f} MB"


def per_second(seconds_each: float) -> str:
    """How many in a second of a processor.

    >>> per_second(0.000004)
    '250,000/s'
    """
    return f"{1 / seconds_each:,.0f}/s" if seconds_each > 0 else "-"


def ratio_row(
    group: str, other: str, ratio: Ratio, *, at_most: float | None = None, note: str = ""
) -> Row:
    """What Lipia costs of what another costs, with what was asked of it."""
    costs = f"{seconds(ratio.candidate_seconds)} against {seconds(ratio.base_seconds)}"
    return Row(
        group=group,
        subject=other,
        figure=f"{times(ratio.middle)}x",
        detail=(
            f"{times(ratio.least)} to {times(ratio.most)} in {ratio.rounds} rounds; {costs}{note}"
        ),
        asked="" if at_most is None else f"at most {at_most:.2f}x",
        is_met=None if at_most is None else ratio.middle <= at_most,
        brief=f"{times(ratio.middle)} ({times(ratio.least)} to {times(ratio.most)})",
        numbers={**asdict(ratio), "other": other},
    )


def own_row(group: str, seconds_each: Sequence[float]) -> Row:
    """What Lipia itself costs, here and now: of which the ratios are the share."""
    middle = median(seconds_each)
    spread = f"{seconds(min(seconds_each))} to {seconds(max(seconds_each))}"
    detail = f"{spread} in {len(seconds_each)} rounds; {per_second(middle)}"
    numbers = {"median_seconds": middle, "cpu_seconds": list(seconds_each)}
    return Row(group, "lipia itself", seconds(middle), detail, numbers=numbers)


def failure_row(group: str, subject: str, reason: str) -> Row:
    """Why there is no figure."""
    return Row(group, subject, "-", f"not measured: {reason}", numbers={"failed": reason})


def as_text(section: Section) -> str:
    """A section as a table.

    >>> rows = [Row("Python", "a", "1"), Row("Python", "bc", "2", "of two", "at most 1", False)]
    >>> print(as_text(Section("size", "Sizes", rows)))
    Sizes
      Python  a   1
      Python  bc  2  of two  (asked: at most 1: NOT MET)
    """
    widths = [
        max((len(getattr(row, column)) for row in section.rows), default=0)
        for column in ("group", "subject", "figure")
    ]
    lines = [section.title]
    groups = list(dict.fromkeys(row.group for row in section.rows))
    for row in sorted(section.rows, key=lambda row: groups.index(row.group)):
        missed = ": NOT MET" if row.is_met is False else ""
        asked = f"(asked: {row.asked}{missed})" if row.asked else ""
        cells = [
            row.group.ljust(widths[0]),
            row.subject.ljust(widths[1]),
            row.figure.rjust(widths[2]),
            row.detail,
            asked,
        ]
        lines.append(("  " + "  ".join(cell for cell in cells if cell)).rstrip())
    return "\n".join(lines)


def not_met(sections: Sequence[Section]) -> list[str]:
    """What was asked and is missed, a line each."""
    return [
        f"{section.title}: {row.group}, {row.subject}: {row.figure}, asked {row.asked}"
        for section in sections
        for row in section.rows
        if row.is_met is False
    ]


def as_json(header: Mapping[str, Any], sections: Sequence[Section]) -> str:
    """A run for programs."""
    return json.dumps({**header, "sections": [asdict(section) for section in sections]}, indent=1)
