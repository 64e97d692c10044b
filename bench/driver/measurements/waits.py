"""The memory of ten thousand waits in flight, in a process of Rust that does nothing else."""

from __future__ import annotations

import json
import subprocess

import asked
from bench_run import Run
from report import Row, Section, failure_row

_GROUP = "Rust, multi-thread runtime"


def mebibytes(value: float) -> str:
    """The unit in which this was asked for."""
    return f"{value / 1024 / 1024:.0f} MiB"


def measure(run: Run) -> Section:
    title = "Resident memory of 10,000 waits in flight"
    try:
        row = _row(run)
    except (OSError, subprocess.SubprocessError, ValueError) as failure:
        row = failure_row(_GROUP, "lipia", str(failure))
    return Section("waits", title, [row])


def _row(run: Run) -> Row:
    # Its standard input stays open for as long as it works: it ends with us.
    process = subprocess.Popen(
        [str(run.tools.rust), "waits", run.gateway.base_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=run.tools.environment(),
        text=True,
    )
    try:
        assert process.stdout is not None and process.stderr is not None
        # What is written to its standard input would close it.
        process.wait(timeout=run.longest_seconds)
        found, said = process.stdout.read(), process.stderr.read()
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()
    if process.returncode:
        raise ValueError(said.strip().split("\n")[-1] or f"it ended with {process.returncode}")
    numbers = json.loads(found)
    peak = numbers["peak_bytes"]
    return Row(
        group=_GROUP,
        subject="lipia",
        figure=mebibytes(peak),
        detail=(
            f"at most; {mebibytes(numbers['begun_bytes'])} once all have begun, "
            f"{mebibytes(numbers['asked_once_bytes'])} after the first question of each"
        ),
        asked=f"at most {mebibytes(asked.WAITS_BYTES)}",
        is_met=peak <= asked.WAITS_BYTES,
        numbers=numbers,
    )
