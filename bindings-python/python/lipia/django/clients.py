"""The clients of this process, made at their first use and shared by all threads."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import lipia
from lipia._public import public

from . import settings

Made = TypeVar("Made")

#: By what they are for and by account.
_made: dict[tuple[str, str], Any] = {}
_making = threading.Lock()


@public
def get_client(account: str = "") -> lipia.Client:
    """The blocking client that ``LIPIA`` describes. Settings that ``LIPIA`` leaves out come from the environment.

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
    """The asyncio client that ``LIPIA`` describes. Settings that ``LIPIA`` leaves out come from the environment.

    :param account: one of ``LIPIA["ACCOUNTS"]``. Default: the account that ``LIPIA`` itself describes.
    :raises CorrectInputError: there is no such account.
    :raises ImproperlyConfigured: ``LIPIA`` is not understood.
    :raises CorrectSettingsError: a setting is missing or not valid.
    """
    return _kept(
        ("async_client", account), lambda: _make_async(settings.current().account(account))
    )


@public
def get_receiver(account: str = "") -> lipia.Client:
    """A client without payments, which only verifies the address, token and body of a callback. So a callback can be saved
    and answered before any slow work.
    """
    return _kept(("receiver", account), lambda: make_client(settings.current().account(account)))


@public
def make_client(described: settings.LipiaSettings) -> lipia.Client:
    """Makes a new client.

    :raises LipiaError: a setting is missing or not valid.
    """
    return settings.CLIENTS[described.gateway][0].from_env(
        environ=described.variables(), **described.client
    )


def _make_async(described: settings.LipiaSettings) -> lipia.AsyncClient:
    return settings.CLIENTS[described.gateway][1].from_env(
        environ=described.variables(), **described.client
    )


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
    if setting == "LIPIA":
        _made.clear()


def _after_fork() -> None:
    # Another thread of the parent may have held it.
    global _making
    _making = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
