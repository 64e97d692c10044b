"""The view to which gateways post callbacks."""

from __future__ import annotations

import logging
from typing import Any

from django.db import router
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    UnreadablePostError,
)
from django.views.decorators.csrf import csrf_exempt

import lipia
from lipia._public import without_frames
from lipia._refusals import MAX_BODY_BYTES, peer_text, status_of

from . import settings
from .callbacks import keep, take_in_quietly
from .clients import get_receiver
from .models import Payment

log = logging.getLogger("lipia.django")

#: The sender sees no more than this of why it was refused.
_REFUSALS = {
    400: "This is not a callback.\n",
    403: "Not from here.\n",
    404: "There is nothing here.\n",
    503: "Not taken in. Send it again.\n",
}


class _AnsweredFirst(HttpResponse):
    """The answer to a callback. The server closes it once it is sent, and only then the callback is judged, so that a slow
    receiver does not keep the gateway waiting."""

    def __init__(self, row: Payment | None) -> None:
        super().__init__(lipia.accepted_reply(), content_type="application/json")
        self._row = row

    def close(self) -> None:
        """Judges the callback, and ends the request."""
        row, self._row = self._row, None
        try:
            if row is not None:
                take_in_quietly(row)
        finally:
            super().close()


@csrf_exempt
def callback(request: HttpRequest, token: str) -> HttpResponse:
    """Receives a callback on a payment's own URL: verifies address, token and body, saves the callback, answers, and judges
    the callback once the answer is sent.

    The view never raises, because Django logs and mails the path of a request whose view raised, and the path of a callback
    is a secret.
    """
    try:
        return _unlogged(_answer(request))
    except Exception as error:
        log.error(
            "a callback was not taken in and is answered 503; lipia_reconcile asks about its "
            "payment",
            exc_info=without_frames(error),
        )
        return _unlogged(HttpResponse(_REFUSALS[503], status=503, content_type="text/plain"))


def _answer(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        body = request.read(MAX_BODY_BYTES + 1)
    except UnreadablePostError:
        # The sender went away.
        return _refused(400, "body_unreadable")
    try:
        account, received = _received(request, body)
        row = _row_of(received.payment_id)
        if row is not None and not row.is_of_ledger and row.account != account:
            # Who has the keys of one account must not be believed about another's payments.
            _receive(request, body, row.account)
    except lipia.DisbelieveError as error:
        return _refused(status_of(error), error.code)
    if row is None and received.is_kept:
        # A request of `Client.check`, of which nothing is to be kept.
        return _AnsweredFirst(None)
    if row is None:
        return _refused(404, "payment_not_here", received.payment_id)
    return _AnsweredFirst(row if keep(row, body) else None)


def _received(request: HttpRequest, body: bytes) -> tuple[str, lipia.ReceivedCallback]:
    """The account whose secrets have sealed the URL of a callback, and the verified callback.

    :raises DisbelieveError: no account accepts it.
    """
    refusals: list[lipia.LipiaError] = []
    for account in ("", *settings.current().accounts):
        try:
            return account, _receive(request, body, account)
        except (lipia.DisbelieveError, lipia.CorrectSettingsError) as error:
            refusals.append(error)
    # The one that knew the URL says what is wrong with the rest.
    raise min(refusals, key=_nearness).with_traceback(None)


def _receive(request: HttpRequest, body: bytes, account: str) -> lipia.ReceivedCallback:
    """The callback, verified by an account.

    :raises DisbelieveError: the account's secrets have not sealed the URL, or the sender's address is not allowed.
    """
    return get_receiver(account).receive_callback(
        request.path,
        body,
        peer=peer_text(request.META.get("REMOTE_ADDR")),
        forwarded_for=_forwarded_for(request.META),
        has_store=True,
    )


def _nearness(refusal: lipia.LipiaError) -> int:
    if not isinstance(refusal, lipia.DisbelieveError):
        return 3
    return {400: 0, 403: 1}.get(status_of(refusal), 2)


def _unlogged(response: HttpResponse) -> HttpResponse:
    """The response, marked as logged already: Django's own log line for a refusal has the path."""
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _row_of(payment_id: str) -> Payment | None:
    return Payment.objects.using(router.db_for_write(Payment)).filter(payment_id=payment_id).first()


def _forwarded_for(headers: dict[str, Any]) -> list[str]:
    header = headers.get("HTTP_X_FORWARDED_FOR")
    return [header] if header else []


def _refused(status: int, code: str, payment_id: str = "") -> HttpResponse:
    log.warning("a callback was refused status=%s code=%s payment_id=%s", status, code, payment_id)
    return HttpResponse(_REFUSALS[status], status=status, content_type="text/plain")
