"""Blocking calls in programs that gevent or eventlet has patched.

In such a program a call that blocks its thread would stop every greenlet of the process, even the one that receives the
call's own callback. So the call runs as asyncio's calls do, outside of the thread, and its greenlet waits for a pipe, while
other greenlets run.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar, overload

from . import _native

Result = TypeVar("Result")

#: In a patched program: seconds between two looks at what is in flight.
_LOOKS_AGAIN_AFTER = 0.01

#: Waits until a descriptor can be read, while other greenlets run.
Wait = Callable[[int], None]


@overload
def run(ready: _native.NativeCall) -> Any: ...


@overload
def run(ready: _native.NativeCall, *, make: Callable[..., Result]) -> Result: ...


def run(ready: _native.NativeCall, *, make: Callable[..., Any] | None = None) -> Any:
    """Makes a call: in this thread, or outside of it where the program is patched.

    :param make: what makes the result of a call that made its payment itself: called with plain data and a claim.
    """
    wait = waits()
    if wait is not None:
        return _beside(wait, ready, make)
    return ready.run(make)


def drained(native: _native.NativeClient, longest: float) -> bool:
    """Waits for what the client has in flight, that many seconds at most. Whether all of it has ended."""
    if waits() is None:
        has_ended: bool = native.is_at_rest() or native.drain(longest).run()
        return has_ended
    # The program is patched, and so is this sleep: others run meanwhile.
    ends_at = time.monotonic() + longest
    while not native.is_at_rest():
        if time.monotonic() >= ends_at:
            return False
        time.sleep(_LOOKS_AGAIN_AFTER)
    return True


def waits() -> Wait | None:
    """How this program waits, where it is patched."""
    gevent: Any = sys.modules.get("gevent.monkey")
    if gevent is not None and (
        gevent.is_module_patched("socket") or gevent.is_module_patched("threading")
    ):
        return _gevent
    eventlet: Any = sys.modules.get("eventlet.patcher")
    if eventlet is not None and (
        eventlet.is_monkey_patched("socket") or eventlet.is_monkey_patched("thread")
    ):
        return _eventlet
    return None


def _gevent(descriptor: int) -> None:
    gevent: Any = import_module("gevent.socket")
    gevent.wait_read(descriptor)


def _eventlet(descriptor: int) -> None:
    eventlet: Any = import_module("eventlet.hubs")
    eventlet.trampoline(descriptor, read=True)


class _Loop:
    """What the native module takes for an event loop: it is told in another thread that something has arrived.

    Its pipe is closed when nobody refers to it any more. To close the pipe with the call would let the other thread
    write into whatever the program opens next.
    """

    __slots__ = ("_arrived", "_is_left", "_read", "_write")

    def __init__(self) -> None:
        self._arrived: list[Callable[[], None]] = []
        self._is_left = False
        self._read, self._write = os.pipe()

    def __del__(self) -> None:
        os.close(self._read)
        os.close(self._write)

    def call_soon_threadsafe(self, callback: Callable[[], None]) -> None:
        self._arrived.append(callback)
        os.write(self._write, b"!")
        if self._is_left:
            self._arrived.clear()

    def turn(self, wait: Wait) -> None:
        """Lets others run until something has arrived, and takes that in."""
        wait(self._read)
        os.read(self._read, 64)
        while self._arrived:
            self._arrived.pop()()

    def leave(self) -> None:
        """Nobody waits here any more."""
        self._is_left = True
        self._arrived.clear()


class _Future:
    """What the native module takes for an ``asyncio.Future``."""

    __slots__ = ("_error", "_is_done", "_result")

    def __init__(self) -> None:
        self._is_done = False
        self._result: Any = None
        self._error: BaseException | None = None

    def done(self) -> bool:
        return self._is_done

    def cancelled(self) -> bool:
        return False

    def exception(self) -> BaseException | None:
        return self._error

    def set_result(self, result: Any) -> None:
        self._is_done, self._result = True, result

    def set_exception(self, error: BaseException) -> None:
        self._is_done, self._error = True, error

    def result(self) -> Any:
        if self._error is not None:
            raise self._error
        return self._result


def _beside(wait: Wait, ready: _native.NativeCall, make: Callable[..., Any] | None) -> Any:
    from ._calls import leave

    loop, future = _Loop(), _Future()
    try:
        task = ready.start(_native.Calls(loop), future)
        try:
            while not future.done():
                loop.turn(wait)
            data = future.result()
        except BaseException:
            # A timeout of gevent's, say, or a greenlet that is killed.
            leave(task, future)
            raise
    finally:
        loop.leave()
    return data if make is None else task.hand_over(make, data)
