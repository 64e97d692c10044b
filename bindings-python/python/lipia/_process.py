"""The ledger of a process that forks: its file is closed before, and a child starts its own background work."""

from __future__ import annotations

import os
import threading

from . import _native

#: Stands for this process. A child has another one, also where it has its parent's process id.
mark = object()

#: Held while the background work of a client is started or ended.
lock = threading.Lock()


def _in_child() -> None:
    global mark, lock
    mark = object()
    # A thread of the parent may have held it.
    lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    # A child that finds its parent's connection in its memory cannot use the file.
    os.register_at_fork(
        before=_native.before_fork,
        after_in_parent=_native.after_fork,
        after_in_child=_in_child,
    )
