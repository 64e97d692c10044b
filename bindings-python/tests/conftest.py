"""What the tests of the package share."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

import lipia

# Whoever runs the tests in the background may have Ctrl-C ignored, and what is ignored stays so in every program that a
# test starts. What has a handler here does not.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def sandbox() -> Iterator[lipia.Sandbox]:
    """A sandbox for one test, a hundred times faster than life."""
    with lipia.Sandbox() as running:
        yield running
