"""A client's checkup: whether its pushes can be paid, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_MARKS = {"ok": "ok", "warning": "??", "failed": "!!"}


@dataclass(frozen=True, slots=True)
class CheckLine:
    """The result for one part of a checkup."""

    #: The part: ``settings``, ``connection``, ``credentials``, ``pass_key``, ``clock``, ``till``, ``callback`` or ``ledger``.
    part: str
    #: The state: ``ok``, ``warning`` (it works, and a person should look at it), ``failed`` or ``not_checked``.
    state: str
    #: A sentence that says what was found.
    message: str
    #: What to do about it, where there is something to do.
    hint: str | None
    #: The code of the error that was met, as ``python -m lipia explain`` knows it.
    code: str | None

    def __str__(self) -> str:
        line = f" {_MARKS.get(self.state, '--')}  {self.part:<11}  {self.message}"
        return line if self.hint is None else f"{line}\n{'':18}{self.hint}"


@dataclass(frozen=True, slots=True)
class Checkup:
    """The result of :meth:`Client.check`. ``print`` shows it as ``lipia check`` does."""

    #: A line for each part, in the order in which the parts depend on each other.
    lines: tuple[CheckLine, ...]

    @property
    def is_good(self) -> bool:
        """Whether nothing was found that keeps the shop from being paid."""
        return not self.broken

    @property
    def broken(self) -> tuple[CheckLine, ...]:
        """The lines that keep the shop from being paid."""
        return tuple(line for line in self.lines if line.state == "failed")

    def __str__(self) -> str:
        return "\n".join(map(str, self.lines))


def checkup_of(data: dict[str, Any]) -> Checkup:
    return Checkup(tuple(CheckLine(**line) for line in data["lines"]))
