"""The background work of a client that blocks: a daemon thread that calls the shop's handler of outcomes.

In a program whose blocking is green the thread is a greenlet, and so is each call of the handler.
"""

from __future__ import annotations

import atexit
import inspect
import logging
import threading
import time
import weakref
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, cast

from . import _native, _process
from ._green import run, waits
from ._public import without_frames
from ._types import Payment, payment_of

logger = logging.getLogger("lipia")

#: A handler of outcomes, plain or async. It returns ``False`` or raises where it is to be told again later.
Handler = Callable[[Payment], object]

#: How many seconds a program that ends waits for handlers that were called.
LAST_SECONDS = 5.0

#: How many handlers run at once where each has a greenlet or a task of its own.
MAX_AT_ONCE = 64


class Call:
    """How the shop's handler is called: the handler that was set last, and what it is called within."""

    __slots__ = ("context", "handler")

    def __init__(self) -> None:
        self.handler: Handler | None = None
        self.context: Callable[[], AbstractContextManager[object]] = nullcontext

    def __call__(self, payment: Payment) -> object:
        if self.handler is None:
            return False
        return self.handler(payment)


class Outcomes:
    """The shop's handler of outcomes, and the thread that calls it. All copies of a client share it."""

    __slots__ = ("__weakref__", "_begun_in", "_call", "_ledger", "_tellings")

    def __init__(self, ledger: _native.NativeLedger) -> None:
        self._ledger = ledger
        self._call = Call()
        self._tellings: _native.NativeTellings | None = None
        #: The process whose thread calls the handler.
        self._begun_in: object = None

    def set(self, handler: Handler) -> None:
        """Sets the handler. The client's next call begins to call it."""
        self._call.handler = checked(handler)

    def set_context(self, context: Callable[[], AbstractContextManager[object]]) -> None:
        """Sets what each call of the handler happens within, such as the context of a Flask app."""
        self._call.context = context

    def begin(self) -> None:
        """Starts the background work, where there is a handler and the work does not go on in this process."""
        if self._call.handler is None or self._begun_in is _process.mark:
            return
        with _process.lock:
            if self._begun_in is _process.mark:
                return
            is_green = waits() is not None
            tellings = self._ledger.listen(MAX_AT_ONCE if is_green else 1, is_green)
            telling = threading.Thread(
                target=_tell_all, args=(tellings, self._call), name="lipia-outcomes", daemon=True
            )
            try:
                telling.start()
            except RuntimeError:
                # The interpreter ends and starts no thread. Another process tells what is owed.
                self._ledger.stop(0.0)
                return
            self._tellings, self._begun_in = tellings, _process.mark
            _begun.add(self)

    def stop(self, longest: float) -> bool:
        """Ends the background work, and waits for handlers that were called. Whether all of them ended."""
        if self._begun_in is not _process.mark:
            return True
        self._begun_in = None
        have_ended: bool = run(self._ledger.stop, self._ledger.start_stop, longest)
        if self._tellings is not None:
            self._tellings.end()
        return have_ended


def checked(handler: Any) -> Handler:
    """The handler.

    :raises TypeError: where it cannot be called.
    """
    if callable(handler):
        return cast(Handler, handler)
    raise TypeError(f"on_outcome is given a {type(handler).__name__}: give a function.")


def _tell_all(tellings: _native.NativeTellings, call: Call) -> None:
    """Tells the handler whatever is owed, until the client is gone or stopped."""
    while True:
        telling = run(tellings.next, tellings.start_next)
        if telling is None:
            return
        if waits() is None:
            _tell(telling, call)
        else:
            threading.Thread(target=_tell, args=(telling, call), daemon=True).start()


def _tell(telling: _native.NativeTelling, call: Call) -> None:
    payment = telling.payment()
    if payment is None:
        return
    try:
        with call.context():
            heard = call(payment_of(payment))
            if inspect.isawaitable(heard):
                # Not at the top: a program that blocks loads no asyncio.
                import asyncio

                heard = asyncio.run(_awaited(heard))
    except BaseException as error:
        failed(telling, error)
    else:
        answer(telling, heard)


async def _awaited(heard: Awaitable[object]) -> object:
    return await heard


def answer(telling: _native.NativeTelling, heard: object) -> None:
    """Answers a telling with what the handler returned."""
    if heard is False:
        telling.failed("the handler returned False")
    else:
        telling.taken()


def failed(telling: _native.NativeTelling, error: BaseException) -> None:
    """Answers a telling whose handler raised. The traceback goes to the log alone."""
    logger.error(
        "the handler of outcomes raised, and is told again later", exc_info=without_frames(error)
    )
    telling.failed(f"the handler raised {type(error).__name__}")


#: The handlers whose background work goes on in this process, or did.
_begun: weakref.WeakSet[Any] = weakref.WeakSet()


@atexit.register
def _stop_all() -> None:
    """Waits for handlers that were called, before the program ends: what was told and not noted is told twice."""
    ends_at = time.monotonic() + LAST_SECONDS
    for outcomes in list(_begun):
        outcomes.stop(max(ends_at - time.monotonic(), 0.01))
