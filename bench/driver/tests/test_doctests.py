"""The examples beside the pure functions."""

from __future__ import annotations

import doctest
import unittest

import peers
import picture
import report
import results
import rounds


def load_tests(
    loader: unittest.TestLoader, tests: unittest.TestSuite, pattern: str | None
) -> unittest.TestSuite:
    for module in (peers, picture, report, results, rounds):
        tests.addTests(doctest.DocTestSuite(module))
    return tests
