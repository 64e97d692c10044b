"""Plays every scenario under `core/scenarios`: the same stories that every other language plays."""

from __future__ import annotations

import json
from typing import Any

import pytest
from repository import REPOSITORY
from scenario_program import Awaited, Blocking, play

FOLDER = REPOSITORY / "core" / "scenarios"

#: How many stories each file had when this was last looked at.
LEAST = {
    "pushes": 31,
    "input": 13,
    "tokens": 14,
    "outcomes": 39,
    "callbacks": 31,
    "waits": 18,
    "gateways": 43,
    "queries": 4,
}

SCENARIOS: dict[str, dict[str, Any]] = {
    f"{path.stem}: {scenario['name']}": scenario
    for path in sorted(FOLDER.glob("*.json"))
    for scenario in json.loads(path.read_text(encoding="utf-8"))
}


def test_no_scenario_is_lost() -> None:
    for name, least in LEAST.items():
        stories = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
        assert len(stories) >= least, f"{name} has lost stories: {len(stories)}"
        assert len({story["name"] for story in stories}) == len(stories)
    assert {path.stem for path in FOLDER.glob("*.json")} == set(LEAST)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_comes_out_as_told_through_the_client_that_blocks(name: str) -> None:
    play(SCENARIOS[name], Blocking())


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_comes_out_as_told_through_the_client_that_is_awaited(name: str) -> None:
    play(SCENARIOS[name], Awaited())
