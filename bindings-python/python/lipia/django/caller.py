"""The thread that waits for a call of the ledger's client, and runs the commands of its store meanwhile: in Django a database
connection belongs to a thread, and with it the transaction of a test."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from lipia._green import waits

Result = TypeVar("Result")


class Caller:
    """The thread that calls. Others hand work to it while it waits."""

    __slots__ = ("_calls", "_lock", "_work")

    def __init__(self) -> None:
        self._work: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        #: How many calls this thread waits for. A receiver that asks about its payment waits within another call.
        self._calls = 0
        self._lock = threading.Lock()

    def call(self, function: Callable[[], Result]) -> Result:
        """Calls a function in a thread of its own, and does what is handed over until it returns."""
        if waits() is not None:
            # A greenlet must wait for nothing but its hub. The commands run in the store's own threads then.
            return function()
        called: Future[Result] = Future()

        def call() -> None:
            _fulfil(called, function)
            self._work.put(_nothing)

        with self._lock:
            self._calls += 1
        try:
            threading.Thread(target=call, name="lipia-django", daemon=True).start()
            while not called.done():
                self._work.get()()
        finally:
            self._leave()
        return called.result()

    def run(self, here: Callable[[], Result], elsewhere: Callable[[], Result]) -> Result:
        """Has the calling thread do something, and waits for its result. Where that thread waits for no call, because Ctrl-C has
        ended its call, this thread does it in another way."""
        done: Future[Result] = Future()
        with self._lock:
            is_there = self._calls > 0
            if is_there:
                self._work.put(lambda: _fulfil(done, here))
        return done.result() if is_there else elsewhere()

    def _leave(self) -> None:
        with self._lock:
            self._calls -= 1
            if self._calls:
                return
        # What was handed over up to now has somebody who waits for it.
        while True:
            try:
                self._work.get_nowait()()
            except queue.Empty:
                return


def _nothing() -> None:
    """Lets the calling thread look whether its call has returned."""


def _fulfil(future: Future[Any], function: Callable[[], Any]) -> None:
    try:
        result = function()
    except BaseException as error:
        future.set_exception(error)
        if not isinstance(error, Exception):
            raise
    else:
        future.set_result(result)
