"""The picture of a run: the cost of each peer in multiples of Lipia's, and the prompts that a phone shows. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from report import Row, Section

_WIDTH = 960
_LABELS = 300
_RIGHT = 40
_LINE = 18
_GAP = 34
_COLOURS = ("#0b6e4f", "#c2571a", "#6a4c93", "#1f5fa8")
_INK = "#1b1f24"
_FAINT = "#d0d7de"
_QUIET = "#57606a"

#: What is drawn with an axis of ratios, and how it is called.
_RATIOS = {
    "push": "CPU of a push: how many times what Lipia takes",
    "callback": "CPU of reading a callback: how many times what Lipia takes",
}


class Canvas:
    """Collects what is drawn, from top to bottom."""

    def __init__(self) -> None:
        self.y = 16.0
        self._parts: list[str] = []

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        anchor: str = "start",
        colour: str = _INK,
        bold: bool = False,
    ) -> None:
        weight = ' font-weight="600"' if bold else ""
        self._parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"{weight}>{escape(text)}</text>'
        )

    def line(
        self, x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1
    ) -> None:
        self._parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"/>'
        )

    def dot(self, x: float, y: float, colour: str, title: str) -> None:
        self._parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"><title>{escape(title)}</title></circle>'
        )

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        self._parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height:.1f}" fill="{colour}"/>'
        )

    def svg(self, label: str) -> str:
        height = self.y + 8
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}" width="{_WIDTH}" '
            f'height="{height:.0f}" role="img" aria-label={quoteattr(label)} '
            f'font-family="system-ui, sans-serif" font-size="12">\n'
            f'<rect width="100%" height="100%" fill="#ffffff"/>\n'
            + "\n".join(self._parts)
            + "\n</svg>\n"
        )


def as_svg(header: Mapping[str, Any], sections: Sequence[Section]) -> str:
    """The whole picture."""
    canvas = Canvas()
    for name, title in _RATIOS.items():
        _ratios(canvas, title, [section for section in sections if section.name == name])
    _prompts(canvas, [section for section in sections if section.name == "faults"])
    _memory(canvas, [section for section in sections if section.name == "memory"])
    canvas.y += 4
    told = f"{header['date']}, {header['system']}, {header['processors']}. Dots: medians; lines: least to most of the rounds."
    canvas.text(12, canvas.y, told, colour=_QUIET)
    return canvas.svg("What other libraries cost beside Lipia, and how often they prompt a phone")


def _heading(canvas: Canvas, title: str, legend: Sequence[str]) -> None:
    canvas.y += 8
    canvas.text(12, canvas.y, title, bold=True)
    x = float(_WIDTH - _RIGHT)
    for colour, name in reversed(list(zip(_COLOURS, legend))):
        canvas.text(x, canvas.y, name, anchor="end", colour=_QUIET)
        x -= 6.5 * len(name) + 8
        canvas.dot(x, canvas.y - 4, colour, name)
        x -= 20
    canvas.y += 12


def _ratios(canvas: Canvas, title: str, sections: Sequence[Section]) -> None:
    lines: dict[tuple[str, str], dict[str, Row]] = {}
    for section in sections:
        for row in section.rows:
            if "middle" in row.numbers:
                line = lines.setdefault((row.group, str(row.numbers["other"])), {})
                line[section.column] = row
    if not lines:
        return
    columns = [section.column for section in sections]
    _heading(canvas, title, columns)
    rows = [row for line in lines.values() for row in line.values()]
    least = min(0.5, *(1 / row.numbers["most"] for row in rows))
    most = max(2.0, *(1 / row.numbers["least"] for row in rows))
    low, high = math.log10(least) - 0.05, math.log10(most) + 0.05

    def place(value: float) -> float:
        return _LABELS + (math.log10(value) - low) / (high - low) * (_WIDTH - _LABELS - _RIGHT)

    top = canvas.y
    order = list(dict.fromkeys(group for group, _ in lines))
    groups = {group: sum(1 for one, _ in lines if one == group) for group in order}
    bottom = top + _LINE * len(lines) + 8 * len(groups)
    for tick in _ticks(low, high):
        canvas.line(place(tick), top, place(tick), bottom, _INK if tick == 1 else _FAINT)
        canvas.text(place(tick), bottom + 12, f"{tick:g}x", anchor="middle", colour=_QUIET)
    for group in order:
        canvas.y += 8
        for index, (other, line) in enumerate(
            (name, line) for (one, name), line in lines.items() if one == group
        ):
            middle = canvas.y + _LINE / 2
            if index == 0:
                canvas.text(12, middle + 4, group, colour=_QUIET)
            canvas.text(_LABELS - 10, middle + 4, other, anchor="end")
            for column, row in line.items():
                _whisker(canvas, place, middle, columns, column, row)
            canvas.y += _LINE
    canvas.y = bottom + _GAP


def _whisker(
    canvas: Canvas,
    place: Callable[[float], float],
    middle: float,
    columns: Sequence[str],
    column: str,
    row: Row,
) -> None:
    number = columns.index(column)
    y = middle + (number - (len(columns) - 1) / 2) * 3
    colour = _COLOURS[number % len(_COLOURS)]
    found = row.numbers
    canvas.line(place(1 / found["most"]), y, place(1 / found["least"]), y, colour, 1.5)
    told = f"{row.group}, {found['other']}, {column}: {1 / found['middle']:.2f}x"
    canvas.dot(place(1 / found["middle"]), y, colour, told)


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers on an axis of powers of ten.

    >>> _ticks(-0.31, 1.01)
    [0.5, 1.0, 2.0, 5.0, 10.0]
    """
    numbers = [
        digit * 10.0**power
        for power in range(math.floor(low), math.ceil(high) + 1)
        for digit in (1, 2, 5)
    ]
    return [round(number, 6) for number in numbers if low <= math.log10(number) <= high]


def _prompts(canvas: Canvas, sections: Sequence[Section]) -> None:
    lines: dict[tuple[str, str], dict[str, Row]] = {}
    for section in sections:
        for row in section.rows:
            if "prompts" in row.numbers:
                lines.setdefault((row.group, row.subject), {})[section.column] = row
    if not lines:
        return
    columns = [section.column for section in sections]
    title = "Prompts on one phone from one call, where the gateway has acted and its answer does not come through"
    _heading(canvas, title, [])
    width = (_WIDTH - _LABELS - _RIGHT) / len(columns)
    for number, column in enumerate(columns):
        canvas.text(_LABELS + number * width, canvas.y + 8, column, colour=_QUIET)
    canvas.y += 14
    before = ""
    for (group, subject), line in lines.items():
        middle = canvas.y + _LINE / 2
        if group != before:
            canvas.text(12, middle + 4, group, colour=_QUIET)
            before = group
        canvas.text(_LABELS - 10, middle + 4, subject, anchor="end")
        for number, column in enumerate(columns):
            if column in line:
                numbers = line[column].numbers
                prompts, x = int(numbers["prompts"]), _LABELS + number * width
                if numbers["refused"]:
                    canvas.text(x, middle + 4, line[column].figure, colour=_QUIET)
                    continue
                colour = _COLOURS[0] if prompts == 1 else _COLOURS[1]
                for each in range(min(prompts, 12)):
                    canvas.box(x + each * 14, middle - 6, 11, 11, colour)
                canvas.text(x + min(prompts, 12) * 14 + 4, middle + 4, str(prompts))
        canvas.y += _LINE
    canvas.y += _GAP - 12


def _memory(canvas: Canvas, sections: Sequence[Section]) -> None:
    rows = [row for section in sections for row in section.rows if "peak_bytes" in row.numbers]
    if not rows:
        return
    _heading(canvas, f"{sections[0].title}, MB", [])
    most = max(row.numbers["peak_bytes"] for row in rows)
    before = ""
    for row in rows:
        middle = canvas.y + _LINE / 2
        if row.group != before:
            canvas.text(12, middle + 4, row.group, colour=_QUIET)
            before = row.group
        canvas.text(_LABELS - 10, middle + 4, row.subject, anchor="end")
        size = row.numbers["peak_bytes"]
        width = size / most * (_WIDTH - _LABELS - _RIGHT - 50)
        colour = _COLOURS[0] if row.subject == "lipia" else _FAINT
        canvas.box(_LABELS, middle - 6, width, 12, colour)
        canvas.text(_LABELS + width + 6, middle + 4, f"{size / 1e6:.0f}")
        canvas.y += _LINE
    canvas.y += _GAP - 12
