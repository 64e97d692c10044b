"""What a browser sees of an error: a sentence for the customer, and nothing of what the gateway said."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

import lipia
from lipia import Disposition, ErrorKind

PROSE = "Merchant 600000 (token abcDEF123, +254712345678) is not 'allowed'"


def error_of(error: type[lipia.LipiaError], **more: Any) -> lipia.LipiaError:
    given = {
        "kind": ErrorKind.PROVIDER_ERROR,
        "disposition": Disposition.UNKNOWN,
        "code": "500.001.1001",
        "hint": "Ask support.",
        "request_id": "req-7",
        "checkout_request_id": "ws_CO_254712345678",
        "payment_id": "f" * 32,
        **more,
    }
    return error(PROSE, **given)


CASES: list[tuple[lipia.LipiaError, int, str | None]] = [
    (error_of(lipia.FindOutError), 409, None),
    (error_of(lipia.LookAtPaymentError, kind=ErrorKind.PAYMENT_STATE), 409, None),
    (error_of(lipia.TryAgainError, retry_after_seconds=7), 503, None),
    (error_of(lipia.HoldBackError, kind=ErrorKind.BLOCKED, code=PROSE), 503, None),
    (error_of(lipia.ChangeRequestError, code="<script>"), 502, None),
    (
        error_of(lipia.CorrectSettingsError, kind=ErrorKind.CONFIGURATION, field="pass_key"),
        500,
        None,
    ),
    (
        error_of(
            lipia.CorrectInputError,
            kind=ErrorKind.INVALID_INPUT,
            disposition=Disposition.NOT_SENT,
            field="phone_number",
            code="phone_too_short",
        ),
        400,
        "phone_number",
    ),
]


def is_safe(body: str) -> bool:
    return not any(
        part in body
        for part in ("Merchant", "abcDEF", "254712345678", "support", "req-7", "fff", "<")
    )


@pytest.mark.parametrize(("error", "status", "field"), CASES)
def test_fastapi_answers_with_a_sentence_for_the_customer(
    error: lipia.LipiaError, status: int, field: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    import asyncio

    from fastapi import FastAPI

    from lipia.fastapi import answer_errors

    app = FastAPI()
    answer_errors(app)

    @app.get("/")
    async def pay() -> None:
        raise error

    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "raw_path": b"/",
        "root_path": "",
        "query_string": b"",
        "headers": [],
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 9),
    }
    asyncio.run(app(scope, receive, send))
    body = b"".join(message.get("body", b"") for message in sent).decode()
    assert sent[0]["status"] == status and is_safe(body), body
    answer = json.loads(body)
    assert (
        answer["field"] == field and answer["customer_message_en"] and answer["customer_message_sw"]
    )
    headers = dict(sent[0]["headers"])
    assert headers.get(b"retry-after") == (b"7" if error.retry_after_seconds else None)
    assert (status == 400) is not any(PROSE in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize(("error", "status", "field"), CASES)
def test_flask_answers_with_a_sentence_for_the_customer(
    error: lipia.LipiaError, status: int, field: str | None
) -> None:
    from flask import Flask

    from lipia.flask import answer_errors

    app = Flask("shop")
    answer_errors(app)

    @app.get("/")
    def pay() -> str:
        raise error

    answer = app.test_client().get("/")
    assert answer.status_code == status and is_safe(answer.get_data(as_text=True))
    assert answer.get_json()["field"] == field


@pytest.mark.parametrize(("error", "status", "field"), CASES)
def test_the_sentences_survive_a_pickle(
    error: lipia.LipiaError, status: int, field: str | None
) -> None:
    copied = pickle.loads(pickle.dumps(error))
    assert copied.for_customer() == error.for_customer() and copied.http_answer == status
