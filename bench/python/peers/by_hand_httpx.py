"""httpx by hand: the token and the body are made once, the answer's JSON is read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx

from . import sale

DISTRIBUTION = "httpx"


def make(where: sale.Where) -> Callable[[], str]:
    client = httpx.Client(timeout=where.timeout_seconds)
    token = client.get(
        where.base_url + sale.OAUTH_PATH, headers={"Authorization": where.basic_authorization}
    ).json()["access_token"]
    url, headers, body = where.base_url + sale.PUSH_PATH, sale.headers(token), sale.body(where)
    return lambda: sale.accepted(client.post(url, content=body, headers=headers).json())


def push(client: Callable[[], str], reference: str) -> object:
    return client()


async def make_async(where: sale.Where) -> Callable[[], Awaitable[str]]:
    limits = httpx.Limits(
        max_connections=where.connections, max_keepalive_connections=where.connections
    )
    client = httpx.AsyncClient(timeout=where.timeout_seconds, limits=limits)
    answer = await client.get(
        where.base_url + sale.OAUTH_PATH, headers={"Authorization": where.basic_authorization}
    )
    headers, body = sale.headers(answer.json()["access_token"]), sale.body(where)
    url = where.base_url + sale.PUSH_PATH

    async def post() -> str:
        return sale.accepted((await client.post(url, content=body, headers=headers)).json())

    return post


async def push_async(client: Callable[[], Awaitable[str]], reference: str) -> object:
    return await client()
