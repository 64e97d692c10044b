"""Keywords that several calls share: a typed dictionary lists them once, with their documentation.

For a type checker such a call takes ``**push: Unpack[PushParameters]``. For ``help()`` and ``inspect`` it has each keyword, as
if the call itself had written them down.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ._parameters import DEFAULTS, DOCUMENTATION

Function = TypeVar("Function", bound=Callable[..., Any])

#: The documentation of a parameter, to the next one or to the end of the list.
_PARAMETER = re.compile(r"^:param (\w+):.*\n(?:[ ]+\S.*\n)*", re.MULTILINE)


def takes(*dictionaries: Any) -> Callable[[Function], Function]:
    """A decorator of a call that takes the keywords of typed dictionaries. :func:`lipia._public.public` refuses others.

    :param dictionaries: the dictionary of the call, and then those that it inherits from and that come after its own keywords.
    """
    keywords: dict[str, inspect.Parameter] = {}
    annotations: dict[str, Any] = {}
    documentation: dict[str, str] = {}
    inherited = {name for one in dictionaries[1:] for name in one.__annotations__}
    for dictionary in dictionaries:
        needed = dictionary.__required_keys__
        own = [name for name in dictionary.__annotations__ if name not in keywords]
        if dictionary is dictionaries[0]:
            own = [name for name in own if name not in inherited]
        for name in sorted(own, key=lambda name: name not in needed):
            annotations[name] = dictionary.__annotations__[name]
            keywords[name] = inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=inspect.Parameter.empty if name in needed else DEFAULTS.get(name),
                annotation=_text_of(annotations[name]),
            )
        # The dictionary of the call has the last word: it may say more of a keyword than what it inherits from.
        documentation = {**_documented(dictionary), **documentation}

    def with_keywords(function: Function) -> Function:
        changed: Any = function
        changed.__signature__ = _signature(function, keywords)
        together = function.__code__.co_argcount + function.__code__.co_kwonlyargcount
        changed.__annotations__.pop(function.__code__.co_varnames[together])
        changed.__annotations__.update(annotations)
        changed.__doc__ = _with_documentation(function, keywords, documentation)
        changed.lipia_keywords = {
            name: keyword.default is inspect.Parameter.empty for name, keyword in keywords.items()
        }
        return function

    return with_keywords


def _text_of(annotation: Any) -> str:
    return str(getattr(annotation, "__forward_arg__", annotation))


def _signature(
    function: Callable[..., Any], keywords: Mapping[str, inspect.Parameter]
) -> inspect.Signature:
    signature = inspect.signature(function)
    *own, together = signature.parameters.values()
    assert together.kind is inspect.Parameter.VAR_KEYWORD
    return signature.replace(parameters=[*own, *keywords.values()])


def _documented(dictionary: Any) -> dict[str, str]:
    text = DOCUMENTATION.get(dictionary.__name__, "")
    return {found.group(1): found.group() for found in _PARAMETER.finditer(text)}


def _with_documentation(
    function: Any, keywords: Mapping[str, inspect.Parameter], documentation: Mapping[str, str]
) -> str | None:
    """The documentation of the call, with that of each keyword in place of the line about all of them."""
    if function.__doc__ is None:
        return None
    code = function.__code__
    together = code.co_varnames[code.co_argcount + code.co_kwonlyargcount]
    each = "".join(documentation.get(name, "") for name in keywords)
    text = inspect.cleandoc(function.__doc__) + "\n"
    return _PARAMETER.sub(
        lambda found: each if found.group(1) == together else found.group(), text
    ).rstrip("\n")
