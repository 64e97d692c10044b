"""The settings of a client, by gateway. Blocking clients and those for asyncio share them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Literal, TypeVar

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
from ._native import NativeClient, NativeLedger
from ._public import public, unexpected_keyword
from ._types import Event, Payment, WaitOptions, event_of
from ._words import Gateway
from .ledger import LedgerStore

TYPE_CHECKING = False
if TYPE_CHECKING:
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
            known = ["environ", *_settings_of(cls)]
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
    return _READERS.get(name, text_of)(name, value)


def _wait_of(name: str, value: object) -> dict[str, float | None]:
    if isinstance(value, WaitOptions):
        return value.to_dict()
    raise refused_type(
        name, value, "which is not WaitOptions", "Give lipia.WaitOptions(timeout=60)."
    )


def _ledger_of(name: str, value: object) -> str | LedgerStore:
    return value if isinstance(value, LedgerStore) else text_of(name, value)


#: How settings that are not plain text are read.
_READERS: dict[str, Callable[[str, object], Any]] = {
    "ca_bundle": path_of,
    "callback_secrets": texts_of,
    "callback_token": flag_of,
    "guard": flag_of,
    "ledger": _ledger_of,
    "max_amount": count_of,
    "max_reference_characters": count_of,
    "plain_api_key": flag_of,
    "questions_per_minute": count_of,
    "source_addresses": texts_of,
    "timeout": seconds_of,
    "trusted_proxies": texts_of,
    "wait": _wait_of,
}


class DarajaSettings(ClientBase):
    """The settings of a client of Daraja, Safaricom's own API."""

    __slots__ = ()

    gateway = Gateway.DARAJA

    @public
    def __init__(
        self,
        *,
        consumer_key: str,
        consumer_secret: str,
        short_code: str | int,
        pass_key: str,
        transaction_type: Literal[
            "CustomerPayBillOnline", "CustomerBuyGoodsOnline", "pay_bill", "buy_goods"
        ]
        | None = None,
        party_b: str | int | None = None,
        query_version: Literal["v1", "v2"] | None = None,
        environment: Literal["sandbox", "production"] | None = None,
        base_url: str | None = None,
        callback_url: str | None = None,
        callback_secrets: str | Iterable[str] | None = None,
        callback_token: bool | None = None,
        source_addresses: Iterable[str] | None = None,
        trusted_proxies: Iterable[str] | None = None,
        timeout: float | None = None,
        wait: WaitOptions | None = None,
        max_amount: int | None = None,
        max_reference_characters: int | None = None,
        guard: bool | None = None,
        questions_per_minute: int | None = None,
        tls_roots: Literal["bundled", "operating_system"] | None = None,
        ca_bundle: str | os.PathLike[str] | None = None,
        ledger: str | LedgerStore | None = None,
        shop: str | None = None,
    ) -> None:
        """Makes a client. Starts neither a thread nor a connection.

        :param consumer_key: the app's consumer key.
        :param consumer_secret: the app's consumer secret.
        :param short_code: the pay bill number; for a till, the head office or store number.
        :param pass_key: the pass key that Safaricom gave for the short code.
        :param transaction_type: pay bill (the default) or till.
        :param party_b: the number that receives the money. A till needs it: its till number. Default: ``short_code``.
        :param query_version: the version of Daraja's STK query. Default: ``v1``. With ``v2`` a payment that a query settles
            has its receipt. Safaricom does not document ``v2``; where its address does not exist, the client goes on with
            ``v1``.
        :param environment: ``sandbox`` (the default) or ``production``. It chooses the address.
        :param base_url: an address in place of the usual one: ``https``, or ``http`` on this machine.
        :param callback_url: the URL that results are posted to. Each payment's own token is appended as one more path
            segment, so route everything below it.
        :param callback_secrets: the secrets that seal callback URLs, newest first, at least 16 bytes each. Default: one that
            is derived from the client's own secret at the gateway.
        :param callback_token: whether each payment's token is appended to the callback URL. Default: ``True``. Without it,
            anybody who learns the URL can forge a callback.
        :param source_addresses: the addresses and ranges that may send callbacks; ``published`` stands for those that
            circulate as Safaricom's. Default: every address.
        :param trusted_proxies: the addresses and ranges of your own proxies, such as ``10.0.0.0/8``. ``X-Forwarded-For`` is
            read only where the connection comes from one of them, or over a Unix socket.
        :param timeout: seconds for one call: token, request, answer and resends. Default: 30.
        :param wait: the times of waits. Default: see :class:`WaitOptions`.
        :param max_amount: the largest amount of one push, in whole KES. Default: 250,000, M-Pesa's own limit.
        :param max_reference_characters: the most characters of an account reference. Default: 12, as documented. Production
            is known to take 14: enough for the account number that a bank's pay bill wants.
        :param guard: whether the gateway's usual guard keeps the merchant from being blocked. Default: ``True``.
        :param questions_per_minute: how often per minute all clients of the account together ask about payments; 0 for no
            limit. Clients count together in this process and, with a shared ledger, in all processes that share it. Default:
            what is known of the gateway, and no limit where ``base_url`` is on this machine.
        :param tls_roots: the root certificates for TLS: ``bundled`` (the default), which is Mozilla's list, or
            ``operating_system``.
        :param ca_bundle: a file of certificates in PEM. TLS trusts these alone.
        :param ledger: the address of the ledger of payments: ``sqlite:///var/lib/shop/payments.db`` for the processes of one
            machine, ``postgres://…`` for many machines; or a :class:`LedgerStore` over a database of your own. Clients that
            share a ledger have one payment for one order. Default: this client's memory.
        :param shop: the name of the shop, where several merchants share a ledger. Default: ``default``.
        :raises CorrectSettingsError: a setting is missing or not valid; ``field`` names it.
        :raises CorrectInputError: the value of a setting is not valid; ``field`` names it.
        """
        settings = dict(locals())
        del settings["self"]
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


class PalPlussSettings(ClientBase):
    """The settings of a client of PalPluss."""

    __slots__ = ()

    gateway = Gateway.PALPLUSS

    @public
    def __init__(
        self,
        *,
        api_key: str,
        plain_api_key: bool | None = None,
        channel_id: str | None = None,
        credential_id: str | None = None,
        environment: Literal["sandbox", "production"] | None = None,
        base_url: str | None = None,
        callback_url: str | None = None,
        callback_secrets: str | Iterable[str] | None = None,
        callback_token: bool | None = None,
        source_addresses: Iterable[str] | None = None,
        trusted_proxies: Iterable[str] | None = None,
        timeout: float | None = None,
        wait: WaitOptions | None = None,
        max_amount: int | None = None,
        max_reference_characters: int | None = None,
        guard: bool | None = None,
        questions_per_minute: int | None = None,
        tls_roots: Literal["bundled", "operating_system"] | None = None,
        ca_bundle: str | os.PathLike[str] | None = None,
        ledger: str | LedgerStore | None = None,
        shop: str | None = None,
    ) -> None:
        """Makes a client. Starts neither a thread nor a connection.

        :param api_key: the key from PalPluss's dashboard.
        :param plain_api_key: whether the key is sent as ``Basic <key>``. By default it is sent as the user name of HTTP
            Basic authentication.
        :param channel_id: the payment channel that receives the money. Default: the default channel of the account.
        :param credential_id: the id at PalPluss of the merchant's own Daraja credentials.
        :param environment: ``sandbox`` or ``production``: how strictly callback URLs are checked. Default: ``production``,
            and ``sandbox`` where ``base_url`` is on this machine.
        :param base_url: an address in place of the usual one: ``https``, or ``http`` on this machine.
        :param callback_url: the URL that results are posted to. Each payment's own token is appended as one more path
            segment, so route everything below it.
        :param callback_secrets: the secrets that seal callback URLs, newest first, at least 16 bytes each. Default: one that
            is derived from the client's own secret at the gateway.
        :param callback_token: whether each payment's token is appended to the callback URL. Default: ``True``. Without it,
            anybody who learns the URL can forge a callback.
        :param source_addresses: the addresses and ranges that may send callbacks; ``published`` stands for those that
            circulate as Safaricom's. Default: every address.
        :param trusted_proxies: the addresses and ranges of your own proxies, such as ``10.0.0.0/8``. ``X-Forwarded-For`` is
            read only where the connection comes from one of them, or over a Unix socket.
        :param timeout: seconds for one call: token, request, answer and resends. Default: 30.
        :param wait: the times of waits. Default: see :class:`WaitOptions`.
        :param max_amount: the largest amount of one push, in whole KES. Default: 250,000, M-Pesa's own limit.
        :param max_reference_characters: the most characters of an account reference. Default: 12, as documented. Production
            is known to take 120: enough for the account number that a bank's pay bill wants.
        :param guard: whether the gateway's usual guard keeps the merchant from being blocked. Default: ``True``.
        :param questions_per_minute: how often per minute all clients of the account together ask about payments; 0 for no
            limit. Clients count together in this process and, with a shared ledger, in all processes that share it. Default:
            what is known of the gateway, and no limit where ``base_url`` is on this machine.
        :param tls_roots: the root certificates for TLS: ``bundled`` (the default), which is Mozilla's list, or
            ``operating_system``.
        :param ca_bundle: a file of certificates in PEM. TLS trusts these alone.
        :param ledger: the address of the ledger of payments: ``sqlite:///var/lib/shop/payments.db`` for the processes of one
            machine, ``postgres://…`` for many machines; or a :class:`LedgerStore` over a database of your own. Clients that
            share a ledger have one payment for one order. Default: this client's memory.
        :param shop: the name of the shop, where several merchants share a ledger. Default: ``default``.
        :raises CorrectSettingsError: a setting is missing or not valid; ``field`` names it.
        :raises CorrectInputError: the value of a setting is not valid; ``field`` names it.
        """
        settings = dict(locals())
        del settings["self"]
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


class UpesiPaySettings(ClientBase):
    """The settings of a client of UpesiPay."""

    __slots__ = ()

    gateway = Gateway.UPESIPAY

    @public
    def __init__(
        self,
        *,
        auth_token: str | None = None,
        username: str | None = None,
        password: str | None = None,
        generation: Literal["1", "2"] | int | None = None,
        channel_id: str | int | None = None,
        credential_id: str | None = None,
        environment: Literal["sandbox", "production"] | None = None,
        base_url: str | None = None,
        callback_url: str | None = None,
        callback_secrets: str | Iterable[str] | None = None,
        callback_token: bool | None = None,
        source_addresses: Iterable[str] | None = None,
        trusted_proxies: Iterable[str] | None = None,
        timeout: float | None = None,
        wait: WaitOptions | None = None,
        max_amount: int | None = None,
        max_reference_characters: int | None = None,
        guard: bool | None = None,
        questions_per_minute: int | None = None,
        tls_roots: Literal["bundled", "operating_system"] | None = None,
        ca_bundle: str | os.PathLike[str] | None = None,
        ledger: str | LedgerStore | None = None,
        shop: str | None = None,
    ) -> None:
        """Makes a client. Starts neither a thread nor a connection.

        :param auth_token: the ready token from UpesiPay's dashboard, with or without ``Basic`` before it.
        :param username: the user name, in place of a ready token.
        :param password: the password, in place of a ready token.
        :param generation: the generation of UpesiPay's interface that pushes use. Default: 1.
        :param channel_id: the payment channel that receives the money: its number, or in generation 2 the word ``wallet``.
        :param credential_id: the id at UpesiPay of the merchant's own Daraja credentials. Generation 1 only.
        :param environment: ``sandbox`` or ``production``: how strictly callback URLs are checked. Default: ``production``,
            and ``sandbox`` where ``base_url`` is on this machine.
        :param base_url: an address in place of the usual one: ``https``, or ``http`` on this machine.
        :param callback_url: the URL that results are posted to. Each payment's own token is appended as one more path
            segment, so route everything below it.
        :param callback_secrets: the secrets that seal callback URLs, newest first, at least 16 bytes each. Default: one that
            is derived from the client's own secret at the gateway.
        :param callback_token: whether each payment's token is appended to the callback URL. Default: ``True``. Without it,
            anybody who learns the URL can forge a callback.
        :param source_addresses: the addresses and ranges that may send callbacks; ``published`` stands for those that
            circulate as Safaricom's. Default: every address.
        :param trusted_proxies: the addresses and ranges of your own proxies, such as ``10.0.0.0/8``. ``X-Forwarded-For`` is
            read only where the connection comes from one of them, or over a Unix socket.
        :param timeout: seconds for one call: token, request, answer and resends. Default: 30.
        :param wait: the times of waits. Default: see :class:`WaitOptions`.
        :param max_amount: the largest amount of one push, in whole KES. Default: 250,000, M-Pesa's own limit.
        :param max_reference_characters: the most characters of an account reference. Default: 12, as documented. Production
            is known to take 14: enough for the account number that a bank's pay bill wants.
        :param guard: whether the gateway's usual guard keeps the merchant from being blocked. Default: ``True``.
        :param questions_per_minute: how often per minute all clients of the account together ask about payments; 0 for no
            limit. Clients count together in this process and, with a shared ledger, in all processes that share it. Default:
            what is known of the gateway, and no limit where ``base_url`` is on this machine.
        :param tls_roots: the root certificates for TLS: ``bundled`` (the default), which is Mozilla's list, or
            ``operating_system``.
        :param ca_bundle: a file of certificates in PEM. TLS trusts these alone.
        :param ledger: the address of the ledger of payments: ``sqlite:///var/lib/shop/payments.db`` for the processes of one
            machine, ``postgres://…`` for many machines; or a :class:`LedgerStore` over a database of your own. Clients that
            share a ledger have one payment for one order. Default: this client's memory.
        :param shop: the name of the shop, where several merchants share a ledger. Default: ``default``.
        :raises CorrectSettingsError: a setting is missing or not valid; ``field`` names it.
        :raises CorrectInputError: the value of a setting is not valid; ``field`` names it.
        """
        settings = dict(locals())
        del settings["self"]
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


class PayHeroSettings(ClientBase):
    """The settings of a client of PayHero, which speaks the first generation of UpesiPay's interface."""

    __slots__ = ()

    gateway = Gateway.PAYHERO

    @public
    def __init__(
        self,
        *,
        base_url: str,
        auth_token: str | None = None,
        username: str | None = None,
        password: str | None = None,
        channel_id: str | int | None = None,
        credential_id: str | None = None,
        environment: Literal["sandbox", "production"] | None = None,
        callback_url: str | None = None,
        callback_secrets: str | Iterable[str] | None = None,
        callback_token: bool | None = None,
        source_addresses: Iterable[str] | None = None,
        trusted_proxies: Iterable[str] | None = None,
        timeout: float | None = None,
        wait: WaitOptions | None = None,
        max_amount: int | None = None,
        max_reference_characters: int | None = None,
        guard: bool | None = None,
        questions_per_minute: int | None = None,
        tls_roots: Literal["bundled", "operating_system"] | None = None,
        ca_bundle: str | os.PathLike[str] | None = None,
        ledger: str | LedgerStore | None = None,
        shop: str | None = None,
    ) -> None:
        """Makes a client. Starts neither a thread nor a connection.

        :param base_url: PayHero's address: ``https``, or ``http`` on this machine. Lipia has no default, because its authors
            could not confirm the address and its authorization.
        :param auth_token: the ready token from PayHero's dashboard, with or without ``Basic`` before it.
        :param username: the user name, in place of a ready token.
        :param password: the password, in place of a ready token.
        :param channel_id: the number of the payment channel that receives the money.
        :param credential_id: the id at PayHero of the merchant's own Daraja credentials.
        :param environment: ``sandbox`` or ``production``: how strictly callback URLs are checked. Default: ``production``,
            and ``sandbox`` where ``base_url`` is on this machine.
        :param callback_url: the URL that results are posted to. Each payment's own token is appended as one more path
            segment, so route everything below it.
        :param callback_secrets: the secrets that seal callback URLs, newest first, at least 16 bytes each. Default: one that
            is derived from the client's own secret at the gateway.
        :param callback_token: whether each payment's token is appended to the callback URL. Default: ``True``. Without it,
            anybody who learns the URL can forge a callback.
        :param source_addresses: the addresses and ranges that may send callbacks; ``published`` stands for those that
            circulate as Safaricom's. Default: every address.
        :param trusted_proxies: the addresses and ranges of your own proxies, such as ``10.0.0.0/8``. ``X-Forwarded-For`` is
            read only where the connection comes from one of them, or over a Unix socket.
        :param timeout: seconds for one call: token, request, answer and resends. Default: 30.
        :param wait: the times of waits. Default: see :class:`WaitOptions`.
        :param max_amount: the largest amount of one push, in whole KES. Default: 250,000, M-Pesa's own limit.
        :param max_reference_characters: the most characters of an account reference. Default: 12, as documented. Production
            is known to take 14: enough for the account number that a bank's pay bill wants.
        :param guard: whether the gateway's usual guard keeps the merchant from being blocked. Default: ``True``.
        :param questions_per_minute: how often per minute all clients of the account together ask about payments; 0 for no
            limit. Clients count together in this process and, with a shared ledger, in all processes that share it. Default:
            what is known of the gateway, and no limit where ``base_url`` is on this machine.
        :param tls_roots: the root certificates for TLS: ``bundled`` (the default), which is Mozilla's list, or
            ``operating_system``.
        :param ca_bundle: a file of certificates in PEM. TLS trusts these alone.
        :param ledger: the address of the ledger of payments: ``sqlite:///var/lib/shop/payments.db`` for the processes of one
            machine, ``postgres://…`` for many machines; or a :class:`LedgerStore` over a database of your own. Clients that
            share a ledger have one payment for one order. Default: this client's memory.
        :param shop: the name of the shop, where several merchants share a ledger. Default: ``default``.
        :raises CorrectSettingsError: a setting is missing or not valid; ``field`` names it.
        :raises CorrectInputError: the value of a setting is not valid; ``field`` names it.
        """
        settings = dict(locals())
        del settings["self"]
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


def _settings_of(client: Any) -> tuple[str, ...]:
    """The settings of a gateway's clients."""
    init = client.__init__
    code = getattr(init, "__wrapped__", init).__code__
    names: tuple[str, ...] = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
    return names


def _settings() -> set[str]:
    """Every setting of any gateway: the core refuses one that belongs to another."""
    clients = (DarajaSettings, PalPlussSettings, UpesiPaySettings, PayHeroSettings)
    return {name for client in clients for name in _settings_of(client)}
