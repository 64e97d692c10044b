"""The decorator of every public call: errors about keywords, and tracebacks without the frames of this package.

A keyword that a call does not have is refused by the call's public name, with the nearest one. And an error leaves
without the frames of this package: their locals hold keys, pass keys and callback URLs, and error reporters send the
locals of every frame that an error has come through.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import wraps
from types import TracebackType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ParamSpec, TypeVar

    P = ParamSpec("P")
    Result = TypeVar("Result")

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_IS_COROUTINE_FUNCTION = 0x80

#: How many linked errors are looked at: enough for any chain that means something.
_MAX_LINKED = 100


def public(function: Callable[P, Result]) -> Callable[P, Result]:
    """A public function or method, as described above."""
    call: Any = function
    misfit = _misfit_of(call)
    if call.__code__.co_flags & _IS_COROUTINE_FUNCTION:

        @wraps(function)
        async def awaited(*arguments: Any, **keywords: Any) -> Any:
            try:
                if misfit is not None and (said := misfit(arguments, keywords)):
                    raise TypeError(said)
                return await call(*arguments, **keywords)
            except BaseException as error:
                raised = _leaving(error, call, arguments, keywords)
            # This frame stays with the error, and must not hold the arguments, nor the error in a circle.
            del arguments, keywords
            try:
                raise raised
            finally:
                del raised

        return awaited  # type: ignore[return-value]

    @wraps(function)
    def called(*arguments: Any, **keywords: Any) -> Any:
        try:
            if misfit is not None and (said := misfit(arguments, keywords)):
                raise TypeError(said)
            return call(*arguments, **keywords)
        except BaseException as error:
            raised = _leaving(error, call, arguments, keywords)
        del arguments, keywords
        try:
            raise raised
        finally:
            del raised

    return called


def names_of(function: Any) -> list[str]:
    """The names of a call's parameters, and of the keywords that :func:`lipia._keywords.takes` gives it."""
    function = getattr(function, "__wrapped__", function)
    code = function.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return [*names, *getattr(function, "lipia_keywords", ())]


def _misfit_of(function: Any) -> Callable[[tuple[Any, ...], dict[str, Any]], str] | None:
    """What says, of a call with keywords of a typed dictionary, how its arguments do not fit, as Python says it of others."""
    taken: dict[str, bool] | None = getattr(function, "lipia_keywords", None)
    if taken is None:
        return None
    most = function.__code__.co_argcount
    known = frozenset(names_of(function))
    needed = frozenset(name for name, is_needed in taken.items() if is_needed)

    def misfit(arguments: tuple[Any, ...], keywords: dict[str, Any]) -> str:
        given = keywords.keys()
        if len(arguments) > most or needed <= given <= known:
            return ""
        missing = [repr(name) for name in taken if name in needed and name not in given]
        if not missing:
            return "an unexpected keyword"
        *others, last = missing
        listed = f"{', '.join(others)}{',' * (len(others) > 1)} and {last}" if others else last
        return (
            f"{function.__qualname__}() missing {len(missing)} required keyword-only "
            f"argument{'s' * bool(others)}: {listed}"
        )

    return misfit


def _leaving(
    error: BaseException, function: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> BaseException:
    """The error that leaves instead: the same one without our frames, or one that names the wrong keyword."""
    inside = error.__traceback__ and error.__traceback__.tb_next
    if inside is None and isinstance(error, TypeError):
        error = TypeError(_wrong_call(str(error), function, arguments, keywords))
    return without_frames(error)


def _wrong_call(
    message: str, function: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> str:
    """What is wrong with the arguments of a call, said of the call that the program has written."""
    names = names_of(function)
    name = _public_name(function, names, arguments)
    for keyword in keywords:
        if keyword not in names:
            return unexpected_keyword(name, keyword, [known for known in names if known != "self"])
    return message.replace(f"{function.__qualname__}()", f"{name}()")


def _public_name(function: Any, names: list[str], arguments: tuple[Any, ...]) -> str:
    name: str = function.__name__
    if not arguments or not names or names[0] not in ("self", "cls"):
        return name
    owner: Any = arguments[0] if names[0] == "cls" else arguments[0].__class__
    return str(owner.__name__) if name == "__init__" else f"{owner.__name__}.{name}"


def unexpected_keyword(call: str, keyword: str, known: Iterable[str]) -> str:
    """The message about a keyword that a call does not have."""
    from difflib import get_close_matches

    known = list(known)
    near = get_close_matches(keyword.lower(), known, n=1, cutoff=0.5)
    advice = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
    return f"{call}() got an unexpected keyword argument {keyword!r}; {advice}"


def without_frames(error: BaseException) -> BaseException:
    """The error without the frames of this package, and so are those that it came of. Frames of the program, where
    it was called back, stay."""
    seen: set[int] = set()
    linked: list[BaseException] = [error]
    while linked and len(seen) < _MAX_LINKED:
        one = linked.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        one.__traceback__ = _frames_of_others(one.__traceback__)
        if one.__suppress_context__ and one.__cause__ is None:
            one.__context__ = None
        linked += [before for before in (one.__cause__, one.__context__) if before is not None]
    return error


def _frames_of_others(traceback: TracebackType | None) -> TracebackType | None:
    frames: list[TracebackType] = []
    while traceback is not None:
        if not traceback.tb_frame.f_code.co_filename.startswith(_PACKAGE):
            frames.append(traceback)
        traceback = traceback.tb_next
    kept: TracebackType | None = None
    for one in reversed(frames):
        kept = TracebackType(kept, one.tb_frame, one.tb_lasti, one.tb_lineno)
    return kept
