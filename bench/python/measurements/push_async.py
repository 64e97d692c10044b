"""CPU of one push from asyncio, 1 and 64 in flight, to a gateway that accepts at once."""

from __future__ import annotations

from bench_run import Run
from peers import PEERS
from processes import Worker
from report import Section
from turns import in_turns, measured, rows_of


def measure_one(run: Run) -> Section:
    """One in flight."""
    return _measure(run, 1, asked={})


def measure_many(run: Run) -> Section:
    """64 in flight."""
    return _measure(run, 64, asked={"by_hand_httpx": 0.15})


def _measure(run: Run, in_flight: int, *, asked: dict[str, float]) -> Section:
    def make(worker: Worker) -> None:
        worker.ask("make_async", where=run.where, longest_seconds=run.patience)

    def push(worker: Worker, pieces: int) -> tuple[float, float]:
        return measured(
            worker.ask(
                "push_async", pieces=pieces, in_flight=in_flight, longest_seconds=run.patience
            )
        )

    taken = in_turns(run, [peer for peer in PEERS if peer.pushes_async], prepare=make, work=push)
    return Section(
        f"CPU of a push from asyncio, {in_flight} in flight", rows_of(taken, asked=asked)
    )
