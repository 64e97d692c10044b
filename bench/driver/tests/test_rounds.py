"""Turns, sizes and ratios."""

from __future__ import annotations

import unittest

from rounds import orders, pieces_for, ratio


class Rounds(unittest.TestCase):
    def test_everybody_has_one_turn_in_each_round(self) -> None:
        for order in orders([["a", "b", "c"], ["d"], ["e", "f"]], 9):
            self.assertEqual(sorted(order), list("abcdef"))

    def test_those_who_are_compared_come_together(self) -> None:
        for order in orders([["a1", "a2", "a3"], ["b1", "b2"], ["c1"]], 12):
            groups = [name[0] for name in order]
            changes = sum(1 for one, other in zip(groups, groups[1:]) if one != other)
            self.assertEqual(changes, 2, order)

    def test_the_first_place_goes_round_among_groups_and_within_each(self) -> None:
        for groups in (["ab"], ["abc"], ["ab", "cd"], ["abc", "de", "fghi"]):
            found = list(orders(groups, 12))
            first = {next(one for one in groups if order[0] in one) for order in found}
            self.assertEqual(first, set(groups))
            for group in groups:
                self.assertEqual({min(group, key=order.index) for order in found}, set(group))

    def test_each_comes_before_each_other_as_often_as_after_it(self) -> None:
        found = list(orders(["abc"], 12))
        for one, other in ("ab", "bc", "ac"):
            before = sum(order.index(one) < order.index(other) for order in found)
            self.assertEqual(before, 6, (one, other))

    def test_nobody_is_in_no_order(self) -> None:
        self.assertEqual(list(orders([], 2)), [[], []])

    def test_a_ratio_is_taken_round_by_round(self) -> None:
        # A busy moment hits both sides of a round: of the sums it would make 2.3.
        found = ratio([1.0, 10.0, 1.0], [2.0, 1.0, 2.0])
        self.assertEqual((found.least, found.middle, found.most), (0.5, 0.5, 10.0))
        self.assertEqual((found.candidate_seconds, found.base_seconds), (1.0, 2.0))

    def test_a_round_in_which_one_is_missing_does_not_count(self) -> None:
        self.assertEqual(ratio([1.0, 1.0], [2.0]).rounds, 1)
        self.assertEqual(ratio([1.0, 1.0], [0.0, 2.0]).rounds, 1)

    def test_without_a_round_there_is_no_ratio(self) -> None:
        with self.assertRaises(ValueError):
            ratio([], [])

    def test_a_batch_has_pieces_enough_and_not_too_many(self) -> None:
        self.assertEqual(pieces_for(10.0, 0.25), 4)
        self.assertEqual(pieces_for(0.0, 0.25), 200_000)
        self.assertEqual(pieces_for(1e-9, 0.25), 200_000)
