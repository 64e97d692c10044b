"""The resident memory of a process that loads a library and pushes many times."""

from __future__ import annotations

from statistics import median

from bench_run import Run
from peers import BLOCKING, Contestant
from report import Row, Section, failure_row, megabytes
from workers import PeerFailed

_IN_FLIGHT = 32


def contestants_of(run: Run) -> list[Contestant]:
    """One way of each language."""
    return [
        Contestant(peer, peer.modes[0]) for peer in run.peers if peer.modes and not peer.is_slow
    ]


def measure(run: Run) -> Section:
    contestants = contestants_of(run)
    taken: dict[str, list[dict[str, float]]] = {one.name: [] for one in contestants}
    failures: dict[str, str] = {}
    for _ in range(run.processes):
        for one in contestants:
            if one.name in failures or (taken[one.name] and (run.is_over or run.must_end)):
                continue
            try:
                taken[one.name].append(_one(run, one))
            except PeerFailed as failure:
                failures[one.name] = str(failure)
    rows = [_row(one, taken, failures, contestants) for one in contestants]
    return Section("memory", f"Resident memory at its peak after {run.pushes:,} pushes", rows)


def _one(run: Run, contestant: Contestant) -> dict[str, float]:
    if contestant.peer.name in run.absent:
        raise PeerFailed(run.absent[contestant.peer.name])
    with run.worker(contestant.peer) as worker:
        in_flight = 1 if contestant.mode == BLOCKING else _IN_FLIGHT
        where = run.where(connections=in_flight)
        worker.ask("make", where=where, mode=contestant.mode, longest_seconds=run.patience)
        # The first push makes what stays: token, connection, caches.
        worker.ask("push", pieces=1, in_flight=1, longest_seconds=run.patience)
        before = worker.ask("memory", longest_seconds=run.patience)
        worker.ask("push", pieces=run.pushes, in_flight=in_flight, longest_seconds=run.patience)
        after = worker.ask("memory", longest_seconds=run.patience)
    since = after["peak_bytes"] - before["peak_bytes"]
    return {**after, "since_first_push_bytes": since}


def _middle(found: list[dict[str, float]], part: str) -> float:
    return median(one[part] for one in found)


def _row(
    one: Contestant,
    taken: dict[str, list[dict[str, float]]],
    failures: dict[str, str],
    contestants: list[Contestant],
) -> Row:
    if one.name in failures:
        return failure_row(one.group, one.peer.title, failures[one.name])
    found = taken[one.name]
    peak = _middle(found, "peak_bytes")
    detail = f"{megabytes(_middle(found, 'since_first_push_bytes'))} of it since the first push"
    if "resident_after_collection_bytes" in found[0]:
        rest = _middle(found, "resident_after_collection_bytes")
        detail += f"; {megabytes(rest)} resident once the rubbish is gone"
    if len(found) > 1:
        detail += f"; median of {len(found)} processes"
    base = next((other for other in contestants if other.peer.name == "node:by_hand_fetch"), None)
    is_asked = one.peer.name == "node:lipia" and base is not None and bool(taken[base.name])
    is_met = None
    if is_asked and base is not None:
        is_met = all(
            _middle(found, part) < _middle(taken[base.name], part)
            for part in ("peak_bytes", "resident_bytes", "resident_after_collection_bytes")
        )
    return Row(
        group=one.group,
        subject=one.peer.title,
        figure=megabytes(peak),
        detail=detail,
        asked="below fetch by hand, before and after" if is_asked else "",
        is_met=is_met,
        numbers={"peak_bytes": peak, "processes": found},
    )
