"""A callback read and checked by hand, where an object that has a key twice is refused: two readers
would each believe another of the two.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from .json_checked import NotACallback, constant, read


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise NotACallback("a key comes twice")
    return made


_decode = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=Decimal, parse_constant=constant
).decode


def parse(body: bytes) -> object:
    return read(_decode, body)
