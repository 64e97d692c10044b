"""The effect of one call of each library on a customer where something goes wrong after the gateway has acted: how many push requests
it sends, how many prompts the phone shows, and what it tells its caller. The gateway is Lipia's sandbox, one for each, all at the
same time.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import asked
from bench_run import Run
from peers import Contestant
from report import Row, Section, failure_row
from servers import Sandbox
from workers import PeerFailed


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong with every push."""

    title: str
    #: The same where there is little room.
    brief: str
    #: What the sandbox is told.
    injected: dict[str, Any]
    #: How long clients wait for an answer.
    timeout_seconds: int = 30


#: The sandbox's clock runs this much faster than ours, so that its customers pay in a fifth of a second.
_TIME_SCALE = 100.0

LOST = Fault("the connection closes without an answer", "no answer", {"kind": "answer_lost"})
UNAVAILABLE = Fault(
    "a proxy answers 503", "503", {"kind": "unavailable_html", "after_acting": True}
)
#: mpesakit waits for 10 seconds and cannot be told otherwise.
LATE = Fault(
    "the answer comes after the client's timeout",
    "late answer",
    {"kind": "slow_after", "seconds": 12 * _TIME_SCALE},
    timeout_seconds=1,
)

#: No more of them at a time: what is slow to start must not look slow to answer.
_AT_A_TIME = 8


def contestants_of(run: Run) -> list[Contestant]:
    """Each library in each of its ways, for which it may have another HTTP library; by hand, and on another runtime, nothing
    changes.
    """
    return [
        Contestant(peer, mode)
        for peer in run.peers
        for mode in (peer.modes if peer.is_library else peer.modes[:1])
        if mode != "multi-thread"
    ]


def measure(run: Run, fault: Fault) -> Section:
    contestants = contestants_of(run)
    with ThreadPoolExecutor(max_workers=_AT_A_TIME) as pool:
        rows = list(pool.map(lambda one: _one(run, fault, one), contestants))
    return Section(
        "faults",
        f"Prompts of one call, when the gateway has acted and then {fault.title}",
        rows,
        column=fault.brief,
    )


def _one(run: Run, fault: Fault, contestant: Contestant) -> Row:
    peer = contestant.peer
    try:
        if peer.name in run.absent:
            raise PeerFailed(run.absent[peer.name])
        with Sandbox(run.tools, _TIME_SCALE) as sandbox, run.worker(peer) as worker:
            where = run.where(base_url=sandbox.base_url, timeout_seconds=fault.timeout_seconds)
            worker.ask("make", where=where, mode=contestant.mode, longest_seconds=run.patience)
            sandbox.inject(**fault.injected)
            ended = worker.ask("push_once", longest_seconds=run.patience)["ended"]
            counters = sandbox.counters()
    except (PeerFailed, OSError, RuntimeError) as failure:
        return failure_row(contestant.group, peer.title, str(failure))
    return _row(contestant, counters, str(ended))


def _row(contestant: Contestant, counters: dict[str, Any], ended: str) -> Row:
    peer = contestant.peer
    sent, prompts = int(counters["push_attempts"]), int(counters["prompts"])
    refused = int(counters["push_refused"])
    figure = brief = f"{prompts} prompt{'' if prompts == 1 else 's'}"
    detail = f"{sent} sent; the caller is told: {ended}"
    if refused:
        # What it sends is not what the sandbox takes, whatever goes wrong then: how often it sends is what can be said.
        figure = brief = f"{sent} sent, {refused} refused"
        detail = f"refused by the sandbox as it stands, so nobody was prompted; {detail}"
    is_once = (sent, prompts) == (asked.PROMPTS, asked.PROMPTS)
    return Row(
        group=contestant.group,
        subject=peer.title,
        figure=figure,
        detail=detail,
        asked=f"exactly {asked.PROMPTS}" if peer.is_lipia else "",
        is_met=is_once if peer.is_lipia else None,
        brief=brief,
        numbers={"push_requests": sent, "prompts": prompts, "refused": refused, "ended": ended},
    )
