"""Warnings about a push that is valid: in the acceptance, in the payment, and in the log."""

from __future__ import annotations

import logging

import pytest

import lipia

SALE = {"phone_number": "0712345678", "amount": 150}


def test_a_push_that_is_valid_and_odd_is_warned_of_everywhere(
    sandbox: lipia.Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    with sandbox.daraja() as daraja, caplog.at_level(logging.WARNING, "lipia"):
        handle = daraja.reserve(account_reference="INV#1", **SALE)
        reserved = handle.snapshot().warnings
        accepted = daraja.push(handle)
        daraja.stk_push(phone_number="0722345678", amount=150, account_reference="INV#2")
    assert [warning.code for warning in accepted.warnings] == [
        "account_reference_unusual_character",
    ]
    assert "'#'" in accepted.warnings[0].message
    assert reserved == accepted.warnings
    saved = lipia.Payment.from_json(handle.to_json())
    assert saved.warnings == accepted.warnings == saved.acceptance.warnings
    told = [record.getMessage() for record in caplog.records if "'#'" in record.getMessage()]
    assert len(told) == 1, caplog.text


def test_a_push_with_nothing_odd_has_no_warning(sandbox: lipia.Sandbox) -> None:
    with sandbox.daraja() as daraja:
        assert daraja.stk_push(account_reference="INV-1", **SALE).warnings == ()
