"""OAuth calls of 20 pushes that begin at the same moment with a client that has no token yet. The gateway counts, and takes long
enough for a token that all of them come before it.
"""

from __future__ import annotations

import asked
from bench_run import Run
from peers import Contestant
from report import Row, Section, failure_row
from workers import PeerFailed

_PUSHES = 20
_TOKEN_MILLISECONDS = 50


def measure(run: Run) -> Section:
    contestants = [
        Contestant(peer, mode) for peer in run.peers if peer.is_library for mode in peer.modes
    ]
    run.gateway.take_for_a_token(_TOKEN_MILLISECONDS)
    try:
        rows = [_one(run, contestant) for contestant in contestants]
    finally:
        run.gateway.take_for_a_token(0)
    return Section("tokens", f"OAuth calls of {_PUSHES} cold pushes at once", rows)


def _one(run: Run, contestant: Contestant) -> Row:
    peer = contestant.peer
    try:
        if peer.name in run.absent:
            raise PeerFailed(run.absent[peer.name])
        with run.worker(peer) as worker:
            worker.ask(
                "make", where=run.where(), mode=contestant.mode, longest_seconds=run.patience
            )
            before = run.gateway.tokens()
            ended = worker.ask("push_at_once", pieces=_PUSHES, longest_seconds=run.patience)
            calls = run.gateway.tokens() - before
    except (PeerFailed, OSError) as failure:
        return failure_row(contestant.group, peer.title, str(failure))
    failed = [str(name) for name in ended["ended"] if name != "accepted"]
    told = f"{len(failed)} pushes failed: {', '.join(sorted(set(failed)))}" if failed else ""
    return Row(
        group=contestant.group,
        subject=peer.title,
        figure=str(calls),
        detail=told,
        asked=f"exactly {asked.TOKENS}" if peer.is_lipia else "",
        is_met=calls == asked.TOKENS and not failed if peer.is_lipia else None,
        numbers={"oauth_calls": calls, "failed_pushes": len(failed)},
    )
