"""daraja-sdk-py. It has no setting for the address: the constant that it reads at each call is
replaced.

It answers a second push of the same body from its own memory, so every push has its own reference.
"""

from __future__ import annotations

import json
from typing import Any

import daraja  # type: ignore[import-untyped]
import daraja.environment  # type: ignore[import-untyped]

from . import sale

DISTRIBUTION = "daraja-sdk-py"

_WEBHOOKS = daraja.WebhookManager()


def _config(where: sale.Where) -> daraja.MpesaConfig:
    daraja.environment.SANDBOX_BASE_URL = where.base_url
    return daraja.MpesaConfig(
        consumer_key=where.consumer_key,
        consumer_secret=where.consumer_secret,
        passkey=where.pass_key,
        timeout=where.timeout_seconds,
    )


def _request(where: sale.Where, reference: str) -> dict[str, Any]:
    return {
        "BusinessShortCode": where.short_code,
        "TransactionType": sale.TRANSACTION_TYPE,
        "Amount": sale.AMOUNT,
        "PartyA": sale.PHONE_NUMBER_INTERNATIONAL,
        "PartyB": where.short_code,
        "PhoneNumber": sale.PHONE_NUMBER_INTERNATIONAL,
        "CallBackURL": where.callback_url,
        "AccountReference": reference,
        "TransactionDesc": sale.DESCRIPTION,
    }


def make(where: sale.Where) -> tuple[daraja.Mpesa, sale.Where]:
    return daraja.Mpesa(_config(where)), where


def push(client: tuple[daraja.Mpesa, sale.Where], reference: str) -> object:
    mpesa, where = client
    return mpesa.stk_push(_request(where, reference))


async def make_async(where: sale.Where) -> tuple[daraja.AsyncMpesa, sale.Where]:
    return daraja.AsyncMpesa(_config(where)), where


async def push_async(client: tuple[daraja.AsyncMpesa, sale.Where], reference: str) -> object:
    mpesa, where = client
    return await mpesa.stk_push(_request(where, reference))


def parse(body: bytes) -> object:
    return _WEBHOOKS.parse_stk_callback(json.loads(body))
