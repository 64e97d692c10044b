"""The clients that ``LIPIA`` describes."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import lipia
from lipia._public import public
from lipia.ledger import LedgerStore

from . import settings
from .settings import APP_SHOP

Made = TypeVar("Made")

#: By what they are for and by account.
_made: dict[tuple[str, str], Any] = {}
_making = threading.Lock()
_generation = object()


@public
def get_client(account: str = "") -> lipia.Client:
    """A blocking client that ``LIPIA`` describes, shared by all threads of the process. Settings that ``LIPIA`` leaves out come
    from the environment. It keeps its own payments in memory: those of ``Payment.objects`` are not among its ``payments``.

    The client survives a fork: with ``gunicorn --preload`` every worker has connections of its own.

    :param account: one of ``LIPIA["ACCOUNTS"]``. Default: the account that ``LIPIA`` itself describes.
    :raises CorrectInputError: there is no such account.
    :raises ImproperlyConfigured: ``LIPIA`` is not understood.
    :raises CorrectSettingsError: a setting is missing or not valid.

    ::

        status = get_client().stk_query(payment.checkout_request_id)
    """
    return _kept(("client", account), lambda: make_client(settings.current().account(account)))


@public
def get_async_client(account: str = "") -> lipia.AsyncClient:
    """The same for asyncio.

    :param account: one of ``LIPIA["ACCOUNTS"]``. Default: the account that ``LIPIA`` itself describes.
    :raises CorrectInputError: there is no such account.
    :raises ImproperlyConfigured: ``LIPIA`` is not understood.
    :raises CorrectSettingsError: a setting is missing or not valid.
    """
    return _kept(
        ("async_client", account), lambda: _make_async(settings.current().account(account))
    )


@public
def make_client(
    described: settings.LipiaSettings, store: LedgerStore | None = None
) -> lipia.Client:
    """Makes a new client.

    :param store: the store of its ledger. Default: memory.
    :raises LipiaError: a setting is missing or not valid.
    """
    of_ledger = {} if store is None else {"ledger": store, "shop": APP_SHOP}
    return settings.CLIENTS[described.gateway][0].from_env(
        environ=described.variables(), **described.client, **of_ledger
    )


def _make_async(described: settings.LipiaSettings) -> lipia.AsyncClient:
    return settings.CLIENTS[described.gateway][1].from_env(
        environ=described.variables(), **described.client
    )


def generation() -> object:
    """Stands for the settings that clients are made of now: another one after ``override_settings(LIPIA=…)``."""
    return _generation


def _kept(name: tuple[str, str], make: Callable[[], Made]) -> Made:
    made: Made | None = _made.get(name)
    if made is None:
        with _making:
            made = _made.get(name)
            if made is None:
                made = _made[name] = make()
    return made


def forget_if_changed(*, setting: str, **_: object) -> None:
    """Forgets the clients after ``override_settings(LIPIA=…)``, so that new ones are made."""
    global _generation
    if setting == "LIPIA":
        _made.clear()
        _generation = object()


def _after_fork() -> None:
    # Another thread of the parent may have held it.
    global _making
    _making = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
