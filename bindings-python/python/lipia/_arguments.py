"""Arguments as the native module takes them. A value of a wrong type is refused here, by its name in the API."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import cast

from ._errors import CorrectInputError, refused_input

#: A whole number of more digits is refused like this one, and takes longer to write out.
_LONGEST_NUMBER = 10**100

#: A number with an exponent beyond this is handed on with its exponent, which is refused, and not written out.
_LONGEST_FRACTION = 100


def refused_type(name: str, value: object, but: str, hint: str) -> CorrectInputError:
    """An argument of a type that says nothing here."""
    return refused_input(
        name, "type_not_accepted", f"{name} is given as {type(value).__name__}, {but}.", hint
    )


def text_of(name: str, value: object) -> str:
    """Text, or a whole number as its digits. Whatever else has a text of its own in Python (``True``, ``None``,
    ``b"0712"``, ``71234567.8``) does not mean that text.
    """
    if isinstance(value, str):
        # Of an enum's member or of a template's safe text: what it holds, not how it shows itself.
        text = value if type(value) is str else str.__str__(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        return str(max(-_LONGEST_NUMBER, min(value, _LONGEST_NUMBER)))
    else:
        raise refused_type(
            name,
            value,
            "which is neither text nor a whole number",
            "Give the text itself; str() makes it of an object that stands for one.",
        )
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise refused_input(
                name,
                "text_not_unicode",
                "This text holds half a character, which no message can carry.",
                "Decode it with the encoding that it was written in.",
            ) from None
    return text


_BYTES: tuple[type, ...] = (bytes, bytearray, memoryview)


def texts_of(name: str, value: object) -> list[str]:
    """One text or several."""
    if isinstance(value, str):
        return [text_of(name, value)]
    if isinstance(value, _BYTES) or not hasattr(value, "__iter__"):
        raise refused_type(
            name, value, "which is neither a text nor a list of texts", "Give a list of texts."
        )
    return [text_of(name, text) for text in cast("Iterable[object]", value)]


def path_of(name: str, value: object) -> str:
    """A path of this machine."""
    if isinstance(value, os.PathLike):
        return text_of(name, os.fspath(cast("os.PathLike[str]", value)))
    return text_of(name, value)


def amount_text(value: object) -> str:
    """An amount as text. Sums of money are never floats: ``0.1 + 0.2`` is not what anybody asked for."""
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        is_long = isinstance(exponent, int) and abs(exponent) > _LONGEST_FRACTION
        return str(value) if is_long else format(value, "f")
    if isinstance(value, float):
        raise refused_type(
            "amount",
            value,
            "which cannot hold every sum of money",
            'Give an int, a Decimal or text, such as 150 or Decimal("150.00").',
        )
    return text_of("amount", value)


def flag_of(name: str, value: object) -> bool:
    """Yes or no. Of text that is neither: ``"false"`` is not empty, and so would count as yes."""
    if isinstance(value, bool):
        return value
    raise refused_type(name, value, "which is neither True nor False", "Give True or False.")


#: As far as the native module counts.
_MAX_WHOLE_NUMBER = 2**32 - 1


def count_of(name: str, value: object) -> int:
    """A whole number from zero on."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise refused_type(name, value, "which is not a whole number", "Give an int.")
    if not 0 <= value <= _MAX_WHOLE_NUMBER:
        raise refused_input(
            name,
            "number_out_of_range",
            f"{name} is a whole number from 0 to {_MAX_WHOLE_NUMBER}, and this one is not.",
            "Give a number in that range.",
        )
    return value


def seconds_of(name: str, value: object) -> float:
    """A time in seconds; whether there is such a time is for the core to say."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            return float("inf")
    raise refused_type(name, value, "which is not a number", "Give seconds as an int or a float.")


def instant_of(name: str, value: object) -> datetime:
    """An instant."""
    if not isinstance(value, datetime):
        raise refused_type(name, value, "which is not a datetime", "Give an aware datetime.")
    if value.utcoffset() is None:
        raise refused_input(
            name,
            "time_without_zone",
            "A time without a zone is not an instant.",
            "Give an aware datetime, such as datetime.now(timezone.utc).",
        )
    return value


def body_of(body: object) -> bytes:
    """A callback's body as bytes."""
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return text_of("body", body).encode()
    if isinstance(body, (bytearray, memoryview)):
        return bytes(cast("bytearray", body))
    raise refused_type(
        "body",
        body,
        "and a callback's body is bytes",
        "Give the request's body as it came, before anything parsed it.",
    )


def variables_of(name: str, value: object) -> Mapping[object, object]:
    """Environment variables."""
    if isinstance(value, Mapping):
        return cast("Mapping[object, object]", value)
    raise refused_type(name, value, "which is not a mapping", "Give a dict.")
