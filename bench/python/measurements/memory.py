"""The peak of resident memory of a process that imports a library and pushes so often, one after
the other.
"""

from __future__ import annotations

from bench_run import Run
from peers import BY_NAME, PEERS, Peer
from processes import PeerFailed, Worker
from report import Row, Section, failure_row, mebibytes

#: Makes an HTTP client anew for each push, which takes as long as a hundred pushes of the others.
_TOO_SLOW = "mpesakit"
_BARE = BY_NAME["json_alone"]


def measure(run: Run) -> Section:
    rows = []
    for peer in (_BARE, *(peer for peer in PEERS if peer.pushes)):
        if peer.name == _TOO_SLOW:
            rows.append(failure_row(peer.title, "so many pushes take minutes; see use_session"))
            continue
        try:
            rows.append(_one(run, peer))
        except PeerFailed as failure:
            rows.append(failure_row(peer.title, str(failure)))
    return Section(f"Peak of resident memory after {run.pushes:,} pushes", rows)


def _one(run: Run, peer: Peer) -> Row:
    worker = Worker(peer, longest_seconds=run.patience)
    try:
        if peer is _BARE:
            bare = worker.ask("memory", longest_seconds=run.patience)["peak_bytes"]
            return Row("Python and the bench alone", mebibytes(bare), numbers={"peak_bytes": bare})
        worker.ask("make", where=run.where, longest_seconds=run.patience)
        # The first push makes what stays: token, connection, caches.
        worker.ask("push", pieces=1, longest_seconds=run.patience)
        before = worker.ask("memory", longest_seconds=run.patience)["peak_bytes"]
        worker.ask("push", pieces=run.pushes, longest_seconds=run.patience)
        after = worker.ask("memory", longest_seconds=run.patience)["peak_bytes"]
    finally:
        worker.end()
    return Row(
        subject=peer.title,
        figure=mebibytes(after),
        detail=f"{mebibytes(after - before)} of it since the first push",
        numbers={"peak_bytes": after, "since_first_push_bytes": after - before},
    )
