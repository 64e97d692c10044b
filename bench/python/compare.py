"""Lipia's Python package beside its peers: the table of contents. ``bench/python/run`` starts it
with all it needs.

Everything is from one run on one machine. Nothing is a test, and nothing fails because it is slow.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import machine
from bench_run import Run
from measurements import (
    callback,
    faults,
    imports,
    memory,
    push_async,
    push_sync,
    size,
    tokens,
)
from processes import Gateway
from report import Section, as_json, as_text, failure_row

Measurement = Callable[[Run], Section]

#: What is measured, in this order, and about how many seconds each takes: where the machine is busy
#: and time runs short, all of them are cut by the same share.
CONTENTS: tuple[tuple[Measurement, float], ...] = (
    (push_sync.measure, 20),
    (push_async.measure_one, 17),
    (push_async.measure_many, 17),
    (callback.measure, 14),
    (imports.measure, 40),
    (tokens.measure, 10),
    (memory.measure, 15),
    (size.measure, 1),
    (faults.measure_quick, 12),
)

#: Left out of a quick run.
SLOW: tuple[tuple[Measurement, float], ...] = ((faults.measure_late, 55),)

#: A run has ended by then, whatever hangs.
LONGEST_SECONDS = 225.0


def main() -> int:
    try:
        return _compare(_arguments())
    except (OSError, RuntimeError) as error:
        # No gateway, or nowhere to write: nothing that a trace would explain.
        print(error, file=sys.stderr)
        return 1


def _compare(arguments: argparse.Namespace) -> int:
    header = machine.describe()
    sections: list[Section] = []
    with Gateway() as gateway:
        # Starting it may have meant building it.
        began = time.monotonic()
        run = Run(
            gateway=gateway,
            rounds=3 if arguments.quick else 7,
            batch_seconds=0.1 if arguments.quick else 0.25,
            ends_at=began + LONGEST_SECONDS,
            pushes=200 if arguments.quick else 2_000,
        )
        contents = CONTENTS if arguments.quick else CONTENTS + SLOW
        for place, (measure, weight) in enumerate(contents):
            print(f"… {measure.__module__}.{measure.__name__}", file=sys.stderr, flush=True)
            to_come = sum(weight for _, weight in contents[place + 1 :])
            sections.append(_section(measure, run.with_share(weight, to_come)))
    header["load_at_the_end"] = machine.load()
    header["seconds"] = round(time.monotonic() - began)
    for name, value in header.items():
        told = value if not isinstance(value, dict) else ", ".join(map(" ".join, value.items()))
        print(f"{name.replace('_', ' ')}: {told}")
    for section in sections:
        print("\n" + as_text(section))
    if arguments.json is not None:
        arguments.json.write_text(as_json(header, sections) + "\n", encoding="utf-8")
    return 0


def _section(measure: Measurement, run: Run) -> Section:
    name = measure.__module__.rpartition(".")[2]
    if run.is_over:
        return Section(name, [failure_row(name, "the time was up")])
    try:
        return measure(run)
    except Exception as error:
        # One measurement that fails leaves the others.
        return Section(name, [failure_row(name, f"{type(error).__name__}: {error}")])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/python/run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
