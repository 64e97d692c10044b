"""aiohttp by hand: the token and the body are made once, the answer's JSON is read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import aiohttp

from . import sale

DISTRIBUTION = "aiohttp"


async def make_async(where: sale.Where) -> Callable[[], Awaitable[str]]:
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=where.connections),
        timeout=aiohttp.ClientTimeout(total=where.timeout_seconds),
    )
    authorization = {"Authorization": where.basic_authorization}
    async with session.get(where.base_url + sale.OAUTH_PATH, headers=authorization) as answer:
        token = (await answer.json())["access_token"]
    url, headers, body = where.base_url + sale.PUSH_PATH, sale.headers(token), sale.body(where)

    async def post() -> str:
        async with session.post(url, data=body, headers=headers) as answer:
            return sale.accepted(await answer.json())

    return post


async def push_async(client: Callable[[], Awaitable[str]], reference: str) -> object:
    return await client()
