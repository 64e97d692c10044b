"""The view to which gateways post callbacks."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import router, transaction
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
from lipia.ledger import LedgerCallback

from . import settings
from .app_ledger import ledger_here
from .clients import get_client
from .ledger_store import DjangoLedgerStore
from .models import Callback, Payment
from .payments import database_of, take_over, tell_when_committed

log = logging.getLogger("lipia.django")

_NOT_BELIEVED = (lipia.Verdict.MISMATCH, lipia.Verdict.NOT_CONFIRMED)

#: The sender sees no more than this of why it was refused.
_REFUSALS = {
    400: "This is not a callback.\n",
    403: "Not from here.\n",
    404: "There is nothing here.\n",
    503: "Not taken in. Send it again.\n",
}


class _AnsweredFirst(HttpResponse):
    """The answer to a callback. The server closes it once it is sent, and only then the gateway is asked where that is needed and
    receivers are called, so that none of them keeps the gateway waiting."""

    def __init__(self, then: Callable[[], None] | None = None) -> None:
        super().__init__(lipia.accepted_reply(), content_type="application/json")
        self._then = then

    def close(self) -> None:
        """Does what is left to do, and ends the request."""
        then, self._then = self._then, None
        try:
            if then is not None:
                then()
        except Exception as error:
            log.error(
                "a callback was kept and is not done with; lipia_reconcile goes on",
                # The frames here hold the payment's secret URL.
                exc_info=without_frames(error),
            )
        finally:
            super().close()


@csrf_exempt
@transaction.non_atomic_requests
def callback(request: HttpRequest, token: str) -> HttpResponse:
    """Receives a callback on a payment's own URL: verifies address, token and body, commits the callback with what it taught,
    answers, and calls receivers once the answer is sent.

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
        account, verified = _verified(request, body)
        row = _row_of(verified.payment_id)
        if row is not None and not row.is_of_ledger and row.account != account:
            # Who has the keys of one account must not be believed about another's payments.
            _receive(get_client(row.account), request, body)
    except lipia.DisbelieveError as error:
        return _refused(status_of(error), error.code)
    if row is None and verified.is_kept:
        # A request of `Client.check`, of which nothing is to be kept.
        return _AnsweredFirst()
    if row is None:
        return _refused(404, "payment_not_here", verified.payment_id)
    return _taken_in(row, request, body)


def _taken_in(row: Payment, request: HttpRequest, body: bytes) -> HttpResponse:
    using = database_of(row)
    if row.is_of_ledger:
        DjangoLedgerStore(using).keep(_unjudged(row, body), None)
        return _AnsweredFirst()
    row = take_over(row)
    ledger = ledger_here(row.account, using)

    def take_in() -> None:
        receive = partial(_receive, ledger.client, request, body, confirm=ledger.confirms)
        verdict = ledger.call(receive).verdict
        if verdict in _NOT_BELIEVED:
            log.warning(
                "a callback was not believed payment_id=%s verdict=%s", row.payment_id, verdict
            )

    def take_in_and_tell() -> None:
        take_in()
        tell_when_committed(ledger)

    if ledger.confirms or row.gateway != lipia.Gateway.DARAJA.value:
        # The gateway is asked, which may take long.
        unjudged = _unjudged(row, body)
        bodies = Callback.objects.using(using).filter(of_payment=row.payment_id)
        is_known = bodies.filter(digest=unjudged["digest"]).exists()
        ledger.call(ledger.store.keep, unjudged, None)
        return _AnsweredFirst(None if is_known else take_in_and_tell)
    take_in()
    return _AnsweredFirst(partial(tell_when_committed, ledger))


def _unjudged(row: Payment, body: bytes) -> LedgerCallback:
    digest = hashlib.sha256(body).hexdigest()
    return {
        "payment_id": row.payment_id,
        "digest": digest,
        "body": body,
        "received_at": 0,
        "verdict": None,
    }


def _verified(request: HttpRequest, body: bytes) -> tuple[str, lipia.ReceivedCallback]:
    """The account whose secrets have sealed the URL of a callback, and the verified callback.

    :raises DisbelieveError: no account accepts it.
    """
    refusals: list[lipia.LipiaError] = []
    for account in ("", *settings.current().accounts):
        try:
            return account, _receive(get_client(account), request, body)
        except (lipia.DisbelieveError, lipia.CorrectSettingsError) as error:
            refusals.append(error)
    # The one that knew the URL says what is wrong with the rest.
    raise min(refusals, key=_nearness).with_traceback(None)


def _receive(
    client: lipia.Client, request: HttpRequest, body: bytes, confirm: bool = False
) -> lipia.ReceivedCallback:
    """The callback, verified by a client, and kept in the client's ledger where that has the payment.

    :raises DisbelieveError: the client's secrets have not sealed the URL, or the sender's address is not allowed.
    """
    return client.receive_callback(
        request.path,
        body,
        peer=peer_text(request.META.get("REMOTE_ADDR")),
        forwarded_for=_forwarded_for(request.META),
        confirm=confirm,
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
