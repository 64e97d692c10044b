"""The CPU time of one push to a gateway that accepts at once, with a number of calls in flight."""

from __future__ import annotations

import asked
from bench_run import Run
from peers import BLOCKING, Contestant
from report import Section
from turns import in_turns, measured, rows_of
from workers import Worker

#: What was asked for at 64 in flight was asked for asyncio alone, and against this one.
_AT_64 = ("lipia", "by_hand_httpx")


def contestants_of(run: Run, in_flight: int) -> list[Contestant]:
    """Who takes part. Code that blocks has one call in flight and no more."""
    everybody = [Contestant(peer, mode) for peer in run.peers for mode in peer.modes]
    if in_flight == 1:
        return everybody
    together = [one for one in everybody if one.mode != BLOCKING]
    if in_flight == 64:
        return [one for one in together if one.mode == "asyncio" and one.peer.module in _AT_64]
    return together


def measure(run: Run, in_flight: int) -> Section:
    contestants = contestants_of(run, in_flight)
    where = run.where(connections=in_flight)

    def make(worker: Worker, contestant: Contestant) -> None:
        worker.ask("make", where=where, mode=contestant.mode, longest_seconds=run.patience)

    def push(worker: Worker, contestant: Contestant, pieces: int) -> tuple[float, float]:
        answer = worker.ask(
            "push", pieces=pieces, in_flight=in_flight, longest_seconds=run.patience
        )
        return measured(answer)

    taken = in_turns(run, contestants, prepare=make, work=push)
    limits = {
        one.name: limit
        for one in contestants
        if (limit := asked.PUSH.get((one.peer.language, one.mode, in_flight, one.peer.module)))
    }
    return Section(
        "push",
        f"CPU of a push, {in_flight} in flight: Lipia's as a share of the other's",
        rows_of(taken, contestants, asked=limits),
        column=f"{in_flight} in flight",
    )
