"""CPU of one push from code that blocks, one at a time, to a gateway that accepts at once."""

from __future__ import annotations

from bench_run import Run
from peers import PEERS
from processes import Worker
from report import Section
from turns import in_turns, measured, rows_of


def measure(run: Run) -> Section:
    def make(worker: Worker) -> None:
        worker.ask("make", where=run.where, longest_seconds=run.patience)

    def push(worker: Worker, pieces: int) -> tuple[float, float]:
        return measured(worker.ask("push", pieces=pieces, longest_seconds=run.patience))

    taken = in_turns(run, [peer for peer in PEERS if peer.pushes], prepare=make, work=push)
    rows = rows_of(taken, asked={"daraja_v3": 0.30})
    return Section("CPU of a push that blocks, 1 in flight", rows)
