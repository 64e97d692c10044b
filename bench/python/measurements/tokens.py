"""OAuth calls of 20 pushes that begin at the same moment with a client that has no token yet. The
gateway counts.
"""

from __future__ import annotations

from bench_run import Run
from peers import LIPIA, PEERS
from processes import PeerFailed, Worker
from report import Row, Section, failure_row

_PUSHES = 20


def measure(run: Run) -> Section:
    rows = []
    for peer in PEERS:
        if not peer.is_library:
            continue
        for kind, there_is, make, push in (
            ("threads", peer.pushes, "make", "push_at_once"),
            ("tasks", peer.pushes_async, "make_async", "push_at_once_async"),
        ):
            if not there_is:
                continue
            subject = f"{peer.title}, {_PUSHES} {kind}"
            try:
                worker = Worker(peer, longest_seconds=run.patience)
                try:
                    worker.ask(make, where=run.where, longest_seconds=run.patience)
                    before = run.gateway.tokens()
                    ended = worker.ask(push, pieces=_PUSHES, longest_seconds=run.patience)["ended"]
                    calls = run.gateway.tokens() - before
                finally:
                    worker.end()
            except (PeerFailed, OSError) as failure:
                rows.append(failure_row(subject, str(failure)))
                continue
            rows.append(_row(subject, calls, ended, is_asked=peer is LIPIA))
    return Section(f"OAuth calls of {_PUSHES} cold pushes at once", rows)


def _row(subject: str, calls: int, ended: list[str], *, is_asked: bool) -> Row:
    failed = [name for name in ended if name != "accepted"]
    detail = "" if not failed else f"{len(failed)} pushes failed: {', '.join(sorted(set(failed)))}"
    return Row(
        subject=subject,
        figure=str(calls),
        detail=detail,
        asked="exactly 1" if is_asked else "",
        is_met=calls == 1 and not failed if is_asked else None,
        numbers={"oauth_calls": calls, "failed_pushes": len(failed)},
    )
