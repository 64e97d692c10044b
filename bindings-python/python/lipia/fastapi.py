"""Callbacks in FastAPI: a router that takes them in.

::

    daraja = lipia.AsyncDaraja.from_env()      # MPESA_CALLBACK_URL=https://shop.example.co.ke/pay
    app = FastAPI()

    async def told(payment: lipia.Payment) -> None:
        print(payment.push.account_reference, payment.outcome)

    app.include_router(callback_router(daraja, prefix="/pay", on_outcome=told))
"""

from __future__ import annotations

from collections.abc import Callable

from ._async_client import AsyncClient
from ._public import public
from ._types import Payment, ReceivedCallback

try:
    from fastapi import APIRouter
except ImportError as missing:
    raise ImportError("lipia.fastapi needs FastAPI: pip install 'lipia[fastapi]'.") from missing

from .starlette import MaybeAwaitable, answer_errors as answer_errors, callback_route


@public
def callback_router(
    client: AsyncClient,
    *,
    prefix: str = "/pay",
    on_outcome: Callable[[Payment], MaybeAwaitable[object]] | None = None,
    load: Callable[[str], MaybeAwaitable[Payment | str | None]] | None = None,
    save: Callable[[Payment, Payment], MaybeAwaitable[bool | None]] | None = None,
    on_unknown: Callable[[ReceivedCallback], MaybeAwaitable[object]] | None = None,
    confirm: bool = False,
    confirm_timeout: float = 10.0,
) -> APIRouter:
    """A router that takes in the callbacks below ``prefix``: ``app.include_router(callback_router(daraja, …))``.

    :param client: an async client, whose ``callback_url`` ends in ``prefix``.
    :param prefix: where the app serves the client's ``callback_url``.

    The other parameters are those of :func:`lipia.starlette.callback_route`.

    :raises TypeError: where the client is not async, or something that is needed is missing.
    """
    route = callback_route(
        client,
        prefix,
        on_outcome=on_outcome,
        load=load,
        save=save,
        on_unknown=on_unknown,
        confirm=confirm,
        confirm_timeout=confirm_timeout,
    )
    return APIRouter(routes=[route])
