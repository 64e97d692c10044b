"""The setting ``LIPIA``: how it is read, and its faults."""

from __future__ import annotations

import difflib
import inspect
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

import lipia
from lipia._errors import refused_input
from lipia._public import public

#: The clients of each gateway: for code that blocks, and for asyncio.
CLIENTS: dict[str, tuple[type[lipia.Client], type[lipia.AsyncClient]]] = {
    "daraja": (lipia.Daraja, lipia.AsyncDaraja),
    "palpluss": (lipia.PalPluss, lipia.AsyncPalPluss),
    "upesipay": (lipia.UpesiPay, lipia.AsyncUpesiPay),
    "payhero": (lipia.PayHero, lipia.AsyncPayHero),
}

#: The shop of the app's own payments in the ledger over its tables.
APP_SHOP = "lipia.django"

#: The settings in ``LIPIA`` besides those of the gateway's client.
OWN_NAMES = ("GATEWAY", "CONFIRM", "OVERDUE_AFTER_SECONDS")

#: What an account takes over from ``LIPIA`` where it does not say it itself. Never a credential, nor who receives the money.
_SHARED_NAMES = (
    *("CONFIRM", "ENVIRONMENT", "CALLBACK_URL", "CALLBACK_SECRETS", "CALLBACK_TOKEN"),
    *("SOURCE_ADDRESSES", "TRUSTED_PROXIES", "TIMEOUT", "WAIT", "MAX_AMOUNT"),
    *("GUARD", "QUESTIONS_PER_MINUTE", "TLS_ROOTS", "CA_BUNDLE", "APPLICATION"),
    "CLEARTEXT_HOSTS",
)

#: The environment variables that an account is read from.
_SHARED_VARIABLES = ("MPESA_CALLBACK_URL", "MPESA_ENVIRONMENT", "LIPIA_CLEARTEXT_HOSTS")

#: The environment variables of a ledger, which `lipia sandbox` tells a shop to set.
_OF_LEDGER = ("LIPIA_LEDGER", "LIPIA_SPOOL")

#: The longest name of an account, in characters.
_MAX_NAME = 64


@dataclass(frozen=True)
class LipiaSettings:
    """The setting ``LIPIA`` of one account, read."""

    #: The gateway that prompts phones.
    gateway: str
    #: Whether the gateway is asked before a success that a callback reports is believed.
    confirm: bool
    #: The seconds after which a person is asked to look at an open payment.
    overdue_after_seconds: float
    #: The settings of the client. Those that are missing come from the environment.
    client: Mapping[str, Any] = field(repr=False)
    #: The other accounts, by the names that requests give.
    accounts: Mapping[str, LipiaSettings] = field(default_factory=dict, repr=False)
    #: Whether all environment variables may say what is missing, or only those that accounts share.
    is_account: bool = False

    def variables(self) -> Mapping[str, str]:
        """The environment variables for settings that ``LIPIA`` leaves out. Those of a ledger are not among them, because the app
        keeps payments in its own tables."""
        if not self.is_account:
            return {name: text for name, text in os.environ.items() if name not in _OF_LEDGER}
        return {name: os.environ[name] for name in _SHARED_VARIABLES if name in os.environ}

    def account(self, name: str) -> LipiaSettings:
        """The settings of an account. Without a name: those that ``LIPIA`` itself describes.

        :raises CorrectInputError: there is no such account.
        """
        if not name:
            return self
        found = self.accounts.get(name)
        if found is None:
            raise refused_input(
                "account",
                "account_unknown",
                f"There is no account {name!r}.",
                'Give one of LIPIA["ACCOUNTS"].',
            )
        return found


@dataclass(frozen=True)
class Problem:
    """A fault of the setting ``LIPIA``."""

    #: The id of the system check that reports it.
    check_id: str
    message: str
    hint: str

    def in_account(self, name: str) -> Problem:
        """The problem as one of an account."""
        place = f"LIPIA['ACCOUNTS'][{name!r}]["
        return replace(self, message=self.message.replace("LIPIA[", place))


@cache
def client_names(gateway: str) -> list[str]:
    """The settings of a gateway's client, as ``LIPIA`` spells them."""
    parameters = inspect.signature(CLIENTS[gateway][0].__init__).parameters
    # The app's ledger is its own tables.
    return [name.upper() for name in parameters if name not in ("self", "ledger", "shop")]


def read(value: object) -> LipiaSettings | list[Problem]:
    """The settings that ``LIPIA`` describes, or all its faults."""
    if not isinstance(value, Mapping):
        return [
            Problem(
                "lipia.E001",
                f"LIPIA is a dictionary, and this is {type(value).__name__}.",
                'Write LIPIA = {"CALLBACK_URL": "https://…"}, or leave it out to take everything '
                "from the environment.",
            )
        ]
    found = _read_one(value, [*OWN_NAMES, "ACCOUNTS"])
    accounts = value.get("ACCOUNTS", {})
    if not isinstance(accounts, Mapping) or not all(
        isinstance(name, str) and 0 < len(name) <= _MAX_NAME and isinstance(own, Mapping)
        for name, own in accounts.items()
    ):
        return [
            Problem(
                "lipia.E004",
                'LIPIA["ACCOUNTS"] is not understood.',
                'It is a dictionary of dictionaries: {"nairobi": {"SHORT_CODE": …}, …}.',
            )
        ]
    problems = [] if isinstance(found, LipiaSettings) else found
    read_accounts: dict[str, LipiaSettings] = {}
    for name, own in accounts.items():
        account = _read_account(value, own)
        if isinstance(account, LipiaSettings):
            read_accounts[name] = account
        else:
            problems += [problem.in_account(name) for problem in account]
    if problems or not isinstance(found, LipiaSettings):
        return problems
    return replace(found, accounts=read_accounts)


def _read_account(
    project: Mapping[str, Any], own: Mapping[str, Any]
) -> LipiaSettings | list[Problem]:
    """The settings of one of ``LIPIA["ACCOUNTS"]``, or their faults."""
    gateway = own.get("GATEWAY", project.get("GATEWAY", "daraja"))
    known = client_names(gateway) if isinstance(gateway, str) and gateway in CLIENTS else []
    shared = {
        name: project[name]
        for name in _SHARED_NAMES
        if name in project and name in (*OWN_NAMES, *known)
    }
    if gateway == project.get("GATEWAY", "daraja") and "BASE_URL" in project:
        shared["BASE_URL"] = project["BASE_URL"]
    found = _read_one({**shared, **own, "GATEWAY": gateway}, OWN_NAMES)
    return replace(found, is_account=True) if isinstance(found, LipiaSettings) else found


def _read_one(value: Mapping[Any, Any], own_names: Sequence[str]) -> LipiaSettings | list[Problem]:
    """The settings of one account, or their faults."""
    gateway = value.get("GATEWAY", "daraja")
    if not isinstance(gateway, str) or gateway not in CLIENTS:
        return [
            Problem(
                "lipia.E002",
                f'LIPIA["GATEWAY"] is {gateway!r}, and there is no such gateway.',
                f"It is one of {', '.join(map(repr, CLIENTS))}.",
            )
        ]
    names = [*own_names, *client_names(gateway)]
    problems = [_unknown(key, names, gateway) for key in value if key not in names]
    confirm = value.get("CONFIRM", False)
    if not isinstance(confirm, bool):
        problems.append(
            Problem(
                "lipia.E004",
                f'LIPIA["CONFIRM"] is {confirm!r}, and not True or False.',
                "True has every reported success confirmed by a question to the gateway.",
            )
        )
    overdue = value.get("OVERDUE_AFTER_SECONDS", 86_400)
    if isinstance(overdue, bool) or not isinstance(overdue, (int, float)) or not overdue > 0:
        problems.append(
            Problem(
                "lipia.E004",
                f'LIPIA["OVERDUE_AFTER_SECONDS"] is {overdue!r}, and no number of seconds.',
                "86400, a day, is the default.",
            )
        )
    if problems:
        return problems
    own = {name.lower(): value[name] for name in value if name not in own_names}
    if isinstance(own.get("wait"), Mapping):
        try:
            own["wait"] = lipia.WaitOptions(**own["wait"])
        except TypeError as error:
            return [
                Problem(
                    "lipia.E004",
                    f'LIPIA["WAIT"] is not understood: {error}.',
                    "It is a lipia.WaitOptions or a dictionary of its fields, in seconds.",
                )
            ]
    return LipiaSettings(gateway, confirm, float(overdue), own)


def _unknown(key: object, names: list[str], gateway: str) -> Problem:
    near = difflib.get_close_matches(str(key).upper(), names, n=1)
    return Problem(
        "lipia.E003",
        f"LIPIA[{key!r}] is not known, and has no effect.",
        f"Did you mean {near[0]!r}?" if near else f"With {gateway} there are: {', '.join(names)}.",
    )


@public
def current() -> LipiaSettings:
    """The current value of ``LIPIA``, read.

    :raises ImproperlyConfigured: ``LIPIA`` has a fault; ``manage.py check`` lists all of them.
    """
    found = read(getattr(settings, "LIPIA", {}))
    if isinstance(found, LipiaSettings):
        return found
    raise ImproperlyConfigured(f"{found[0].message} {found[0].hint}")
