"""Calls of a user's functions, plain or async, from an event loop."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from functools import partial
from typing import Any


async def called(function: Callable[..., Any], *arguments: Any) -> Any:
    """Calls a user's function from an event loop: one that is not async may block, so it runs in a
    thread.
    """
    if is_async(function):
        return await function(*arguments)
    result = await asyncio.to_thread(_returned_by, function, arguments)
    return await result if inspect.isawaitable(result) else result


def _returned_by(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    try:
        return function(*arguments)
    except StopIteration as error:
        # asyncio cannot carry a StopIteration, and would wait for ever.
        raise RuntimeError(f"{function!r} raised StopIteration") from error


def is_async(function: Callable[..., Any]) -> bool:
    """Whether calling it gives something to await."""
    while isinstance(function, partial):
        function = function.func
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)
    )
