"""The decisions behind a callback URL, and what happens at its edges."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from itertools import combinations
from typing import Any

import pytest

import lipia
from lipia._callback import Step, step_between
from lipia.fastapi import callback_router
from lipia.flask import callback_blueprint
from lipia.starlette import callback_route
from lipia.store import keep, keep_async

from .conftest import DEADLINE_SECONDS, daraja_body, path_of


def _reserved(sandbox: lipia.Sandbox) -> str:
    with sandbox.daraja() as daraja:
        return daraja.reserve(
            phone_number="0712345678", amount=150, account_reference="INV-001"
        ).to_json()


def _copy(reserved: str, **changes: Any) -> lipia.Payment:
    """A copy of one payment, as a store could have it."""
    saved = json.loads(reserved)
    settled = {"settled_at": saved["reserved_at"]} if changes.get("state") == "settled" else {}
    return lipia.Payment.from_json(json.dumps({**saved, **settled, **changes}))


def step_of(stored: lipia.Payment, now: lipia.Payment) -> Step:
    """The step alone."""
    step, to_save = step_between(stored, now)
    assert step is Step.NOTHING or to_save.revision > stored.revision
    return step


#: From the least that a store can know to the most.
STANDINGS: list[dict[str, Any]] = [
    {"state": "sending", "outcome": "unknown"},
    {"state": "accepted", "outcome": "pending"},
    {"state": "settled", "outcome": "timeout"},
    {"state": "settled", "outcome": "success"},
    {"state": "settled", "outcome": "success", "receipt": "TKM1ABCDEF"},
    {"state": "settled", "outcome": "reversed", "receipt": "TKM1ABCDEF"},
]


@pytest.mark.parametrize(("less", "more"), [*combinations(range(len(STANDINGS)), 2)])
def test_a_store_never_gets_less_for_more_whatever_the_revisions_say(
    sandbox: lipia.Sandbox, less: int, more: int
) -> None:
    reserved = _reserved(sandbox)
    for low, high in ((1, 9), (9, 1), (3, 3)):
        stored = _copy(reserved, **STANDINGS[less], revision=low)
        now = _copy(reserved, **STANDINGS[more], revision=high)
        expected = Step.FORWARD if more >= 2 else Step.KEEP
        assert step_of(stored, now) is expected
        assert step_of(now, stored) is Step.NOTHING


def test_copies_that_know_the_same_are_not_saved_again_whatever_their_revisions(
    sandbox: lipia.Sandbox,
) -> None:
    reserved = _reserved(sandbox)
    for standing in STANDINGS:
        first = _copy(reserved, **standing, revision=3)
        second = _copy(reserved, **standing, revision=4)
        for stored, now in ((first, second), (second, first), (first, first)):
            assert step_of(stored, now) is Step.NOTHING


def test_another_payment_changes_nothing(sandbox: lipia.Sandbox) -> None:
    stored = _copy(_reserved(sandbox), **STANDINGS[0], revision=1)
    other = _copy(_reserved(sandbox), **STANDINGS[3], revision=9)
    assert step_between(stored, other) == (Step.NOTHING, stored)


def test_a_push_that_was_refused_is_kept_over_one_that_was_being_sent(
    sandbox: lipia.Sandbox,
) -> None:
    rows: dict[str, str] = {}

    def save(payment: lipia.Payment, previous: lipia.Payment) -> bool:
        rows[payment.id] = payment.to_json()
        return True

    sandbox.inject("push", "system_busy", times=None)
    with sandbox.daraja(timeout=0.5) as daraja:
        payment = daraja.reserve(phone_number="0712345678", amount=150, account_reference="INV-001")
        payment.begin()
        rows[payment.id] = payment.to_json()
        with pytest.raises(lipia.TryAgainError):
            daraja.push(payment)
        kept = keep(payment, load=rows.get, save=save)
    assert kept.state == "reserved"
    assert lipia.Payment.from_json(rows[payment.id]).state == "reserved"


def test_a_payment_that_was_never_saved_is_not_kept_silently(sandbox: lipia.Sandbox) -> None:
    with sandbox.daraja() as daraja:
        payment = daraja.reserve(phone_number="0712345678", amount=150, account_reference="INV-001")
        with pytest.raises(LookupError, match="Save a payment before you push it"):
            keep(payment, load=lambda payment_id: None, save=lambda payment, previous: True)


def test_a_save_that_always_says_no_is_named_and_does_not_loop_for_ever(
    sandbox: lipia.Sandbox,
) -> None:
    with sandbox.daraja() as daraja:
        payment = daraja.reserve(phone_number="0712345678", amount=150, account_reference="INV-001")
        before = payment.to_json()
        daraja.push(payment)
        with pytest.raises(RuntimeError, match="10 times"):
            keep(payment, load=lambda payment_id: before, save=lambda payment, previous: False)


def test_plain_and_async_functions_of_a_store_do_the_same(sandbox: lipia.Sandbox) -> None:
    async def main() -> None:
        async with sandbox.async_daraja() as daraja:
            payment = daraja.reserve(
                phone_number="0712345678", amount=150, account_reference="INV-001"
            )
            rows = {payment.id: payment.to_json()}
            await daraja.collect_payment(payment)

            async def load(payment_id: str) -> str | None:
                return rows.get(payment_id)

            async def save(payment: lipia.Payment, previous: lipia.Payment) -> None:
                rows[payment.id] = payment.to_json()

            assert (await keep_async(payment, load=load, save=save)).is_paid
            assert (await keep_async(payment, load=rows.get, save=save)).is_paid

    asyncio.run(main())


def test_a_request_that_is_cancelled_while_it_saves_is_taken_in_and_told_of(
    sandbox: lipia.Sandbox,
) -> None:
    async def main() -> None:
        saving, may_save, told = asyncio.Event(), asyncio.Event(), asyncio.Event()
        rows: dict[str, str] = {}

        async def load(payment_id: str) -> str | None:
            return rows.get(payment_id)

        async def save(payment: lipia.Payment, previous: lipia.Payment) -> None:
            saving.set()
            await may_save.wait()
            rows[payment.id] = payment.to_json()

        async def tell(payment: lipia.Payment) -> None:
            told.set()

        daraja = sandbox.async_daraja()
        route = callback_route(daraja, "/pay", load=load, save=save, on_outcome=tell)
        payment = daraja.reserve(phone_number="0712349001", amount=150, account_reference="INV-001")
        await daraja.push(payment)
        rows[payment.id] = payment.to_json()
        scope: dict[str, Any] = {
            "type": "http", "method": "POST", "path": path_of(payment), "headers": [],
            "query_string": b"", "client": None, "root_path": "",
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": daraja_body(payment), "more_body": False}

        async def send(message: Any) -> None:
            raise AssertionError("nobody is there to be answered")

        request = asyncio.ensure_future(route.app(scope, receive, send))
        await asyncio.wait_for(saving.wait(), DEADLINE_SECONDS)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        may_save.set()
        await asyncio.wait_for(told.wait(), DEADLINE_SECONDS)
        assert lipia.Payment.from_json(rows[payment.id]).is_paid

    asyncio.run(main())


def test_a_client_of_the_wrong_kind_is_named(sandbox: lipia.Sandbox) -> None:
    with sandbox.daraja() as daraja:
        with pytest.raises(TypeError, match="AsyncDaraja"):
            callback_router(daraja)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="AsyncDaraja"):
            callback_route(daraja)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"lipia\.Daraja"):
        callback_blueprint(sandbox.async_daraja())  # type: ignore[arg-type]


def test_half_a_store_and_things_that_cannot_be_called_are_refused_at_the_start(
    sandbox: lipia.Sandbox,
) -> None:
    async def later(payment: object) -> None: ...

    with sandbox.daraja() as daraja:
        with pytest.raises(TypeError, match="save is missing"):
            callback_blueprint(daraja, load=lambda payment_id: None)
        with pytest.raises(TypeError, match="load is missing"):
            callback_router(sandbox.async_daraja(), save=lambda payment, previous: None)
        with pytest.raises(TypeError, match="on_outcome is a str"):
            callback_blueprint(daraja, on_outcome="told")  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="is async"):
            callback_blueprint(daraja, on_outcome=later)


def _run(program: str) -> str:
    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_importing_lipia_imports_no_framework() -> None:
    names = _run(
        "import sys, lipia; lipia.AsyncDaraja, lipia.Daraja, lipia.Sandbox\n"
        "print([n for n in ('fastapi', 'starlette', 'flask', 'django', 'pytest') if n in sys.modules])"
    )
    assert names.strip() == "[]"


@pytest.mark.parametrize(
    ("module", "missing", "says"),
    [
        ("lipia.fastapi", "fastapi", "pip install 'lipia[fastapi]'"),
        ("lipia.starlette", "starlette", "pip install 'lipia[fastapi]'"),
        ("lipia.flask", "flask", "pip install 'lipia[flask]'"),
    ],
)
def test_a_framework_that_is_missing_is_named_with_what_installs_it(
    module: str, missing: str, says: str
) -> None:
    told = _run(
        f"import sys; sys.modules[{missing!r}] = None\n"
        f"try:\n    import {module}\nexcept ImportError as error:\n    print(error)"
    )
    assert says in told
