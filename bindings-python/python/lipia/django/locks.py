"""Locks between the threads of this process, one for each payment. Two threads would share the core's live payment, and one
of them may have read an older row. Between processes the row's version decides."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakValueDictionary


class _Lock:
    """A lock that can be referenced weakly, so that it is freed once nobody uses it."""

    __slots__ = ("__weakref__", "lock")

    def __init__(self) -> None:
        self.lock = threading.Lock()


_guard = threading.Lock()
_locks: WeakValueDictionary[str, _Lock] = WeakValueDictionary()
_pushed_now: set[str] = set()


@contextmanager
def payment_lock(payment_id: str) -> Iterator[None]:
    """Lets one thread of this process at a time work on a payment."""
    with _guard:
        mine = _locks.get(payment_id)
        if mine is None:
            mine = _locks[payment_id] = _Lock()
    with mine.lock:
        yield


@contextmanager
def being_pushed(payment_id: str) -> Iterator[None]:
    """Marks a payment as being pushed by this process. Its callbacks wait until the answer to the push is known."""
    _pushed_now.add(payment_id)
    try:
        yield
    finally:
        _pushed_now.discard(payment_id)


def is_being_pushed(payment_id: str) -> bool:
    """Whether this process is pushing the payment now."""
    return payment_id in _pushed_now


def _after_fork() -> None:
    # What other threads of the parent were doing is no business of the child.
    global _guard
    _guard = threading.Lock()
    _locks.clear()
    _pushed_now.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
