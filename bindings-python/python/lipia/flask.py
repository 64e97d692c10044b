"""The blueprint for callbacks in Flask.

::

    daraja = lipia.Daraja.from_env()           # MPESA_CALLBACK_URL=https://shop.example.co.ke/pay
    app = Flask(__name__)
    app.register_blueprint(callback_blueprint(daraja))
    answer_errors(app)

    @daraja.on_outcome
    def told(payment: lipia.Payment) -> None:
        print(payment.order, payment.outcome)
"""

from __future__ import annotations

from typing import Any

from . import _callback as engine
from ._client import Client
from ._errors import LipiaError
from ._public import public
from ._refusals import MAX_BODY_BYTES, peer_text

try:
    from flask import Blueprint, Flask, Response, jsonify, request
except ImportError as missing:
    raise ImportError("lipia.flask needs Flask: pip install 'lipia[flask]'.") from missing


@public
def callback_blueprint(
    client: Client,
    *,
    url_prefix: str = "/pay",
    name: str = "lipia",
    confirm: bool = False,
    confirm_timeout: float = 10.0,
) -> Blueprint:
    """A blueprint for the callbacks below ``url_prefix``, where each payment has a URL of its own.

    It answers 200 once a callback is kept, and 503 where it could not be kept. The client's ``on_outcome`` handler is told the
    outcome, within the app's context; that background work starts with the first request of each process.

    Exempt the blueprint from Flask-WTF's CSRF protection: ``csrf.exempt(blueprint)``.

    :param client: a blocking client, whose ``callback_url`` ends in ``url_prefix``.
    :param url_prefix: the path of the client's ``callback_url``. Default: ``/pay``.
    :param name: the blueprint's name. Each further client needs one of its own. Default: ``lipia``.
    :param confirm: whether a success is believed only after a query confirms it. Default: ``False``.
    :param confirm_timeout: seconds for such a query, for which the answer waits. Default: 10.
    :raises TypeError: the client is async.

    ::

        app.register_blueprint(callback_blueprint(daraja))
    """
    if not isinstance(client, Client):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"This is {client!r}: give a client that blocks, such as lipia.Daraja.")
    hurried = client.with_options(timeout=confirm_timeout)
    blueprint = Blueprint(name, __name__, url_prefix=url_prefix.rstrip("/"))

    def know_app(state: Any) -> None:
        client._outcomes.set_context(state.app.app_context)  # pyright: ignore[reportPrivateUsage]

    blueprint.record(know_app)
    # A server that forks loads the app before: its children start the work.
    blueprint.before_app_request(client._outcomes.begin)  # pyright: ignore[reportPrivateUsage]

    @blueprint.post("/<path:token>")
    def callback(token: str) -> Response:
        body = _body()
        if body is None:
            return _response(engine.Answer(413))
        try:
            received = hurried.receive_callback(
                request.path,
                body,
                peer=peer_text(request.remote_addr),
                forwarded_for=request.headers.getlist("X-Forwarded-For"),
                confirm=confirm,
            )
        except Exception as error:
            return _response(engine.refusal_of(error))
        return _response(engine.answer_for(received))

    return blueprint


def answer_errors(app: Flask) -> None:
    """Makes an app answer the :class:`LipiaError` that a view raises with a status and a sentence for the customer, which has
    nothing of what the gateway said. The whole error goes to the log.

    ::

        app = Flask(__name__)
        answer_errors(app)
    """
    app.register_error_handler(LipiaError, _answer_to)


def _answer_to(error: LipiaError) -> tuple[Response, int, dict[str, str]]:
    status, headers = engine.answer_to(error)
    return jsonify(error.for_customer()), status, headers


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
