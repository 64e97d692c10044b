"""HTTP answers to callbacks and to customers' requests, for every web framework. The core decides what is believed, kept
and told."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass

from ._errors import CorrectInputError, DisbelieveError, LipiaError
from ._refusals import status_of
from ._types import ReceivedCallback
from ._values import accepted_reply

logger = logging.getLogger("lipia")


@dataclass(frozen=True, slots=True)
class Answer:
    """The HTTP answer to a callback."""

    status: int

    @property
    def body(self) -> str:
        """The text of the answer, as JSON. It tells a stranger nothing."""
        return accepted_reply() if self.status == 200 else json.dumps({"error": _TOLD[self.status]})


_TOLD = {
    400: "not a callback",
    403: "forbidden",
    404: "not found",
    413: "too large",
    503: "not taken in, send it again",
}


def answer_to(error: LipiaError) -> tuple[int, dict[str, str]]:
    """The status and headers for a customer's request that failed with this error. The whole error goes to the log."""
    status = error.http_answer
    if status != 400:
        logger.error(
            "a request was answered with %s: %s (%s) payment_id=%s",
            status,
            error,
            error.code,
            error.payment_id,
        )
    seconds = error.retry_after_seconds
    return status, {} if status != 503 or seconds is None else {"Retry-After": str(seconds)}


def refusal_of(error: Exception) -> Answer:
    """The answer to a callback that was refused with this error."""
    if not isinstance(error, LipiaError):
        logger.error("a callback could not be taken in", exc_info=error)
        return Answer(503)
    logger.warning("a callback was refused: %s (%s)", error, error.code)
    if isinstance(error, DisbelieveError):
        return Answer(status_of(error))
    return Answer(400 if isinstance(error, CorrectInputError) else 503)


def answer_for(received: ReceivedCallback) -> Answer:
    """The answer to a verified callback: 200 once it is kept, else 503."""
    return Answer(200 if received.is_kept else 503)
