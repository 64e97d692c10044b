"""mpesakit as it comes: a new HTTP client for every request of code that blocks. It has no setting
for the address: the attribute that it made of its environment is replaced.
"""

from __future__ import annotations

import json
from typing import Any

from mpesakit import AsyncMpesaClient, MpesaClient  # type: ignore[import-untyped]
from mpesakit.mpesa_client import MpesaCallbackMixin  # type: ignore[import-untyped]

from . import sale

DISTRIBUTION = "mpesakit"

_CALLBACKS = MpesaCallbackMixin()


def _request(where: sale.Where, reference: str) -> dict[str, Any]:
    return {
        "business_short_code": where.short_code,
        "transaction_type": sale.TRANSACTION_TYPE,
        "amount": sale.AMOUNT,
        "party_a": sale.PHONE_NUMBER_INTERNATIONAL,
        "party_b": where.short_code,
        "phone_number": sale.PHONE_NUMBER,
        "callback_url": where.callback_url,
        "account_reference": reference,
        "transaction_desc": sale.DESCRIPTION,
        "passkey": where.pass_key,
    }


def make(where: sale.Where, *, use_session: bool = False) -> tuple[MpesaClient, sale.Where]:
    client = MpesaClient(where.consumer_key, where.consumer_secret, use_session=use_session)
    client.http_client.base_url = where.base_url
    return client, where


def push(client: tuple[MpesaClient, sale.Where], reference: str) -> object:
    mpesa, where = client
    return mpesa.stk_push(**_request(where, reference))


async def make_async(where: sale.Where) -> tuple[AsyncMpesaClient, sale.Where]:
    client = AsyncMpesaClient(where.consumer_key, where.consumer_secret)
    client.http_client._client.base_url = where.base_url
    return client, where


async def push_async(client: tuple[AsyncMpesaClient, sale.Where], reference: str) -> object:
    mpesa, where = client
    return await mpesa.stk_push(**_request(where, reference))


def parse(body: bytes) -> object:
    return _CALLBACKS.process_stk_callback(json.loads(body))
