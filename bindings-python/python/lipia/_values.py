"""Parsers of single values, each strict, with an error that says what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from . import _native
from ._arguments import (
    amount_text,
    body_of,
    count_of,
    flag_of,
    instant_of,
    text_of as text_of,
)
from ._errors import refused_input
from ._public import public
from ._types import Event, Remark, event_of
from ._words import Gateway, Network


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A Kenyan mobile number."""

    #: The number: ``254`` and nine digits.
    number: str
    #: The masked number, fit for logs.
    masked: str
    #: The network that the number's range was given to, where known: a hint, never a reason to refuse.
    network: Network | None

    def __str__(self) -> str:
        return self.number

    def __repr__(self) -> str:
        return f"PhoneNumber({self.masked})"


@dataclass(frozen=True, slots=True)
class CheckedText:
    """A valid text, and the remarks on it."""

    #: The text as it is sent.
    value: str
    #: Remarks on what may still cause trouble.
    remarks: tuple[Remark, ...]

    def __str__(self) -> str:
        return self.value


def _checked(native: tuple[str, list[tuple[str, str]]]) -> CheckedText:
    value, remarks = native
    return CheckedText(value, tuple(Remark(code, message) for code, message in remarks))


@public
def parse_phone_number(text: str | int) -> PhoneNumber:
    """Reads a Kenyan mobile number in any usual spelling.

    >>> parse_phone_number("0712 345 678").number
    '254712345678'

    :raises CorrectInputError: the text is not such a number; ``code`` says why, such as ``phone_too_short``.
    """
    number, masked, network = _native.parse_phone_number(text_of("phone_number", text))
    return PhoneNumber(number, masked, None if network is None else Network(network))


@public
def parse_amount(
    text: int | Decimal | str, *, max_amount: int | None = None, round_amount: bool = False
) -> int:
    """Reads an amount in whole KES.

    >>> parse_amount("150.00")
    150

    :param max_amount: the largest amount that is accepted. Default: 250,000, M-Pesa's own limit.
    :param round_amount: whether a fraction of a shilling is rounded half up. By default it is refused.
    :raises CorrectInputError: the amount is not valid; ``code`` says why, such as ``amount_fraction``.
    """
    return _native.parse_amount(
        amount_text(text),
        None if max_amount is None else count_of("max_amount", max_amount),
        flag_of("round_amount", round_amount),
    )


@public
def parse_money(text: str, *, json_number: bool = False) -> Decimal:
    """Reads an amount of money in KES, to the cent.

    >>> parse_money("1e2", json_number=True)
    Decimal('100')

    :param json_number: whether the text is a JSON number, which may have an exponent. Default: ``False``.
    :raises CorrectInputError: the text is not an amount of money.
    """
    return Decimal(
        _native.parse_money(text_of("amount", text), flag_of("json_number", json_number))[0]
    )


def is_to_be_cut(fit: object) -> bool:
    """Whether a text that is too long is cut."""
    if fit in ("refuse", "truncate"):
        return fit == "truncate"
    raise refused_input(
        "fit",
        "fit_unknown",
        "A text that is too long can be refused or cut, and this is neither.",
        'Write fit="refuse" or fit="truncate".',
    )


def _limit(limit: int | None) -> int | None:
    return None if limit is None else count_of("limit", limit)


@public
def parse_account_reference(
    text: str, *, limit: int | None = None, fit: Literal["refuse", "truncate"] = "refuse"
) -> CheckedText:
    """Checks an account reference, the merchant's own reference for a sale.

    :param limit: the most characters. Default: Daraja's 12.
    :param fit: whether a text that is too long is refused (``refuse``, the default) or cut (``truncate``).
    :raises CorrectInputError: the text is not valid; ``code`` says why, such as ``account_reference_too_long``.
    """
    return _checked(
        _native.parse_account_reference(
            text_of("account_reference", text), _limit(limit), is_to_be_cut(fit)
        )
    )


@public
def parse_transaction_desc(
    text: str, *, limit: int | None = None, fit: Literal["refuse", "truncate"] = "refuse"
) -> CheckedText:
    """Checks the description of a sale.

    :param limit: the most characters. Default: Daraja's 13.
    :param fit: whether a text that is too long is refused (``refuse``, the default) or cut (``truncate``).
    :raises CorrectInputError: the text is not valid; ``code`` says why, such as ``transaction_desc_too_long``.
    """
    return _checked(
        _native.parse_transaction_desc(
            text_of("transaction_desc", text), _limit(limit), is_to_be_cut(fit)
        )
    )


@public
def parse_callback_url(
    text: str, *, environment: Literal["sandbox", "production"] = "production"
) -> CheckedText:
    """Checks a callback URL, to which a gateway posts results.

    :param environment: how strictly it is checked: in ``production`` (the default) it must be ``https`` on a public host.
    :raises CorrectInputError: the URL is not valid; ``code`` says why, such as ``callback_url_not_https``.
    """
    return _checked(
        _native.parse_callback_url(
            text_of("callback_url", text), text_of("environment", environment)
        )
    )


@public
def password(short_code: str, pass_key: str, at: datetime) -> tuple[str, str]:
    """The password of a Daraja push at an instant, and the timestamp that goes with it. The clients make both themselves;
    use this to compare with another program.

    :param at: the instant, with a time zone.
    :raises CorrectInputError: an argument is not valid, or ``at`` has no time zone.
    """
    milliseconds = round(instant_of("at", at).timestamp() * 1000)
    return _native.password(
        text_of("short_code", short_code), text_of("pass_key", pass_key), milliseconds
    )


@public
def parse_callback(
    body: bytes | bytearray | memoryview | str, *, gateway: Gateway | str | None = None
) -> Event:
    """Reads the body of a callback. An event is data, not proof: ``receive_callback`` verifies it.

    :param body: the body of the request, unchanged.
    :param gateway: the gateway that sent it. Default: the one that the shape of the body shows.
    :raises DisbelieveError: the body is not a callback; ``code`` says why.
    """
    raw = body_of(body)
    name = None if gateway is None else text_of("gateway", gateway)
    return event_of(_native.parse_callback(name, raw), raw)


def accepted_reply() -> str:
    """The body of the answer to a callback, for HTTP 200. Answer first and work afterwards."""
    return _native.accepted_reply()
