"""The settings of clients and the parts of a push. Made from the core's tables by `make documents`: do not edit."""

from __future__ import annotations

import os
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal, TypedDict

from ._types import WaitOptions
from .ledger import LedgerStore

#: The kinds of parameters that are not plain text.
KINDS = {
    "amount": "amount",
    "ca_bundle": "path",
    "callback_secrets": "texts",
    "callback_token": "flag",
    "cleartext_hosts": "texts",
    "fit": "fit",
    "guard": "flag",
    "ledger": "ledger",
    "max_amount": "count",
    "max_reference_characters": "count",
    "plain_api_key": "flag",
    "questions_per_minute": "count",
    "round_amount": "flag",
    "source_addresses": "texts",
    "timeout": "seconds",
    "trusted_proxies": "texts",
    "wait": "wait",
}

#: The parts of a push that not every gateway has.
PUSH_OPTIONS = (
    "transaction_type",
    "party_b",
    "channel_id",
    "credential_id",
    "customer_name",
)

#: The parts of a push that are not ``None`` where they are left out.
DEFAULTS: dict[str, object] = {
    "fit": "refuse",
    "round_amount": False,
    "transaction_desc": "",
}


class CommonSettings(TypedDict, total=False):
    """The settings that the clients of every gateway have."""

    environment: Literal["sandbox", "production"] | None
    """``sandbox`` or ``production``: how strictly callback URLs are checked. Default: ``production``, and ``sandbox`` where
    ``base_url`` is on this machine or at a cleartext host."""
    cleartext_hosts: str | Iterable[str] | None
    """The hosts besides this machine that ``base_url`` may name with ``http``: whole names or IP addresses, without port.
    For a developer's own sandbox, such as ``sandbox`` (a container) or ``10.0.2.2`` (the machine that runs an Android
    emulator). There the sandbox's public credentials are taken alone; others are refused before anything is sent. Default:
    none."""
    callback_url: str | None
    """The URL that results are posted to. Each payment's own token is appended as one more path segment, so route
    everything below it."""
    callback_secrets: str | Iterable[str] | None
    """The secrets that seal callback URLs, newest first, at least 16 bytes each. Default: one that is derived from the
    client's own secret at the gateway."""
    callback_token: bool | None
    """Whether each payment's token is appended to the callback URL. Default: ``True``. Without it, anybody who learns the
    URL can forge a callback."""
    source_addresses: str | Iterable[str] | None
    """The addresses and ranges that may send callbacks; ``published`` stands for those that circulate as Safaricom's.
    Default: every address."""
    trusted_proxies: str | Iterable[str] | None
    """The addresses and ranges of your own proxies, such as ``10.0.0.0/8``. ``X-Forwarded-For`` is read only where the
    connection comes from one of them, or over a Unix socket."""
    timeout: float | None
    """Seconds for one call: token, request, answer and resends. Default: 30."""
    wait: WaitOptions | None
    """The times of waits. Default: see :class:`WaitOptions`."""
    max_amount: int | None
    """The largest amount of one push, in whole KES. Default: 250,000, M-Pesa's own limit."""
    max_reference_characters: int | None
    """The most characters of an account reference. Default: 12, as documented. Production is known to take 14: enough for
    the account number that a bank's pay bill wants."""
    guard: bool | None
    """Whether the gateway's usual guard keeps the merchant from being blocked. Default: ``True``."""
    questions_per_minute: int | None
    """The most questions about payments in a minute, of all clients of the account together; 0 for no limit. Clients count
    together in this process and, with a shared ledger, in all processes that share it. Default: what is known of the
    gateway, and no limit where ``base_url`` is on this machine or at a cleartext host."""
    tls_roots: Literal["bundled", "operating_system"] | None
    """The root certificates for TLS: ``bundled`` (the default), which is Mozilla's list, or ``operating_system``."""
    ca_bundle: str | os.PathLike[str] | None
    """A file of certificates in PEM. TLS trusts these alone."""
    application: str | None
    """The name of the program, with its version, such as ``duka/2.1``. It stands after Lipia's in the user agent of
    requests."""
    ledger: str | LedgerStore | None
    """The address of the ledger of payments: ``sqlite:///var/lib/shop/payments.db`` for the processes of one machine,
    ``postgres://…`` for many machines. Clients that share a ledger have one payment for one order. Default: the memory of
    this client alone. Or a :class:`LedgerStore` over a database of your own."""
    shop: str | None
    """The name of the shop, where several merchants share a ledger. They do not see each other's payments. Default:
    ``default``."""


class _DarajaNeeds(TypedDict):
    consumer_key: str
    """The app's consumer key."""
    consumer_secret: str
    """The app's consumer secret."""
    short_code: str | int
    """The pay bill number; for a till, the head office or store number."""
    pass_key: str
    """The pass key that Safaricom gave for the short code."""


class DarajaSettings(_DarajaNeeds, CommonSettings, total=False):
    """The settings of a client of Daraja, Safaricom's own API."""

    transaction_type: (
        Literal["CustomerPayBillOnline", "CustomerBuyGoodsOnline", "pay_bill", "buy_goods"] | None
    )
    """Pay bill (the default) or till."""
    party_b: str | int | None
    """The number that receives the money. A till needs it: its till number. Default: ``short_code``."""
    query_version: Literal["v1", "v2"] | None
    """The version of Daraja's STK query. Default: ``v1``. With ``v2`` a payment that a query settles has its receipt.
    Safaricom does not document ``v2``; where its address does not exist, the client goes on with ``v1``."""
    base_url: str | None
    """An address in place of the usual one: ``https``, or ``http`` on this machine and at ``cleartext_hosts``."""


class _PalPlussNeeds(TypedDict):
    api_key: str
    """The key from PalPluss's dashboard."""


class PalPlussSettings(_PalPlussNeeds, CommonSettings, total=False):
    """The settings of a client of PalPluss."""

    plain_api_key: bool | None
    """Whether the key is sent as ``Basic <key>``. By default it is sent as the user name of HTTP Basic authentication."""
    channel_id: str | int | None
    """The payment channel that receives the money. Default: the default channel of the account."""
    credential_id: str | None
    """The id at PalPluss of the merchant's own Daraja credentials."""
    base_url: str | None
    """An address in place of the usual one: ``https``, or ``http`` on this machine and at ``cleartext_hosts``."""


class UpesiPaySettings(CommonSettings, total=False):
    """The settings of a client of UpesiPay."""

    auth_token: str | None
    """The ready token from UpesiPay's dashboard, with or without ``Basic`` before it."""
    username: str | None
    """The user name, in place of a ready token."""
    password: str | None
    """The password, in place of a ready token."""
    generation: Literal["1", "2"] | int | None
    """The generation of UpesiPay's interface that pushes use. Default: 1."""
    channel_id: str | int | None
    """The payment channel that receives the money: its number, or in generation 2 the word ``wallet``."""
    credential_id: str | None
    """The id at UpesiPay of the merchant's own Daraja credentials. Generation 1 only."""
    base_url: str | None
    """An address in place of the usual one: ``https``, or ``http`` on this machine and at ``cleartext_hosts``."""


class _PayHeroNeeds(TypedDict):
    base_url: str
    """PayHero's address: ``https``, or ``http`` on this machine and at ``cleartext_hosts``. Lipia has no default, because
    its authors could not confirm the address and its authorization."""


class PayHeroSettings(_PayHeroNeeds, CommonSettings, total=False):
    """The settings of a client of PayHero, which speaks the first generation of UpesiPay's interface."""

    auth_token: str | None
    """The ready token from PayHero's dashboard, with or without ``Basic`` before it."""
    username: str | None
    """The user name, in place of a ready token."""
    password: str | None
    """The password, in place of a ready token."""
    channel_id: str | int | None
    """The number of the payment channel that receives the money."""
    credential_id: str | None
    """The id at PayHero of the merchant's own Daraja credentials."""


class _PushNeeds(TypedDict):
    phone_number: str | int
    """The payer's Kenyan mobile number, in any usual spelling."""
    amount: int | Decimal | str
    """The amount in whole KES."""
    account_reference: str | int
    """The reference of the sale, such as an invoice number. The customer sees it. With Daraja at most 12 characters."""


class PushParameters(_PushNeeds, total=False):
    """The parts of a push: the payer, the amount and the reference of the sale."""

    transaction_desc: str
    """A description of the sale, at most 13 characters. Default: the reference."""
    callback_url: str | None
    """The URL for the result of this push, used exactly as given. Default: the client's callback URL with this payment's
    own token."""
    fit: Literal["refuse", "truncate"]
    """Whether a text that is too long is refused (``refuse``, the default) or cut (``truncate``)."""
    round_amount: bool
    """Whether a fraction of a shilling is rounded half up. By default it is refused."""
    transaction_type: (
        Literal["CustomerPayBillOnline", "CustomerBuyGoodsOnline", "pay_bill", "buy_goods"] | None
    )
    """Daraja: pay bill or till, for this push. Default: the client's."""
    party_b: str | int | None
    """Daraja: the till that receives the money of this push. Default: the client's."""
    channel_id: str | int | None
    """PalPluss, UpesiPay and PayHero: the payment channel that receives the money. Default: the client's."""
    credential_id: str | None
    """PalPluss, UpesiPay and PayHero: the id of the merchant's own Daraja credentials at the gateway. Default: the
    client's."""
    customer_name: str | None
    """UpesiPay and PayHero: the payer's name."""


#: What ``help()`` says of the keywords of each dictionary.
DOCUMENTATION = {
    "CommonSettings": """
:param environment: ``sandbox`` or ``production``: how strictly callback URLs are checked. Default: ``production``, and
    ``sandbox`` where ``base_url`` is on this machine or at a cleartext host.
:param cleartext_hosts: the hosts besides this machine that ``base_url`` may name with ``http``: whole names or IP
    addresses, without port. For a developer's own sandbox, such as ``sandbox`` (a container) or ``10.0.2.2`` (the machine
    that runs an Android emulator). There the sandbox's public credentials are taken alone; others are refused before
    anything is sent. Default: none.
:param callback_url: the URL that results are posted to. Each payment's own token is appended as one more path segment, so
    route everything below it.
:param callback_secrets: the secrets that seal callback URLs, newest first, at least 16 bytes each. Default: one that is
    derived from the client's own secret at the gateway.
:param callback_token: whether each payment's token is appended to the callback URL. Default: ``True``. Without it, anybody
    who learns the URL can forge a callback.
:param source_addresses: the addresses and ranges that may send callbacks; ``published`` stands for those that circulate as
    Safaricom's. Default: every address.
:param trusted_proxies: the addresses and ranges of your own proxies, such as ``10.0.0.0/8``. ``X-Forwarded-For`` is read
    only where the connection comes from one of them, or over a Unix socket.
:param timeout: seconds for one call: token, request, answer and resends. Default: 30.
:param wait: the times of waits. Default: see :class:`WaitOptions`.
:param max_amount: the largest amount of one push, in whole KES. Default: 250,000, M-Pesa's own limit.
:param max_reference_characters: the most characters of an account reference. Default: 12, as documented. Production is
    known to take 14: enough for the account number that a bank's pay bill wants.
:param guard: whether the gateway's usual guard keeps the merchant from being blocked. Default: ``True``.
:param questions_per_minute: the most questions about payments in a minute, of all clients of the account together; 0 for no
    limit. Clients count together in this process and, with a shared ledger, in all processes that share it. Default: what
    is known of the gateway, and no limit where ``base_url`` is on this machine or at a cleartext host.
:param tls_roots: the root certificates for TLS: ``bundled`` (the default), which is Mozilla's list, or
    ``operating_system``.
:param ca_bundle: a file of certificates in PEM. TLS trusts these alone.
:param application: the name of the program, with its version, such as ``duka/2.1``. It stands after Lipia's in the user
    agent of requests.
:param ledger: the address of the ledger of payments: ``sqlite:///var/lib/shop/payments.db`` for the processes of one
    machine, ``postgres://…`` for many machines. Clients that share a ledger have one payment for one order. Default: the
    memory of this client alone. Or a :class:`LedgerStore` over a database of your own.
:param shop: the name of the shop, where several merchants share a ledger. They do not see each other's payments. Default:
    ``default``.
""",
    "DarajaSettings": """
:param consumer_key: the app's consumer key.
:param consumer_secret: the app's consumer secret.
:param short_code: the pay bill number; for a till, the head office or store number.
:param pass_key: the pass key that Safaricom gave for the short code.
:param transaction_type: pay bill (the default) or till.
:param party_b: the number that receives the money. A till needs it: its till number. Default: ``short_code``.
:param query_version: the version of Daraja's STK query. Default: ``v1``. With ``v2`` a payment that a query settles has its
    receipt. Safaricom does not document ``v2``; where its address does not exist, the client goes on with ``v1``.
:param base_url: an address in place of the usual one: ``https``, or ``http`` on this machine and at ``cleartext_hosts``.
:param environment: ``sandbox`` (the default) or ``production``. It chooses the address.
""",
    "PalPlussSettings": """
:param api_key: the key from PalPluss's dashboard.
:param plain_api_key: whether the key is sent as ``Basic <key>``. By default it is sent as the user name of HTTP Basic
    authentication.
:param channel_id: the payment channel that receives the money. Default: the default channel of the account.
:param credential_id: the id at PalPluss of the merchant's own Daraja credentials.
:param base_url: an address in place of the usual one: ``https``, or ``http`` on this machine and at ``cleartext_hosts``.
:param max_reference_characters: the most characters of an account reference. Default: 12, as documented. Production is
    known to take 120: enough for the account number that a bank's pay bill wants.
""",
    "UpesiPaySettings": """
:param auth_token: the ready token from UpesiPay's dashboard, with or without ``Basic`` before it.
:param username: the user name, in place of a ready token.
:param password: the password, in place of a ready token.
:param generation: the generation of UpesiPay's interface that pushes use. Default: 1.
:param channel_id: the payment channel that receives the money: its number, or in generation 2 the word ``wallet``.
:param credential_id: the id at UpesiPay of the merchant's own Daraja credentials. Generation 1 only.
:param base_url: an address in place of the usual one: ``https``, or ``http`` on this machine and at ``cleartext_hosts``.
""",
    "PayHeroSettings": """
:param base_url: PayHero's address: ``https``, or ``http`` on this machine and at ``cleartext_hosts``. Lipia has no default,
    because its authors could not confirm the address and its authorization.
:param auth_token: the ready token from PayHero's dashboard, with or without ``Basic`` before it.
:param username: the user name, in place of a ready token.
:param password: the password, in place of a ready token.
:param channel_id: the number of the payment channel that receives the money.
:param credential_id: the id at PayHero of the merchant's own Daraja credentials.
""",
    "PushParameters": """
:param phone_number: the payer's Kenyan mobile number, in any usual spelling.
:param amount: the amount in whole KES.
:param account_reference: the reference of the sale, such as an invoice number. The customer sees it. With Daraja at most 12
    characters.
:param transaction_desc: a description of the sale, at most 13 characters. Default: the reference.
:param callback_url: the URL for the result of this push, used exactly as given. Default: the client's callback URL with
    this payment's own token.
:param fit: whether a text that is too long is refused (``refuse``, the default) or cut (``truncate``).
:param round_amount: whether a fraction of a shilling is rounded half up. By default it is refused.
:param transaction_type: Daraja: pay bill or till, for this push. Default: the client's.
:param party_b: Daraja: the till that receives the money of this push. Default: the client's.
:param channel_id: palPluss, UpesiPay and PayHero: the payment channel that receives the money. Default: the client's.
:param credential_id: palPluss, UpesiPay and PayHero: the id of the merchant's own Daraja credentials at the gateway.
    Default: the client's.
:param customer_name: UpesiPay and PayHero: the payer's name.
""",
}
