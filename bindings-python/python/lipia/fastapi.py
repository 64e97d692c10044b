"""Callbacks in FastAPI: a router that takes them in.

::

    daraja = lipia.AsyncDaraja.from_env()      # MPESA_CALLBACK_URL=https://shop.example.co.ke/pay
    app = FastAPI()
    app.include_router(callback_router(daraja))
    answer_errors(app)

    @daraja.on_outcome
    async def told(payment: lipia.Payment) -> None:
        print(payment.order, payment.outcome)
"""

from __future__ import annotations

from ._async_client import AsyncClient
from ._public import public

try:
    from fastapi import APIRouter
except ImportError as missing:
    raise ImportError("lipia.fastapi needs FastAPI: pip install 'lipia[fastapi]'.") from missing

from .starlette import answer_errors as answer_errors, callback_route, lifespan


@public
def callback_router(
    client: AsyncClient,
    *,
    prefix: str = "/pay",
    confirm: bool = False,
    confirm_timeout: float = 10.0,
) -> APIRouter:
    """A router that takes in the callbacks below ``prefix``: each payment has a URL of its own there. The gateway is answered
    200 once a callback is kept, and 503 where it could not be. What came of the payment, the client's ``on_outcome`` tells;
    that work starts and ends with the server.

    :param client: an async client, whose ``callback_url`` ends in ``prefix``.
    :param prefix: where the app serves the client's ``callback_url``.
    :param confirm: whether a success is believed only once a query says the same.
    :param confirm_timeout: seconds for a query that confirms a success. The answer waits for it.
    :raises TypeError: where the client is not async.
    """
    route = callback_route(client, prefix, confirm=confirm, confirm_timeout=confirm_timeout)
    return APIRouter(routes=[route], lifespan=lifespan(client))
