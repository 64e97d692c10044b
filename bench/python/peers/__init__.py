"""Who is measured. One module each, with the same functions:

- ``make(where)`` gives a client that speaks to a gateway, ``push(client, reference)`` pushes once
  with it;
- ``make_async(where)`` and ``push_async(client, reference)`` the same for asyncio;
- ``parse(body)`` reads a callback.

A module has those that its library has. This table imports none of them: only the process that
measures one does.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    """One library, or one way of doing without."""

    #: Its module here.
    name: str
    #: What it is called in the tables.
    title: str
    #: The distribution whose version counts; ``None`` for Python's own library.
    distribution: str | None
    #: What a program that uses it imports.
    imports: tuple[str, ...] = ()
    #: Whether it gets tokens and makes the request itself. What does not is a floor: token and body
    #: are made once.
    is_library: bool = True
    #: Whether it pushes from code that blocks.
    pushes: bool = True
    #: Whether it pushes from asyncio.
    pushes_async: bool = True
    #: Whether it reads callbacks.
    parses: bool = True


LIPIA = Peer("lipia", "lipia", "lipia", ("import lipia", "from lipia import Daraja"))

PEERS: tuple[Peer, ...] = (
    LIPIA,
    Peer("daraja_v3", "daraja-v3", "daraja-v3", ("from mpesa import MpesaClient",)),
    Peer("daraja_sdk", "daraja-sdk-py", "daraja-sdk-py", ("from daraja import Mpesa",)),
    Peer("mpesakit", "mpesakit", "mpesakit", ("from mpesakit import MpesaClient",)),
    # The same library with an option of its own.
    Peer("mpesakit_session", "mpesakit, use_session", "mpesakit", pushes_async=False, parses=False),
    Peer(
        "by_hand_requests",
        "requests by hand",
        "requests",
        ("import requests",),
        is_library=False,
        pushes_async=False,
        parses=False,
    ),
    Peer(
        "by_hand_httpx", "httpx by hand", "httpx", ("import httpx",), is_library=False, parses=False
    ),
    Peer(
        "by_hand_aiohttp",
        "aiohttp by hand",
        "aiohttp",
        ("import aiohttp",),
        is_library=False,
        pushes=False,
        parses=False,
    ),
    Peer(
        "json_alone",
        "json.loads alone",
        None,
        ("import json",),
        is_library=False,
        pushes=False,
        pushes_async=False,
    ),
    Peer(
        "json_checked",
        "json.loads and checks",
        None,
        is_library=False,
        pushes=False,
        pushes_async=False,
    ),
    Peer(
        "json_checked_strictly",
        "the same, repeated keys refused",
        None,
        is_library=False,
        pushes=False,
        pushes_async=False,
    ),
)

BY_NAME = {peer.name: peer for peer in PEERS}
