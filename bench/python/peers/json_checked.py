"""A callback read and checked by hand, as a careful shop does it with what Python has: quick, and
nothing left out that money hangs on. It returns a dict, the cheapest of what could hold the result.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

_TOO_MUCH = 1_000_000_000
_LONGEST_BODY = 65_536
_LONGEST_ID = 255
_LONGEST_CODE = 20

_is_receipt = re.compile(r"[A-Z0-9]{8,20}", re.ASCII).fullmatch
_is_phone = re.compile(r"254[17][0-9]{8}", re.ASCII).fullmatch
_is_date = re.compile(r"[0-9]{14}", re.ASCII).fullmatch


class NotACallback(ValueError):
    """The body is nothing to believe."""


def constant(name: str) -> object:
    """Refuses the words that are no JSON and that Python's reader takes."""
    raise NotACallback(f"{name} is no JSON")


# Made once: `json.loads` with arguments makes a new one each time.
_decode = json.JSONDecoder(parse_float=Decimal, parse_constant=constant).decode


def parse(body: bytes) -> object:
    return read(_decode, body)


def read(decode: Callable[[str], Any], body: bytes) -> dict[str, Any]:
    """What the body says.

    :raises NotACallback: where it says nothing that can be read.
    """
    if len(body) > _LONGEST_BODY:
        raise NotACallback("the body is too large")
    try:
        callback = decode(body.decode())["Body"]["stkCallback"]
        code, checkout_request_id = _code(callback["ResultCode"]), callback["CheckoutRequestID"]
        merchant_request_id = callback.get("MerchantRequestID")
        description = callback.get("ResultDesc")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotACallback(str(error)) from error
    if type(checkout_request_id) is not str or not 0 < len(checkout_request_id) <= _LONGEST_ID:
        raise NotACallback("the id of the prompt is missing or none")
    if merchant_request_id is not None and type(merchant_request_id) is not str:
        raise NotACallback("the id of the request is no text")
    if description is not None and type(description) is not str:
        raise NotACallback("the description is no text")
    receipt = amount = phone = date = None
    if code == "0":
        values = _values(callback.get("CallbackMetadata"))
        receipt = _receipt(values.get("MpesaReceiptNumber"))
        amount = _amount(values.get("Amount"))
        phone = _phone(values.get("PhoneNumber"))
        date = _date(values.get("TransactionDate"))
    return {
        "is_paid": code == "0",
        "is_complete": code != "0" or (receipt is not None and amount is not None),
        "code": code,
        "description": description,
        "checkout_request_id": checkout_request_id,
        "merchant_request_id": merchant_request_id,
        "receipt": receipt,
        "amount": amount,
        "phone": phone,
        "date": date,
    }


def _code(value: Any) -> str:
    """A result code, which comes as a number or as text."""
    if type(value) is str and 0 < len(value) <= _LONGEST_CODE and not value.isspace():
        return value
    if type(value) is int and abs(value) < 10**_LONGEST_CODE:
        return str(value)
    if type(value) is Decimal and abs(value) < 10**_LONGEST_CODE and value == int(value):
        return str(int(value))
    raise NotACallback("the result code is missing or none")


def _values(metadata: Any) -> dict[str, Any]:
    """The items by name, in whatever order; there may be none, or one that is no list."""
    items = metadata.get("Item") if type(metadata) is dict else None
    if type(items) is dict:
        items = [items]
    elif type(items) is not list:
        return {}
    values: dict[str, Any] = {}
    for item in items:
        if type(item) is not dict:
            continue
        name, value = item.get("Name"), item.get("Value")
        if type(name) is not str or value is None:
            continue
        if name in values and values[name] != value:
            raise NotACallback(f"{name} comes twice")
        values[name] = value
    return values


def _receipt(value: Any) -> str | None:
    if type(value) is not str:
        return None
    receipt = value.strip()
    return receipt if _is_receipt(receipt) else None


def _amount(value: Any) -> Decimal | None:
    """A sum of money to the cent, above nothing."""
    if type(value) is int:
        return Decimal(value) if 0 < value < _TOO_MUCH else None
    if type(value) is Decimal:
        amount = value
    elif type(value) is str:
        try:
            amount = Decimal(value)
        except InvalidOperation:
            return None
    else:
        return None
    # Bounds first: a sum of a thousand digits cannot be rounded.
    if not amount.is_finite() or not 0 < amount < _TOO_MUCH or amount != round(amount, 2):
        return None
    return amount


def _phone(value: Any) -> str | None:
    """The payer, where the number is legible."""
    if type(value) is int:
        value = str(value)
    return value if type(value) is str and _is_phone(value) else None


def _date(value: Any) -> datetime | None:
    """When it was paid, in the zone that the gateway does not write."""
    if type(value) is int:
        value = str(value)
    if type(value) is not str or not _is_date(value):
        return None
    try:
        return datetime.fromisoformat(
            f"{value[:4]}-{value[4:6]}-{value[6:8]} {value[8:10]}:{value[10:12]}:{value[12:]}+03:00"
        )
    except ValueError:
        return None
