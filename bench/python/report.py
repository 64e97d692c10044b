"""What a run found, as text and as JSON. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rounds import Ratio


@dataclass(frozen=True)
class Row:
    """One figure."""

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
    #: The same for programs.
    numbers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Section:
    """The figures of one measurement."""

    title: str
    rows: Sequence[Row]


def seconds(value: float) -> str:
    """A time as a person reads it.

    >>> seconds(0.0000123), seconds(0.0456)
    ('12.3 us', '45.6 ms')
    """
    return f"{value * 1e6:,.1f} us" if value < 0.001 else f"{value * 1e3:,.1f} ms"


def times(value: float) -> str:
    """A ratio as a person reads it.

    >>> times(1.2345), times(0.01234)
    ('1.23', '0.012')
    """
    return f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def mebibytes(value: float) -> str:
    """A size as a person reads it.

    >>> mebibytes(3 * 1024 * 1024)
    '3.0 MiB'
    """
    return f"{value / 1024 / 1024:,.1f} MiB"


def ratio_row(subject: str, ratio: Ratio, *, at_most: float | None = None) -> Row:
    """A ratio, with what was asked of it."""
    return Row(
        subject=subject,
        figure=f"{times(ratio.middle)}x",
        detail=(
            f"{times(ratio.least)} to {times(ratio.most)} in {ratio.rounds} rounds; "
            f"{seconds(ratio.candidate_seconds)} against {seconds(ratio.base_seconds)}"
        ),
        asked="" if at_most is None else f"at most {at_most:.2f}x",
        is_met=None if at_most is None else ratio.middle <= at_most,
        numbers=asdict(ratio),
    )


def failure_row(subject: str, reason: str) -> Row:
    """Why there is no figure."""
    return Row(
        subject=subject, figure="-", detail=f"not measured: {reason}", numbers={"failed": reason}
    )


def as_text(section: Section) -> str:
    """A section as a table.

    >>> rows = [Row("a", "1"), Row("bc", "2", "of two", "at most 1", False)]
    >>> print(as_text(Section("Sizes", rows)))
    Sizes
      a   1
      bc  2  of two  (asked: at most 1: NOT MET)
    """
    widths = [
        max((len(getattr(row, column)) for row in section.rows), default=0)
        for column in ("subject", "figure")
    ]
    lines = [section.title]
    for row in section.rows:
        asked = f"(asked: {row.asked}{'' if row.is_met else ': NOT MET'})" if row.asked else ""
        cells = [row.subject.ljust(widths[0]), row.figure.rjust(widths[1]), row.detail, asked]
        lines.append(("  " + "  ".join(cell for cell in cells if cell)).rstrip())
    return "\n".join(lines)


def as_json(header: Mapping[str, Any], sections: Sequence[Section]) -> str:
    """A run for programs."""
    return json.dumps(
        {**header, "sections": [asdict(section) for section in sections]}, indent=1, sort_keys=False
    )
