"""Callers of asyncio that leave at any moment, loops that come and go: no payment is lost, and nobody is prompted
twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
import threading
import time
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from typing import Any, TypeVar

import pytest
from callback_shop import PATIENCE_SECONDS, Shop

import lipia

try:
    from uvloop import new_event_loop as uvloop_event_loop
except ImportError:
    uvloop_event_loop = None  # type: ignore[assignment,unused-ignore]

T = TypeVar("T")
Run = Callable[[Coroutine[Any, Any, T]], T]

FACTORIES: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": asyncio.new_event_loop}
if uvloop_event_loop is not None:
    FACTORIES["uvloop"] = uvloop_event_loop
if sys.version_info >= (3, 12):

    def eager() -> asyncio.AbstractEventLoop:
        loop = asyncio.new_event_loop()
        loop.set_task_factory(asyncio.eager_task_factory)
        return loop

    FACTORIES["eager"] = eager


def talkative() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    loop.set_debug(True)
    return loop


FACTORIES["debug"] = talkative


@pytest.fixture(params=FACTORIES)
def run(request: pytest.FixtureRequest) -> Iterator[Run[Any]]:
    """Runs a coroutine on a loop of every kind; nothing may be left that nobody looked at."""
    loop = FACTORIES[request.param]()
    complaints: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    yield lambda work: loop.run_until_complete(asyncio.wait_for(work, 2 * PATIENCE_SECONDS))
    gc.collect()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    assert complaints == []


def phone(number: int, ending: int = 5) -> str:
    """A phone of its own for every number; those that end in 5 pay."""
    return f"2547{number % 10_000:04}{ending:04}"


def sale(phone_number: str) -> dict[str, Any]:
    return {"phone_number": phone_number, "amount": 150, "account_reference": "INV-001"}


async def eventually(
    what: str, holds: Callable[[], bool], patience_seconds: float = PATIENCE_SECONDS
) -> None:
    deadline = time.monotonic() + patience_seconds
    while not holds():
        assert time.monotonic() < deadline, f"it never came about that {what}"
        await asyncio.sleep(0.002)


def prompted(sandbox: lipia.Sandbox) -> dict[str, int]:
    """How often each phone was prompted."""
    prompts: dict[str, int] = sandbox.counters()["prompts_by_phone"]
    return prompts


def ids(sandbox: lipia.Sandbox) -> dict[str, str]:
    """The phone of every prompt that the sandbox knows."""
    return {payment["checkout_request_id"]: payment["phone"] for payment in sandbox.payments()}


async def all_are_known(
    sandbox: lipia.Sandbox, client: lipia.AsyncClient, known: dict[str, str]
) -> dict[str, lipia.Payment]:
    """Every prompt is known to its caller or is unclaimed, and every phone was prompted once at most."""
    assert await client.drain(timeout=PATIENCE_SECONDS)
    kept = {}
    for handle in client.unclaimed():
        payment = handle.snapshot()
        if payment.state is lipia.PaymentState.RESERVED:
            # Its caller left before anything was sent.
            assert payment.push.phone_number not in prompted(sandbox), payment
            continue
        assert payment.checkout_request_id is not None, payment
        assert payment.checkout_request_id not in known, "a payment whose caller knows it was kept"
        kept[payment.checkout_request_id] = payment
    there = ids(sandbox)
    lost = {phone for id, phone in there.items() if id not in kept and id not in known}
    assert not lost, f"{len(lost)} of {len(there)} payments are lost: {sorted(lost)}"
    assert set(kept) <= set(there)
    assert max(prompted(sandbox).values(), default=1) == 1
    return kept


async def leave_after_turns(task: asyncio.Task[T], turns: int) -> T | None:
    """Lets a task go on for so many turns of the loop, and cancels it."""
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        return await task
    return None


async def leave_after(task: asyncio.Task[T], seconds: float) -> T | None:
    """Cancels a task after a while."""
    await asyncio.sleep(seconds)
    return await leave_after_turns(task, 0)


def test_a_push_whose_caller_leaves_at_any_turn_of_the_loop_is_never_lost(
    sandbox: lipia.Sandbox, run: Run[Any]
) -> None:
    async def program() -> None:
        client = sandbox.async_daraja()
        known: dict[str, str] = {}
        for turns in range(40):
            number = phone(turns)
            task = asyncio.ensure_future(client.stk_push(**sale(number)))
            acceptance = await leave_after_turns(task, turns)
            if acceptance is not None:
                known[acceptance.id] = number
        await all_are_known(sandbox, client, known)

    run(program())


def test_a_push_whose_caller_leaves_at_any_moment_is_never_lost(
    sandbox: lipia.Sandbox, run: Run[Any]
) -> None:
    async def program() -> None:
        client = sandbox.async_daraja()
        await client.stk_push(**sale(phone(9_000)))
        known = dict.fromkeys(ids(sandbox), "")
        # On this machine a push takes a few milliseconds: these moments lie before, amid and after it.
        for step in range(100):
            number = phone(step)
            if step % 2:
                sandbox.inject("push", "slow_after", seconds=0.3)
            task = asyncio.ensure_future(client.stk_push(**sale(number)))
            acceptance = await leave_after(task, step * 0.0001)
            if acceptance is not None:
                known[acceptance.id] = number
        sandbox.clear_faults()
        await all_are_known(sandbox, client, known)

    run(program())


def test_callers_that_leave_together_lose_nothing(sandbox: lipia.Sandbox, run: Run[Any]) -> None:
    async def program() -> None:
        client = sandbox.async_daraja()
        tasks = {
            phone(number): asyncio.ensure_future(client.stk_push(**sale(phone(number))))
            for number in range(100)
        }
        await eventually("some are prompted", lambda: sandbox.prompts > 20)
        for task in tasks.values():
            task.cancel()
        results = await asyncio.gather(*tasks.values(), return_exceptions=True)
        known = {result.id: "" for result in results if isinstance(result, lipia.Acceptance)}
        assert all(
            isinstance(result, (lipia.Acceptance, asyncio.CancelledError)) for result in results
        )
        await all_are_known(sandbox, client, known)
        assert sandbox.counters()["oauth_calls"] == 1

    run(program())


def test_a_push_that_is_cancelled_before_it_began_never_was(sandbox: lipia.Sandbox) -> None:
    async def program() -> None:
        client = sandbox.async_daraja()
        task = asyncio.ensure_future(client.stk_push(**sale(phone(1))))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await client.drain()
        assert client.unclaimed() == [] and sandbox.requests() == []

    asyncio.run(program())


def test_a_coroutine_that_is_never_awaited_sends_nothing(sandbox: lipia.Sandbox) -> None:
    async def program() -> None:
        client = sandbox.async_daraja()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            unawaited = client.stk_push(**sale(phone(1)))
            del unawaited
            gc.collect()
        await client.drain()
        assert client.unclaimed() == [] and sandbox.requests() == []

    asyncio.run(program())


#: Where the gateway takes its time: with the token, with the prompt, with the answer.
SLOW = [("oauth", "slow_after"), ("push", "slow_before"), ("push", "slow_after")]


@pytest.mark.parametrize(("step", "fault"), SLOW)
@pytest.mark.parametrize("verb", ["stk_push", "collect"])
def test_a_call_that_is_cancelled_while_the_gateway_takes_its_time_is_accepted_all_the_same(
    sandbox: lipia.Sandbox, run: Run[Any], step: Any, fault: str, verb: str
) -> None:
    async def program() -> None:
        client = sandbox.async_daraja()
        sandbox.inject(step, fault, seconds=30)
        task = asyncio.ensure_future(getattr(client, verb)(**sale(phone(1))))
        await eventually(
            "it is on its way", lambda: len(sandbox.requests()) >= (1 if step == "oauth" else 2)
        )
        assert not client.is_at_rest
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        kept = await all_are_known(sandbox, client, {})
        assert [payment.state for payment in kept.values()] == [lipia.PaymentState.ACCEPTED]
        assert sandbox.prompts == 1 and client.unclaimed() == []

    run(program())


def test_a_cancelled_push_whose_answer_is_lost_is_kept_as_unknown(
    sandbox: lipia.Sandbox, run: Run[Any]
) -> None:
    async def program() -> None:
        client = sandbox.async_daraja(timeout=0.3)
        sandbox.inject("push", "slow_after", seconds=100)
        task = asyncio.ensure_future(client.stk_push(**sale(phone(1))))
        await eventually("the phone is prompted", lambda: sandbox.prompts == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await client.drain()
        (handle,) = client.unclaimed()
        assert handle.snapshot().state is lipia.PaymentState.UNKNOWN
        with pytest.raises(lipia.LookAtPaymentError):
            await client.push(handle)
        assert sandbox.prompts == 1

    run(program())


@pytest.mark.parametrize("times", [1, 2, 5])
def test_a_task_can_be_cancelled_more_than_once(
    sandbox: lipia.Sandbox, run: Run[Any], times: int
) -> None:
    async def program() -> None:
        client = sandbox.async_daraja()
        sandbox.inject("push", "slow_after", seconds=20)
        task = asyncio.ensure_future(client.stk_push(**sale(phone(1))))
        await eventually("the phone is prompted", lambda: sandbox.prompts == 1)
        for _ in range(times):
            task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(await all_are_known(sandbox, client, {})) == 1

    run(program())


async def limited_by_wait_for(work: Awaitable[T], seconds: float) -> T:
    return await asyncio.wait_for(work, seconds)


LIMITS: list[Callable[[Awaitable[Any], float], Awaitable[Any]]] = [limited_by_wait_for]
if sys.version_info >= (3, 11):

    async def limited_by_timeout(work: Awaitable[T], seconds: float) -> T:
        async with asyncio.timeout(seconds):
            return await work

    LIMITS.append(limited_by_timeout)


@pytest.mark.parametrize("limited", LIMITS)
def test_a_time_limit_of_asyncios_own_loses_no_payment(
    sandbox: lipia.Sandbox, run: Run[Any], limited: Any
) -> None:
    async def program() -> None:
        client = sandbox.async_daraja()
        known: dict[str, str] = {}
        for step in range(30):
            number = phone(step)
            sandbox.inject("push", "slow_after", seconds=1)
            try:
                acceptance = await limited(client.stk_push(**sale(number)), 0.001 * step)
            except asyncio.TimeoutError:
                continue
            known[acceptance.id] = number
        await all_are_known(sandbox, client, known)

    run(program())


def test_a_wait_that_is_cancelled_leaves_the_payment_to_wait_for_again(
    sandbox: lipia.Sandbox, run: Run[Any]
) -> None:
    async def program() -> None:
        client = sandbox.async_daraja()
        handle = client.reserve(**sale(phone(1, 9000)))
        acceptance = await client.push(handle)
        for work in (client.wait(handle), client.wait(acceptance), client.collect_payment(handle)):
            queries = sandbox.counters()["queries"]
            task = asyncio.ensure_future(work)
            await eventually("it asks", lambda: sandbox.counters()["queries"] > queries)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert client.unclaimed() == [], "its owner has it"
        sandbox.act(acceptance.id, "pay")
        assert (await client.wait(handle)).is_paid
        assert sandbox.prompts == 1 and await client.drain()

    run(program())


def test_a_push_of_a_reserved_payment_that_is_cancelled_arrives_in_the_payment(
    sandbox: lipia.Sandbox, run: Run[Any]
) -> None:
    async def program() -> None:
        client = sandbox.async_daraja()
        sandbox.inject("push", "slow_after", seconds=20)
        handle = client.reserve(**sale(phone(1)))
        task = asyncio.ensure_future(client.push(handle))
        await eventually("the phone is prompted", lambda: sandbox.prompts == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(lipia.LookAtPaymentError):
            await client.push(handle)
        assert await client.drain()
        assert handle.snapshot().state is lipia.PaymentState.ACCEPTED
        assert client.unclaimed() == [] and sandbox.prompts == 1

    run(program())


def test_a_watch_can_be_left_taken_up_again_and_cancelled(
    sandbox: lipia.Sandbox, run: Run[Any]
) -> None:
    async def program() -> None:
        client = sandbox.async_daraja()
        handle = client.reserve(**sale(phone(1, 9000)))
        acceptance = await client.push(handle)
        watch = client.watch(handle)
        async for progress in watch:
            assert isinstance(progress, lipia.Queried)
            break
        for turns in (0, 1, 3):
            assert await leave_after_turns(asyncio.ensure_future(watch.__anext__()), turns) is None
        sandbox.act(acceptance.id, "pay")
        told = [type(progress) async for progress in watch]
        assert told[-1] is lipia.Settled and told.count(lipia.Settled) == 1
        assert [progress async for progress in watch] == []
        assert handle.snapshot().is_paid and sandbox.prompts == 1

    run(program())


def test_two_tasks_may_look_at_one_watch(sandbox: lipia.Sandbox, run: Run[Any]) -> None:
    async def program() -> None:
        client = sandbox.async_daraja()
        handle = client.reserve(**sale(phone(1)))
        await client.push(handle)
        watch = client.watch(handle)

        async def told() -> list[Any]:
            return [type(progress) async for progress in watch]

        first, second = await asyncio.gather(told(), told())
        assert (first + second).count(lipia.Settled) == 1

    run(program())


def test_a_hundred_pushes_at_once_need_one_token(sandbox: lipia.Sandbox, run: Run[Any]) -> None:
    async def program() -> None:
        async with sandbox.async_daraja() as client:
            sandbox.inject("oauth", "slow_before", seconds=10)
            accepted = await asyncio.gather(
                *(client.stk_push(**sale(phone(number))) for number in range(100))
            )
        assert len({acceptance.id for acceptance in accepted}) == 100
        counters = sandbox.counters()
        assert (counters["oauth_calls"], counters["push_attempts"], counters["prompts"]) == (
            1,
            100,
            100,
        )

    run(program())


def test_a_callback_ends_a_wait_of_the_same_loop_at_once(
    sandbox: lipia.Sandbox, run: Run[Any]
) -> None:
    async def program() -> None:
        with Shop() as shop:
            loop = asyncio.get_running_loop()
            client = sandbox.async_daraja(
                callback_url=shop.callback_url,
                wait=lipia.WaitOptions(timeout=30, first_query_after=60),
            )
            shop.receive = lambda path, body: asyncio.run_coroutine_threadsafe(
                client.receive_callback(path, body), loop
            ).result(PATIENCE_SECONDS)
            payments = await asyncio.gather(
                *(client.collect(**sale(phone(number))) for number in range(20))
            )
        assert all(payment.is_paid and payment.receipt for payment in payments)
        assert sandbox.counters()["queries"] == 0

    run(program())


def closed_with_calls_under_way(
    sandbox: lipia.Sandbox, client: lipia.AsyncClient, kind: str
) -> list[asyncio.Task[lipia.Acceptance]]:
    """Ten pushes whose loop was closed after their phones were prompted."""
    sandbox.inject("push", "slow_after", times=None, seconds=20)
    loop = FACTORIES[kind]()
    loop.set_exception_handler(lambda _, context: None)
    tasks = [loop.create_task(client.stk_push(**sale(phone(number)))) for number in range(10)]
    loop.run_until_complete(eventually("all are prompted", lambda: sandbox.prompts == 10))
    loop.close()
    sandbox.clear_faults()
    return tasks


async def ten_are_kept(sandbox: lipia.Sandbox, client: lipia.AsyncClient) -> None:
    assert await client.drain(timeout=PATIENCE_SECONDS)
    kept: set[str | None] = set()

    def all_of_them() -> bool:
        gc.collect()
        kept.update(handle.snapshot().checkout_request_id for handle in client.unclaimed())
        return len(kept) == 10

    await eventually("all ten are kept", all_of_them, 3.0)
    assert kept == set(ids(sandbox)) and max(prompted(sandbox).values()) == 1
    assert (await client.collect(**sale(phone(99)))).is_paid


@pytest.mark.parametrize("kind", FACTORIES)
def test_a_loop_that_is_closed_with_calls_under_way_loses_nothing(
    sandbox: lipia.Sandbox, kind: str
) -> None:
    client = sandbox.async_daraja()
    del closed_with_calls_under_way(sandbox, client, kind)[:]
    gc.collect()
    asyncio.run(ten_are_kept(sandbox, client))


@pytest.mark.parametrize("kind", FACTORIES)
def test_a_loop_that_is_closed_loses_nothing_although_its_tasks_are_held(
    sandbox: lipia.Sandbox, kind: str
) -> None:
    client = sandbox.async_daraja()
    tasks = closed_with_calls_under_way(sandbox, client, kind)
    asyncio.run(ten_are_kept(sandbox, client))
    assert tasks


def test_a_client_serves_one_loop_after_another(sandbox: lipia.Sandbox) -> None:
    client = sandbox.async_daraja()

    async def program(number: int) -> bool:
        return (await client.collect(**sale(phone(number)))).is_paid

    for number in range(5):
        assert asyncio.run(program(number))
    assert sandbox.counters()["oauth_calls"] == 1 and client.is_at_rest


def test_a_client_serves_loops_of_many_threads_at_once(sandbox: lipia.Sandbox) -> None:
    client = sandbox.async_daraja()
    failures: list[BaseException] = []

    async def program(number: int) -> None:
        payments = await asyncio.gather(
            *(client.collect(**sale(phone(number * 10 + place))) for place in range(5))
        )
        assert all(payment.is_paid for payment in payments)

    def thread(number: int) -> None:
        try:
            for _ in range(2):
                asyncio.run(program(number + 100 * _))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=thread, args=(number,)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(2 * PATIENCE_SECONDS)
    assert not failures and not any(one.is_alive() for one in threads)
    counters = sandbox.counters()
    assert (counters["prompts"], counters["oauth_calls"]) == (80, 1)


def test_a_task_that_nobody_holds_is_finished_all_the_same(
    sandbox: lipia.Sandbox, run: Run[Any]
) -> None:
    async def program() -> None:
        client = sandbox.async_daraja()
        results: list[lipia.Payment] = []
        for number in range(10):
            task = asyncio.ensure_future(client.collect(**sale(phone(number))))
            task.add_done_callback(lambda done: results.append(done.result()))
        del task
        for _ in range(20):
            gc.collect()
            await asyncio.sleep(0.005)
        await eventually("all have ended", lambda: len(results) == 10)
        assert all(payment.is_paid for payment in results)
        assert await client.drain() and client.unclaimed() == []

    run(program())


def test_a_client_and_its_handles_that_nobody_holds_go_away(
    sandbox: lipia.Sandbox, run: Run[Any]
) -> None:
    async def program() -> None:
        client = sandbox.async_daraja()
        handle = client.reserve(**sale(phone(1)))
        waiting = asyncio.ensure_future(client.collect_payment(handle))
        await eventually("the phone is prompted", lambda: sandbox.prompts == 1)
        del client, handle
        gc.collect()
        assert (await waiting).is_paid

    run(program())


def test_closing_gives_up_after_its_time_and_can_be_repeated(
    sandbox: lipia.Sandbox, run: Run[Any]
) -> None:
    async def program() -> None:
        client = sandbox.async_daraja()
        sandbox.inject("push", "slow_after", seconds=40)
        task = asyncio.ensure_future(client.stk_push(**sale(phone(1))))
        await eventually("the phone is prompted", lambda: sandbox.prompts == 1)
        task.cancel()
        assert await client.drain(timeout=0.01) is False
        assert await client.drain(timeout=PATIENCE_SECONDS) is True
        assert await client.drain(timeout=0) is True
        assert len(client.unclaimed()) == 1

    run(program())


def test_an_error_is_raised_where_it_is_awaited_and_nowhere_else(
    sandbox: lipia.Sandbox, run: Run[Any]
) -> None:
    async def program() -> None:
        client = sandbox.async_daraja()
        sandbox.inject("push", "answer_lost", times=None)
        results = await asyncio.gather(
            *(client.stk_push(**sale(phone(number))) for number in range(10)),
            return_exceptions=True,
        )
        assert {type(result) for result in results} == {lipia.FindOutError}
        assert client.unclaimed() == [], "the errors have the payments"
        del results
        # The event loop holds what it has just handed over until its next turn.
        await asyncio.sleep(0)
        gc.collect()
        assert len(client.unclaimed()) == 10, "and nobody took them from there"
        with pytest.raises(lipia.CorrectInputError):
            await client.stk_push(**{**sale(phone(1)), "amount": 0})
        assert sandbox.prompts == 10

    run(program())


@pytest.mark.skipif(sys.version_info < (3, 11), reason="task groups are of 3.11")
def test_a_task_group_that_fails_cancels_its_pushes_and_loses_none(
    sandbox: lipia.Sandbox, run: Run[Any]
) -> None:
    async def program() -> None:
        client = sandbox.async_daraja()
        sandbox.inject("push", "slow_after", times=None, seconds=20)

        async def fails() -> None:
            await eventually("all are prompted", lambda: sandbox.prompts == 10)
            raise RuntimeError("something else went wrong")

        try:
            async with asyncio.TaskGroup() as group:  # type: ignore[attr-defined,unused-ignore]
                pushes = [
                    group.create_task(client.stk_push(**sale(phone(number))))
                    for number in range(10)
                ]
                group.create_task(fails())
        except Exception as error:
            assert "unhandled errors" in str(error)
        # On a slow machine the first of them have their answers before the group fails.
        answered = [push.result() for push in pushes if not push.cancelled()]
        known = {acceptance.id: acceptance.id for acceptance in answered}
        assert len(await all_are_known(sandbox, client, known)) + len(known) == 10

    run(program())


def test_an_async_generator_around_a_watch_can_be_closed(
    sandbox: lipia.Sandbox, run: Run[Any]
) -> None:
    async def program() -> None:
        client = sandbox.async_daraja()
        handle = client.reserve(**sale(phone(1, 9000)))
        acceptance = await client.push(handle)

        async def outcomes() -> AsyncIterator[str]:
            async for progress in client.watch(handle):
                yield type(progress).__name__

        generator = outcomes()
        assert await generator.__anext__() == "Queried"
        await generator.aclose()  # type: ignore[attr-defined]
        sandbox.act(acceptance.id, "cancel")
        assert (await client.wait(handle)).outcome is lipia.Outcome.CANCELLED

    run(program())


def test_outside_a_loop_an_awaited_verb_is_a_runtime_error_and_sends_nothing(
    sandbox: lipia.Sandbox,
) -> None:
    client = sandbox.async_daraja()
    coroutine = client.stk_push(**sale(phone(1)))
    with pytest.raises(RuntimeError, match="no running event loop"):
        coroutine.send(None)
    assert sandbox.requests() == [] and client.unclaimed() == []


def test_a_client_that_was_closed_sends_nothing_more(sandbox: lipia.Sandbox, run: Run[Any]) -> None:
    async def program() -> None:
        async with sandbox.async_daraja() as client:
            assert await client.drain()
            await client.stk_push(**sale(phone(1)))
        with pytest.raises(lipia.CorrectSettingsError) as caught:
            await client.stk_push(**sale(phone(2)))
        assert caught.value.code == "client_closed"
        assert sandbox.prompts == 1 and await client.drain() and client.unclaimed() == []

    run(program())


def test_a_blocking_client_that_was_closed_sends_nothing_more(sandbox: lipia.Sandbox) -> None:
    with sandbox.daraja() as client:
        assert client.drain()
        client.stk_push(**sale(phone(1)))
    with pytest.raises(lipia.CorrectSettingsError) as caught:
        client.reserve(**sale(phone(2)))
    assert caught.value.code == "client_closed"
    assert sandbox.prompts == 1 and client.drain() and client.unclaimed() == []
