"""The bench: Lipia compared with its peers in every language, in one run on one machine.

Nothing here is a test, and nothing fails because it is
slow.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import machine
from bench_run import Run
from contents import CONTENTS, Measurement
from languages import Tools
from peers import LANGUAGES
from picture import as_svg
from prepare import CannotMeasure, prepare
from report import Section, as_json, as_text, failure_row, not_met
from results import PICTURE, RESULTS, as_markdown, with_table
from servers import Gateway
from steps import say
from workers import PeerFailed

#: The longest that a run takes where the machine keeps up, once everything is built.
_SECONDS = 600.0
_QUICK_SECONDS = 180.0

#: The limit of a run, as a multiple of that: it has ended by then, whatever hangs and however busy the machine is.
_BUSY = 2.0


def main() -> int:
    # As Ctrl-C: everything that was started ends.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return _compare(_arguments())
    except (CannotMeasure, RuntimeError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("interrupted")
        return 130


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _compare(arguments: argparse.Namespace) -> int:
    languages = arguments.language or list(LANGUAGES)
    contents = _contents(arguments, languages)
    if not contents:
        names = ", ".join(dict.fromkeys(entry.name.split()[0] for entry in CONTENTS))
        raise CannotMeasure(f"there is nothing like that to measure; there is: {names}")
    tools = prepare(languages, as_built=arguments.as_built)
    header = machine.describe()
    began = time.monotonic()
    with Gateway(tools) as gateway:
        run = _run(arguments, tools, gateway, languages)
        header["versions"] = _roll_call(run)
        sections = _sections(run, contents)
    header["load_at_the_end"] = machine.load()
    header["seconds"] = round(time.monotonic() - began)
    _tell(header, sections)
    if arguments.json is not None:
        arguments.json.write_text(as_json(header, sections) + "\n", encoding="utf-8")
    if arguments.svg is not None:
        arguments.svg.write_text(as_svg(header, sections), encoding="utf-8")
    if arguments.results:
        text = RESULTS.read_text(encoding="utf-8")
        RESULTS.write_text(with_table(text, as_markdown(header, sections)), encoding="utf-8")
        PICTURE.write_text(as_svg(header, sections), encoding="utf-8")
        say(f"written: {RESULTS.name} and {PICTURE.name}")
    return 0


def _contents(arguments: argparse.Namespace, languages: Sequence[str]) -> list[Measurement]:
    return [
        entry
        for entry in CONTENTS
        if not (arguments.quick and entry.is_slow)
        and (entry.language is None or entry.language in languages)
        and (not arguments.only or any(entry.name.startswith(name) for name in arguments.only))
    ]


def _run(
    arguments: argparse.Namespace, tools: Tools, gateway: Gateway, languages: Sequence[str]
) -> Run:
    quick = arguments.quick
    longest = _QUICK_SECONDS if quick else _SECONDS
    now = time.monotonic()
    return Run(
        tools=tools,
        gateway=gateway,
        languages=languages,
        rounds=3 if quick else 7,
        batch_seconds=0.1 if quick else 0.25,
        ends_at=now + longest,
        must_end_at=now + longest * _BUSY,
        pushes=1_000 if quick else 5_000,
        processes=1 if quick else 3,
        longest_seconds=30 if quick else 60,
    )


def _roll_call(run: Run) -> dict[str, str]:
    """Starts everybody once: who does not come is left out of the rest, and its rows say why."""
    say("who is here")
    versions: dict[str, str] = {}
    for peer in run.peers:
        try:
            with run.worker(peer) as worker:
                versions[peer.language] = str(worker.about["language"])
                versions[peer.name] = str(worker.about["version"])
        except PeerFailed as failure:
            run.absent[peer.name] = str(failure)
            say(f"  ! {peer.name}: {failure}")
    return versions


def _sections(run: Run, contents: Sequence[Measurement]) -> list[Section]:
    sections = []
    for place, entry in enumerate(contents):
        left = run.must_end_at - time.monotonic()
        say(f"[{place + 1}/{len(contents)}] {entry.name} ({max(left, 0):.0f} s left at most)")
        to_come = sum(other.weight for other in contents[place + 1 :])
        sections.append(_section(entry, run.with_share(entry.weight, to_come)))
    return sections


def _section(entry: Measurement, run: Run) -> Section:
    if run.must_end:
        return Section(entry.name, entry.name, [failure_row("", entry.name, "the time was up")])
    try:
        return entry.measure(run)
    except Exception as error:
        # One measurement that fails leaves the others.
        reason = f"{type(error).__name__}: {error}"
        return Section(entry.name, entry.name, [failure_row("", entry.name, reason)])


def _tell(header: dict[str, object], sections: Sequence[Section]) -> None:
    for name, value in header.items():
        told = value
        if isinstance(value, dict):
            told = ", ".join(dict.fromkeys(str(version) for version in value.values()))
        print(f"{name.replace('_', ' ')}: {told}")
    for section in sections:
        print("\n" + as_text(section))
    missed = not_met(sections)
    print("\nAll that was asked for is met." if not missed else "\nNot met:")
    for line in missed:
        print(f"  {line}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument(
        "--only",
        metavar="NAME",
        action="append",
        help="a measurement whose name begins so: push, callback, load, tokens, memory, waits, size, faults (repeatable)",
    )
    parser.add_argument("--language", choices=LANGUAGES, action="append", help="repeatable")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw the picture here")
    parser.add_argument(
        "--results",
        action="store_true",
        help="write bench/RESULTS.md and docs/bench.svg",
    )
    parser.add_argument(
        "--as-built",
        action="store_true",
        help="take Lipia's packages as they stand in .tools, and build those that are missing",
    )
    arguments = parser.parse_args()
    if arguments.results and (arguments.only or arguments.language):
        parser.error("--results writes all tables: leave --only and --language out")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
