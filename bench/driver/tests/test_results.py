"""The tables of RESULTS.md."""

from __future__ import annotations

import unittest
from xml.etree import ElementTree

from results import BEGIN, END, PICTURE, RESULTS, as_markdown, with_table

from .found import HEADER, faults, push


class Results(unittest.TestCase):
    def test_sections_of_one_name_are_columns_of_one_table(self) -> None:
        text = as_markdown(HEADER, [push(1, lipia=0.1), push(32, lipia=0.2), faults(3)])
        self.assertIn("| | | 1 in flight | 32 in flight |", text)
        self.assertIn(
            "| Python, blocking | <peer> & co | 0.12 (0.10 to 0.15) | 0.25 (0.20 to 0.30) |", text
        )

    def test_what_is_missed_stands_out(self) -> None:
        met = as_markdown(HEADER, [push(1, lipia=0.1, at_most=0.3)])
        missed = as_markdown(HEADER, [push(1, lipia=0.4, at_most=0.3)])
        self.assertNotIn("missed", met)
        self.assertIn("**missed: at most 0.30x**", missed)

    def test_who_was_not_measured_is_named_below_and_breaks_no_table(self) -> None:
        text = as_markdown(HEADER, [push(1, lipia=0.1)])
        self.assertIn("Not measured: mpesa (Rust, push): the crate / does not build.", text)
        self.assertIn("| Rust | mpesa | – |", text)

    def test_date_and_every_version_are_there_once(self) -> None:
        text = as_markdown(HEADER, [])
        self.assertIn(str(HEADER["date"]), text)
        self.assertEqual(text.count("CPython 3.13"), 1)

    def test_only_what_is_between_the_markers_changes(self) -> None:
        once = with_table(f"a\n{BEGIN}\nold\n{END}\nb", "new")
        self.assertEqual(once, f"a\n{BEGIN}\nnew\n{END}\nb")
        self.assertEqual(with_table(once, "new"), once)

    def test_without_both_markers_nothing_is_written(self) -> None:
        for text in ("", BEGIN, END, f"{END}{BEGIN}", f"{BEGIN}{BEGIN}{END}"):
            with self.assertRaises(ValueError):
                with_table(text, "new")

    def test_the_page_has_a_place_for_the_tables_and_the_picture_is_one(self) -> None:
        with_table(RESULTS.read_text(encoding="utf-8"), "new")
        self.assertTrue(ElementTree.parse(PICTURE).getroot().tag.endswith("}svg"))
