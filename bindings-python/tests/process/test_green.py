"""Programs whose blocking is patched, by gevent or eventlet: a call lets the others run."""

from __future__ import annotations

import importlib.util

import pytest

from .conftest import Run

PATCH = {
    "gevent": """
from gevent import monkey
monkey.patch_all()
import gevent
spawn, pause, Timeout = gevent.spawn, gevent.sleep, gevent.Timeout
def result(greenlet):
    return greenlet.get()
""",
    "eventlet": """
import warnings
warnings.simplefilter("ignore")
import eventlet
eventlet.monkey_patch()
spawn, pause, Timeout = eventlet.spawn, eventlet.sleep, eventlet.Timeout
def result(greenlet):
    return greenlet.wait()
""",
}


@pytest.fixture(params=sorted(PATCH))
def green_run(request: pytest.FixtureRequest, run: Run) -> Run:
    """Runs a program that is patched."""
    if importlib.util.find_spec(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    return lambda program: run(PATCH[request.param] + program)


def test_others_run_while_a_call_waits(green_run: Run) -> None:
    printed = green_run(
        """
turns = 0
def count():
    global turns
    while True:
        pause(0.001)
        turns += 1
counting = spawn(count)
with lipia.Sandbox() as sandbox, sandbox.daraja() as daraja:
    sandbox.inject("push", "slow_after", seconds=50)
    pause(0)
    before = turns
    acceptance = daraja.stk_push(**sale())
    pushing = turns - before
    before = turns
    payment = daraja.collect(**sale())
    collecting = turns - before
    print(pushing > 20, collecting > 20, payment.outcome, daraja.unclaimed())
"""
    )
    assert printed.split() == ["True", "True", "success", "[]"]


def test_many_calls_wait_at_once_and_every_verb_works(green_run: Run) -> None:
    printed = green_run(
        """
with lipia.Sandbox() as sandbox, sandbox.daraja() as daraja:
    waiting = [spawn(lambda: daraja.collect(**sale()).outcome.value) for _ in range(30)]
    print({result(one) for one in waiting}, sandbox.prompts)
    payment = daraja.reserve(**sale())
    acceptance = daraja.push(payment)
    print(daraja.wait(payment).outcome, daraja.stk_query(acceptance).outcome, daraja.ask(payment).outcome)
    print([type(progress).__name__ for progress in daraja.watch(payment)])
    try:
        daraja.push(payment)
    except lipia.LookAtPaymentError as error:
        print(error.payment_id == payment.id)
    print(daraja.close(timeout=5))
"""
    )
    assert printed.split("\n")[:5] == [
        "{'success'} 30",
        "success success success",
        "['Settled']",
        "True",
        "True",
    ]


def test_the_callback_of_a_call_comes_in_meanwhile(green_run: Run) -> None:
    printed = green_run(
        """
import threading
with lipia.Sandbox() as sandbox, sandbox.mailbox() as mailbox:
    with sandbox.daraja(callback_url=mailbox.url, wait=lipia.WaitOptions(timeout=20, first_query_after=15)) as daraja:
        def take_in():
            while True:
                callback = mailbox.next()
                daraja.receive_callback(callback.path, callback.body)
        threading.Thread(target=take_in, daemon=True).start()
        payment = daraja.collect(**sale())
        print(payment.outcome, payment.receipt is not None)
import os
os._exit(0) if not sys.stdout.flush() else None
"""
    )
    assert printed.split() == ["success", "True"]


def test_a_push_whose_greenlet_is_left_is_kept(green_run: Run) -> None:
    printed = green_run(
        """
with lipia.Sandbox() as sandbox, sandbox.daraja() as daraja:
    daraja.stk_push(**sale())
    answered = 0
    for _ in range(20):
        sandbox.inject("push", "slow_after", seconds=30)
        try:
            with Timeout(0.05):
                daraja.stk_push(**sale())
                answered += 1  # On a slow machine the answer can be there before the timeout is.
        except Timeout:
            pass
        sandbox.clear_faults()
    daraja.close()
    unclaimed = [payment.snapshot() for payment in daraja.unclaimed()]
    # A greenlet that is left before its push had begun has prompted nobody.
    print(len(unclaimed) > 5, len(unclaimed) + answered == sandbox.prompts - 1, {payment.state.value for payment in unclaimed})
    print(len(os.listdir("/proc/self/fd")) < 40)
"""
    )
    assert printed.split() == ["True", "True", "{'accepted'}", "True"]
