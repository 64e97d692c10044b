"""Values by themselves: parsed strictly, with an error that says what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from . import _native
from ._errors import refused_input
from ._types import Event, event_of
from ._words import Gateway, Network


#: A whole number of more digits is refused like this one, and takes longer to write out.
_LONGEST_NUMBER = 10**100

#: A number with an exponent beyond this is handed on with its exponent, which is refused, and not written out.
_LONGEST_FRACTION = 100


def text_of(name: str, value: object) -> str:
    """An argument as the text that the native module checks: text, or a whole number as its digits. Whatever else has
    a text of its own in Python (``True``, ``None``, ``b"0712"``, ``71234567.8``) does not mean that text.
    """
    if isinstance(value, str):
        # Of an enum's member or of a template's safe text: what it holds, not how it shows itself.
        text = value if type(value) is str else str.__str__(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        return str(max(-_LONGEST_NUMBER, min(value, _LONGEST_NUMBER)))
    else:
        raise refused_input(
            name,
            "type_not_accepted",
            f"{name} is given as {type(value).__name__}, which is neither text nor a whole number.",
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


def amount_text(value: object) -> str:
    """An amount as text. Sums of money are never floats: ``0.1 + 0.2`` is none that anybody asked for."""
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        is_long = isinstance(exponent, int) and abs(exponent) > _LONGEST_FRACTION
        return str(value) if is_long else format(value, "f")
    if isinstance(value, float):
        raise refused_input(
            "amount",
            "type_not_accepted",
            "amount is given as float, which cannot hold every sum of money.",
            'Give an int, a Decimal or text, such as 150 or Decimal("150.00").',
        )
    return text_of("amount", value)


def body_of(body: bytes | bytearray | memoryview | str) -> bytes:
    """A callback's body as bytes."""
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return text_of("body", body).encode()
    if isinstance(body, (bytearray, memoryview)):
        return bytes(body)
    raise refused_input(
        "body",
        "body_not_bytes",
        f"A callback's body is bytes, and this is {type(body).__name__}.",
        "Give the request's body as it came, before anything parsed it.",
    )


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A Kenyan mobile number."""

    #: ``254`` and nine digits.
    number: str
    #: The number as logs may show it.
    masked: str
    #: The network that its range was given to, as far as known: a hint, never a reason to refuse.
    network: Network | None

    def __str__(self) -> str:
        return self.number

    def __repr__(self) -> str:
        return f"PhoneNumber({self.masked})"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something worth knowing about a value that is valid."""

    #: A stable word for programs.
    code: str
    #: A sentence or two for a person.
    message: str


@dataclass(frozen=True, slots=True)
class CheckedText:
    """A text that is valid, and what is worth knowing about it."""

    value: str
    remarks: tuple[Remark, ...]

    def __str__(self) -> str:
        return self.value


def _checked(native: tuple[str, list[tuple[str, str]]]) -> CheckedText:
    value, remarks = native
    return CheckedText(value, tuple(Remark(code, message) for code, message in remarks))


def parse_phone_number(text: str | int) -> PhoneNumber:
    """Reads any usual spelling of a Kenyan mobile number.

    >>> parse_phone_number("0712 345 678").number
    '254712345678'

    :raises CorrectInputError: for anything else, with a code such as ``phone_too_short``.
    """
    number, masked, network = _native.parse_phone_number(text_of("phone_number", text))
    return PhoneNumber(number, masked, None if network is None else Network(network))


def parse_amount(
    text: int | Decimal | str, *, max_amount: int | None = None, round_amount: bool = False
) -> int:
    """Reads an amount in whole KES. A fraction is refused, or rounded half up where ``round_amount`` says so.

    >>> parse_amount("150.00")
    150

    :raises CorrectInputError: with a code such as ``amount_fractional``.
    """
    return _native.parse_amount(amount_text(text), max_amount, round_amount)


def parse_money(text: str, *, json_number: bool = False) -> Decimal:
    """Reads a sum of money to the cent, from plain text or (``json_number``) from the text of a JSON number.

    >>> parse_money("1e2", json_number=True)
    Decimal('100')

    :raises CorrectInputError: for anything else.
    """
    return Decimal(_native.parse_money(text_of("amount", text), json_number)[0])


def parse_account_reference(
    text: str, *, limit: int | None = None, fit: Literal["refuse", "truncate"] = "refuse"
) -> CheckedText:
    """Checks what the merchant knows a sale by: at most ``limit`` characters (Daraja: 12).

    :raises CorrectInputError: with a code such as ``account_reference_too_long``.
    """
    return _checked(
        _native.parse_account_reference(
            text_of("account_reference", text), limit, fit == "truncate"
        )
    )


def parse_transaction_desc(
    text: str, *, limit: int | None = None, fit: Literal["refuse", "truncate"] = "refuse"
) -> CheckedText:
    """Checks the description of a sale: at most ``limit`` characters (Daraja: 13).

    :raises CorrectInputError: with a code such as ``transaction_desc_too_long``.
    """
    return _checked(
        _native.parse_transaction_desc(text_of("transaction_desc", text), limit, fit == "truncate")
    )


def parse_callback_url(
    text: str, *, environment: Literal["sandbox", "production"] = "production"
) -> CheckedText:
    """Checks a URL that results are posted to.

    :raises CorrectInputError: with a code such as ``callback_url_not_https``.
    """
    return _checked(_native.parse_callback_url(text_of("callback_url", text), environment))


def password(short_code: str, pass_key: str, at: datetime) -> tuple[str, str]:
    """The password of a Daraja push at an instant, and the timestamp that goes with it. The clients make both
    themselves; this is for comparing with another program.

    :raises CorrectInputError: where a part is not valid, or ``at`` has no time zone.
    """
    if at.tzinfo is None:
        raise refused_input(
            "at",
            "time_without_zone",
            "A time without a zone is no instant.",
            "Give an aware datetime, such as datetime.now(timezone.utc).",
        )
    milliseconds = round(at.timestamp() * 1000)
    return _native.password(
        text_of("short_code", short_code), text_of("pass_key", pass_key), milliseconds
    )


def parse_callback(
    body: bytes | bytearray | memoryview | str, *, gateway: Gateway | str | None = None
) -> Event:
    """What a callback body says, whichever gateway sent it. An event is data, not proof.

    :raises DisbelieveError: with a code that says what is wrong with the body.
    """
    raw = body_of(body)
    name = gateway.value if isinstance(gateway, Gateway) else gateway
    data: dict[str, Any] = _native.parse_callback(name, raw)
    return event_of(data, raw)


def accepted_reply() -> str:
    """The body to answer a callback with, under HTTP 200. Answer first and work afterwards."""
    return _native.accepted_reply()
