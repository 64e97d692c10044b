"""Ctrl-C is heard at once, and the push that it interrupts is not lost."""

from __future__ import annotations

from .conftest import Run

INTERRUPT = """
import signal, threading, time
def interrupt_when(condition):
    def wait():
        deadline = time.monotonic() + 20
        while not condition() and time.monotonic() < deadline:
            time.sleep(0.002)
        global interrupted_at
        interrupted_at = time.monotonic()
        os.kill(os.getpid(), signal.SIGINT)
    threading.Thread(target=wait, daemon=True).start()
def heard_within():
    return time.monotonic() - interrupted_at
"""


def test_a_push_that_ctrl_c_interrupts_is_accepted_all_the_same(run: Run) -> None:
    printed = run(
        INTERRUPT
        + """
with lipia.Sandbox() as sandbox, sandbox.daraja() as daraja:
    daraja.stk_push(**sale())
    # The phone rings at once; the answer takes three seconds.
    sandbox.inject("push", "slow_after", seconds=300)
    interrupt_when(lambda: sandbox.prompts == 2)
    try:
        daraja.stk_push(**sale())
    except KeyboardInterrupt:
        late = heard_within() > 0.1
    payment, = daraja.unclaimed()
    print(late, payment.snapshot().state, daraja.is_at_rest)
    print(daraja.close(), payment.snapshot().state, sandbox.prompts)
"""
    )
    assert printed.split() == ["False", "sending", "False", "True", "accepted", "2"]


def test_an_interrupted_push_goes_on_while_nobody_calls(run: Run) -> None:
    printed = run(
        INTERRUPT
        + """
with lipia.Sandbox() as sandbox:
    daraja = sandbox.daraja()
    sandbox.inject("push", "slow_after", seconds=100)
    interrupt_when(lambda: sandbox.prompts == 1)
    try:
        daraja.stk_push(**sale())
    except KeyboardInterrupt:
        pass
    payment, = daraja.unclaimed()
    deadline = time.monotonic() + 20
    while payment.snapshot().state == "sending" and time.monotonic() < deadline:
        time.sleep(0.01)
    print(payment.snapshot().state)
"""
    )
    assert printed.split() == ["accepted"]


def test_a_wait_is_interrupted_and_can_be_taken_up_again(run: Run) -> None:
    printed = run(
        INTERRUPT
        + """
with lipia.Sandbox() as sandbox, sandbox.daraja() as daraja:
    payment = daraja.reserve(**{**sale(), "phone_number": "0712349000"})
    daraja.push(payment)
    interrupt_when(lambda: sandbox.counters()["queries"] > 0)
    try:
        daraja.wait(payment)
    except KeyboardInterrupt:
        print(heard_within() < 0.1)
    sandbox.act(payment.snapshot().checkout_request_id, "pay")
    print(daraja.wait(payment).outcome)
"""
    )
    assert printed.split() == ["True", "success"]


def test_a_handler_of_another_signal_runs_during_a_call_and_the_call_goes_on(run: Run) -> None:
    printed = run(
        """
        import signal
        heard = []
        signal.signal(signal.SIGALRM, lambda *_: heard.append(1))
        with lipia.Sandbox() as sandbox, sandbox.daraja() as daraja:
            sandbox.inject("push", "slow_after", seconds=50)
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            acceptance = daraja.stk_push(**sale())
            print(heard, acceptance.gateway)
        """
    )
    assert printed.split() == ["[1]", "daraja"]


def test_asyncio_run_ends_at_ctrl_c_and_the_payment_is_kept(run: Run) -> None:
    printed = run(
        INTERRUPT
        + """
import asyncio
sandbox = lipia.Sandbox()
daraja = sandbox.async_daraja()
sandbox.inject("push", "slow_after", seconds=100)
interrupt_when(lambda: sandbox.prompts == 1)
try:
    asyncio.run(daraja.stk_push(**sale()))
except KeyboardInterrupt:
    pass
payment, = daraja.unclaimed()
async def close():
    return await daraja.aclose()
print(asyncio.run(close()), payment.snapshot().state, sandbox.prompts)
"""
    )
    assert printed.split() == ["True", "accepted", "1"]


def test_an_interrupt_in_the_moment_of_the_answer_keeps_the_payment(run: Run) -> None:
    printed = run(
        """
        import signal
        kept = lost = 0
        with lipia.Sandbox() as sandbox, sandbox.daraja() as daraja:
            daraja.stk_push(**sale())
            for milliseconds in range(1, 41):
                sandbox.inject("push", "slow_after", seconds=2)
                signal.signal(signal.SIGALRM, signal.default_int_handler)
                signal.setitimer(signal.ITIMER_REAL, milliseconds / 1000)
                try:
                    try:
                        daraja.stk_push(**sale())
                    finally:
                        signal.setitimer(signal.ITIMER_REAL, 0)
                except KeyboardInterrupt:
                    kept += len(daraja.unclaimed())
                    lost += 1
                sandbox.clear_faults()
            print(lost > 5, kept >= lost - 1, kept, lost)
        """
    )
    # Python itself may raise between the call's end and its caller; within the call nothing is lost.
    assert printed.split()[:2] == ["True", "True"], printed


EVERY_STEP = """
def tracer(step):
    passed = [0]
    def trace(frame, event, result):
        # What is raised here has this frame, which must not hold the result.
        del result
        # Only the program itself and the package: what others do is not between a call and its caller.
        if not frame.f_code.co_filename.startswith((lipia.__path__[0], "<string>")):
            return None
        if frame.f_code.co_name in ("sale", "tracer", "trace"):
            return None
        frame.f_trace_opcodes = True
        passed[0] += 1
        if passed[0] == step:
            raise KeyboardInterrupt
        return trace
    return trace, passed
def passed_by(call, step):
    # `call` pushes once, and puts what it got into `caller`.
    caller = {}
    trace, passed = tracer(step)
    try:
        sys.settrace(trace)
        call(caller)
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(None)
    return passed[0], caller
def interrupted_at_every_step(call):
    steps, caller = passed_by(call, 0)
    lost, kept = [], 0
    for step in (*range(1, steps - 150, 20), *range(steps - 150, steps)):
        before = len(sandbox.payments())
        _, caller = passed_by(call, step)
        daraja.drain()
        unclaimed = [payment.snapshot() for payment in daraja.unclaimed()]
        kept += len(unclaimed)
        there = [payment.checkout_request_id for payment in unclaimed if payment.acceptance]
        there += [result.checkout_request_id for result in caller.values()]
        prompted = [payment["checkout_request_id"] for payment in sandbox.payments()[before:]]
        if sorted(there) != prompted:
            lost.append(step)
    return lost, kept
"""


def test_an_interrupt_at_any_step_between_a_push_and_its_caller_loses_nothing(run: Run) -> None:
    printed = run(
        EVERY_STEP
        + """
def push(caller):
    caller["result"] = daraja.stk_push(**sale())
def push_by_name(caller):
    caller["result"] = daraja.stk_push(
        phone_number="0712345678", amount=150, account_reference="INV-001"
    )
def collect(caller):
    caller["result"] = daraja.collect(**sale())
with lipia.Sandbox(time_scale=2000) as sandbox, sandbox.daraja() as daraja:
    daraja.stk_push(**sale())
    for call in (push, push_by_name, collect):
        lost, kept = interrupted_at_every_step(call)
        print(lost == [], kept > 3, lost)
    # A result that its caller drops was heard by its caller.
    acceptance = daraja.stk_push(**sale())
    daraja.stk_push(**sale())
    print(daraja.unclaimed() == [])
"""
    )
    assert printed.split().count("True") == 7, printed
