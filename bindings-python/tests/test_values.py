"""What Lipia returns and raises: frozen, comparable, picklable, and silent about what is secret."""

from __future__ import annotations

import copy
import dataclasses
import decimal
import inspect
import logging
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import real_values
from real_values import PHONES, sale

import lipia
from lipia._errors import exception_of


@pytest.fixture(scope="module")
def made() -> tuple[dict[str, Any], list[str]]:
    return real_values.everything()


@pytest.fixture(scope="module")
def values(made: tuple[dict[str, Any], list[str]]) -> dict[str, Any]:
    return made[0]


@pytest.fixture(scope="module")
def secrets(made: tuple[dict[str, Any], list[str]]) -> list[str]:
    return made[1]


def dataclasses_in(values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if dataclasses.is_dataclass(value):
            yield name, value


def test_there_is_a_value_of_every_dataclass_and_an_error_of_every_class(
    values: dict[str, Any],
) -> None:
    made = {type(value).__name__ for _, value in dataclasses_in(values)}
    assert made == set(real_values.dataclass_names())
    raised = {type(error) for error in values["errors"]}
    assert raised == set(lipia.LipiaError.__subclasses__())


def test_a_value_is_frozen_slotted_copied_hashed_and_the_same_after_pickling(
    values: dict[str, Any],
) -> None:
    for name, value in dataclasses_in(values):
        field = dataclasses.fields(value)[0].name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, field, None)
        assert not hasattr(value, "__dict__"), f"{name} is not slotted"
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
            assert pickle.loads(pickle.dumps(value, protocol)) == value, name
        assert copy.copy(value) == copy.deepcopy(value) == value, name
        assert repr(pickle.loads(pickle.dumps(value))) == repr(value), name
        assert hash(copy.deepcopy(value)) == hash(value), name


def test_a_payment_is_the_same_after_json_and_after_pickling(values: dict[str, Any]) -> None:
    for name in ("reserved", "paid", "cancelled", "flagged", "unknown", "paid through palpluss"):
        payment: lipia.Payment = values[name]
        assert lipia.Payment.from_json(payment.to_json()) == payment, name
        assert pickle.loads(pickle.dumps(payment)).to_json() == payment.to_json(), name


def test_the_error_of_a_payment_outlives_saving_with_all_that_it_says(
    values: dict[str, Any],
) -> None:
    saved = lipia.Payment.from_json(values["unknown"].to_json()).last_error
    assert saved is not None and saved.disposition is lipia.Disposition.UNKNOWN
    assert saved.to_dict() == values["FindOutError"].to_dict()


def all_fields(value: Any) -> Iterator[tuple[str, Any]]:
    for field in dataclasses.fields(value):
        inside = getattr(value, field.name)
        yield f"{type(value).__name__}.{field.name}", inside
        if dataclasses.is_dataclass(inside):
            yield from all_fields(inside)


def test_money_is_a_decimal_and_every_time_has_a_zone(values: dict[str, Any]) -> None:
    sums, times = 0, 0
    for _, value in dataclasses_in(values):
        for name, inside in all_fields(value):
            assert not isinstance(inside, float) or name.endswith(
                ("elapsed_seconds", "timeout", "query_every", "first_query_after", "longest_pause")
            ), name
            if isinstance(inside, datetime):
                times += 1
                assert inside.utcoffset() == timedelta(hours=3), name
            if name in ("Event.amount", "Status.amount", "Payment.paid_amount"):
                sums += inside is not None
                assert inside is None or type(inside) is Decimal, name
    assert sums >= 3 and times >= 10
    assert values["paid"].paid_amount == 150 and type(values["paid"].push.amount) is int


def test_money_is_exact_whatever_the_programs_decimal_context() -> None:
    with decimal.localcontext() as context:
        context.prec = 3
        context.traps[decimal.Inexact] = True
        body = (
            b'{"Body":{"stkCallback":{"CheckoutRequestID":"ws_CO_1","ResultCode":0,'
            b'"CallbackMetadata":{"Item":[{"Name":"Amount","Value":249999.99}]}}}}'
        )
        event = lipia.Daraja.parse_callback(body)
        assert str(event.amount) == "249999.99"
        assert event.check(amount=Decimal("249999")).amount is lipia.FieldCheck.DIFFERS


def test_an_exception_pickles_with_all_that_it_says(values: dict[str, Any]) -> None:
    for error in [*values["errors"], values["FindOutError"]]:
        for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
            assert type(twin) is type(error) and twin is not error
            assert twin.to_dict() == error.to_dict()
            assert (str(twin), repr(twin), twin.args) == (str(error), repr(error), error.args)
            assert isinstance(twin.kind, lipia.ErrorKind)
            assert isinstance(twin.disposition, lipia.Disposition)


def test_every_exception_is_a_lipia_error_and_a_wrong_argument_is_a_value_error() -> None:
    for remedy in lipia.LipiaError.__subclasses__():
        assert issubclass(remedy, ValueError) == (remedy is lipia.CorrectInputError)
    assert not issubclass(lipia.LipiaError, (ValueError, OSError, RuntimeError))


def test_an_error_ignores_members_that_it_does_not_know(values: dict[str, Any]) -> None:
    error: lipia.LipiaError = values["FindOutError"]
    data = {**error.to_dict(), "remedy": "find_out", "of_a_later_core": True}
    assert exception_of(data).to_dict() == error.to_dict()


def test_an_error_reads_well(values: dict[str, Any]) -> None:
    for error in values["errors"]:
        text = str(error)
        assert text[0].isupper() and text.endswith((".", "…")), text
        assert "\n" not in text and "  " not in text and len(text) < 500, text
        # A gateway's words seldom end in a full stop.
        assert error.hint and text.replace(". ", " ") == f"{error.message} {error.hint}".replace(
            ". ", " "
        )


def test_nothing_shows_a_phone_number_an_id_a_callback_url_or_a_secret(
    values: dict[str, Any], secrets: list[str]
) -> None:
    assert len(secrets) > 15 and all(len(secret) > 5 for secret in secrets)
    shown = []
    for name, value in values.items():
        shown += [(name, repr(value)), (name, str(value)), (name, f"{value}")]
        if isinstance(value, list):
            shown += [(name, repr(one) + str(one) + repr(one.args)) for one in value]
    told = [
        f"{name} shows {secret}: {text}"
        for name, text in shown
        for secret in [*secrets, *PHONES]
        # A phone number that is asked for by its str() is the number.
        if secret in text and not (name == "PhoneNumber" and text == values["PhoneNumber"].number)
    ]
    assert not told, "\n".join(told)


def test_every_class_of_the_package_has_a_repr_of_its_own() -> None:
    for name in lipia.__all__:
        value = getattr(lipia, name)
        if inspect.isclass(value) and value.__module__.startswith("lipia"):
            assert value.__repr__ is not object.__repr__ or name in (
                # A program's own store has the repr that its class gives it.
                "LedgerStore",
                "Sandbox",
                "Watch",
                "AsyncWatch",
            ), name


def test_the_log_at_its_most_talkative_shows_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="lipia"):
        _, secrets = real_values.everything()
    lines = [record.getMessage() for record in caplog.records if record.name == "lipia"]
    assert any("the push was accepted" in line and "2547***678" in line for line in lines), lines
    assert any("the push was not accepted" in line for line in lines)
    assert {record.levelno for record in caplog.records} >= {logging.INFO, logging.WARNING}
    told = [line for line in lines for secret in [*secrets, *PHONES] if secret in line]
    assert not told, "\n".join(told)


def test_the_log_follows_the_level_of_its_logger(
    sandbox: lipia.Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    with sandbox.daraja() as daraja:
        with caplog.at_level(logging.ERROR, logger="lipia"):
            daraja.stk_push(**sale())
        assert not caplog.records
        with caplog.at_level(logging.INFO, logger="lipia"):
            daraja.stk_push(**sale("0712000115"))
    assert [record.levelname for record in caplog.records] == ["INFO"]


QUIET = """
import lipia
from lipia._errors import exception_of
with lipia.Sandbox() as sandbox, sandbox.daraja() as daraja:
    daraja.collect(phone_number="0712345678", amount=150, account_reference="INV-001")
    sandbox.inject("push", "answer_lost")
    try:
        daraja.stk_push(phone_number="0712345678", amount=150, account_reference="INV-001")
    except lipia.FindOutError:
        print("told")
"""


def test_a_program_that_sets_no_logging_up_hears_warnings_alone() -> None:
    run = subprocess.run(
        [sys.executable, "-W", "error", "-X", "dev", "-c", QUIET],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (run.returncode, run.stdout) == (0, "told\n")
    (warning,) = run.stderr.splitlines()
    assert warning.startswith("the push was not accepted payment_id="), warning


@pytest.mark.parametrize(
    ("asked", "own", "told"),
    [
        ("off", "", set()),
        ("error", "", set()),
        ("warn", "", {"lipia: WARNING"}),
        ("info", "", {"lipia: INFO", "lipia: WARNING"}),
        # The program's own logging has the lines, and once.
        (
            "info",
            "import logging; logging.basicConfig(format='own %(levelname)s')",
            {"own INFO", "own WARNING"},
        ),
    ],
)
def test_the_environment_sets_the_level_of_the_log(asked: str, own: str, told: set[str]) -> None:
    run = subprocess.run(
        [sys.executable, "-c", own + QUIET],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "LIPIA_LOG": asked},
    )
    assert (run.returncode, run.stdout) == (0, "told\n"), run.stderr
    lines = [line.split(": the push was ")[0] for line in run.stderr.splitlines()]
    assert set(lines) == told
    assert len([line for line in lines if "WARNING" in line]) <= 1


def test_a_hint_names_options_as_python_spells_them() -> None:
    with pytest.raises(lipia.CorrectInputError) as refused:
        lipia.parse_account_reference("a reference that is too long")
    assert refused.value.hint and '`fit="truncate"`' in refused.value.hint
