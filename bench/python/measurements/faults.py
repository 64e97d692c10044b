"""What one call of each library does to a customer where something goes wrong after the gateway has
acted: how many push requests it sends, how many prompts the phone shows, and what it tells its
caller. The gateway is Lipia's sandbox, one for each, all at the same time.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from bench_run import Run
from peers import LIPIA, PEERS, Peer
from peers.sale import Where
from processes import PeerFailed, Worker
from report import Row, Section, failure_row


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong with every push."""

    title: str
    #: What the sandbox is told.
    injected: dict[str, Any]
    #: How long clients wait for an answer.
    timeout_seconds: int = 30


#: The sandbox's clock runs this much faster than ours, so that its customers pay in a fifth of a
#: second.
_TIME_SCALE = 100.0

LOST = Fault("the connection closes without an answer", {"kind": "answer_lost"})
UNAVAILABLE = Fault("a proxy answers 503", {"kind": "unavailable_html", "after_acting": True})
#: mpesakit waits for 10 seconds, and cannot be told otherwise.
LATE = Fault(
    "the answer comes after the client's timeout",
    {"kind": "slow_after", "seconds": 12 * _TIME_SCALE},
    timeout_seconds=1,
)


def measure_quick(run: Run) -> Section:
    """The faults that are over in seconds."""
    return _measure(run, (LOST, UNAVAILABLE))


def measure_late(run: Run) -> Section:
    """The one that takes longer."""
    return _measure(run, (LATE,))


def _measure(run: Run, faults: tuple[Fault, ...]) -> Section:
    peers = [peer for peer in PEERS if peer.pushes]
    rows: list[Row] = []
    for fault in faults:
        with ThreadPoolExecutor(max_workers=len(peers)) as pool:
            rows += pool.map(lambda peer: _one(run, fault, peer), peers)
    return Section(
        "Push requests and prompts of one call, when the gateway has acted and then …", rows
    )


def _one(run: Run, fault: Fault, peer: Peer) -> Row:
    import lipia

    subject = f"{fault.title}: {peer.title}"
    try:
        with lipia.Sandbox(time_scale=_TIME_SCALE) as sandbox:
            sandbox.inject("push", times=None, **fault.injected)
            keys = {
                name: value
                for name, value in sandbox.settings().items()
                if name in Where.__dataclass_fields__
            }
            where = asdict(Where(timeout_seconds=fault.timeout_seconds, **keys))
            worker = Worker(peer, longest_seconds=run.patience)
            try:
                worker.ask("make", where=where, longest_seconds=run.patience)
                ended = worker.ask("push_once", longest_seconds=run.patience)["ended"]
            finally:
                worker.end()
            counters = sandbox.counters()
    except (PeerFailed, OSError) as failure:
        return failure_row(subject, str(failure))
    sent, prompts = int(counters["push_attempts"]), int(counters["prompts"])
    is_asked = peer is LIPIA
    return Row(
        subject=subject,
        figure=f"{prompts} prompt{'' if prompts == 1 else 's'}",
        detail=f"{sent} sent; the caller is told {ended}",
        asked="exactly 1" if is_asked else "",
        is_met=(sent, prompts) == (1, 1) if is_asked else None,
        numbers={"push_requests": sent, "prompts": prompts, "ended": ended},
    )
