"""CPU of reading a callback: the success that `bench/` reads too."""

from __future__ import annotations

from bench_run import Run
from peers import PEERS
from processes import REPOSITORY, Worker
from report import Section
from turns import in_turns, measured, rows_of

_BODY = REPOSITORY / "core/vectors/callbacks/d002_success_balance_item_without_value.json"


def measure(run: Run) -> Section:
    body = _BODY.read_text(encoding="utf-8")

    def nothing(_: Worker) -> None:
        pass

    def parse(worker: Worker, pieces: int) -> tuple[float, float]:
        return measured(worker.ask("parse", pieces=pieces, body=body, longest_seconds=run.patience))

    taken = in_turns(run, [peer for peer in PEERS if peer.parses], prepare=nothing, work=parse)
    rows = rows_of(taken, asked={"json_checked": 1.0})
    return Section(f"CPU of reading a callback of {len(body.encode())} bytes", rows)
