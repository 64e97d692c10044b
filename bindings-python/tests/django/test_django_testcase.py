"""A shop's own tests, run by Django's runner on a database in memory and on servers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from server_process import DATABASES, SERVERS


@pytest.mark.parametrize("of", ["memory"] * ("sqlite" in DATABASES) + SERVERS)
def test_a_shops_tests_pass(of: str, request: pytest.FixtureRequest) -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "shop_under_test.settings"}
    if of != "memory":
        database: dict[str, Any] = request.getfixturevalue(of)
        environment["LIPIA_TEST_DATABASE"] = json.dumps(database)
    else:
        environment.pop("LIPIA_TEST_DATABASE", None)
    here = Path(__file__).parent
    environment["PYTHONPATH"] = os.pathsep.join([str(here), *filter(None, sys.path)])
    ran = subprocess.run(
        [sys.executable, "-m", "django", "test", "shop_under_test"],
        capture_output=True,
        text=True,
        timeout=300,
        env=environment,
    )
    said = ran.stdout + ran.stderr
    assert ran.returncode == 0 and "Ran 3 tests" in said, said
