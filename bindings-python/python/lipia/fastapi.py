"""The router for callbacks in FastAPI.

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
    """A router for the callbacks below ``prefix``, where each payment has a URL of its own.

    It answers 200 once a callback is kept, and 503 where it could not be kept. The client's ``on_outcome`` handler is told the
    outcome; that background work starts and ends with the server.

    :param client: an async client, whose ``callback_url`` ends in ``prefix``.
    :param prefix: the path of the client's ``callback_url``. Default: ``/pay``.
    :param confirm: whether a success is believed only after a query confirms it. Default: ``False``.
    :param confirm_timeout: seconds for such a query, for which the answer waits. Default: 10.
    :raises TypeError: the client is not async.

    ::

        app.include_router(callback_router(daraja))
    """
    route = callback_route(client, prefix, confirm=confirm, confirm_timeout=confirm_timeout)
    return APIRouter(routes=[route], lifespan=lifespan(client))
