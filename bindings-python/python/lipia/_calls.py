"""Calls of the native module, awaited from asyncio."""

from __future__ import annotations

import threading
from asyncio import get_running_loop
from collections.abc import Callable
from typing import Any, TypeVar, overload

from . import _native

Result = TypeVar("Result")

_of_this_thread = threading.local()


def _calls(loop: Any) -> _native.Calls:
    """What hands results to this event loop. One loop runs in a thread at a time, so one is kept."""
    kept = getattr(_of_this_thread, "calls", None)
    if kept is None or kept[0] is not loop:
        kept = _of_this_thread.calls = (loop, _native.Calls(loop))
    calls: _native.Calls = kept[1]
    return calls


@overload
async def call(ready: _native.NativeCall) -> Any: ...


@overload
async def call(ready: _native.NativeCall, *, make: Callable[..., Result]) -> Result: ...


async def call(ready: _native.NativeCall, *, make: Callable[..., Any] | None = None) -> Any:
    """Starts a call and waits for what comes of it. Cancelling leaves a push that is on its way to itself.

    :param make: what makes the result of a call that made its payment itself: called with plain data and a claim.
    """
    loop = get_running_loop()
    future = loop.create_future()
    task = ready.start(_calls(loop), future)
    try:
        data = await future
    except BaseException:
        # A task can be cancelled in the moment between its result and its next step: then that is lost to it.
        leave(task, future)
        raise
    return data if make is None else task.hand_over(make, data)


async def drained(native: _native.NativeClient, longest: float) -> bool:
    """Waits for what the client has in flight, that many seconds at most. Whether all of it has ended."""
    has_ended: bool = native.is_at_rest() or await call(native.drain(longest))
    return has_ended


def leave(task: _native.Task, future: Any) -> None:
    """Says how a call ended whose caller has no result: with an error that the caller has, or unheard."""
    if future.done() and not future.cancelled() and future.exception() is not None:
        task.claimed()
    else:
        task.cancel()
