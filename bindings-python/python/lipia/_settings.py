"""The settings of a client, by gateway. The blocking client and the one for asyncio share them."""

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
    """What every client has, however it is called."""

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
        """A client from environment variables. The gateway's own class says which.

        :param environ: the variables, where they are not ``os.environ``.
        :param settings: settings of the constructor, which go before the variables.
        :raises CorrectSettingsError: naming the variable that is missing or not valid.
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
        """The same client with other options for its calls; connections and token are shared.

        :param timeout: seconds for one call: token, request, answer and whatever is resent.
        :param wait: how its waits ask.
        :raises CorrectInputError: where a time is none.
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
        """Sets the handler of outcomes, plain or async; a decorator. It is called with every payment that was requested and
        is settled, and again where more is learnt: a receipt, a reversal, a second payment of the same order.

        It is called **at least once after the payment's last change**, in one of the processes that share the ledger. Where
        it returns ``False``, raises, takes longer than a minute, or its process dies, it is called again: after 5 seconds,
        then ever more seldom, up to an hour. So let it do its work in a way that may be repeated; ``payment.attempt`` counts
        its calls. Nobody is told of a failure whose order was requested again or paid since.

        A client that blocks calls it in a thread of its own, one payment after the other; an async one in the event loop in
        which its first call was awaited, where a plain function runs in a thread; a program that gevent has patched in a
        greenlet. The work begins with the client's next call, or with :meth:`start`.

        :raises TypeError: where it cannot be called.

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
        """Starts the background work of a client that has a handler of outcomes: asking about payments that stay open, and
        telling the handler. Does nothing where the work goes on, and where there is no handler.

        The adapters for FastAPI and Flask start it with the server. Elsewhere the client's first call does; a program that
        makes none for a while calls this. A process that forks (gunicorn's ``--preload``, Celery) starts it in its children.

        ::

            daraja.start()
        """
        self._open()

    @classmethod
    @public
    def parse_callback(cls, body: bytes | bytearray | memoryview | str) -> Event:
        """What a body that was posted to a callback URL says. An event is data, not proof: see ``receive_callback``.

        :param body: the request's body as it came.
        :raises DisbelieveError: with a code that says what is wrong with the body.
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
    """Safaricom's own API."""

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
        """Makes a client. Nothing starts: no thread, no connection.

        :param consumer_key: the app's consumer key.
        :param consumer_secret: the app's consumer secret.
        :param short_code: the pay bill number; for a till, the head office or store number.
        :param pass_key: the pass key that Safaricom gave for the short code.
        :param transaction_type: pay bill (the default) or till.
        :param party_b: who receives the money: for a till, the till number.
        :param query_version: which version of the STK query asks what became of a push. Default: ``v1``. With ``v2`` a
            payment that a query settles has its receipt; Safaricom does not document it, and where its address does not
            exist the client asks ``v1`` from then on.
        :param environment: ``sandbox`` (the default) or ``production``: chooses the address.
        :param base_url: another address than the usual one: ``https``, or ``http`` on this machine.
        :param callback_url: where results are posted. Each payment's own token is appended as one more path segment, so
            route everything below it.
        :param callback_secrets: what seals callback URLs, newest first, at least 16 bytes each. Without any, one is
            derived from the gateway's own secret.
        :param callback_token: whether a payment's token is appended to the callback URL. Without it a callback can be
            forged by anybody who learns the URL.
        :param source_addresses: addresses and ranges that callbacks are taken from; ``published`` stands for those that
            circulate as Safaricom's. Without a list every address may send one.
        :param trusted_proxies: addresses and ranges of your own proxies, such as ``10.0.0.0/8``. ``X-Forwarded-For`` is read
            only where the connection comes from one of them, or over a Unix socket.
        :param timeout: seconds for one call: token, request, answer and whatever is resent. Default: 30.
        :param wait: how waits ask. Default: see :class:`WaitOptions`.
        :param max_amount: the most that one push may ask for, in whole KES. Default: 250,000, M-Pesa's own limit.
        :param max_reference_characters: the most characters of an account reference. Default: 12, as documented. Production
            is known to take 14: enough for the account number that a bank's pay bill wants.
        :param guard: ``False`` for no guard: the gateway's blocks are met as they come.
        :param questions_per_minute: how fast all clients of the account in this process ask together what became of
            payments; 0 for as fast as they like. Default: what is known of the gateway, and no limit on this machine.
        :param tls_roots: whom TLS trusts. Default: ``bundled``, Mozilla's list.
        :param ca_bundle: a file of certificates in PEM: TLS trusts these alone.
        :param ledger: the address of the ledger of payments: ``sqlite:///var/lib/shop/payments.db`` for the processes of one
            machine, ``postgres://…`` for many machines; or a :class:`LedgerStore` over a database of your own. All that share
            it have one payment for one order. Default: this client's memory.
        :param shop: the shop whose orders these are, where several merchants share a ledger. Default: ``default``.
        :raises CorrectSettingsError: naming the setting that is missing or not valid; also
            :class:`CorrectInputError` where a value of it is not valid.
        """
        settings = dict(locals())
        del settings["self"]
        self._make(settings)

    @classmethod
    @public
    def from_env(
        cls: type[Self], *, environ: Mapping[str, str] | None = None, **settings: Any
    ) -> Self:
        """A client from ``MPESA_CONSUMER_KEY``, ``MPESA_CONSUMER_SECRET``, ``MPESA_SHORTCODE``, ``MPESA_PASSKEY`` and, where
        set, ``MPESA_ENVIRONMENT``, ``MPESA_CALLBACK_URL``, ``MPESA_BASE_URL``, ``MPESA_QUERY_VERSION``,
        ``MPESA_TRANSACTION_TYPE``, ``MPESA_TILL_NUMBER``, ``LIPIA_LEDGER`` and ``LIPIA_SPOOL``. With a till number alone the transaction type is
        ``CustomerBuyGoodsOnline``.

        :param environ: the variables, where they are not ``os.environ``.
        :param settings: settings of the constructor, which go before the variables.
        :raises CorrectSettingsError: naming the variable that is missing or not valid.
        """
        return super().from_env(environ=environ, **settings)


class PalPlussSettings(ClientBase):
    """PalPluss. Its webhooks are unsigned: every success is confirmed by a query before it is believed."""

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
        """Makes a client. Nothing starts: no thread, no connection.

        :param api_key: the key from PalPluss's dashboard.
        :param plain_api_key: whether the key is sent as it is instead of as a user name.
        :param channel_id: the payment channel that is paid.
        :param credential_id: the merchant's own Daraja credentials, by their id at PalPluss.
        :param environment: ``sandbox`` or ``production`` (the default): how strict callback URLs are taken.
        :param base_url: another address than the usual one: ``https``, or ``http`` on this machine.
        :param callback_url: where results are posted. Each payment's own token is appended as one more path segment, so
            route everything below it.
        :param callback_secrets: what seals callback URLs, newest first, at least 16 bytes each. Without any, one is
            derived from the gateway's own secret.
        :param callback_token: whether a payment's token is appended to the callback URL. Without it a callback can be
            forged by anybody who learns the URL.
        :param source_addresses: addresses and ranges that callbacks are taken from; ``published`` stands for those that
            circulate as Safaricom's. Without a list every address may send one.
        :param trusted_proxies: addresses and ranges of your own proxies, such as ``10.0.0.0/8``. ``X-Forwarded-For`` is read
            only where the connection comes from one of them, or over a Unix socket.
        :param timeout: seconds for one call: token, request, answer and whatever is resent. Default: 30.
        :param wait: how waits ask. Default: see :class:`WaitOptions`.
        :param max_amount: the most that one push may ask for, in whole KES. Default: 250,000, M-Pesa's own limit.
        :param max_reference_characters: the most characters of an account reference. Default: 12, as documented. Production
            is known to take 120: enough for the account number that a bank's pay bill wants.
        :param guard: ``False`` for no guard: the gateway's blocks are met as they come.
        :param questions_per_minute: how fast all clients of the account in this process ask together what became of
            payments; 0 for as fast as they like. Default: what is known of the gateway, and no limit on this machine.
        :param tls_roots: whom TLS trusts. Default: ``bundled``, Mozilla's list.
        :param ca_bundle: a file of certificates in PEM: TLS trusts these alone.
        :param ledger: the address of the ledger of payments: ``sqlite:///var/lib/shop/payments.db`` for the processes of one
            machine, ``postgres://…`` for many machines; or a :class:`LedgerStore` over a database of your own. All that share
            it have one payment for one order. Default: this client's memory.
        :param shop: the shop whose orders these are, where several merchants share a ledger. Default: ``default``.
        :raises CorrectSettingsError: naming the setting that is missing or not valid; also
            :class:`CorrectInputError` where a value of it is not valid.
        """
        settings = dict(locals())
        del settings["self"]
        self._make(settings)

    @classmethod
    @public
    def from_env(
        cls: type[Self], *, environ: Mapping[str, str] | None = None, **settings: Any
    ) -> Self:
        """A client from ``PALPLUSS_API_KEY`` and, where set, ``PALPLUSS_BASE_URL``, ``MPESA_CALLBACK_URL``,
        ``MPESA_ENVIRONMENT``, ``LIPIA_LEDGER`` and ``LIPIA_SPOOL``.

        :param environ: the variables, where they are not ``os.environ``.
        :param settings: settings of the constructor, which go before the variables.
        :raises CorrectSettingsError: naming the variable that is missing or not valid.
        """
        return super().from_env(environ=environ, **settings)


class UpesiPaySettings(ClientBase):
    """UpesiPay. Its callbacks are unsigned: every success is confirmed by a query before it is believed."""

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
        """Makes a client. Nothing starts: no thread, no connection.

        :param auth_token: the ready token from UpesiPay's dashboard, with or without ``Basic`` before it.
        :param username: the user name, where there is no ready token.
        :param password: the password, where there is no ready token.
        :param generation: which generation of UpesiPay's interface takes the pushes. Default: 1.
        :param channel_id: the payment channel that is paid: its number, or in generation 2 the word ``wallet``.
        :param credential_id: the merchant's own Daraja credentials, by their id at UpesiPay. Generation 1 alone.
        :param environment: ``sandbox`` or ``production`` (the default): how strict callback URLs are taken.
        :param base_url: another address than the usual one: ``https``, or ``http`` on this machine.
        :param callback_url: where results are posted. Each payment's own token is appended as one more path segment, so
            route everything below it.
        :param callback_secrets: what seals callback URLs, newest first, at least 16 bytes each. Without any, one is
            derived from the gateway's own secret.
        :param callback_token: whether a payment's token is appended to the callback URL. Without it a callback can be
            forged by anybody who learns the URL.
        :param source_addresses: addresses and ranges that callbacks are taken from; ``published`` stands for those that
            circulate as Safaricom's. Without a list every address may send one.
        :param trusted_proxies: addresses and ranges of your own proxies, such as ``10.0.0.0/8``. ``X-Forwarded-For`` is read
            only where the connection comes from one of them, or over a Unix socket.
        :param timeout: seconds for one call: token, request, answer and whatever is resent. Default: 30.
        :param wait: how waits ask. Default: see :class:`WaitOptions`.
        :param max_amount: the most that one push may ask for, in whole KES. Default: 250,000, M-Pesa's own limit.
        :param max_reference_characters: the most characters of an account reference. Default: 12, as documented. Production
            is known to take 14: enough for the account number that a bank's pay bill wants.
        :param guard: ``False`` for no guard: the gateway's blocks are met as they come.
        :param questions_per_minute: how fast all clients of the account in this process ask together what became of
            payments; 0 for as fast as they like. Default: what is known of the gateway, and no limit on this machine.
        :param tls_roots: whom TLS trusts. Default: ``bundled``, Mozilla's list.
        :param ca_bundle: a file of certificates in PEM: TLS trusts these alone.
        :param ledger: the address of the ledger of payments: ``sqlite:///var/lib/shop/payments.db`` for the processes of one
            machine, ``postgres://…`` for many machines; or a :class:`LedgerStore` over a database of your own. All that share
            it have one payment for one order. Default: this client's memory.
        :param shop: the shop whose orders these are, where several merchants share a ledger. Default: ``default``.
        :raises CorrectSettingsError: naming the setting that is missing or not valid; also
            :class:`CorrectInputError` where a value of it is not valid.
        """
        settings = dict(locals())
        del settings["self"]
        self._make(settings)

    @classmethod
    @public
    def from_env(
        cls: type[Self], *, environ: Mapping[str, str] | None = None, **settings: Any
    ) -> Self:
        """A client from ``UPESIPAY_AUTH_TOKEN`` (or ``UPESIPAY_USERNAME`` and ``UPESIPAY_PASSWORD``) and, where set,
        ``UPESIPAY_CHANNEL_ID``, ``UPESIPAY_GENERATION``, ``UPESIPAY_BASE_URL``, ``MPESA_CALLBACK_URL``,
        ``MPESA_ENVIRONMENT``, ``LIPIA_LEDGER`` and ``LIPIA_SPOOL``.

        :param environ: the variables, where they are not ``os.environ``.
        :param settings: settings of the constructor, which go before the variables.
        :raises CorrectSettingsError: naming the variable that is missing or not valid.
        """
        return super().from_env(environ=environ, **settings)


class PayHeroSettings(ClientBase):
    """PayHero, which speaks the first generation of UpesiPay's interface. Its callbacks are unsigned: every success is
    confirmed by a query before it is believed.
    """

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
        """Makes a client. Nothing starts: no thread, no connection.

        :param base_url: PayHero's address, ``https``, or ``http`` on this machine. It must be given: nobody who works on
            Lipia has seen the address and its authorization confirmed.
        :param auth_token: the ready token from PayHero's dashboard, with or without ``Basic`` before it.
        :param username: the user name, where there is no ready token.
        :param password: the password, where there is no ready token.
        :param channel_id: the payment channel that is paid: its number.
        :param credential_id: the merchant's own Daraja credentials, by their id at PayHero.
        :param environment: ``sandbox`` or ``production`` (the default): how strict callback URLs are taken.
        :param callback_url: where results are posted. Each payment's own token is appended as one more path segment, so
            route everything below it.
        :param callback_secrets: what seals callback URLs, newest first, at least 16 bytes each. Without any, one is
            derived from the gateway's own secret.
        :param callback_token: whether a payment's token is appended to the callback URL. Without it a callback can be
            forged by anybody who learns the URL.
        :param source_addresses: addresses and ranges that callbacks are taken from; ``published`` stands for those that
            circulate as Safaricom's. Without a list every address may send one.
        :param trusted_proxies: addresses and ranges of your own proxies, such as ``10.0.0.0/8``. ``X-Forwarded-For`` is read
            only where the connection comes from one of them, or over a Unix socket.
        :param timeout: seconds for one call: token, request, answer and whatever is resent. Default: 30.
        :param wait: how waits ask. Default: see :class:`WaitOptions`.
        :param max_amount: the most that one push may ask for, in whole KES. Default: 250,000, M-Pesa's own limit.
        :param max_reference_characters: the most characters of an account reference. Default: 12, as documented. Production
            is known to take 14: enough for the account number that a bank's pay bill wants.
        :param guard: ``False`` for no guard: the gateway's blocks are met as they come.
        :param questions_per_minute: how fast all clients of the account in this process ask together what became of
            payments; 0 for as fast as they like. Default: what is known of the gateway, and no limit on this machine.
        :param tls_roots: whom TLS trusts. Default: ``bundled``, Mozilla's list.
        :param ca_bundle: a file of certificates in PEM: TLS trusts these alone.
        :param ledger: the address of the ledger of payments: ``sqlite:///var/lib/shop/payments.db`` for the processes of one
            machine, ``postgres://…`` for many machines; or a :class:`LedgerStore` over a database of your own. All that share
            it have one payment for one order. Default: this client's memory.
        :param shop: the shop whose orders these are, where several merchants share a ledger. Default: ``default``.
        :raises CorrectSettingsError: naming the setting that is missing or not valid; also
            :class:`CorrectInputError` where a value of it is not valid.
        """
        settings = dict(locals())
        del settings["self"]
        self._make(settings)

    @classmethod
    @public
    def from_env(
        cls: type[Self], *, environ: Mapping[str, str] | None = None, **settings: Any
    ) -> Self:
        """A client from ``PAYHERO_BASE_URL``, ``PAYHERO_AUTH_TOKEN`` (or ``PAYHERO_USERNAME`` and ``PAYHERO_PASSWORD``) and,
        where set, ``PAYHERO_CHANNEL_ID``, ``MPESA_CALLBACK_URL``, ``MPESA_ENVIRONMENT``, ``LIPIA_LEDGER`` and ``LIPIA_SPOOL``.

        :param environ: the variables, where they are not ``os.environ``.
        :param settings: settings of the constructor, which go before the variables.
        :raises CorrectSettingsError: naming the variable that is missing or not valid.
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
