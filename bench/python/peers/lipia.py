"""Lipia."""

from __future__ import annotations

from typing import Any

import lipia

from . import sale

DISTRIBUTION = "lipia"


def _settings(where: sale.Where) -> dict[str, Any]:
    return {
        "consumer_key": where.consumer_key,
        "consumer_secret": where.consumer_secret,
        "short_code": where.short_code,
        "pass_key": where.pass_key,
        "callback_url": where.callback_url,
        "base_url": where.base_url,
        "timeout": where.timeout_seconds,
    }


def make(where: sale.Where) -> lipia.Daraja:
    return lipia.Daraja(**_settings(where))


def push(client: lipia.Daraja, reference: str) -> object:
    return client.stk_push(
        phone_number=sale.PHONE_NUMBER,
        amount=sale.AMOUNT,
        account_reference=reference,
        transaction_desc=sale.DESCRIPTION,
    )


async def make_async(where: sale.Where) -> lipia.AsyncDaraja:
    return lipia.AsyncDaraja(**_settings(where))


async def push_async(client: lipia.AsyncDaraja, reference: str) -> object:
    return await client.stk_push(
        phone_number=sale.PHONE_NUMBER,
        amount=sale.AMOUNT,
        account_reference=reference,
        transaction_desc=sale.DESCRIPTION,
    )


def parse(body: bytes) -> object:
    return lipia.Daraja.parse_callback(body)
