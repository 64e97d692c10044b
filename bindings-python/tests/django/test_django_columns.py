"""The columns of a payment's row, and the signals that it owes: decided without a database."""

from __future__ import annotations

import json
from typing import Any

import pytest

import lipia
from lipia.django.columns import columns_of, signals_due
from lipia.django.models import Payment


@pytest.fixture(scope="module")
def reserved() -> dict[str, Any]:
    client = lipia.Daraja(
        consumer_key="a-key",
        consumer_secret="a-secret",
        short_code=174379,
        pass_key="a-pass-key",
        callback_url="https://shop.example.co.ke/pay",
    )
    handle = client.reserve(phone_number="0712345678", amount=150, account_reference="INV-001")
    saved: dict[str, Any] = json.loads(handle.to_json())
    return saved


def payment(reserved: dict[str, Any], state: str, outcome: str, **more: Any) -> lipia.Payment:
    return lipia.Payment.from_json(
        json.dumps({**reserved, "state": state, "outcome": outcome, **more})
    )


OPEN = ("accepted", "pending")
FAILED = ("settled", "cancelled")
PAID = ("settled", "success")
REVERSED = ("settled", "reversed")


@pytest.mark.parametrize(
    ("what", "flags", "told", "due"),
    [
        (OPEN, 0, "", []),
        (("unknown", "unknown"), 0, "", []),
        (("unknown", "unknown"), 1, "", ["flagged"]),
        (PAID, 0, "", ["succeeded"]),
        (PAID, 0, "failed ", ["succeeded"]),
        (PAID, 2, "succeeded ", ["flagged"]),
        (PAID, 2, "flagged succeeded ", []),
        (FAILED, 0, "", ["failed"]),
        (FAILED, 0, "failed ", []),
        (REVERSED, 0, "succeeded ", ["reversed"]),
        (REVERSED, 0, "", ["failed"]),
    ],
)
def test_each_end_has_its_signal_once(
    what: tuple[str, str], flags: int, told: str, due: list[str]
) -> None:
    state, outcome = what
    row = Payment(state=state, outcome=outcome, flag_count=flags, signals=told)
    assert signals_due(row) == due


def test_what_a_gateway_says_fits_its_column_and_is_kept_whole_beside_it(
    reserved: dict[str, Any],
) -> None:
    long = "4" * 500 + "\0"
    columns = columns_of(payment(reserved, *FAILED, result_code=long))
    assert columns["result_code"] == "4" * 64 and "\0" not in columns["result_code"]
    assert lipia.Payment.from_json(columns["state_json"]).result_code == long
