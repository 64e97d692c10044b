"""Who works on a payment in this process. Between processes the row's version decides; within one,
two threads would share the core's live payment, and one of them may have read an older row."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakValueDictionary


class _Turn:
    """A lock that can be referred to weakly: it is gone when nobody waits for it."""

    __slots__ = ("__weakref__", "lock")

    def __init__(self) -> None:
        self.lock = threading.Lock()


_guard = threading.Lock()
_turns: WeakValueDictionary[str, _Turn] = WeakValueDictionary()
_pushed_now: set[str] = set()


@contextmanager
def turn(payment_id: str) -> Iterator[None]:
    """One thread of this process at a time."""
    with _guard:
        mine = _turns.get(payment_id)
        if mine is None:
            mine = _turns[payment_id] = _Turn()
    with mine.lock:
        yield


@contextmanager
def being_pushed(payment_id: str) -> Iterator[None]:
    """While this process pushes it, callbacks wait: who pushes it takes them in afterwards, knowing
    the answer."""
    _pushed_now.add(payment_id)
    try:
        yield
    finally:
        _pushed_now.discard(payment_id)


def is_being_pushed(payment_id: str) -> bool:
    """Whether this process is pushing it now."""
    return payment_id in _pushed_now


def _after_fork() -> None:
    # What other threads of the parent were doing is no business of the child.
    global _guard
    _guard = threading.Lock()
    _turns.clear()
    _pushed_now.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
