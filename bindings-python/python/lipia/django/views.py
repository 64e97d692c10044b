"""The view that gateways post results to."""

from __future__ import annotations

import logging
from typing import Any

from django.db import router
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

import lipia
from lipia._refusals import MOST_BODY_BYTES, status_of

from .clients import get_door
from .inbox import keep, take_in_quietly
from .models import Payment

log = logging.getLogger("lipia.django")

#: The sender sees no more than this of why it was refused.
_REFUSALS = {
    400: "This is no callback.\n",
    403: "Not from here.\n",
    404: "There is nothing here.\n",
}


class _AnsweredFirst(HttpResponse):
    """The acknowledgement. The server closes it once it is sent, and only then is the callback
    looked at: no receiver keeps the gateway waiting."""

    def __init__(self, row: Payment | None) -> None:
        super().__init__(lipia.accepted_reply(), content_type="application/json")
        self._row = row

    def close(self) -> None:
        """Looks at the callback, and ends the request."""
        row, self._row = self._row, None
        try:
            if row is not None:
                take_in_quietly(row)
        finally:
            super().close()


@csrf_exempt
@require_POST
def callback(request: HttpRequest, token: str) -> HttpResponse:
    """Takes in what was posted to a payment's own URL: checks address, token and body, keeps it,
    answers, and looks at it once the answer is sent."""
    try:
        body = request.read(MOST_BODY_BYTES + 1)
    except UnreadablePostError:
        # The sender went away.
        return _refused(400, "body_unreadable")
    try:
        received = get_door().receive_callback(
            request.path,
            body,
            # A server that listens on a Unix socket knows no address: its peer is a proxy on this
            # machine.
            peer=request.META.get("REMOTE_ADDR") or "127.0.0.1",
            forwarded_for=_forwarded_for(request.META),
        )
    except lipia.DisbelieveError as error:
        return _refused(status_of(error), error.code)
    row = _row_of(received.payment_id)
    if row is None:
        return _refused(404, "payment_not_here", received.payment_id)
    return _AnsweredFirst(row if keep(row, body) else None)


def _row_of(payment_id: str) -> Payment | None:
    return Payment.objects.using(router.db_for_write(Payment)).filter(payment_id=payment_id).first()


def _forwarded_for(headers: dict[str, Any]) -> list[str]:
    header = headers.get("HTTP_X_FORWARDED_FOR")
    return [header] if header else []


def _refused(status: int, code: str, payment_id: str = "") -> HttpResponse:
    log.warning("a callback was refused status=%s code=%s payment_id=%s", status, code, payment_id)
    return HttpResponse(_REFUSALS[status], status=status, content_type="text/plain")
