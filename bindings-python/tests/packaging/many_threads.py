"""Everything at once, from many threads: ``python many_threads.py [NAME …]``.

Runs in the interpreter that Lipia was installed into and needs the standard library alone. It is
made for interpreters without a GIL, where nothing but Lipia's own locks stands between two threads,
and holds in every other as well. Each check prints its name and its seconds; a check that hangs
ends the program with the stack of every thread.
"""

from __future__ import annotations

import asyncio
import faulthandler
import gc
import logging
import os
import signal
import subprocess
import sys
import sysconfig
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import lipia

T = TypeVar("T")

THREADS = 8
#: A check that has not ended by then hangs.
LONGEST_SECONDS = 120.0

BODY = (
    b'{"Body":{"stkCallback":{"MerchantRequestID":"1","CheckoutRequestID":"%s","ResultCode":0,"ResultDesc":"ok",'
    b'"CallbackMetadata":{"Item":[{"Name":"Amount","Value":%d},{"Name":"MpesaReceiptNumber","Value":"SKL%07d"},'
    b'{"Name":"PhoneNumber","Value":%d}]}}}}'
)


def sale(number: int) -> dict[str, Any]:
    """A sale to a phone of its own, since one with an open prompt is busy. No such phone ends with digits that the sandbox
    gives a meaning to.
    """
    return {
        "phone_number": f"071{number // 1000:03}4{number % 1000:03}",
        "amount": number % 150 + 1,
        "account_reference": f"INV-{number}",
    }


def together(work: Callable[[int], T], threads: int = THREADS) -> list[T]:
    """What each of the threads came to, all of which begin at the same moment. The first error is
    raised.
    """
    gate = threading.Barrier(threads)
    results: list[Any] = [None] * threads
    errors: list[BaseException] = []

    def run(number: int) -> None:
        try:
            gate.wait()
            results[number] = work(number)
        except BaseException as error:
            errors.append(error)

    running = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    if errors:
        raise errors[0]
    return results


@contextmanager
def meanwhile(work: Callable[[], object]) -> Iterator[None]:
    """Does something over and over in a thread of its own. An error of it is raised at the end."""
    stop = threading.Event()
    errors: list[BaseException] = []

    def run() -> None:
        try:
            while not stop.is_set():
                work()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    if errors:
        raise errors[0]


def every_push_of_every_thread_prompts_once() -> None:
    with lipia.Sandbox(time_scale=1000) as sandbox, sandbox.daraja() as daraja:

        def push(thread: int) -> set[str]:
            sales = (sale(thread * 1000 + number) for number in range(40))
            return {daraja.stk_push(**one).id for one in sales}

        ids: set[str] = set().union(*together(push))
        counters = sandbox.counters()
        assert len(ids) == counters["prompts"] == THREADS * 40, counters
        assert counters["oauth_calls"] == 1, counters
        assert set(counters["prompts_by_phone"].values()) == {1}, counters


def a_payment_that_all_push_is_pushed_once() -> None:
    with lipia.Sandbox(time_scale=1000) as sandbox, sandbox.daraja() as daraja:
        for number in range(30):
            payment = daraja.reserve(**sale(number))

            def push(_: int, payment: lipia.PaymentHandle = payment) -> str:
                try:
                    return daraja.push(payment).id
                except lipia.LookAtPaymentError:
                    return ""

            pushed = [text for text in together(push) if text]
            assert len(pushed) == 1 and sandbox.prompts == number + 1, (number, pushed)


def a_callback_that_all_receive_is_believed_once() -> None:
    with lipia.Sandbox() as sandbox, sandbox.daraja() as daraja:
        for number in range(30):
            # Its customer decides nothing by himself.
            one = {**sale(number), "phone_number": f"0712{number:02}9000"}
            payment = daraja.reserve(**one)
            daraja.push(payment)
            snapshot = payment.snapshot()
            assert snapshot.checkout_request_id is not None
            phone = 254_000_000_000 + int(one["phone_number"])
            body = BODY % (snapshot.checkout_request_id.encode(), one["amount"], number, phone)
            url = snapshot.push.callback_url

            def receive(_: int, url: str = url, body: bytes = body) -> lipia.Verdict | None:
                return daraja.receive_callback(url, body).verdict

            verdicts = Counter(together(receive))
            assert verdicts[lipia.Verdict.BELIEVED] == 1, verdicts
            assert verdicts[lipia.Verdict.DUPLICATE] == THREADS - 1, verdicts
            settled = daraja.wait(payment)
            assert settled.is_paid and settled.receipt == f"SKL{number:07}", settled


def callbacks_are_read_alike_in_every_thread() -> None:
    def read(thread: int) -> None:
        for number in range(2000):
            identity = f"ws_CO_{thread}_{number}"
            event = lipia.parse_callback(
                BODY % (identity.encode(), number + 1, number, 254_712_000_000 + number)
            )
            assert event.checkout_request_id == identity, event
            assert event.receipt == f"SKL{number:07}", event
            assert event.amount is not None and int(event.amount) == number + 1, event
            assert event.phone == f"{254_712_000_000 + number}", event
            try:
                lipia.parse_callback(b'{"Body":{"stkCallback":%d' % number)
            except lipia.DisbelieveError:
                continue
            raise AssertionError("half a body was read")

    together(read)


def the_sandbox_answers_while_garbage_is_collected() -> None:
    with lipia.Sandbox(time_scale=1000) as sandbox, sandbox.daraja() as daraja:
        for number in range(50):
            daraja.stk_push(**sale(number))

        def look(_: int) -> None:
            for _ in range(100):
                assert sandbox.prompts == 50
                assert len(sandbox.payments()) == 50
                assert len(sandbox.requests()) == 51

        with meanwhile(gc.collect):
            together(look)


def event_loops_of_many_threads_share_a_client() -> None:
    with lipia.Sandbox(time_scale=1000) as sandbox:
        daraja = sandbox.async_daraja()

        async def several(thread: int) -> int:
            pushes = [daraja.stk_push(**sale(thread * 1000 + number)) for number in range(40)]
            return len({acceptance.id for acceptance in await asyncio.gather(*pushes)})

        assert together(lambda thread: asyncio.run(several(thread))) == [40] * THREADS
        assert sandbox.prompts == THREADS * 40, sandbox.counters()


def a_call_that_is_left_loses_no_payment() -> None:
    with lipia.Sandbox(time_scale=1000) as sandbox:
        daraja = sandbox.async_daraja()

        async def leave(thread: int) -> int:
            tasks = [
                asyncio.ensure_future(daraja.stk_push(**sale(thread * 1000 + number)))
                for number in range(40)
            ]
            for turns, task in enumerate(tasks):
                for _ in range(turns % 7):
                    await asyncio.sleep(0)
                if turns % 2:
                    task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            for result in results:
                assert isinstance(result, (lipia.Acceptance, asyncio.CancelledError)), result
            return sum(isinstance(result, lipia.Acceptance) for result in results)

        accepted = sum(together(lambda thread: asyncio.run(leave(thread))))
        assert asyncio.run(daraja.aclose())
        left = [payment.snapshot() for payment in daraja.unclaimed()]
        prompted = sum(payment.checkout_request_id is not None for payment in left)
        assert sandbox.prompts == accepted + prompted, (
            sandbox.prompts,
            accepted,
            len(left),
            prompted,
        )


def a_watch_tells_each_thing_to_one_of_those_who_listen() -> None:
    with lipia.Sandbox() as sandbox, sandbox.daraja() as daraja:
        payment = daraja.reserve(**sale(1))
        daraja.push(payment)
        watch = daraja.watch(payment)
        told = together(lambda _: list(watch))
        settled = [news for heard in told for news in heard if isinstance(news, lipia.Settled)]
        assert len(settled) == 1 and settled[0].payment.is_paid, told


def what_is_logged_arrives_whole() -> None:
    lines: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    logger, handler = logging.getLogger("lipia"), Handler()
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        every_push_of_every_thread_prompts_once()
    finally:
        logger.setLevel(logging.NOTSET)
        logger.removeHandler(handler)
    accepted = [line for line in lines if "accepted" in line]
    assert len(accepted) == len(set(accepted)) == THREADS * 40, Counter(
        line.split(" payment_id")[0] for line in lines
    )


def clients_are_made_and_dropped_in_different_threads() -> None:
    with lipia.Sandbox(time_scale=1000) as sandbox:
        settings = sandbox.settings("daraja")
        dropped: list[Any] = []

        def make(thread: int) -> None:
            for number in range(30):
                client = lipia.Daraja(**settings)
                payment = client.reserve(**sale(thread * 1000 + number))
                client.push(payment)
                # Another thread takes the last reference to what this one made.
                dropped.append((client, payment, payment.snapshot()))
                if len(dropped) > THREADS:
                    try:
                        dropped.pop(0)
                    except IndexError:
                        pass

        with meanwhile(gc.collect):
            together(make)
        assert sandbox.prompts == THREADS * 30


class Garbage:
    """Something that only the collector of garbage finds, and that does something when it is found."""

    def __init__(self, sandbox: lipia.Sandbox, found: Callable[[], object] = lambda: None) -> None:
        self.sandbox, self.found, self.itself = sandbox, found, self

    def __del__(self) -> None:
        self.found()


@contextmanager
def garbage_found_at_every_step() -> Iterator[None]:
    """Collects in the middle of anything, in whichever thread, and at the end whatever is left."""
    before = gc.get_threshold()
    gc.set_threshold(1)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.collect()


def garbage_that_asks_the_sandbox_is_found_while_it_answers() -> None:
    with lipia.Sandbox(time_scale=1000) as sandbox, sandbox.daraja() as daraja:
        for number in range(20):
            daraja.stk_push(**sale(number))

        def look(_: int) -> None:
            for _ in range(100):
                Garbage(sandbox, lambda: sandbox.prompts)
                assert len(sandbox.payments()) == 20

        with garbage_found_at_every_step():
            together(look)


def a_sandbox_that_nobody_stopped_is_dropped_wherever_it_is_found() -> None:
    class Loop(asyncio.SelectorEventLoop):
        """Finds garbage in the thread that hands it results."""

        def call_soon_threadsafe(  # type: ignore[override]
            self, *arguments: Any, **keywords: Any
        ) -> asyncio.Handle:
            if threading.get_ident() != here:
                gc.collect()
            return super().call_soon_threadsafe(*arguments, **keywords)

    here = threading.get_ident()
    unheard: list[Any] = []
    before = sys.unraisablehook
    sys.unraisablehook = unheard.append
    loop = Loop()
    try:
        with lipia.Sandbox(time_scale=1000) as sandbox:
            daraja = sandbox.async_daraja()
            # Found by nobody else.
            gc.disable()
            for number in range(20):
                Garbage(lipia.Sandbox())
                loop.run_until_complete(asyncio.wait_for(daraja.stk_push(**sale(number)), 20))
            assert sandbox.prompts == 20
    finally:
        gc.enable()
        sys.unraisablehook = before
        loop.close()
    assert not unheard, unheard[0].exc_value


def a_child_forked_among_pushing_threads_pushes() -> None:
    if not hasattr(os, "fork"):
        return
    with lipia.Sandbox(time_scale=1000) as sandbox, sandbox.daraja() as daraja:
        count = iter(range(100_000, 900_000))
        lock = threading.Lock()

        def push() -> None:
            with lock:
                number = next(count)
            daraja.stk_push(**sale(number))

        push()
        children = 20
        with meanwhile(push), meanwhile(push), warnings.catch_warnings():
            # Python says that such a child may deadlock. It must not, here.
            warnings.simplefilter("ignore", DeprecationWarning)
            for number in range(children):
                child = os.fork()
                if child == 0:
                    # Of the parent's threads none is here; a child that hangs is ended.
                    signal.alarm(30)
                    status = 1
                    try:
                        daraja.stk_push(**sale(number))
                        status = 0
                    finally:
                        os._exit(status)
                assert os.waitpid(child, 0)[1] == 0, number
        with lock:
            assert sandbox.prompts == next(count) - 100_000 + children


def threads_that_import_at_once_see_the_same() -> None:
    program = (
        "import threading\n"
        "import lipia\n"
        "gate, seen = threading.Barrier(8), []\n"
        "def look():\n"
        "    gate.wait()\n"
        "    names = (name for name in lipia.__all__ if name != '__version__')\n"
        "    seen.append([id(getattr(lipia, name)) for name in names])\n"
        "threads = [threading.Thread(target=look) for _ in range(8)]\n"
        "[thread.start() for thread in threads]\n"
        "[thread.join() for thread in threads]\n"
        "assert len(seen) == 8 and all(each == seen[0] for each in seen)\n"
    )
    for _ in range(5):
        subprocess.run(
            [sys.executable, "-W", "error::RuntimeWarning", "-c", program], timeout=60, check=True
        )


CHECKS: tuple[Callable[[], None], ...] = (
    every_push_of_every_thread_prompts_once,
    a_payment_that_all_push_is_pushed_once,
    a_callback_that_all_receive_is_believed_once,
    callbacks_are_read_alike_in_every_thread,
    the_sandbox_answers_while_garbage_is_collected,
    event_loops_of_many_threads_share_a_client,
    a_call_that_is_left_loses_no_payment,
    a_watch_tells_each_thing_to_one_of_those_who_listen,
    what_is_logged_arrives_whole,
    clients_are_made_and_dropped_in_different_threads,
    garbage_that_asks_the_sandbox_is_found_while_it_answers,
    a_sandbox_that_nobody_stopped_is_dropped_wherever_it_is_found,
    a_child_forked_among_pushing_threads_pushes,
    threads_that_import_at_once_see_the_same,
)


def gil_is_off() -> bool:
    """Whether threads of this interpreter run Python at the same time, now."""
    is_enabled = getattr(sys, "_is_gil_enabled", None)
    return is_enabled is not None and not is_enabled()


def main(arguments: list[str]) -> int:
    """Runs the checks that are named, or all."""
    if unknown := set(arguments) - {check.__name__ for check in CHECKS}:
        print(f"No such check: {sorted(unknown)}")
        return 2
    # A module that is not made to run without the GIL turns it on, with a warning.
    warnings.simplefilter("error", RuntimeWarning)
    for check in CHECKS:
        if arguments and check.__name__ not in arguments:
            continue
        faulthandler.dump_traceback_later(LONGEST_SECONDS, exit=True)
        began = time.monotonic()
        check()
        faulthandler.cancel_dump_traceback_later()
        print(f"{check.__name__}: {time.monotonic() - began:.2f} s", flush=True)
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        assert gil_is_off(), "something turned the GIL on"
    print("without the GIL" if gil_is_off() else "with the GIL")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
