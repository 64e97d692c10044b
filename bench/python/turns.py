"""CPU time of several peers that take turns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bench_run import Run
from peers import BY_NAME, LIPIA, Peer
from processes import PeerFailed, Worker, workers
from report import Row, failure_row, ratio_row
from rounds import orders, pieces_for, ratio


@dataclass(frozen=True)
class Taken:
    """What was measured."""

    #: CPU seconds a piece of each peer, a number for each round.
    cpu_seconds: dict[str, list[float]]
    #: Why others were not measured, by peer.
    failures: dict[str, str]


def in_turns(
    run: Run,
    peers: Iterable[Peer],
    *,
    prepare: Callable[[Worker], None],
    work: Callable[[Worker, int], tuple[float, float]],
) -> Taken:
    """Lets the peers take turns, each in a process of its own.

    :param prepare: what a worker does first; it does not count.
    :param work: has a worker do so many pieces; returns CPU and wall-clock seconds.
    """
    cpu_seconds: dict[str, list[float]] = {}
    pieces: dict[str, int] = {}
    with workers(peers, longest_seconds=run.patience) as (started, failures):

        def attempt(name: str, step: Callable[[Worker], None]) -> None:
            # A peer that fails leaves; the others go on.
            try:
                step(started[name])
            except PeerFailed as failure:
                failures[name] = str(failure)
                cpu_seconds.pop(name, None)
                started.pop(name).end()

        def warm_up(worker: Worker) -> None:
            prepare(worker)
            # Connections, token, caches; then larger and larger, until a batch says how long a
            # piece takes.
            many, wall = 1, 0.0
            work(worker, many)
            while wall < run.batch_seconds / 8:
                many *= 4
                _, wall = work(worker, many)
            pieces[worker.peer.name] = pieces_for(wall / many, run.batch_seconds)
            cpu_seconds[worker.peer.name] = []

        def one_round(worker: Worker) -> None:
            many = pieces[worker.peer.name]
            cpu, _ = work(worker, many)
            cpu_seconds[worker.peer.name].append(cpu / many)

        for name in list(started):
            attempt(name, warm_up)
        for order in orders(list(started), run.rounds):
            if run.is_over:
                break
            for name in order:
                if name in started:
                    attempt(name, one_round)
    return Taken(cpu_seconds, failures)


def rows_of(taken: Taken, *, asked: dict[str, float]) -> list[Row]:
    """What Lipia costs of what each other costs.

    :param asked: the most that it may be, by the other's name.
    """
    rows = []
    ours = taken.cpu_seconds.get(LIPIA.name)
    for name, theirs in taken.cpu_seconds.items():
        if ours is None or name == LIPIA.name:
            continue
        subject = f"lipia / {BY_NAME[name].title}"
        try:
            rows.append(ratio_row(subject, ratio(ours, theirs), at_most=asked.get(name)))
        except ValueError as error:
            rows.append(failure_row(subject, str(error)))
    rows += [failure_row(BY_NAME[name].title, why) for name, why in taken.failures.items()]
    return rows


def measured(answer: dict[str, float]) -> tuple[float, float]:
    """CPU and wall-clock seconds of a worker's answer."""
    return answer["cpu_seconds"], answer["wall_seconds"]
