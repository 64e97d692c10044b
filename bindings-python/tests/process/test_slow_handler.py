"""A handler of outcomes that blocks and does not return: the payments after it are told all the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .conftest import Run
from .test_ledger_processes import program


def test_payments_are_told_one_after_the_other_in_one_thread(run: Run, tmp_path: Path) -> None:
    printed = run(
        program(
            """
            sandbox = lipia.Sandbox()
            daraja = sandbox.daraja(callback_url=serve(), ledger=ledger)
            receive = daraja.receive_callback
            running, most, told, threads = 0, 0, [], set()
            @daraja.on_outcome
            def hear(payment):
                global running, most
                running += 1
                most = max(most, running)
                time.sleep(0.02)
                told.append(payment.order)
                threads.add(threading.get_ident())
                running -= 1
                if payment.order == "order-3" and payment.attempt == 1:
                    raise ValueError("told again later")
            for number in range(20):
                daraja.request(**of_order(number))
            until(lambda: len(told) == 21)
            print(most, len(threads))
            """
        ),
        str(tmp_path),
    )
    assert printed.split() == ["1", "1"]


@pytest.mark.skipif("LIPIA_LONG" not in os.environ, reason="LIPIA_LONG is not set")
def test_a_handler_that_never_returns_holds_the_others_for_a_minute_at_most(
    run: Run, tmp_path: Path
) -> None:
    printed = run(
        program(
            """
            sandbox = lipia.Sandbox()
            daraja = sandbox.daraja(callback_url=serve(), ledger=ledger)
            receive = daraja.receive_callback
            told = []
            @daraja.on_outcome
            def hear(payment):
                told.append(payment.order)
                if len(told) == 1:
                    threading.Event().wait()
            for number in range(5):
                daraja.request(**of_order(number))
            deadline = time.monotonic() + 90
            while len(told) < 6 and time.monotonic() < deadline:
                time.sleep(0.1)
            print(len(told), len(set(told)), told.count(told[0]))
            """
        ),
        str(tmp_path),
        longest_seconds=120,
    )
    assert printed.split() == ["6", "5", "2"]
