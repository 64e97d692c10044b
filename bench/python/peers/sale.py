"""The sale that every peer pushes, and its merchant."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

PHONE_NUMBER = "0712345678"
PHONE_NUMBER_INTERNATIONAL = "254712345678"
AMOUNT = 150
DESCRIPTION = "Coffee"
TRANSACTION_TYPE = "CustomerPayBillOnline"

OAUTH_PATH = "/oauth/v1/generate?grant_type=client_credentials"
PUSH_PATH = "/mpesa/stkpush/v1/processrequest"

_EAST_AFRICA_TIME = timezone(timedelta(hours=3))


@dataclass(frozen=True)
class Where:
    """A gateway on this machine, and the keys to it."""

    base_url: str
    consumer_key: str
    consumer_secret: str
    short_code: str
    pass_key: str
    callback_url: str
    #: How long a client waits for an answer; the default of everybody here who has one. mpesakit
    #: waits 10 whatever is said.
    timeout_seconds: int
    #: As many sockets as there are calls in flight, for those whose pool has a size.
    connections: int

    @property
    def basic_authorization(self) -> str:
        """The header with which a token is asked for."""
        pair = f"{self.consumer_key}:{self.consumer_secret}".encode()
        return "Basic " + base64.b64encode(pair).decode()


def headers(token: str) -> dict[str, str]:
    """The headers of a push."""
    return {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Accept": "application/json",
    }


def body(where: Where) -> bytes:
    """The bytes of a push, for whoever sends the same ones over and over."""
    timestamp = datetime.now(_EAST_AFRICA_TIME).strftime("%Y%m%d%H%M%S")
    secret = f"{where.short_code}{where.pass_key}{timestamp}".encode()
    return json.dumps(
        {
            "BusinessShortCode": where.short_code,
            "Password": base64.b64encode(secret).decode(),
            "Timestamp": timestamp,
            "TransactionType": TRANSACTION_TYPE,
            "Amount": str(AMOUNT),
            "PartyA": PHONE_NUMBER_INTERNATIONAL,
            "PartyB": where.short_code,
            "PhoneNumber": PHONE_NUMBER_INTERNATIONAL,
            "CallBackURL": where.callback_url,
            "AccountReference": "INV-000001",
            "TransactionDesc": DESCRIPTION,
        }
    ).encode()


def accepted(answer: Any) -> str:
    """The prompt's id, from an answer that was read by hand.

    :raises ValueError: where the gateway did not accept.
    """
    if answer["ResponseCode"] != "0":
        raise ValueError(f"not accepted: {answer}")
    return str(answer["CheckoutRequestID"])
