"""requests by hand: the token and the body are made once, the answer's JSON is read."""

from __future__ import annotations

from collections.abc import Callable

import requests

from . import sale

DISTRIBUTION = "requests"


def make(where: sale.Where) -> Callable[[], str]:
    session = requests.Session()
    token = session.get(
        where.base_url + sale.OAUTH_PATH, headers={"Authorization": where.basic_authorization}
    ).json()["access_token"]
    url, headers, body = where.base_url + sale.PUSH_PATH, sale.headers(token), sale.body(where)
    return lambda: sale.accepted(
        session.post(url, data=body, headers=headers, timeout=where.timeout_seconds).json()
    )


def push(client: Callable[[], str], reference: str) -> object:
    return client()
