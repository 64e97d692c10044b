"""The peers that are measured, as a table with a row for each.

A row is a module of the same name in `bench/python/peers`, `bench/node/peers` or `bench/rust`. Nothing here imports any of them: only the process that measures one does.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

Language = Literal["python", "node", "rust"]

LANGUAGES: tuple[Language, ...] = ("python", "node", "rust")

#: How a language is called in the tables.
LANGUAGE_TITLES: dict[str, str] = {"python": "Python", "node": "Node", "rust": "Rust"}

#: How each way of pushing is called in the tables.
MODE_TITLES: dict[str, str] = {
    "blocking": "blocking",
    "asyncio": "asyncio",
    "promises": "",
    "current-thread": "current-thread runtime",
    "multi-thread": "multi-thread runtime",
}

#: Pushes one after the other, and never has more than one in flight.
BLOCKING = "blocking"


@dataclass(frozen=True)
class Peer:
    """One library, or one way of doing without."""

    language: Language
    #: Its module among those of its language.
    module: str
    #: What it is called in the tables.
    title: str
    #: Whether it gets tokens and makes the request itself. What does not is a floor: token and body are made once.
    is_library: bool = True
    #: The ways in which it pushes; none where it reads callbacks alone.
    modes: tuple[str, ...] = ()
    #: Whether it reads callbacks.
    parses: bool = False
    #: What a program that uses it loads first: a statement of Python, the name of a package of Node.
    loads: tuple[str, ...] = ()
    #: Whether what is installed is weighed.
    is_weighed: bool = False
    #: Whether thousands of pushes of it take minutes.
    is_slow: bool = False

    @property
    def name(self) -> str:
        """Unlike any other's."""
        return f"{self.language}:{self.module}"

    @property
    def is_lipia(self) -> bool:
        """Whether it is ours."""
        return self.module == "lipia"


_BOTH = ("blocking", "asyncio")
_RUNTIMES = ("current-thread", "multi-thread")

PEERS: tuple[Peer, ...] = (
    Peer(
        "python",
        "lipia",
        "lipia",
        modes=_BOTH,
        parses=True,
        loads=("import lipia", "from lipia import Daraja"),
        is_weighed=True,
    ),
    Peer(
        "python",
        "daraja_v3",
        "daraja-v3",
        modes=_BOTH,
        parses=True,
        loads=("from mpesa import MpesaClient",),
        is_weighed=True,
    ),
    Peer(
        "python",
        "daraja_sdk",
        "daraja-sdk-py",
        modes=_BOTH,
        parses=True,
        loads=("from daraja import Mpesa",),
        is_weighed=True,
    ),
    # Makes a client anew for every request of code that blocks.
    Peer(
        "python",
        "mpesakit",
        "mpesakit",
        modes=_BOTH,
        parses=True,
        loads=("from mpesakit import MpesaClient",),
        is_weighed=True,
        is_slow=True,
    ),
    # The same library with an option of its own.
    Peer("python", "mpesakit_session", "mpesakit, use_session", modes=("blocking",)),
    Peer(
        "python",
        "by_hand_requests",
        "requests by hand",
        is_library=False,
        modes=("blocking",),
        loads=("import requests",),
    ),
    Peer(
        "python",
        "by_hand_httpx",
        "httpx by hand",
        is_library=False,
        modes=_BOTH,
        loads=("import httpx",),
    ),
    Peer(
        "python",
        "by_hand_aiohttp",
        "aiohttp by hand",
        is_library=False,
        modes=("asyncio",),
        loads=("import aiohttp",),
    ),
    Peer(
        "python",
        "json_alone",
        "json.loads alone",
        is_library=False,
        parses=True,
        loads=("import json",),
    ),
    Peer("python", "json_checked", "json.loads and checks", is_library=False, parses=True),
    Peer(
        "python",
        "json_checked_strictly",
        "the same, repeated keys refused",
        is_library=False,
        parses=True,
    ),
    Peer(
        "node",
        "lipia",
        "lipia",
        modes=("promises",),
        parses=True,
        loads=("lipia",),
        is_weighed=True,
    ),
    Peer(
        "node",
        "mpesa_api",
        "mpesa-api",
        modes=("promises",),
        loads=("mpesa-api",),
        is_weighed=True,
    ),
    Peer("node", "by_hand_fetch", "fetch by hand", is_library=False, modes=("promises",)),
    Peer("node", "by_hand_http", "node:http by hand", is_library=False, modes=("promises",)),
    Peer("node", "json_alone", "JSON.parse alone", is_library=False, parses=True),
    Peer("node", "json_checked", "JSON.parse and checks", is_library=False, parses=True),
    Peer("rust", "lipia", "lipia", modes=_RUNTIMES, parses=True),
    # Its client cannot be shared between threads.
    Peer("rust", "mpesa", "mpesa", modes=("current-thread",)),
    Peer("rust", "by_hand_reqwest", "reqwest by hand", is_library=False, modes=_RUNTIMES),
    Peer("rust", "serde_json", "serde_json, plain struct", is_library=False, parses=True),
)

BY_NAME = {peer.name: peer for peer in PEERS}


@dataclass(frozen=True)
class Contestant:
    """A peer in one of its ways."""

    peer: Peer
    #: One of its ways of pushing, or a form in which it is given a callback.
    mode: str

    @property
    def name(self) -> str:
        """Unlike any other's."""
        return f"{self.peer.name}:{self.mode}"

    @property
    def group(self) -> str:
        """Whom it is compared with: those of the same language and way."""
        return group_title(self.peer.language, self.mode)


def group_title(language: str, mode: str) -> str:
    """A language and a way as a table names them.

    >>> group_title("python", "asyncio"), group_title("node", "promises")
    ('Python, asyncio', 'Node')
    """
    title = MODE_TITLES.get(mode, mode)
    return f"{LANGUAGE_TITLES[language]}, {title}" if title else LANGUAGE_TITLES[language]


def of_languages(languages: Collection[str]) -> tuple[Peer, ...]:
    """Those of some languages."""
    return tuple(peer for peer in PEERS if peer.language in languages)
