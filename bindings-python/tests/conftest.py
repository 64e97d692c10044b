"""What the tests of the package share."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from postgresql_server import database_of_its_own, running_postgresql
from server_process import ProgramsMissing

import lipia

# Whoever runs the tests in the background may have Ctrl-C ignored, and what is ignored stays so in every program that a
# test starts. What has a handler here does not.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def sandbox() -> Iterator[lipia.Sandbox]:
    """A sandbox for one test, a hundred times faster than life."""
    with lipia.Sandbox() as running:
        yield running


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[dict[str, Any]]:
    """A PostgreSQL that runs for the session."""
    if os.environ.get("LIPIA_TEST_WITHOUT_POSTGRESQL") == "1":
        pytest.skip("LIPIA_TEST_WITHOUT_POSTGRESQL is set")
    try:
        with running_postgresql() as running:
            yield running
    except ProgramsMissing as missing:
        pytest.fail(str(missing), pytrace=False)


@pytest.fixture
def postgresql(postgresql_server: dict[str, Any]) -> Iterator[str]:
    """The address of an empty database in a real PostgreSQL."""
    with database_of_its_own(postgresql_server) as address:
        yield address
