"""One client, many threads: one token, the GIL free while they wait."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import lipia

from .conftest import Run


def test_twenty_threads_with_a_cold_client_fetch_one_token() -> None:
    with lipia.Sandbox() as sandbox, sandbox.daraja() as daraja:

        def push(number: int) -> str:
            acceptance = daraja.stk_push(
                phone_number=f"07120001{number:02}", amount=1, account_reference="INV-001"
            )
            return acceptance.id

        with ThreadPoolExecutor(20) as threads:
            ids = list(threads.map(push, range(20)))
        assert len(set(ids)) == 20
        assert sandbox.counters()["oauth_calls"] == 1
        assert sandbox.prompts == 20


def test_other_threads_run_while_a_call_waits() -> None:
    with lipia.Sandbox() as sandbox, sandbox.daraja() as daraja:
        daraja.stk_push(phone_number="0712000115", amount=1, account_reference="INV-001")
        sandbox.inject("push", "slow_after", seconds=50)
        counted = 0
        ended = threading.Event()

        def push() -> None:
            daraja.stk_push(phone_number="0712000125", amount=1, account_reference="INV-001")
            ended.set()

        thread = threading.Thread(target=push)
        thread.start()
        while not ended.is_set():
            counted += 1
        thread.join()
        # Half a second of waiting: a thread that was kept from running would have counted next to nothing.
        assert counted > 1000


def test_a_wait_in_one_thread_ends_with_the_callback_that_another_receives() -> None:
    body = (
        b'{"Body":{"stkCallback":{"MerchantRequestID":"1","CheckoutRequestID":"%s","ResultCode":0,'
        b'"ResultDesc":"ok","CallbackMetadata":{"Item":[{"Name":"Amount","Value":150},'
        b'{"Name":"MpesaReceiptNumber","Value":"SKL1234567"},{"Name":"PhoneNumber","Value":254712349000}]}}}}'
    )
    with lipia.Sandbox() as sandbox:
        settings = sandbox.settings("daraja")
        settings["wait"] = lipia.WaitOptions(timeout=30, first_query_after=30)
        daraja = lipia.Daraja(**settings)
        payment = daraja.reserve(phone_number="0712349000", amount=150, account_reference="INV-001")
        daraja.push(payment)
        with ThreadPoolExecutor(1) as threads:
            waiting = threads.submit(daraja.wait, payment)
            snapshot = payment.snapshot()
            assert snapshot.checkout_request_id is not None
            received = daraja.receive_callback(
                snapshot.push.callback_url, body % snapshot.checkout_request_id.encode()
            )
            assert received.verdict is lipia.Verdict.BELIEVED
            settled = waiting.result(timeout=20)
        assert (settled.outcome, settled.receipt) == (lipia.Outcome.SUCCESS, "SKL1234567")
        assert sandbox.counters()["queries"] == 0


def test_a_daemon_thread_in_a_call_does_not_keep_the_program_alive(run: Run) -> None:
    printed = run(
        """
        import threading, time
        sandbox = lipia.Sandbox()
        daraja = sandbox.daraja()
        sandbox.inject("push", "slow_after", seconds=3000)
        threading.Thread(target=lambda: daraja.stk_push(**sale()), daemon=True).start()
        deadline = time.monotonic() + 20
        while sandbox.prompts == 0 and time.monotonic() < deadline:
            time.sleep(0.01)
        print("ended", flush=True)
        """
    )
    assert printed.split() == ["ended"]
