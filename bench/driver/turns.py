"""The CPU time of several peers that take turns, whatever their language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench_run import Run
from languages import WARM_PIECES
from peers import Contestant
from report import Row, failure_row, own_row, ratio_row
from rounds import orders, pieces_for, ratio
from workers import PeerFailed, Worker

_TIME_WAS_UP = "the time was up"

#: However long that takes, unless the whole run must end.
_MIN_ROUNDS = 3

#: Has a worker do so many pieces; returns CPU and wall-clock seconds.
Work = Callable[[Worker, Contestant, int], tuple[float, float]]


@dataclass(frozen=True)
class Taken:
    """What was measured."""

    #: CPU seconds a piece of each contestant, a number for each round.
    cpu_seconds: dict[str, list[float]]
    #: Why others were not measured, by name.
    failures: dict[str, str]


def in_turns(
    run: Run,
    contestants: Sequence[Contestant],
    *,
    prepare: Callable[[Worker, Contestant], None],
    work: Work,
) -> Taken:
    """Lets them take turns, each in a process of its own.

    :param prepare: what a worker does first; it does not count.
    :param work: what counts.
    """
    cpu_seconds: dict[str, list[float]] = {}
    failures: dict[str, str] = {}
    pieces: dict[str, int] = {}
    started: dict[str, Worker] = {}
    by_name = {contestant.name: contestant for contestant in contestants}

    def attempt(name: str, step: Callable[[Contestant], None]) -> None:
        # A peer that fails leaves; the others go on.
        try:
            step(by_name[name])
        except PeerFailed as failure:
            failures[name] = str(failure)
            cpu_seconds.pop(name, None)
            worker = started.pop(name, None)
            if worker is not None:
                worker.end()

    def begin(contestant: Contestant) -> None:
        absent = run.absent.get(contestant.peer.name)
        if absent is not None:
            raise PeerFailed(absent)
        if run.must_end:
            raise PeerFailed(_TIME_WAS_UP)
        worker = started[contestant.name] = run.worker(contestant.peer)
        prepare(worker, contestant)
        # The first one makes connections, token, caches, and says nothing of how long a piece takes. Then larger and larger,
        # until a batch does, and compilers have seen enough.
        many, wall = 1, 0.0
        work(worker, contestant, many)
        least = WARM_PIECES[contestant.peer.language]
        while (wall < run.batch_seconds / 8 or many < least) and not run.must_end:
            many *= 4
            _, wall = work(worker, contestant, many)
        pieces[contestant.name] = pieces_for(wall / many, run.batch_seconds)
        cpu_seconds[contestant.name] = []

    def one_round(contestant: Contestant) -> None:
        many = pieces[contestant.name]
        cpu, _ = work(started[contestant.name], contestant, many)
        cpu_seconds[contestant.name].append(cpu / many)

    try:
        for name in by_name:
            attempt(name, begin)
        groups: dict[str, list[str]] = {}
        for name in started:
            groups.setdefault(by_name[name].group, []).append(name)
        for number, order in enumerate(orders(list(groups.values()), run.rounds)):
            # On a busy machine warming up takes all the time there was, and would be for nothing.
            if run.must_end or (run.is_over and number >= _MIN_ROUNDS):
                break
            for name in order:
                if name in started:
                    attempt(name, one_round)
    finally:
        for worker in started.values():
            worker.end()
    return Taken(cpu_seconds, failures)


def rows_of(
    taken: Taken,
    contestants: Sequence[Contestant],
    *,
    asked: Mapping[str, float],
    group: Callable[[Contestant], str] = lambda contestant: contestant.group,
    note: Callable[[float, float], str] = lambda ours, theirs: "",
) -> list[Row]:
    """What Lipia costs of what each other of its group costs.

    :param asked: the most that it may be, by the other's name.
    :param note: more to say, of what both cost in seconds.
    """
    ours = {group(one): taken.cpu_seconds.get(one.name) for one in contestants if one.peer.is_lipia}
    rows = []
    for one in contestants:
        title, theirs = one.peer.title, taken.cpu_seconds.get(one.name)
        if not theirs:
            rows.append(failure_row(group(one), title, taken.failures.get(one.name, _TIME_WAS_UP)))
            continue
        if one.peer.is_lipia:
            rows.append(own_row(group(one), theirs))
            continue
        candidate, base = ours.get(group(one)), theirs
        if not candidate:
            rows.append(failure_row(group(one), title, "there is no Lipia to compare it with"))
            continue
        try:
            found = ratio(candidate, base)
        except ValueError as error:
            rows.append(failure_row(group(one), title, str(error)))
            continue
        told = note(found.candidate_seconds, found.base_seconds)
        rows.append(ratio_row(group(one), title, found, at_most=asked.get(one.name), note=told))
    return rows


def measured(answer: Mapping[str, float]) -> tuple[float, float]:
    """CPU and wall-clock seconds of a worker's answer."""
    return answer["cpu_seconds"], answer["wall_seconds"]
