"""The pytest plugin: a fixture that plays M-Pesa for a test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ._sandbox import Sandbox


@pytest.fixture
def lipia_sandbox() -> Iterator[Sandbox]:
    """A sandbox that plays Daraja, PalPluss and UpesiPay for one test, a hundred times faster than life.

    ::

        def test_a_sale(lipia_sandbox):
            with lipia_sandbox.daraja() as daraja:
                payment = daraja.collect(
                    phone_number="0712345678", amount=150, account_reference="INV-001"
                )
            assert payment.is_paid and lipia_sandbox.prompts == 1
    """
    from ._sandbox import Sandbox

    with Sandbox() as sandbox:
        yield sandbox
