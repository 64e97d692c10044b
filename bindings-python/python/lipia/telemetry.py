"""Telemetry: spans and counts of what Lipia does, for an observer of the program's own. For OpenTelemetry there is
:mod:`lipia.opentelemetry`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import _native
from ._public import public


@dataclass(frozen=True)
class Span:
    """A span that has begun or ended: a push, a question, a token, a callback, a telling, a pass over the ledger, or an HTTP
    request."""

    #: The number of the span in this process.
    id: int
    #: The number of the span within which it began.
    parent: int | None
    #: The program's own span within which it began, as :meth:`Observer.caller` named it.
    caller: str | None
    #: ``lipia.push``, ``lipia.query``, ``lipia.token``, ``lipia.callback``, ``lipia.telling``, ``lipia.reconcile``, ``GET`` or
    #: ``POST``.
    name: str
    #: Whether it is a request to a server.
    is_client: bool
    #: Microseconds since 1970.
    started_at_micros: int
    #: Microseconds; ``None`` for a span that has begun.
    duration_micros: int | None
    #: Whether it ended with an error. A customer who cancels is not an error.
    is_error: bool
    #: By OpenTelemetry's names. None has a secret or a whole phone number.
    attributes: Mapping[str, str | int]


@dataclass(frozen=True)
class Count:
    """One more for a counter."""

    #: ``lipia.pushes``, ``lipia.queries``, ``lipia.tokens``, ``lipia.callbacks``, ``lipia.tellings`` or
    #: ``lipia.reconciliations``.
    counter: str
    attributes: Mapping[str, str | int]


class Observer:
    """An observer of spans and counts. Derive from it, and override what you need. What it raises is reported by Python as an
    unraisable exception, and changes nothing for the call."""

    def caller(self) -> str | None:
        """The name of the program's current span, in one line. Asked when a call begins; every span of the call has it."""
        return None

    def span_started(self, span: Span) -> None:
        """A span has begun."""

    def span_ended(self, span: Span) -> None:
        """A span has ended. It has the number under which it began."""

    def counted(self, count: Count) -> None:
        """A counter has one more."""


class _Native:
    """An observer as the native module calls it."""

    def __init__(self, observer: Observer) -> None:
        self.caller = observer.caller
        self._observer = observer

    def span(self, data: dict[str, Any]) -> None:
        span = Span(**data)
        if span.duration_micros is None:
            self._observer.span_started(span)
        else:
            self._observer.span_ended(span)

    def count(self, data: dict[str, Any]) -> None:
        self._observer.counted(Count(**data))


@public
def set_observer(observer: Observer | None) -> None:
    """Sets the observer of the process, in place of any earlier one; ``None`` takes it away. A process that is forked has its
    parent's. Spans come when Lipia next has something for Python: with the result of a call, at the latest.

    ::

        class Printed(lipia.telemetry.Observer):
            def span_ended(self, span):
                print(span.name, span.duration_micros, span.attributes)

        lipia.telemetry.set_observer(Printed())
    """
    if observer is not None and not isinstance(observer, Observer):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(
            f"observer is a {type(observer).__name__}, which is not a lipia.telemetry.Observer"
        )
    _native.set_telemetry(None if observer is None else _Native(observer))


@public
def flush() -> None:
    """Gives the observer what was recorded so far, such as before the program ends."""
    _native.pass_telemetry_on()
