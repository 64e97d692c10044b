"""What is answered to a body that is not to be believed: the same in every web framework."""

from __future__ import annotations

from ._errors import DisbelieveError

#: A longer body is not read: the core refuses it too, and a stranger must not fill the memory with it.
MOST_BODY_BYTES = 64 * 1024


def status_of(error: DisbelieveError) -> int:
    """The HTTP status. A token that is forged and one of no payment here look alike from outside."""
    if error.code.startswith("callback_token"):
        return 404
    return 403 if error.code.startswith("callback_address") else 400
