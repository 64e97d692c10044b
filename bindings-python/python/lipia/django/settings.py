"""The setting ``LIPIA``: what it may say, and what is wrong with it."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

import lipia
from lipia._public import public

#: The clients of each gateway: for code that blocks, and for asyncio.
CLIENTS: dict[str, tuple[type[lipia.Client], type[lipia.AsyncClient]]] = {
    "daraja": (lipia.Daraja, lipia.AsyncDaraja),
    "palpluss": (lipia.PalPluss, lipia.AsyncPalPluss),
    "upesipay": (lipia.UpesiPay, lipia.AsyncUpesiPay),
    "payhero": (lipia.PayHero, lipia.AsyncPayHero),
}

#: What ``LIPIA`` may hold beside the settings of the gateway's client.
OWN_NAMES = ("GATEWAY", "CONFIRM", "OVERDUE_AFTER_SECONDS")


@dataclass(frozen=True)
class LipiaSettings:
    """``LIPIA``, read."""

    #: Who is asked to prompt phones.
    gateway: str
    #: Whether the gateway is asked before a success that a callback reports is believed.
    confirm: bool
    #: After how many seconds of silence a person is asked to look.
    overdue_after_seconds: float
    #: What the client is made with; what is missing comes from the environment.
    client: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Problem:
    """Something that is wrong with ``LIPIA``."""

    #: The id of the system check that reports it.
    check_id: str
    message: str
    hint: str


def client_names(gateway: str) -> list[str]:
    """The settings of a gateway's client, as ``LIPIA`` spells them."""
    parameters = inspect.signature(CLIENTS[gateway][0].__init__).parameters
    return [name.upper() for name in parameters if name != "self"]


def read(value: object) -> LipiaSettings | list[Problem]:
    """What ``LIPIA`` says, or everything that is wrong with it."""
    if not isinstance(value, Mapping):
        return [
            Problem(
                "lipia.E001",
                f"LIPIA is a dictionary, and this is {type(value).__name__}.",
                'Write LIPIA = {"CALLBACK_URL": "https://…"}, or leave it out to take everything '
                "from the environment.",
            )
        ]
    gateway = value.get("GATEWAY", "daraja")
    if not isinstance(gateway, str) or gateway not in CLIENTS:
        return [
            Problem(
                "lipia.E002",
                f'LIPIA["GATEWAY"] is {gateway!r}, and there is no such gateway.',
                f"It is one of {', '.join(map(repr, CLIENTS))}.",
            )
        ]
    names = [*OWN_NAMES, *client_names(gateway)]
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
    own = {name.lower(): value[name] for name in value if name not in OWN_NAMES}
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
    """``LIPIA`` as it is now.

    :raises ImproperlyConfigured: where something is wrong with it; ``manage.py check`` tells all of
        it.
    """
    found = read(getattr(settings, "LIPIA", {}))
    if isinstance(found, LipiaSettings):
        return found
    raise ImproperlyConfigured(f"{found[0].message} {found[0].hint}")
