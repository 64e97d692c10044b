"""The route for callbacks in Starlette. For FastAPI, use the router of ``lipia.fastapi``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from . import _callback as engine
from ._async_client import AsyncClient
from ._errors import LipiaError
from ._outcomes import LAST_SECONDS
from ._public import public
from ._refusals import MAX_BODY_BYTES, peer_text
from ._types import ReceivedCallback

try:
    from starlette.requests import ClientDisconnect, Request
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Route
except ImportError as missing:
    raise ImportError(
        "lipia.starlette needs Starlette: pip install starlette, or pip install 'lipia[fastapi]' for FastAPI."
    ) from missing


@public
def callback_route(
    client: AsyncClient,
    path: str = "/pay",
    *,
    confirm: bool = False,
    confirm_timeout: float = 10.0,
) -> Route:
    """A route for the callbacks below ``path``, where each payment has a URL of its own.

    It answers 200 once a callback is kept, and 503 where it could not be kept. The client's ``on_outcome`` handler is told the
    outcome.

    ::

        app = Starlette(routes=[callback_route(daraja)], lifespan=lifespan(daraja))

    :param client: an async client, whose ``callback_url`` ends in ``path``.
    :param path: the path of the client's ``callback_url``. Default: ``/pay``.
    :param confirm: whether a success is believed only after a query confirms it. Default: ``False``.
    :param confirm_timeout: seconds for such a query, for which the answer waits. Default: 10.
    :raises TypeError: the client is not async.
    """
    checked(client)
    hurried = client.with_options(timeout=confirm_timeout)
    going_on: set[asyncio.Task[ReceivedCallback]] = set()

    async def lipia_callback(request: Request) -> Response:
        try:
            body = await _body_of(request)
        except ClientDisconnect:
            return _response(engine.Answer(400))
        if body is None:
            return _response(engine.Answer(413))
        # A gateway posts once: what it has sent is taken in, also where it does not wait for the answer.
        taking_in = asyncio.ensure_future(
            hurried.receive_callback(
                request.scope["path"],
                body,
                peer=peer_text(request.client.host if request.client else None),
                forwarded_for=request.headers.getlist("x-forwarded-for"),
                confirm=confirm,
            )
        )
        going_on.add(taking_in)
        taking_in.add_done_callback(going_on.discard)
        try:
            answer = engine.answer_for(await asyncio.shield(taking_in))
        except Exception as error:
            answer = engine.refusal_of(error)
        return _response(answer)

    return Route(path.rstrip("/") + "/{token:path}", lipia_callback, methods=["POST"])


@public
def lifespan(client: AsyncClient) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    """The lifespan of an app whose client has a handler of outcomes. The background work starts and ends with the server;
    calls of the handler that have begun get up to 5 seconds to end.

    :raises TypeError: the client is not async.
    """
    checked(client)

    @asynccontextmanager
    async def lipia_lifespan(_: Any) -> AsyncIterator[None]:
        client.start()
        yield
        await client._outcomes.stop(LAST_SECONDS)  # pyright: ignore[reportPrivateUsage]

    return lipia_lifespan


def checked(client: AsyncClient) -> None:
    """Refuses a blocking client.

    :raises TypeError: the client is not async.
    """
    if not isinstance(client, AsyncClient):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(
            f"This is {client!r}: give an async client, such as lipia.AsyncDaraja. (In Flask and Django: lipia.Daraja.)"
        )


def answer_errors(app: Any) -> None:
    """Makes an app answer the :class:`LipiaError` that a route raises with a status and a sentence for the customer, which has
    nothing of what the gateway said. The whole error goes to the log. For Starlette and FastAPI.

    ::

        app = FastAPI()
        answer_errors(app)
    """
    app.add_exception_handler(LipiaError, _answer_to)


async def _answer_to(request: Request, error: Exception) -> Response:
    if not isinstance(error, LipiaError):
        raise error
    status, headers = engine.answer_to(error)
    return JSONResponse(error.for_customer(), status, headers)


async def _body_of(request: Request) -> bytes | None:
    """The body, or ``None`` for one that is too long."""
    chunks = bytearray()
    async for chunk in request.stream():
        chunks += chunk
        if len(chunks) > MAX_BODY_BYTES:
            return None
    return bytes(chunks)


def _response(answer: engine.Answer) -> Response:
    return Response(answer.body, answer.status, media_type="application/json")
