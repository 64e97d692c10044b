"""Requesting payments."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from shop_under_test.models import Sale
from shop_under_test.testing import ASKED, told, wait_until

import lipia
from lipia.django.models import Payment

def test_a_request_prompts_once_and_its_outcome_comes_by_callback(
    shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    payment = Payment.objects.request(**ASKED)
    assert payment.state == "accepted" and payment.checkout_request_id
    wait_until(lambda: told(payment) == ["succeeded"], "the success is told")
    payment.refresh_from_db()
    assert payment.is_paid and payment.receipt and not payment.is_open
    assert payment.settled_at is not None and payment.push_begun_at is None
    assert sandbox.prompts == 1
