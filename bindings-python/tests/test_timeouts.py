"""A timeout of one call overrides the client's own."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Callable
from typing import Any

import pytest
from callback_shop import PATIENCE_SECONDS

import lipia

#: Whoever waits by the client's own time waits until the test gives up.
PATIENT = lipia.WaitOptions(timeout=3600, first_query_after=0.05, query_every=0.05)
SALE: dict[str, Any] = {"phone_number": "0712349001", "amount": 150, "account_reference": "INV-001"}

Verb = Callable[[Any, lipia.PaymentHandle, lipia.Acceptance], Any]

VERBS: dict[str, Verb] = {
    "wait": lambda client, handle, _: client.wait(handle, timeout=0.2),
    "wait by id": lambda client, _, acceptance: client.wait(acceptance, timeout=0.2),
    "collect": lambda client, *_: client.collect(
        **{**SALE, "phone_number": "0713349001"}, timeout=0.2
    ),
    "collect_payment": lambda client, handle, _: client.collect_payment(handle, timeout=0.2),
}


@pytest.mark.parametrize("name", VERBS)
def test_a_call_that_blocks_ends_in_its_own_time(sandbox: lipia.Sandbox, name: str) -> None:
    client = sandbox.daraja(wait=PATIENT)
    handle = client.reserve(**SALE)
    acceptance = client.push(handle)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        ended = pool.submit(VERBS[name], client, handle, acceptance)
        try:
            assert ended.result(PATIENCE_SECONDS).outcome is lipia.Outcome.PENDING
        finally:
            # Whoever still waits ends now.
            settle(sandbox)


@pytest.mark.parametrize("name", VERBS)
def test_a_call_that_is_awaited_ends_in_its_own_time(sandbox: lipia.Sandbox, name: str) -> None:
    async def program() -> None:
        client = sandbox.async_daraja(wait=PATIENT)
        handle = client.reserve(**SALE)
        acceptance = await client.push(handle)
        ended = await asyncio.wait_for(VERBS[name](client, handle, acceptance), PATIENCE_SECONDS)
        assert ended.outcome is lipia.Outcome.PENDING

    asyncio.run(program())


def settle(sandbox: lipia.Sandbox) -> None:
    for payment in sandbox.payments():
        sandbox.act(payment["checkout_request_id"], "cancel")


def test_a_watch_ends_in_its_own_time(sandbox: lipia.Sandbox) -> None:
    async def program() -> None:
        client = sandbox.async_daraja(wait=PATIENT)
        handle = client.reserve(**SALE)
        await client.push(handle)

        async def told() -> list[str]:
            return [type(progress).__name__ async for progress in client.watch(handle, timeout=0.2)]

        assert (await asyncio.wait_for(told(), PATIENCE_SECONDS))[-1] == "TimedOut"

    asyncio.run(program())
    blocking = sandbox.daraja(wait=PATIENT)
    handle = blocking.reserve(**{**SALE, "phone_number": "0714349001"})
    blocking.push(handle)
    for progress in blocking.watch(handle, timeout=0.2):
        last = progress
        if isinstance(last, lipia.Queried) and last.elapsed_seconds > PATIENCE_SECONDS:
            break
    assert isinstance(last, lipia.TimedOut)


def test_the_options_of_a_client_are_the_childs_own_and_its_token_is_shared(
    sandbox: lipia.Sandbox,
) -> None:
    client = sandbox.daraja(timeout=PATIENCE_SECONDS)
    client.stk_push(**{**SALE, "phone_number": "0712000115"})
    hurried = client.with_options(timeout=0.2, wait=lipia.WaitOptions(timeout=0.1))
    sandbox.inject("push", "slow_after", seconds=200)
    with pytest.raises(lipia.FindOutError) as late:
        hurried.stk_push(**SALE)
    assert late.value.code == "no_answer_in_time"
    handle = late.value.payment
    assert client.unclaimed() == [], "the error has the payment"
    assert hurried.find(handle.id) and hurried.wait(handle).outcome is lipia.Outcome.UNKNOWN
    sandbox.inject("push", "slow_after", seconds=50)
    assert client.stk_push(**{**SALE, "phone_number": "0712000125"})
    assert sandbox.counters()["oauth_calls"] == 1


def test_no_time_at_all_looks_once_and_ends(sandbox: lipia.Sandbox) -> None:
    client = sandbox.daraja()
    handle = client.reserve(**SALE)
    client.push(handle)
    assert client.wait(handle, timeout=0).outcome is lipia.Outcome.PENDING
    assert client.close(timeout=0)
    for wrong in (-1, float("nan"), float("-inf")):
        with pytest.raises(lipia.CorrectInputError) as refused:
            client.close(timeout=wrong)
        assert refused.value.field == "timeout"
