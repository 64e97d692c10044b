"""The columns of a payment's row, and which row may replace which: decided without a database."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest

import lipia
from lipia.django.columns import (
    claims_order,
    columns_of,
    is_overtaken,
    signal_of,
)


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
    ("what", "told_success", "signal"),
    [
        (OPEN, False, None),
        (("unknown", "unknown"), False, None),
        (PAID, False, "succeeded"),
        (PAID, True, "succeeded"),
        (FAILED, False, "failed"),
        (REVERSED, True, "reversed"),
        (REVERSED, False, "failed"),
    ],
)
def test_each_end_has_its_signal(
    reserved: dict[str, Any], what: tuple[str, str], told_success: bool, signal: str | None
) -> None:
    assert signal_of(payment(reserved, *what), told_success=told_success) == signal


@pytest.mark.parametrize(
    ("what", "claimed", "is_open", "claims"),
    [
        (OPEN, True, True, True),
        (OPEN, False, True, False),
        (FAILED, True, False, False),
        (REVERSED, True, False, False),
        (PAID, True, False, True),
        (PAID, False, False, True),
    ],
)
def test_an_order_is_kept_while_it_may_be_paid_and_once_it_is(
    reserved: dict[str, Any], what: tuple[str, str], claimed: bool, is_open: bool, claims: bool
) -> None:
    now = datetime.now(timezone.utc)
    decided = claims_order(payment(reserved, *what), claimed=claimed, is_open=is_open, now=now)
    assert decided is claims


def test_a_failure_is_overtaken_by_a_success_alone() -> None:
    assert is_overtaken("failed", "success")
    assert not is_overtaken("failed", "reversed") and not is_overtaken("succeeded", "success")


def test_what_a_gateway_says_fits_its_column_and_is_kept_whole_beside_it(
    reserved: dict[str, Any],
) -> None:
    long = "4" * 500 + "\0"
    columns = columns_of(payment(reserved, *FAILED, result_code=long), None)
    assert columns["result_code"] == "4" * 64 and "\0" not in columns["result_code"]
    assert lipia.Payment.from_json(columns["state_json"]).result_code == long
