"""The payment of an error: every error that concerns one has its id, and the live payment where this process holds it."""

from __future__ import annotations

import asyncio
import gc
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import lipia

SALE: dict[str, Any] = {
    "phone_number": "0712345678",
    "amount": 150,
    "account_reference": "INV-001",
}


@pytest.fixture
def sandbox() -> Iterator[lipia.Sandbox]:
    with lipia.Sandbox() as running:
        yield running


@pytest.fixture(params=["daraja", "async_daraja"])
def client(request: pytest.FixtureRequest, sandbox: lipia.Sandbox) -> Any:
    wait = lipia.WaitOptions(timeout=0.5, first_query_after=0.05, query_every=0.05)
    return getattr(sandbox, request.param)(timeout=1.0, wait=wait)


def result_of(call: Callable[[], Any]) -> Any:
    result = call()
    if asyncio.iscoroutine(result):

        async def awaited() -> Any:
            return await result

        return asyncio.run(awaited())
    return result


def error_of(call: Callable[[], Any]) -> lipia.LipiaError:
    with pytest.raises(lipia.LipiaError) as raised:
        result_of(call)
    return raised.value


def test_an_error_of_a_call_that_made_the_payment_has_the_payment(
    client: Any, sandbox: lipia.Sandbox
) -> None:
    for fault, state in (("answer_lost", "unknown"), ("answer_cut", "unknown")):
        for verb in (client.stk_push, client.collect):
            sandbox.inject("push", fault)
            error = error_of(lambda verb=verb: verb(**SALE))
            payment = error.payment
            assert isinstance(payment, lipia.PaymentHandle)
            assert error.payment_id == payment.id
            assert payment.snapshot().state == state, fault
            sandbox.clear_faults()


def test_a_refused_push_has_its_payment_too(client: Any, sandbox: lipia.Sandbox) -> None:
    sandbox.inject("oauth", "invalid_credentials")
    error = error_of(lambda: client.stk_push(**SALE))
    assert error.payment is not None and error.payment_id == error.payment.id
    assert error.payment.snapshot().state is lipia.PaymentState.RESERVED


def test_every_verb_about_a_payment_names_it(client: Any, sandbox: lipia.Sandbox) -> None:
    payment = client.reserve(**SALE)
    calls: list[Callable[[], Any]] = [
        lambda: client.wait(payment),
        lambda: client.ask(payment),
        lambda: client.watch(payment),
        lambda: client.stk_query(payment),
    ]
    for call in calls:
        error = error_of(call)
        assert error.payment_id == payment.id
        assert error.payment is not None and error.payment.id == payment.id
    result_of(lambda: client.push(payment))
    for call in (lambda: client.push(payment), payment.begin):
        error = error_of(call)
        assert error.payment is not None and error.payment.id == payment.id
    sandbox.inject("query", "answer_lost", times=None)
    error = error_of(lambda: client.ask(payment))
    assert error.payment_id == payment.id and error.payment.id == payment.id


def test_a_pickled_error_keeps_the_id_and_not_the_live_payment(
    client: Any, sandbox: lipia.Sandbox
) -> None:
    sandbox.inject("push", "answer_lost")
    error = error_of(lambda: client.stk_push(**SALE))
    copied = pickle.loads(pickle.dumps(error))
    assert copied.payment_id == error.payment_id and copied.payment is None
    assert copied.to_dict() == error.to_dict()
    assert error.to_dict()["payment_id"] == error.payment.id


def test_an_error_that_concerns_no_payment_names_none(client: Any) -> None:
    error = error_of(lambda: client.stk_push(**{**SALE, "amount": 0}))
    assert error.payment_id is None and error.payment is None


def test_asking_writes_what_is_learnt(client: Any, sandbox: lipia.Sandbox) -> None:
    payment = client.reserve(**{**SALE, "phone_number": "0712349000"})
    acceptance = result_of(lambda: client.push(payment))
    assert result_of(lambda: client.ask(payment)).outcome is lipia.Outcome.PENDING
    sandbox.act(acceptance.checkout_request_id, "pay")
    assert result_of(lambda: client.ask(payment)).is_paid
    assert payment.snapshot().is_paid
    # One that was saved is taken up.
    assert result_of(lambda: client.ask(payment.snapshot())).is_paid


def test_a_query_takes_an_acceptance_a_payment_and_an_id(
    client: Any, sandbox: lipia.Sandbox
) -> None:
    payment = client.reserve(**{**SALE, "phone_number": "0712349000"})
    acceptance = result_of(lambda: client.push(payment))
    sandbox.act(acceptance.checkout_request_id, "pay")
    for prompt in (acceptance, acceptance.id, payment, payment.snapshot()):
        assert result_of(lambda prompt=prompt: client.stk_query(prompt)).is_paid


def test_results_are_copied_and_pickled_without_their_claim(client: Any) -> None:
    acceptance = result_of(lambda: client.stk_push(**SALE))
    payment = result_of(lambda: client.collect(**{**SALE, "phone_number": "0712345679"}))
    for result in (acceptance, payment):
        copied = pickle.loads(pickle.dumps(result))
        assert copied == result and copied._claim is None
    assert client.unclaimed() == []


def test_a_payment_whose_caller_has_its_error_is_nobody_elses(
    client: Any, sandbox: lipia.Sandbox
) -> None:
    sandbox.inject("push", "answer_lost", times=3)
    taken, held = (error_of(lambda: client.stk_push(**SALE)) for _ in range(2))
    assert client.unclaimed() == [], "both callers have their errors"
    assert taken.payment is not None
    payment_id = held.payment_id
    del taken, held
    gc.collect()
    (unclaimed,) = client.unclaimed()
    assert unclaimed.id == payment_id, "nobody took this one from its error"
    assert client.unclaimed() == []
    error = error_of(lambda: client.collect(**SALE))
    assert error.payment is not None
    del error
    gc.collect()
    assert client.unclaimed() == []
