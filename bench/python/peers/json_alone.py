"""A callback read and not looked at."""

from __future__ import annotations

import json


def parse(body: bytes) -> object:
    return json.loads(body)
