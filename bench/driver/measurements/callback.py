"""The CPU time of reading a callback: a success of `core/vectors`, indented as in the documents or compact as most servers write."""

from __future__ import annotations

import json

import asked
from bench_run import Run
from languages import REPOSITORY
from peers import Contestant, group_title
from report import Section, per_second
from turns import in_turns, measured, rows_of
from workers import Worker

_BODY = REPOSITORY / "core/vectors/callbacks/d002_success_balance_item_without_value.json"

#: As what the body is given to its reader. Servers of Node hand over the one or the other.
_FORMS = {"python": ("bytes",), "node": ("bytes", "text"), "rust": ("bytes",)}


def measure(run: Run, layout: str) -> Section:
    body = _BODY.read_text(encoding="utf-8")
    if layout == "compact":
        body = json.dumps(json.loads(body), separators=(",", ":"))
    contestants = [
        Contestant(peer, form)
        for peer in run.peers
        if peer.parses
        for form in _FORMS[peer.language]
    ]

    def nothing(worker: Worker, contestant: Contestant) -> None:
        pass

    def parse(worker: Worker, contestant: Contestant, pieces: int) -> tuple[float, float]:
        given = {"as_text": True} if contestant.mode == "text" else {}
        answer = worker.ask(
            "parse", pieces=pieces, body=body, longest_seconds=run.patience, **given
        )
        return measured(answer)

    def note(ours: float, theirs: float) -> str:
        return f", {per_second(ours)} against {per_second(theirs)}"

    def group(contestant: Contestant) -> str:
        return group_title(contestant.peer.language, contestant.mode)

    taken = in_turns(run, contestants, prepare=nothing, work=parse)
    limits = {
        one.name: limit
        for one in contestants
        if (limit := asked.CALLBACK.get((one.peer.language, one.peer.module)))
    }
    size = len(body.encode())
    return Section(
        "callback",
        f"CPU of reading a callback of {size} bytes, {layout}: Lipia's as a share of the other's",
        rows_of(taken, contestants, asked=limits, group=group, note=note),
        column=layout,
    )
