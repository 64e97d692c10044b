"""CPU of an import in a fresh interpreter, the interpreter's own start left out."""

from __future__ import annotations

import subprocess
import sys
from statistics import median

from bench_run import Run
from peers import LIPIA, PEERS
from processes import environment
from report import Row, Section, failure_row, seconds
from rounds import orders

#: The most that `import lipia` may cost.
_ASKED_SECONDS = 0.015

_PROGRAM = "import time; began = time.process_time(); {}; print(time.process_time() - began)"


def measure(run: Run) -> Section:
    statements = [statement for peer in PEERS for statement in peer.imports]
    taken: dict[str, list[float]] = {statement: [] for statement in statements}
    failures: dict[str, str] = {}
    # The first round writes what later ones read: the compiled modules.
    for number, order in enumerate(orders(statements, run.rounds + 1)):
        for statement in order:
            if statement in failures or run.is_over:
                continue
            try:
                cpu = _import(statement, run.patience)
            except (subprocess.SubprocessError, ValueError) as error:
                failures[statement] = str(error)
                continue
            if number:
                taken[statement].append(cpu)
    rows = []
    for statement in statements:
        if statement in failures or not taken[statement]:
            rows.append(failure_row(statement, failures.get(statement, "the time was up")))
        else:
            rows.append(_row(statement, taken[statement]))
    return Section("CPU of an import in a fresh interpreter", rows)


def _import(statement: str, longest_seconds: float) -> float:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM.format(statement)],
        capture_output=True,
        text=True,
        timeout=max(longest_seconds, 0.1),
        env=environment(),
        check=False,
    )
    if done.returncode != 0:
        raise ValueError(done.stderr.strip().split("\n")[-1])
    return float(done.stdout)


def _row(statement: str, taken: list[float]) -> Row:
    middle = median(taken)
    is_asked = statement == LIPIA.imports[0]
    return Row(
        subject=statement,
        figure=seconds(middle),
        detail=f"{seconds(min(taken))} to {seconds(max(taken))} in {len(taken)} rounds",
        asked=f"at most {seconds(_ASKED_SECONDS)}" if is_asked else "",
        is_met=middle <= _ASKED_SECONDS if is_asked else None,
        numbers={"median_seconds": middle, "seconds": taken},
    )
