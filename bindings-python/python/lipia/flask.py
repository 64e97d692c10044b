"""Callbacks in Flask: a blueprint that takes them in.

::

    daraja = lipia.Daraja.from_env()           # MPESA_CALLBACK_URL=https://shop.example.co.ke/pay
    app = Flask(__name__)

    def told(payment: lipia.Payment) -> None:
        print(payment.push.account_reference, payment.outcome)

    app.register_blueprint(callback_blueprint(daraja, url_prefix="/pay", on_outcome=told))
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, cast

from . import _callback as engine
from ._client import Client
from ._errors import LipiaError
from ._public import public
from ._refusals import MAX_BODY_BYTES, peer_text
from ._types import Payment, ReceivedCallback

try:
    from flask import Blueprint, Flask, Response, current_app, jsonify, request
except ImportError as missing:
    raise ImportError("lipia.flask needs Flask: pip install 'lipia[flask]'.") from missing


@public
def callback_blueprint(
    client: Client,
    *,
    url_prefix: str = "/pay",
    name: str = "lipia",
    on_outcome: Callable[[Payment], object] | None = None,
    load: Callable[[str], Payment | str | None] | None = None,
    save: Callable[[Payment, Payment], bool | None] | None = None,
    on_unknown: Callable[[ReceivedCallback], object] | None = None,
    confirm: bool = False,
    confirm_timeout: float = 10.0,
) -> Blueprint:
    """A blueprint that takes in the callbacks below ``url_prefix``: each payment has a URL of its own there.

    What is checked, saved and answered, and when each function is called: see "Callbacks" in the
    guide, ``docs/python.md``. All functions run in the app's context. Flask-WTF's CSRF protection
    must leave it alone: ``csrf.exempt(blueprint)``.

    :param client: a client, whose ``callback_url`` ends in ``url_prefix``.
    :param url_prefix: where the app serves the client's ``callback_url``.
    :param name: the blueprint's name: another one for each further client.
    :param on_outcome: told, after the answer, of each payment that a callback moved forward: once
        for all duplicates. What it raises is logged and changes nothing.
    :param load: the saved payment of an id (the text of its ``to_json``, or a
        :class:`lipia.Payment`), or ``None``.
    :param save: keeps a payment (first argument) in place of what was loaded (second). Save only
        where the store still has that revision, and return ``False`` where it has another: then the
        payment is loaded anew.
    :param on_unknown: told, after the answer, of a callback whose payment neither this process nor
        the store knows. Its URL was made by you; its amount was compared with nothing. Without this
        function the gateway is answered 503.
    :param confirm: whether a success is believed only once a query says the same.
    :param confirm_timeout: seconds for a query that confirms a success. The answer waits for it.
    :raises TypeError: where the client or a function is async, or something that is needed is
        missing.
    """
    if not isinstance(client, Client):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"This is {client!r}: give a client that blocks, such as lipia.Daraja.")
    handlers = engine.Handlers.of(on_outcome, on_unknown, load, save)
    for function in (on_outcome, load, save, on_unknown):
        if function is not None and engine.is_async(function):
            raise TypeError(f"{function!r} is async: give plain functions in Flask.")
    hurried = client.with_options(timeout=confirm_timeout)
    turns = engine.Turns(threading.Lock)
    blueprint = Blueprint(name, __name__, url_prefix=url_prefix.rstrip("/"))

    @blueprint.post("/<path:token>")
    def callback(token: str) -> Response:
        body = _body()
        if body is None:
            return _response(engine.Answer(413))
        held = engine.held_for(hurried, request.path)
        try:
            received = hurried.receive_callback(
                request.path,
                body,
                peer=peer_text(request.remote_addr),
                forwarded_for=request.headers.getlist("X-Forwarded-For"),
                confirm=confirm,
                has_store=handlers.finds_elsewhere,
            )
        except Exception as error:
            return _response(engine.refusal_of(error))
        with turns.of(received.payment_id):
            answer = engine.drive(engine.judged(hurried, received, held, handlers, confirm))
        response = _response(answer)
        # What stands behind the proxy: the request is over when it is needed.
        app = cast(Flask, cast(Any, current_app)._get_current_object())
        response.call_on_close(lambda: _tell(app, handlers, answer))
        return response

    return blueprint


def answer_errors(app: Flask) -> None:
    """Has an app answer errors of Lipia's that its views raise: a status, and a sentence for the customer that has
    nothing of what the gateway said. All that is known goes to the log.

    ::

        app = Flask(__name__)
        answer_errors(app)
    """
    app.register_error_handler(LipiaError, _answer_to)


def _answer_to(error: LipiaError) -> tuple[Response, int, dict[str, str]]:
    status, headers = engine.answer_to(error)
    return jsonify(error.for_customer()), status, headers


def _tell(app: Flask, handlers: engine.Handlers, answer: engine.Answer) -> None:
    for function, news in handlers.told_of(answer):
        try:
            with app.app_context():
                function(news)
        except Exception:
            engine.logger.exception(engine.NOT_TOLD)


def _body() -> bytes | None:
    """The body, or ``None`` for one that is too long."""
    body = bytearray()
    while chunk := request.stream.read(MAX_BODY_BYTES + 1 - len(body)):
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return None
    return bytes(body)


def _response(answer: engine.Answer) -> Response:
    return Response(answer.body, answer.status, mimetype="application/json")
