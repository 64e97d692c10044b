"""The background work of a client that blocks: a daemon thread that calls the shop's handler of outcomes.

A handler that takes longer than its lease keeps its thread, and another thread calls the handler from then on. In a program
whose blocking is green each call of the handler has a greenlet of its own.
"""

from __future__ import annotations

import atexit
import inspect
import logging
import queue
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
            try:
                if is_green:
                    _start(_tell_each_apart, tellings, self._call)
                else:
                    _start(_tell_in_turn, tellings, _Caller(self._call))
            except RuntimeError:
                # The interpreter ends and starts no thread. Another process tells what is owed.
                self._ledger.end()
                return
            self._tellings, self._begun_in = tellings, _process.mark
            _begun.add(self)

    def stop(self, longest: float) -> bool:
        """Ends the background work, and waits for handlers that were called. Whether all of them ended."""
        if self._begun_in is not _process.mark:
            return True
        self._begun_in = None
        have_ended: bool = run(self._ledger.stop(longest))
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


def _start(work: Callable[..., None], *arguments: object) -> None:
    """Starts a thread of the background work.

    :raises RuntimeError: the interpreter ends.
    """
    threading.Thread(target=work, args=arguments, name="lipia-outcomes", daemon=True).start()


def _tell_each_apart(tellings: _native.NativeTellings, call: Call) -> None:
    """Tells the handler whatever is owed, each time in a greenlet of its own, until the client is gone or stopped."""
    while (telling := run(tellings.next())) is not None:
        _start(_tell, telling, call)


def _tell_in_turn(tellings: _native.NativeTellings, caller: _Caller) -> None:
    """Tells the handler whatever is owed, one payment after the other, until the client is gone or stopped."""
    kept: list[_Caller] = []
    while (telling := tellings.next().run()) is not None:
        # The core gives a telling out once the one before was answered, or its lease is over. A handler that never returns
        # would keep all other payments from being told.
        if caller.is_calling:
            kept = [one for one in kept if one.is_calling]
            if len(kept) < MAX_AT_ONCE:
                kept.append(caller)
                caller = caller.replaced()
        caller.take(telling)
    caller.end()


class _Caller:
    """A thread that calls the handler, one telling after the other."""

    __slots__ = ("_call", "_tellings", "is_calling")

    def __init__(self, call: Call) -> None:
        self._call = call
        self._tellings: queue.SimpleQueue[_native.NativeTelling | None] = queue.SimpleQueue()
        #: Whether a call of the handler goes on.
        self.is_calling = False
        _start(self._work)

    def take(self, telling: _native.NativeTelling) -> None:
        """Calls the handler with a telling, after those that it was given before."""
        self.is_calling = True
        self._tellings.put(telling)

    def end(self) -> None:
        """Ends the thread, once the handler returns."""
        self._tellings.put(None)

    def replaced(self) -> _Caller:
        """Another thread that calls the same handler; this one ends. Itself where the interpreter ends and starts none."""
        try:
            another = _Caller(self._call)
        except RuntimeError:
            return self
        self.end()
        return another

    def _work(self) -> None:
        while (telling := self._tellings.get()) is not None:
            _tell(telling, self._call, self._has_called)

    def _has_called(self) -> None:
        self.is_calling = False


def _tell(
    telling: _native.NativeTelling, call: Call, has_called: Callable[[], None] = lambda: None
) -> None:
    """Calls the handler, says that it was called, and then answers the telling, which brings the next one."""
    payment = telling.payment()
    heard: object = None
    raised: BaseException | None = None
    if payment is not None:
        try:
            heard = _heard(call, payment_of(payment))
        except BaseException as error:
            raised = error
    has_called()
    if raised is not None:
        failed(telling, raised)
    elif payment is not None:
        answer(telling, heard)


def _heard(call: Call, payment: Payment) -> object:
    """What the handler returns."""
    with call.context():
        heard = call(payment)
        if not inspect.isawaitable(heard):
            return heard
        # Not at the top: a program that blocks loads no asyncio.
        import asyncio

        return asyncio.run(_awaited(heard))


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
