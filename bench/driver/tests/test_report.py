"""Tests of the printed table and of the JSON for programs."""

from __future__ import annotations

import json
import unittest

from report import as_json, as_text, not_met

from .found import HEADER, faults, push


class Report(unittest.TestCase):
    def test_what_is_missed_is_said_beside_the_figure_and_at_the_end(self) -> None:
        section = push(1, lipia=0.4, at_most=0.3)
        self.assertIn("(asked: at most 0.30x: NOT MET)", as_text(section))
        self.assertEqual(len(not_met([section])), 1)

    def test_what_is_met_is_not_missed(self) -> None:
        section = push(1, lipia=0.1, at_most=0.3)
        self.assertIn("(asked: at most 0.30x)", as_text(section))
        self.assertEqual(not_met([section]), [])

    def test_who_was_not_measured_has_a_line_that_says_why(self) -> None:
        self.assertRegex(as_text(push(1, lipia=0.1)), r"Rust +mpesa +-  not measured: the crate")

    def test_programs_are_told_every_number(self) -> None:
        told = json.loads(as_json(HEADER, [push(1, lipia=0.1), faults(3)]))
        self.assertEqual(told["date"], HEADER["date"])
        self.assertEqual(told["sections"][0]["rows"][1]["numbers"]["least"], 0.1)
        self.assertEqual(told["sections"][1]["rows"][0]["numbers"]["prompts"], 3)
