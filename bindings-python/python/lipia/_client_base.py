"""The base of the clients of each gateway. Blocking clients and those for asyncio share it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

from . import _native
from ._arguments import (
    body_of,
    count_of,
    flag_of,
    path_of,
    refused_type,
    seconds_of,
    text_of,
    texts_of,
    variables_of,
)
from ._errors import client_closed
from ._keywords import takes
from ._native import NativeClient, NativeLedger
from ._parameters import (
    KINDS,
    CommonSettings,
    DarajaSettings,
    PalPlussSettings,
    PayHeroSettings,
    UpesiPaySettings,
)
from ._public import names_of, public, unexpected_keyword
from ._types import Event, Payment, WaitOptions, event_of
from ._words import Gateway
from .ledger import LedgerStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._async_outcomes import AsyncOutcomes
    from ._outcomes import Outcomes

Self = TypeVar("Self", bound="ClientBase")
Told = TypeVar("Told", bound=Callable[[Payment], object])


class ClientBase:
    """The common base of blocking and asyncio clients."""

    __slots__ = ("_is_closed", "_is_copy", "_ledger", "_native", "_outcomes")

    gateway: ClassVar[Gateway]
    #: Makes what calls the handler of outcomes: a thread, or tasks of an event loop.
    _make_outcomes: ClassVar[type[Outcomes] | type[AsyncOutcomes]]
    _is_closed: bool
    #: Whether another client has the same background work.
    _is_copy: bool
    _ledger: NativeLedger
    _native: NativeClient
    _outcomes: Any

    def _make(
        self, settings: Mapping[str, Any], variables: Mapping[object, object] | None = None
    ) -> None:
        data = {name: _plain(name, value) for name, value in settings.items() if value is not None}
        wait = data.pop("wait", None)
        store = data.pop("ledger") if isinstance(data.get("ledger"), LedgerStore) else None
        data["gateway"] = self.gateway.value
        if "timeout" in data:
            data["timeout_seconds"] = data.pop("timeout")
        if variables is not None:
            data["variables"] = {
                name: text_of(name, value)
                for name, value in variables.items()
                if isinstance(name, str) and _wants(name)
            }
        self._native = NativeClient(data, wait, store)
        self._ledger = self._native.ledger()
        self._outcomes = self._make_outcomes(self._ledger)
        self._is_closed = self._is_copy = False

    def _open(self) -> NativeClient:
        if self._is_closed:
            raise client_closed()
        self._outcomes.begin()
        return self._native

    def _open_ledger(self) -> NativeLedger:
        self._open()
        return self._ledger

    @classmethod
    @public
    def from_env(
        cls: type[Self], *, environ: Mapping[str, str] | None = None, **settings: Any
    ) -> Self:
        """Makes a client from environment variables. The gateway's own class says which.

        :param environ: the variables to read in place of ``os.environ``.
        :param settings: settings of the constructor, which override the variables.
        :raises CorrectSettingsError: a variable is missing or not valid; the message names it.
        """
        unknown = next((name for name in settings if name not in _settings()), None)
        if unknown is not None:
            known = ["environ", *names_of(cls.__init__)[1:]]
            raise TypeError(unexpected_keyword(f"{cls.__name__}.from_env", unknown, known))
        client = cls.__new__(cls)
        client._make(settings, variables_of("environ", os.environ if environ is None else environ))
        return client

    @public
    def with_options(
        self: Self, *, timeout: float | None = None, wait: WaitOptions | None = None
    ) -> Self:
        """Makes a copy of the client with other options for its calls. Both share connections, token and payments.

        :param timeout: seconds for one call: token, request, answer and resends.
        :param wait: the times of its waits.
        :raises CorrectInputError: a time is not valid.

        ::

            patient = daraja.with_options(timeout=60)
        """
        other = type(self).__new__(type(self))
        other._is_closed, other._is_copy, other._outcomes = False, True, self._outcomes
        other._native = self._open().with_options(
            None if timeout is None else seconds_of("timeout", timeout),
            None if wait is None else _wait_of("wait", wait),
        )
        other._ledger = other._native.ledger()
        return other

    @public
    def on_outcome(self, handler: Told) -> Told:
        """Sets the handler of outcomes, a plain or an async function. Works as a decorator.

        The handler is called with every requested payment that is settled, and again when more is learnt: a receipt, a
        reversal, a second payment of the same order.

        Each payment is told **at least once after its last change**, in one of the processes that share the ledger. The
        handler is called again where it returns ``False``, raises, takes longer than a minute, or its process dies: after 5
        seconds, then at growing intervals of up to an hour. So its work has to be safe to repeat; ``payment.attempt`` counts
        the calls. A failure is no longer told after its order was requested again or paid.

        A blocking client calls the handler in a thread of its own, one payment after the other. An async client calls it in
        the event loop in which the client's first call was awaited; a plain function runs in a thread there. In a program
        that gevent or eventlet has patched, each call has a greenlet. The work begins with the client's next call, or with
        :meth:`start`.

        :param handler: called with the :class:`Payment`.
        :returns: the handler.
        :raises TypeError: the handler cannot be called.

        ::

            @daraja.on_outcome
            def told(payment: lipia.Payment) -> None:
                if payment.is_paid:
                    mark_paid(payment.order, payment.receipt)
        """
        self._outcomes.set(handler)
        return handler

    @public
    def start(self) -> None:
        """Starts the background work of a client that has a handler of outcomes: asks about payments that stay open, and tells
        the handler. Does nothing without a handler, or where the work runs already.

        The client's first call starts the work too. Call this in a program that makes no call for a while. The adapter for
        FastAPI calls it when the server starts, the one for Flask with the first request of each process. Where a process
        forks (gunicorn's ``--preload``, Celery), call it in the children.

        ::

            daraja.start()
        """
        self._open()

    @classmethod
    @public
    def parse_callback(cls, body: bytes | bytearray | memoryview | str) -> Event:
        """Reads the body of a callback. An event is data, not proof: ``receive_callback`` verifies it.

        :param body: the body of the request, unchanged.
        :raises DisbelieveError: the body is not a callback of this gateway; ``code`` says why.
        """
        raw = body_of(body)
        return event_of(_native.parse_callback(cls.gateway, raw), raw)

    def __repr__(self) -> str:
        return f"<lipia.{type(self).__name__}>"


def _wants(name: str) -> bool:
    """Whether the core reads a variable of this name, or points it out as another name of one that it reads."""
    return name.isascii() and _native.wants_variable(name)


def _plain(name: str, value: object) -> Any:
    """A setting as the plain data that the native module checks."""
    kind = KINDS.get(name)
    return text_of(name, value) if kind is None else _READERS[kind](name, value)


def _wait_of(name: str, value: object) -> dict[str, float | None]:
    if isinstance(value, WaitOptions):
        return value.to_dict()
    raise refused_type(
        name, value, "which is not WaitOptions", "Give lipia.WaitOptions(timeout=60)."
    )


def _ledger_of(name: str, value: object) -> str | LedgerStore:
    return value if isinstance(value, LedgerStore) else text_of(name, value)


#: How parameters of each kind are read.
_READERS: dict[str, Callable[[str, object], Any]] = {
    "count": count_of,
    "flag": flag_of,
    "ledger": _ledger_of,
    "path": path_of,
    "seconds": seconds_of,
    "texts": texts_of,
    "wait": _wait_of,
}


class DarajaBase(ClientBase):
    """What the blocking and the asyncio client of Daraja, Safaricom's own API, share."""

    __slots__ = ()

    gateway = Gateway.DARAJA

    @public
    @takes(DarajaSettings, CommonSettings)
    def __init__(self, **settings: Unpack[DarajaSettings]) -> None:
        """Makes a client. Starts neither a thread nor a connection.

        :param settings: the client's settings.
        :raises CorrectSettingsError: a setting is missing or not valid; ``field`` names it.
        :raises CorrectInputError: the value of a setting is not valid; ``field`` names it.
        """
        self._make(settings)

    @classmethod
    @public
    def from_env(
        cls: type[Self], *, environ: Mapping[str, str] | None = None, **settings: Any
    ) -> Self:
        """Makes a client from ``MPESA_CONSUMER_KEY``, ``MPESA_CONSUMER_SECRET``, ``MPESA_SHORTCODE``, ``MPESA_PASSKEY`` and,
        where set, ``MPESA_ENVIRONMENT``, ``MPESA_CALLBACK_URL``, ``MPESA_BASE_URL``, ``MPESA_QUERY_VERSION``,
        ``MPESA_TRANSACTION_TYPE``, ``MPESA_TILL_NUMBER``, ``LIPIA_LEDGER`` and ``LIPIA_SPOOL``. Where a till number is set and
        a transaction type is not, the type is ``CustomerBuyGoodsOnline``.

        :param environ: the variables to read in place of ``os.environ``.
        :param settings: settings of the constructor, which override the variables.
        :raises CorrectSettingsError: a variable is missing or not valid; the message names it.
        """
        return super().from_env(environ=environ, **settings)


class PalPlussBase(ClientBase):
    """What the blocking and the asyncio client of PalPluss share."""

    __slots__ = ()

    gateway = Gateway.PALPLUSS

    @public
    @takes(PalPlussSettings, CommonSettings)
    def __init__(self, **settings: Unpack[PalPlussSettings]) -> None:
        """Makes a client. Starts neither a thread nor a connection.

        :param settings: the client's settings.
        :raises CorrectSettingsError: a setting is missing or not valid; ``field`` names it.
        :raises CorrectInputError: the value of a setting is not valid; ``field`` names it.
        """
        self._make(settings)

    @classmethod
    @public
    def from_env(
        cls: type[Self], *, environ: Mapping[str, str] | None = None, **settings: Any
    ) -> Self:
        """Makes a client from ``PALPLUSS_API_KEY`` and, where set, ``PALPLUSS_BASE_URL``, ``MPESA_CALLBACK_URL``,
        ``MPESA_ENVIRONMENT``, ``LIPIA_LEDGER`` and ``LIPIA_SPOOL``.

        :param environ: the variables to read in place of ``os.environ``.
        :param settings: settings of the constructor, which override the variables.
        :raises CorrectSettingsError: a variable is missing or not valid; the message names it.
        """
        return super().from_env(environ=environ, **settings)


class UpesiPayBase(ClientBase):
    """What the blocking and the asyncio client of UpesiPay share."""

    __slots__ = ()

    gateway = Gateway.UPESIPAY

    @public
    @takes(UpesiPaySettings, CommonSettings)
    def __init__(self, **settings: Unpack[UpesiPaySettings]) -> None:
        """Makes a client. Starts neither a thread nor a connection.

        :param settings: the client's settings.
        :raises CorrectSettingsError: a setting is missing or not valid; ``field`` names it.
        :raises CorrectInputError: the value of a setting is not valid; ``field`` names it.
        """
        self._make(settings)

    @classmethod
    @public
    def from_env(
        cls: type[Self], *, environ: Mapping[str, str] | None = None, **settings: Any
    ) -> Self:
        """Makes a client from ``UPESIPAY_AUTH_TOKEN`` (or ``UPESIPAY_USERNAME`` and ``UPESIPAY_PASSWORD``) and, where set,
        ``UPESIPAY_CHANNEL_ID``, ``UPESIPAY_GENERATION``, ``UPESIPAY_BASE_URL``, ``MPESA_CALLBACK_URL``,
        ``MPESA_ENVIRONMENT``, ``LIPIA_LEDGER`` and ``LIPIA_SPOOL``.

        :param environ: the variables to read in place of ``os.environ``.
        :param settings: settings of the constructor, which override the variables.
        :raises CorrectSettingsError: a variable is missing or not valid; the message names it.
        """
        return super().from_env(environ=environ, **settings)


class PayHeroBase(ClientBase):
    """What the blocking and the asyncio client of PayHero share. It speaks the first generation of UpesiPay's interface."""

    __slots__ = ()

    gateway = Gateway.PAYHERO

    @public
    @takes(PayHeroSettings, CommonSettings)
    def __init__(self, **settings: Unpack[PayHeroSettings]) -> None:
        """Makes a client. Starts neither a thread nor a connection.

        :param settings: the client's settings.
        :raises CorrectSettingsError: a setting is missing or not valid; ``field`` names it.
        :raises CorrectInputError: the value of a setting is not valid; ``field`` names it.
        """
        self._make(settings)

    @classmethod
    @public
    def from_env(
        cls: type[Self], *, environ: Mapping[str, str] | None = None, **settings: Any
    ) -> Self:
        """Makes a client from ``PAYHERO_BASE_URL``, ``PAYHERO_AUTH_TOKEN`` (or ``PAYHERO_USERNAME`` and ``PAYHERO_PASSWORD``)
        and, where set, ``PAYHERO_CHANNEL_ID``, ``MPESA_CALLBACK_URL``, ``MPESA_ENVIRONMENT``, ``LIPIA_LEDGER`` and
        ``LIPIA_SPOOL``.

        :param environ: the variables to read in place of ``os.environ``.
        :param settings: settings of the constructor, which override the variables.
        :raises CorrectSettingsError: a variable is missing or not valid; the message names it.
        """
        return super().from_env(environ=environ, **settings)


def _settings() -> set[str]:
    """Every setting of any gateway: the core refuses one that belongs to another."""
    clients = (DarajaBase, PalPlussBase, UpesiPayBase, PayHeroBase)
    return {name for client in clients for name in names_of(client.__init__)[1:]}
