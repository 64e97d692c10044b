"""A callback parsed as JSON, and nothing of it checked."""

from __future__ import annotations

import json


def parse(body: bytes) -> object:
    return json.loads(body)
