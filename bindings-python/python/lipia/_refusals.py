"""HTTP answers to callbacks that are rejected, and the address of the sender: the same in every web framework."""

from __future__ import annotations

from ._errors import DisbelieveError

#: A longer body is not read: the core refuses it too, and a stranger must not fill the memory with it.
MAX_BODY_BYTES = 64 * 1024

#: What servers say of a connection over a Unix socket, which has no address: gunicorn, uvicorn and gevent nothing,
#: waitress ``localhost``, werkzeug ``<local>``.
_UNIX_SOCKET = frozenset({"", "localhost", "<local>"})


def peer_text(address: str | None) -> str:
    """The other end of a request's connection, as ``receive_callback`` takes it."""
    return "unix" if address is None or address in _UNIX_SOCKET else address


def status_of(error: DisbelieveError) -> int:
    """The HTTP status. A forged token and a token of an unknown payment look alike from outside."""
    if error.code.startswith("callback_token"):
        return 404
    return 403 if error.code.startswith("callback_address") else 400
