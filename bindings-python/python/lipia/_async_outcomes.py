"""The background work of a client for asyncio: tasks that call the shop's handler of outcomes, in the loop that started the
client."""

from __future__ import annotations

import asyncio
import weakref
from contextvars import Context
from typing import Any

from . import _native, _process
from ._calls import call
from ._functions import called
from ._outcomes import MAX_AT_ONCE, Call, Handler, answer, checked, failed
from ._types import payment_of


class AsyncOutcomes:
    """The shop's handler of outcomes, and the loop that calls it. All copies of a client share it."""

    __slots__ = ("__weakref__", "_begun_in", "_call", "_ledger", "_loop", "_task", "_tellings")

    def __init__(self, ledger: _native.NativeLedger) -> None:
        self._ledger = ledger
        self._call = Call()
        self._tellings: _native.NativeTellings | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        #: The process whose loop calls the handler.
        self._begun_in: object = None

    def set(self, handler: Handler) -> None:
        """Sets the handler. The client's next call begins to call it."""
        self._call.handler = checked(handler)

    def begin(self) -> None:
        """Starts the background work in the loop that runs, where there is a handler and the work does not go on in a loop
        of this process."""
        if self._call.handler is None or self._goes_on():
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            # Without a loop there is nothing to call the handler in.
            return
        with _process.lock:
            if self._goes_on():
                return
            tellings = self._ledger.listen(MAX_AT_ONCE, True)
            work = _tell_all(tellings, self._call, weakref.ref(self))
            # Not in the context of the request that happens to be the first.
            self._task = Context().run(loop.create_task, work)
            self._tellings, self._loop, self._begun_in = tellings, loop, _process.mark

    def _goes_on(self) -> bool:
        if self._begun_in is not _process.mark or self._loop is None or self._task is None:
            return False
        return not self._loop.is_closed() and not self._task.done()

    async def stop(self, longest: float) -> bool:
        """Ends the background work, and waits for handlers that were called. Whether all of them ended."""
        if not self._goes_on():
            return True
        have_ended: bool = await call(self._ledger.stop(longest))
        self.end()
        return have_ended

    def end_of(self, tellings: _native.NativeTellings) -> None:
        """As :meth:`end`, where these are the tellings that were begun last."""
        if self._tellings is tellings:
            self.end()

    def end(self) -> None:
        """Notes that the loop calls the handler no more, so that this process leases nothing that nobody would be told of."""
        if self._begun_in is _process.mark:
            self._begun_in = None
            self._ledger.end()
        if self._tellings is not None:
            self._tellings.end()


async def _tell_all(
    tellings: _native.NativeTellings, call_of: Call, outcomes: weakref.ref[AsyncOutcomes]
) -> None:
    """Tells the handler whatever is owed, until the client is gone or stopped, or the loop ends."""
    going_on: set[asyncio.Task[Any]] = set()
    try:
        while (telling := await call(tellings.next())) is not None:
            task = asyncio.ensure_future(_tell(telling, call_of))
            going_on.add(task)
            task.add_done_callback(going_on.discard)
    finally:
        owner = outcomes()
        if owner is not None:
            owner.end_of(tellings)


async def _tell(telling: _native.NativeTelling, call_of: Call) -> None:
    payment = telling.payment()
    if payment is None:
        return
    try:
        heard = await called(call_of.handler or call_of, payment_of(payment))
    except asyncio.CancelledError:
        # The loop ends. What is dropped without an answer is told again.
        raise
    except BaseException as error:
        failed(telling, error)
        if not isinstance(error, Exception):
            raise
    else:
        answer(telling, heard)
