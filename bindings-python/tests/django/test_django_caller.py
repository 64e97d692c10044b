"""The thread that calls: it runs what others hand to it, and leaves nobody waiting."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from lipia.django.caller import Caller


def this_thread() -> int:
    return threading.get_ident()


def elsewhere() -> str:
    return "elsewhere"


def test_what_is_handed_over_runs_in_the_thread_that_calls() -> None:
    caller = Caller()
    called_in, ran_in = caller.call(lambda: (this_thread(), caller.run(this_thread, elsewhere)))
    assert ran_in == this_thread() and called_in != this_thread()


def test_a_call_within_a_call_is_made_while_the_first_one_waits() -> None:
    caller = Caller()

    def within() -> object:
        return caller.call(lambda: caller.run(this_thread, elsewhere))

    assert caller.call(lambda: caller.run(within, elsewhere)) == this_thread()


def test_an_error_comes_to_who_waits_for_it() -> None:
    caller = Caller()

    def fails() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        caller.call(fails)
    with pytest.raises(ZeroDivisionError):
        caller.call(lambda: caller.run(fails, elsewhere))


def test_where_the_call_was_interrupted_others_go_on_by_themselves() -> None:
    caller, begun, left = Caller(), threading.Event(), threading.Event()

    def interrupted() -> None:
        raise KeyboardInterrupt

    def waits() -> None:
        begun.set()
        assert left.wait(30)

    def work() -> object:
        assert begun.wait(30)
        with pytest.raises(KeyboardInterrupt):
            caller.run(interrupted, elsewhere)
        assert left.wait(30)
        return caller.run(this_thread, elsewhere)

    with ThreadPoolExecutor(1) as pool:
        worked = pool.submit(work)
        with pytest.raises(KeyboardInterrupt):
            caller.call(waits)
        left.set()
        assert worked.result(30) == "elsewhere"
