"""The cost of loading a library in a fresh process, the start of the interpreter left out."""

from __future__ import annotations

import json
import subprocess
from statistics import median

import asked
from bench_run import Run
from languages import NotThere
from peers import LANGUAGE_TITLES, Peer
from report import Row, Section, failure_row, seconds
from rounds import orders

_PYTHON = """
import time
clock, cpu = time.perf_counter(), time.process_time()
{}
print([time.perf_counter() - clock, time.process_time() - cpu])
"""

# The clock of the process itself: what starting Node takes is not in it.
_NODE = """
const load = require('node:module').createRequire(process.argv[1] + '/package.json');
const clock = process.hrtime.bigint(), cpu = process.cpuUsage();
load(process.argv[2]);
const used = process.cpuUsage(cpu);
console.log(JSON.stringify([Number(process.hrtime.bigint() - clock) / 1e9, (used.user + used.system) / 1e6]));
"""


def measure(run: Run) -> Section:
    loads = {f"{peer.language}: {what}": (peer, what) for peer in run.peers for what in peer.loads}
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in loads}
    failures: dict[str, str] = {}
    # The first round writes what later ones read: the compiled modules. It does not count.
    for number, order in enumerate(orders([list(loads)], 2 * run.rounds + 1)):
        for name in order:
            if name in failures or run.must_end or (run.is_over and len(taken[name]) >= 3):
                continue
            try:
                found = _load(run, *loads[name])
            except (subprocess.SubprocessError, OSError, ValueError, NotThere) as error:
                failures[name] = str(error)
                continue
            if number:
                taken[name].append(found)
    rows = []
    for name, (peer, what) in loads.items():
        if name in failures or not taken[name]:
            reason = failures.get(name, "the time was up")
            rows.append(failure_row(LANGUAGE_TITLES[peer.language], _subject(peer, what), reason))
        else:
            rows.append(_row(peer, what, taken[name]))
    return Section("load", "CPU of loading in a fresh process", rows)


def _subject(peer: Peer, what: str) -> str:
    return f"require('{what}')" if peer.language == "node" else what


def _load(run: Run, peer: Peer, what: str) -> tuple[float, float]:
    if peer.name in run.absent:
        raise ValueError(run.absent[peer.name])
    program, *_ = run.tools.command(peer)
    arguments = ["-c", _PYTHON.format(what)]
    if peer.language == "node":
        arguments = ["-e", _NODE, str(run.tools.node_packages), what]
    done = subprocess.run(
        [program, *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=run.patience,
        env=run.tools.environment(),
        check=False,
    )
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if "Error" in line]
        raise ValueError((lines or ["it failed without a word"])[-1][:300])
    clock, cpu = json.loads(done.stdout.splitlines()[-1])
    return clock, cpu


def _row(peer: Peer, what: str, taken: list[tuple[float, float]]) -> Row:
    clocks, cpus = [clock for clock, _ in taken], [cpu for _, cpu in taken]
    middle, limit = median(cpus), asked.LOADING_SECONDS.get((peer.language, what))
    return Row(
        group=LANGUAGE_TITLES[peer.language],
        subject=_subject(peer, what),
        figure=seconds(middle),
        detail=(
            f"{seconds(min(cpus))} to {seconds(max(cpus))} in {len(cpus)} processes; "
            f"{seconds(median(clocks))} by the clock"
        ),
        asked="" if limit is None else f"at most {seconds(limit)}",
        is_met=None if limit is None else middle <= limit,
        numbers={"median_seconds": middle, "cpu_seconds": cpus, "clock_seconds": clocks},
    )
