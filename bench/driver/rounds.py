"""Turns, sizes and ratios. Pure: nothing here looks at a clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

__all__ = ["Ratio", "median", "orders", "pieces_for", "ratio"]


_Any = TypeVar("_Any")


def orders(groups: Sequence[Sequence[str]], rounds: int) -> Iterator[list[str]]:
    """Who comes after whom in each round. Those of one group, who are compared with each other, come together: the machine is not
    the same a few seconds later. Whoever goes first finds the caches as the last one left them, so the first place moves on from
    round to round, and every other round runs backwards; of the groups, and within each.

    >>> list(orders([["a", "b", "c"], ["d"]], 3))
    [['a', 'b', 'c', 'd'], ['d', 'b', 'a', 'c'], ['c', 'a', 'b', 'd']]
    """
    for number in range(rounds):
        yield [name for group in _turned(groups, number) for name in _turned(group, number)]


def _turned(some: Sequence[_Any], number: int) -> list[_Any]:
    step = -1 if number % 2 else 1
    return [some[(number + step * place) % len(some)] for place in range(len(some))]


def pieces_for(seconds_per_piece: float, batch_seconds: float, *, most: int = 200_000) -> int:
    """How many pieces of work fill a batch of so many seconds: at least 4, or a batch says nothing.

    >>> pieces_for(0.001, 0.4)
    400
    >>> pieces_for(0.5, 0.4)
    4
    """
    if seconds_per_piece <= 0:
        return most
    return max(4, min(most, round(batch_seconds / seconds_per_piece)))


@dataclass(frozen=True)
class Ratio:
    """What one costs of what another costs, over the rounds in which both ran."""

    #: The middle of the rounds' ratios.
    middle: float
    #: The smallest of them.
    least: float
    #: The largest of them.
    most: float
    #: How many rounds.
    rounds: int
    #: The middle of what the first costs, in seconds a piece.
    candidate_seconds: float
    #: The middle of what the second costs, in seconds a piece.
    base_seconds: float


def ratio(candidate: Sequence[float], base: Sequence[float]) -> Ratio:
    """The ratio of each round, summed up. Both ran in every round that counts.

    :param candidate: CPU seconds a piece, a number for each round.
    :param base: the same of what it is compared with.
    :raises ValueError: where there is no round in which both ran.

    >>> ratio([1.0, 2.0, 3.0], [2.0, 2.0, 2.0]).middle
    1.0
    """
    ratios = [ours / theirs for ours, theirs in zip(candidate, base) if theirs > 0]
    if not ratios:
        raise ValueError("no round in which both ran")
    return Ratio(
        middle=median(ratios),
        least=min(ratios),
        most=max(ratios),
        rounds=len(ratios),
        candidate_seconds=median(candidate),
        base_seconds=median(base),
    )
