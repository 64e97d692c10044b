"""What the tests of the package share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import lipia


@pytest.fixture
def sandbox() -> Iterator[lipia.Sandbox]:
    """A sandbox for one test, a hundred times faster than life."""
    with lipia.Sandbox() as running:
        yield running
