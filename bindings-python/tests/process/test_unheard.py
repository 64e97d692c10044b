"""A callback without an owner is logged, also in a program that does not set up logging."""

from __future__ import annotations

from .conftest import Run

PROGRAM = """
sys.stderr = sys.stdout  # where Python writes what no handler takes
with lipia.Sandbox() as sandbox, sandbox.mailbox() as mailbox:
    daraja = sandbox.daraja(callback_url=mailbox.url)
    payment = daraja.reserve(**sale())
    daraja.push(payment)
    callback = mailbox.next()
    # After a restart: the same keys, and another client.
    with sandbox.daraja(callback_url=mailbox.url) as restarted:
        received = restarted.receive_callback(callback.path, callback.body, has_store=HAS_STORE)
        print("verdict:", received.verdict)
"""


def test_the_first_callback_without_an_owner_says_what_to_do(run: Run) -> None:
    printed = run(PROGRAM.replace("HAS_STORE", "False"))
    assert "verdict: None" in printed
    assert "nobody was told of it" in printed and "LIPIA_LEDGER" in printed


def test_whoever_has_a_store_is_not_told(run: Run) -> None:
    printed = run(PROGRAM.replace("HAS_STORE", "True"))
    assert printed.strip() == "verdict: None"
