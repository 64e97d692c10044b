"""Callbacks in Starlette: a route that takes them in. ``lipia.fastapi`` has the same as a router."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar, Union

from . import _callback as engine
from ._async_client import AsyncClient
from ._errors import LipiaError
from ._public import public
from ._refusals import MAX_BODY_BYTES, peer_text
from ._types import Payment, ReceivedCallback

try:
    from starlette.background import BackgroundTask
    from starlette.requests import ClientDisconnect, Request
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Route
except ImportError as missing:
    raise ImportError(
        "lipia.starlette needs Starlette: pip install starlette, or pip install 'lipia[fastapi]' for FastAPI."
    ) from missing

Result = TypeVar("Result")
MaybeAwaitable = Union[Result, Awaitable[Result]]


@public
def callback_route(
    client: AsyncClient,
    path: str = "/pay",
    *,
    on_outcome: Callable[[Payment], MaybeAwaitable[object]] | None = None,
    load: Callable[[str], MaybeAwaitable[Payment | str | None]] | None = None,
    save: Callable[[Payment, Payment], MaybeAwaitable[bool | None]] | None = None,
    on_unknown: Callable[[ReceivedCallback], MaybeAwaitable[object]] | None = None,
    confirm: bool = False,
    confirm_timeout: float = 10.0,
) -> Route:
    """A route that takes in the callbacks below ``path``: each payment has a URL of its own there.

    ::

        app = Starlette(routes=[callback_route(daraja, "/pay", on_outcome=told)])

    What is checked, saved and answered, and when each function is called: see "Callbacks" in the
    guide, ``docs/python.md``. Functions may be async or plain; plain ones run in a thread.

    :param client: an async client, whose ``callback_url`` ends in ``path``.
    :param path: where the app serves the client's ``callback_url``.
    :param on_outcome: told, after the answer, of each payment that a callback moved forward: once
        for all duplicates. What it raises is logged and changes nothing.
    :param load: the saved payment of an id (the text of its ``to_json``, or a
        :class:`lipia.Payment`), or ``None``.
    :param save: keeps a payment (first argument) in place of what was loaded (second). Save only
        where the store still has that revision, and return ``False`` where it has another: then the
        payment is loaded anew.
    :param on_unknown: told, after the answer, of a callback whose payment neither this process nor
        the store knows. Its URL was made by you; its amount was compared with nothing. Without this
        function the gateway is answered 503.
    :param confirm: whether a success is believed only once a query says the same.
    :param confirm_timeout: seconds for a query that confirms a success. The answer waits for it.
    :raises TypeError: where the client is not async, or something that is needed is missing.
    """
    if not isinstance(client, AsyncClient):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(
            f"This is {client!r}: give an async client, such as lipia.AsyncDaraja. (In Flask and Django: lipia.Daraja.)"
        )
    handlers = engine.Handlers.of(on_outcome, on_unknown, load, save)
    endpoint = _Endpoint(client.with_options(timeout=confirm_timeout), handlers, confirm)

    async def lipia_callback(request: Request) -> Response:
        return await endpoint.answer(request)

    return Route(path.rstrip("/") + "/{token:path}", lipia_callback, methods=["POST"])


def answer_errors(app: Any) -> None:
    """Has an app answer errors of Lipia's that its routes raise: a status, and a sentence for the customer that has
    nothing of what the gateway said. All that is known goes to the log. For Starlette and FastAPI.

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


class _Endpoint:
    def __init__(self, client: AsyncClient, handlers: engine.Handlers, confirm: bool) -> None:
        self._client = client
        self._handlers = handlers
        self._confirm = confirm
        self._turns = engine.Turns(asyncio.Lock)
        self._under_way: set[asyncio.Task[Any]] = set()

    async def answer(self, request: Request) -> Response:
        try:
            body = await _body_of(request)
        except ClientDisconnect:
            return _response(engine.Answer(400))
        if body is None:
            return _response(engine.Answer(413))
        delivery = engine.Delivery(
            request.scope["path"],
            body,
            peer_text(request.client.host if request.client else None),
            request.headers.getlist("x-forwarded-for"),
        )
        taking_in = self._begin(self._take_in(delivery))
        try:
            answer = await asyncio.shield(taking_in)
        except asyncio.CancelledError:
            # Nobody waits for the answer any more. What was saved is told all the same.
            taking_in.add_done_callback(self._tell_without_answer)
            raise
        return _response(answer, BackgroundTask(self._after_answer, answer))

    def _begin(self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        """Work that goes on where the request is cancelled."""
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    async def _take_in(self, delivery: engine.Delivery) -> engine.Answer:
        held = engine.held_for(self._client, delivery.path)
        try:
            received = await self._client.receive_callback(
                delivery.path,
                delivery.body,
                peer=delivery.peer,
                forwarded_for=delivery.forwarded_for,
                confirm=self._confirm,
                has_store=self._handlers.finds_elsewhere,
            )
        except Exception as error:
            return engine.refusal_of(error)
        # A lock belongs to one event loop.
        key = (id(asyncio.get_running_loop()), received.payment_id)
        async with self._turns.of(key):
            return await engine.drive_async(
                engine.judged(self._client, received, held, self._handlers, self._confirm)
            )

    def _tell_without_answer(self, taking_in: asyncio.Task[engine.Answer]) -> None:
        if not taking_in.cancelled() and taking_in.exception() is None:
            self._begin(self._tell(taking_in.result()))

    async def _after_answer(self, answer: engine.Answer) -> None:
        await asyncio.shield(self._begin(self._tell(answer)))

    async def _tell(self, answer: engine.Answer) -> None:
        for function, news in self._handlers.told_of(answer):
            try:
                await engine.called(function, news)
            except Exception:
                engine.logger.exception(engine.NOT_TOLD)


async def _body_of(request: Request) -> bytes | None:
    """The body, or ``None`` for one that is too long."""
    chunks = bytearray()
    async for chunk in request.stream():
        chunks += chunk
        if len(chunks) > MAX_BODY_BYTES:
            return None
    return bytes(chunks)


def _response(answer: engine.Answer, background: BackgroundTask | None = None) -> Response:
    return Response(
        answer.body, answer.status, media_type="application/json", background=background
    )
