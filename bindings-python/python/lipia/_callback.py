"""The callback engine: verifies a callback and decides the answer, for every web framework.

It decides, and yields what has to be called; whether that is awaited or blocks is the framework's
part.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Generator, Hashable
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any, Generic, TypeVar
from weakref import WeakValueDictionary

from . import _native
from ._async_client import AsyncClient
from ._client import Client
from ._errors import CorrectInputError, DisbelieveError, LipiaError
from ._functions import called, is_async as is_async
from ._payment import PaymentHandle
from ._refusals import status_of
from ._types import Payment, ReceivedCallback, payment_of
from ._values import accepted_reply
from ._words import PaymentState, Verdict

logger = logging.getLogger("lipia")

#: How often a payment that others save at the same moment is loaded anew.
MAX_ATTEMPTS = 10

Result = TypeVar("Result")
Lock = TypeVar("Lock")

#: Work that yields the functions it wants called, and is sent what they return.
Calls = Generator[Callable[[], Any], Any, Result]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A request that came to a callback URL."""

    path: str
    body: bytes
    peer: str | None
    forwarded_for: list[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gateway is answered, and whom to tell after that."""

    status: int
    #: The payment, where the callback moved it forward.
    moved: Payment | None = None
    #: The callback, where nobody here knows its payment.
    unknown: ReceivedCallback | None = None

    @property
    def body(self) -> str:
        """The text of the answer, as JSON. It tells a stranger nothing."""
        return accepted_reply() if self.status == 200 else json.dumps({"error": _TOLD[self.status]})


_TOLD = {
    400: "not a callback",
    403: "forbidden",
    404: "not found",
    413: "too large",
    503: "not taken in, send it again",
}


@dataclass(frozen=True, slots=True)
class Store:
    """Where the user keeps payments."""

    load: Callable[[str], Any]
    save: Callable[[Payment, Payment], Any]


@dataclass(frozen=True, slots=True)
class Handlers:
    """What the user gave to a callback URL."""

    on_outcome: Callable[[Payment], Any] | None
    on_unknown: Callable[[ReceivedCallback], Any] | None
    store: Store | None

    @classmethod
    def of(
        cls,
        on_outcome: Callable[[Payment], Any] | None,
        on_unknown: Callable[[ReceivedCallback], Any] | None,
        load: Callable[[str], Any] | None,
        save: Callable[[Payment, Payment], Any] | None,
    ) -> Handlers:
        """Checks what was given.

        :raises TypeError: where something cannot be called, or one of `load` and `save` is missing.
        """
        given = {"on_outcome": on_outcome, "on_unknown": on_unknown, "load": load, "save": save}
        for name, function in given.items():
            if function is not None and not callable(function):
                raise TypeError(f"{name} is a {type(function).__name__}: give a function.")
        if load is None and save is None:
            return cls(on_outcome, on_unknown, None)
        if load is None or save is None:
            missing = "load" if load is None else "save"
            raise TypeError(f"{missing} is missing: give load and save, or neither.")
        return cls(on_outcome, on_unknown, Store(load, save))

    @property
    def finds_elsewhere(self) -> bool:
        """Whether a payment that the client does not hold is looked for, or handed to somebody."""
        return self.store is not None or self.on_unknown is not None

    def told_of(self, answer: Answer) -> list[tuple[Callable[[Any], Any], object]]:
        """Which function is told of what, once the answer is given."""
        told: list[tuple[Callable[[Any], Any] | None, object]]
        told = [(self.on_outcome, answer.moved), (self.on_unknown, answer.unknown)]
        return [(function, news) for function, news in told if function and news is not None]


#: What the log says where a function of the user's raises; what it was told of is saved all the
#: same.
NOT_TOLD = "a callback was taken in and answered, and the function that was told of it failed"


class Step(Enum):
    """How a payment compares with what its store has."""

    #: The store knows as much, or more.
    NOTHING = "nothing"
    #: There is something to keep: a flag, an id.
    KEEP = "keep"
    #: It has moved forward: an outcome, or the receipt that a success lacked.
    FORWARD = "forward"


def step_between(stored: Payment, now: Payment) -> tuple[Step, Payment]:
    """What a store that has `stored` learns from `now`, and that one as it is to be saved."""
    step, data = _native.step_between(stored.to_json(), now.to_json())
    return Step(step), payment_of(data)


def answer_to(error: LipiaError) -> tuple[int, dict[str, str]]:
    """The status and headers that answer a customer's request which failed with this error, and all of it to the log."""
    status = error.http_answer
    if status != 400:
        logger.error(
            "a request was answered with %s: %s (%s) payment_id=%s",
            status,
            error,
            error.code,
            error.payment_id,
        )
    seconds = error.retry_after_seconds
    return status, {} if status != 503 or seconds is None else {"Retry-After": str(seconds)}


def refusal_of(error: Exception) -> Answer:
    """What is answered to what could not be taken in."""
    if not isinstance(error, LipiaError):
        logger.error("a callback could not be taken in", exc_info=error)
        return Answer(503)
    logger.warning("a callback was refused: %s (%s)", error, error.code)
    if isinstance(error, DisbelieveError):
        return Answer(status_of(error))
    return Answer(400 if isinstance(error, CorrectInputError) else 503)


def held_for(client: Client | AsyncClient, path: str) -> PaymentHandle | None:
    """The live payment that a callback's path may be about, proven or not. Ask before the callback is handed in: the wait
    that holds the payment ends with it, and may let the payment go.
    """
    payment_id, _, _ = path.rstrip("/").rpartition("/")[2].partition("-")
    try:
        return client.find(payment_id)
    except LipiaError:
        return None


def judged(
    client: Client | AsyncClient,
    received: ReceivedCallback,
    held: PaymentHandle | None,
    handlers: Handlers,
    confirm: bool,
) -> Calls[Answer]:
    """What is answered to a callback on a URL of ours."""
    if received.verdict is None:
        held = None
    else:
        held = held or client.find(received.payment_id)
        _note(received.payment_id, received.verdict)
    if handlers.store is None:
        return _judged_alone(held, received, handlers)
    try:
        if held is None:
            judging = _kept_from_store(client, handlers.store, received, confirm)
        else:
            judging = _kept(handlers.store, held)
        step, payment = yield from judging
    except NotInStore:
        return _unknown(received, handlers)
    except Exception:
        logger.exception(
            "a callback for payment %s was not taken in: the payment could not be loaded or saved",
            received.payment_id,
        )
        return Answer(503)
    return Answer(200, moved=payment if step is Step.FORWARD else None)


def _judged_alone(
    held: PaymentHandle | None, received: ReceivedCallback, handlers: Handlers
) -> Answer:
    if held is None:
        return _unknown(received, handlers)
    now = held.snapshot()
    moved = received.verdict is Verdict.BELIEVED and now.state is PaymentState.SETTLED
    return Answer(200, moved=now if moved else None)


def _unknown(received: ReceivedCallback, handlers: Handlers) -> Answer:
    """What is answered about a payment of ours that nobody here knows: without somebody to give it to, the gateway
    is asked to send it again, to a process that knows it or once the payment is saved.
    """
    if handlers.on_unknown is not None:
        return Answer(200, unknown=received)
    logger.error(
        "a callback for payment %s was not taken in: this process does not hold the payment, and %s",
        received.payment_id,
        "there is no store to load it from: give load and save, so that every process finds payments, also after a "
        "restart"
        if handlers.store is None
        else "its store has none: save a payment before you push it",
    )
    return Answer(503)


def _note(payment_id: str, verdict: Verdict) -> None:
    if verdict is Verdict.MISMATCH:
        logger.warning(
            "a callback does not fit payment %s and was not believed; it is kept with its flags",
            payment_id,
        )


def kept(payment: PaymentHandle, store: Store) -> Calls[Payment]:
    """Saves what this process knows of a payment unless the store knows more; the payment as the store has it."""
    _, now = yield from _kept(store, payment)
    return now


def _kept(store: Store, payment: PaymentHandle) -> Calls[tuple[Step, Payment]]:
    """Saves a live payment."""
    for _ in range(MAX_ATTEMPTS):
        stored = _loaded(payment.id, (yield partial(store.load, payment.id)))
        step, now = step_between(stored, payment.snapshot())
        if step is Step.NOTHING:
            return step, stored
        if (yield partial(store.save, now, stored)) is not False:
            return step, now
    raise _never_saved(payment.id)


def _kept_from_store(
    client: Client | AsyncClient, store: Store, received: ReceivedCallback, confirm: bool
) -> Calls[tuple[Step, Payment]]:
    """Hands an event to a payment that the store alone has, and saves what came of it."""
    for _ in range(MAX_ATTEMPTS):
        stored = _loaded(received.payment_id, (yield partial(store.load, received.payment_id)))
        # Of this attempt alone: one that others saved over meanwhile is not what the next attempt
        # is about.
        payment = client.resume(stored)
        verdict = yield partial(client.believe, payment, received.event, confirm=confirm)
        _note(received.payment_id, verdict)
        step, now = step_between(stored, payment.snapshot())
        del payment
        if step is Step.NOTHING:
            return step, stored
        if (yield partial(store.save, now, stored)) is not False:
            return step, now
    raise _never_saved(received.payment_id)


class NotInStore(LookupError):
    """The store has no such payment."""


def _never_saved(payment_id: str) -> RuntimeError:
    return RuntimeError(
        f"save() returned False for payment {payment_id} {MAX_ATTEMPTS} times: return it only where the store has "
        "another revision than the one that was loaded."
    )


def _loaded(payment_id: str, loaded: object) -> Payment:
    if loaded is None:
        raise NotInStore(
            f"load({payment_id!r}) found no payment. Save a payment before you push it."
        )
    if isinstance(loaded, str):
        loaded = Payment.from_json(loaded)
    if not isinstance(loaded, Payment):
        raise TypeError(
            f"load() returned a {type(loaded).__name__}: return the text of Payment.to_json(), a Payment, or None."
        )
    if loaded.id != payment_id:
        # To go on would settle another customer's payment.
        raise LookupError(f"load({payment_id!r}) returned payment {loaded.id}.")
    return loaded


def drive(calls: Calls[Result]) -> Result:
    """Does the work, blocking."""
    returned: Any = None
    error: Exception | None = None
    while True:
        try:
            call = calls.send(returned) if error is None else calls.throw(error)
        except StopIteration as end:
            result: Result = end.value
            return result
        returned, error = None, None
        try:
            returned = call()
        except Exception as raised:
            error = raised


async def drive_async(calls: Calls[Result]) -> Result:
    """Does the work, awaiting."""
    returned: Any = None
    error: Exception | None = None
    while True:
        try:
            call = calls.send(returned) if error is None else calls.throw(error)
        except StopIteration as end:
            result: Result = end.value
            return result
        returned, error = None, None
        try:
            returned = await called(call)
        except Exception as raised:
            error = raised


class Turns(Generic[Lock]):
    """A lock for each payment that is being dealt with: two callbacks for one payment take turns in this process, so that
    a store which does not compare is right as long as there is one process.
    """

    def __init__(self, make: Callable[[], Lock]) -> None:
        self._make = make
        self._locks: WeakValueDictionary[Hashable, Any] = WeakValueDictionary()
        self._guard = threading.Lock()

    def of(self, key: Hashable) -> Lock:
        """The lock for that key; it lives as long as somebody has it."""
        with self._guard:
            lock: Lock | None = self._locks.get(key)
            if lock is None:
                lock = self._locks[key] = self._make()
            return lock
