"""daraja-v3. Takes another address as an argument."""

from __future__ import annotations

import json

import mpesa  # type: ignore[import-untyped]

from . import sale

DISTRIBUTION = "daraja-v3"


def make(where: sale.Where) -> tuple[mpesa.MpesaClient, str]:
    client = mpesa.MpesaClient(
        consumer_key=where.consumer_key,
        consumer_secret=where.consumer_secret,
        shortcode=where.short_code,
        passkey=where.pass_key,
        base_url=where.base_url,
        timeout=where.timeout_seconds,
    )
    return client, where.callback_url


def push(client: tuple[mpesa.MpesaClient, str], reference: str) -> object:
    daraja, callback_url = client
    return daraja.stk_push(
        sale.PHONE_NUMBER, sale.AMOUNT, reference, sale.DESCRIPTION, callback_url
    )


async def make_async(where: sale.Where) -> tuple[mpesa.MpesaAsyncClient, str]:
    client = mpesa.MpesaAsyncClient(
        consumer_key=where.consumer_key,
        consumer_secret=where.consumer_secret,
        shortcode=where.short_code,
        passkey=where.pass_key,
        base_url=where.base_url,
        timeout=where.timeout_seconds,
    )
    return client, where.callback_url


async def push_async(client: tuple[mpesa.MpesaAsyncClient, str], reference: str) -> object:
    daraja, callback_url = client
    return await daraja.stk_push(
        sale.PHONE_NUMBER, sale.AMOUNT, reference, sale.DESCRIPTION, callback_url
    )


def parse(body: bytes) -> object:
    return mpesa.MpesaClient.parse_stk_callback(json.loads(body))
