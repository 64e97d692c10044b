"""Awaiting the native module from asyncio."""

from __future__ import annotations

import threading
from asyncio import get_running_loop
from collections.abc import Callable
from typing import Any

from . import _native

_of_this_thread = threading.local()


def _calls(loop: Any) -> _native.Calls:
    """What hands results to this event loop. One loop runs in a thread at a time, so one is kept."""
    kept = getattr(_of_this_thread, "calls", None)
    if kept is None or kept[0] is not loop:
        kept = _of_this_thread.calls = (loop, _native.Calls(loop))
    calls: _native.Calls = kept[1]
    return calls


async def call(start: Callable[..., _native.Task], *arguments: Any) -> Any:
    """Starts a call and waits for what comes of it. Cancelling leaves a push that is on its way to itself."""
    loop = get_running_loop()
    future = loop.create_future()
    task = start(_calls(loop), future, *arguments)
    try:
        result = await future
    except BaseException:
        # A task can be cancelled in the moment between its result and its next step: then that is lost to it.
        if future.done() and not future.cancelled() and future.exception() is not None:
            task.claimed()
        else:
            task.cancel()
        raise
    task.claimed()
    return result
