"""The shop of examples/fastapi, which also notes what its handler of outcomes was told and says which worker answers."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from repository import REPOSITORY

import lipia

from .orders import Orders

sys.path.insert(0, str(REPOSITORY / "examples" / "fastapi"))

import shop  # noqa: E402

orders = Orders()
app = shop.app


@shop.daraja.on_outcome
def told(payment: lipia.Payment) -> None:
    shop.told(payment)
    orders.note(payment)


@app.middleware("http")
async def name_worker(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    response = await call_next(request)
    response.headers["X-Worker"] = str(orders.worker)
    return response
