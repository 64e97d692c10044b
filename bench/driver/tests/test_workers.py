"""Real workers, of peers that need nothing installed, and steps that fail."""

from __future__ import annotations

import sys
import tempfile
import time
import unittest
from pathlib import Path
from typing import cast
from unittest.mock import patch

import steps
from bench_run import Run
from languages import Tools
from peers import BY_NAME, Contestant, Peer
from servers import Gateway
from turns import Taken, in_turns, measured, rows_of
from workers import PeerFailed, Worker

READER = BY_NAME["python:json_alone"]
CHECKER = BY_NAME["python:json_checked"]
#: Of another language, whose program was not built.
ABSENT = BY_NAME["rust:lipia"]
_BODY = '{"Body":{"stkCallback":{"CheckoutRequestID":"ws","ResultCode":1032}}}'


def tools() -> Tools:
    return Tools(python=Path(sys.executable))


def run_of(*, batch_seconds: float = 0.001, share_seconds: float = 30, seconds: float = 30) -> Run:
    now = time.monotonic()
    return Run(
        tools=tools(),
        # None of these pushes.
        gateway=cast(Gateway, None),
        languages=("python",),
        rounds=5,
        batch_seconds=batch_seconds,
        ends_at=now + share_seconds,
        must_end_at=now + seconds,
        pushes=1,
        processes=1,
        longest_seconds=20,
        absent={"python:daraja_v3": "it is not there"},
    )


def nothing(worker: Worker, contestant: Contestant) -> None:
    pass


def turns(*contestants: Contestant, body: str = _BODY) -> Taken:
    def parse(worker: Worker, contestant: Contestant, pieces: int) -> tuple[float, float]:
        return measured(worker.ask("parse", pieces=pieces, body=body, longest_seconds=20))

    return in_turns(run_of(), contestants, prepare=nothing, work=parse)


class Turns(unittest.TestCase):
    def test_each_is_measured_once_a_round(self) -> None:
        one, other = Contestant(READER, "bytes"), Contestant(CHECKER, "bytes")
        taken = turns(one, other)
        self.assertEqual(taken.failures, {})
        self.assertEqual(
            {name: len(found) for name, found in taken.cpu_seconds.items()},
            {one.name: 5, other.name: 5},
        )
        self.assertTrue(all(number > 0 for found in taken.cpu_seconds.values() for number in found))

    def test_a_first_piece_that_takes_long_does_not_make_batches_small(self) -> None:
        asked_for: list[int] = []

        def work(worker: Worker, contestant: Contestant, pieces: int) -> tuple[float, float]:
            # The first one loads half of a library; then a piece takes ten microseconds.
            asked_for.append(pieces)
            return 0.00001 * pieces, 5.0 if len(asked_for) == 1 else 0.00001 * pieces

        one = Contestant(READER, "bytes")
        in_turns(run_of(batch_seconds=0.01), [one], prepare=nothing, work=work)
        self.assertEqual(asked_for[-5:], [1000] * 5)

    def test_where_time_runs_short_there_are_fewer_rounds_and_where_it_is_up_there_are_none(
        self,
    ) -> None:
        def work(worker: Worker, contestant: Contestant, pieces: int) -> tuple[float, float]:
            return 0.01 * pieces, 0.01 * pieces

        one = Contestant(READER, "bytes")
        for share_seconds, seconds, rounds in ((30, 30, 5), (0, 30, 3)):
            run = run_of(share_seconds=share_seconds, seconds=seconds)
            taken = in_turns(run, [one], prepare=nothing, work=work)
            self.assertEqual(len(taken.cpu_seconds[one.name]), rounds)
        taken = in_turns(run_of(share_seconds=0, seconds=0), [one], prepare=nothing, work=work)
        self.assertEqual(taken.failures, {one.name: "the time was up"})

    def test_who_fails_leaves_and_the_others_go_on(self) -> None:
        one, other = Contestant(READER, "bytes"), Contestant(CHECKER, "bytes")
        # JSON, and no callback.
        taken = turns(one, other, body="{}")
        self.assertEqual(len(taken.cpu_seconds[one.name]), 5)
        self.assertNotIn(other.name, taken.cpu_seconds)
        self.assertIn("NotACallback", taken.failures[other.name])
        [row] = rows_of(taken, [other], asked={})
        self.assertIn("NotACallback", str(row.failed))

    def test_who_is_not_there_has_a_row_that_says_why(self) -> None:
        absent = Contestant(BY_NAME["python:daraja_v3"], "bytes")
        taken = turns(absent)
        [row] = rows_of(taken, [absent], asked={})
        self.assertEqual(row.failed, "it is not there")


class Workers(unittest.TestCase):
    def test_one_that_hangs_is_ended(self) -> None:
        with Worker(tools(), READER, longest_seconds=20) as worker:
            with self.assertRaisesRegex(PeerFailed, "no answer within"):
                worker.ask("parse", pieces=10**12, body="{}", longest_seconds=0.2)
            with self.assertRaisesRegex(PeerFailed, "its process ended"):
                worker.ask("memory", longest_seconds=20)

    def test_a_command_that_fails_says_why_and_the_next_one_works(self) -> None:
        with Worker(tools(), READER, longest_seconds=20) as worker:
            with self.assertRaisesRegex(PeerFailed, "JSONDecodeError"):
                worker.ask("parse", pieces=1, body="{", longest_seconds=20)
            self.assertGreater(worker.ask("memory", longest_seconds=20)["peak_bytes"], 1_000_000)

    def test_one_whose_library_is_not_installed_says_so(self) -> None:
        with self.assertRaisesRegex(PeerFailed, "No module named"):
            Worker(tools(), Peer("python", "nobody", "nobody"), longest_seconds=20)

    def test_one_whose_program_is_missing_says_so(self) -> None:
        with self.assertRaisesRegex(PeerFailed, "was not built"):
            Worker(tools(), ABSENT, longest_seconds=20)

    def test_what_could_not_be_prepared_is_the_reason(self) -> None:
        prepared = tools()
        prepared.missing["python"] = "no virtual environment"
        with self.assertRaisesRegex(PeerFailed, "no virtual environment"):
            Worker(prepared, READER, longest_seconds=20)


class Steps(unittest.TestCase):
    def setUp(self) -> None:
        self.said: list[str] = []
        folder = tempfile.TemporaryDirectory(dir=steps.REPOSITORY)
        self.addCleanup(folder.cleanup)
        for name, value in (("LOGS", Path(folder.name)), ("say", self.said.append)):
            patched = patch.object(steps, name, value)
            patched.start()
            self.addCleanup(patched.stop)

    def step(self, program: str, longest_seconds: float = 20) -> str | None:
        command = [sys.executable, "-c", program]
        return steps.step("one", "about it", command, longest_seconds=longest_seconds)

    def test_one_that_works_is_announced_and_fails_for_no_reason(self) -> None:
        self.assertIsNone(self.step("print('fine')"))
        self.assertEqual(self.said, ["· about it"])

    def test_one_that_fails_says_what_is_wrong(self) -> None:
        reason = self.step("print('error: no such thing'); print('bye'); exit(1)")
        self.assertTrue(str(reason).startswith("error: no such thing ("), reason)

    def test_one_that_hangs_is_ended(self) -> None:
        self.assertIn(
            "it took longer than 0 s", str(self.step("import time; time.sleep(600)", 0.3))
        )

    def test_one_whose_program_is_not_there_says_so(self) -> None:
        reason = steps.step("one", "about it", ["no-such-program"], longest_seconds=20)
        self.assertEqual(reason, "no-such-program: No such file or directory")
