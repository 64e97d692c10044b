"""What holds for the adapters of every web framework, beside what their servers do."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest

import lipia
from lipia.fastapi import callback_router
from lipia.flask import callback_blueprint
from lipia.starlette import callback_route, lifespan

from .conftest import DEADLINE_SECONDS, daraja_body, path_of


def test_a_request_that_is_cancelled_is_taken_in_all_the_same(sandbox: lipia.Sandbox) -> None:
    """A gateway posts once: one that does not wait for the answer has posted all the same."""

    async def main() -> None:
        daraja = sandbox.async_daraja()
        told = asyncio.Event()

        @daraja.on_outcome
        async def hear(payment: lipia.Payment) -> None:
            assert payment.is_paid
            told.set()

        payment = await daraja.request(
            order="17", phone_number="0712349000", amount=150, account_reference="INV-001"
        )
        assert payment.checkout_request_id
        # The gateway is asked before the callback is believed, and takes its time.
        sandbox.inject("query", "slow_before", seconds=50)
        sandbox.act(payment.checkout_request_id, "pay")
        route = callback_route(daraja, "/pay", confirm=True)
        body = daraja_body(payment)

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(_: Any) -> None: ...

        scope = {
            "type": "http",
            "method": "POST",
            "path": path_of(payment),
            "headers": [],
            "query_string": b"",
        }
        request = asyncio.ensure_future(route.app(scope, receive, send))
        await asyncio.sleep(0.1)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        await asyncio.wait_for(told.wait(), DEADLINE_SECONDS)
        await daraja.aclose()

    asyncio.run(main())


def test_a_client_of_the_wrong_kind_is_named(sandbox: lipia.Sandbox) -> None:
    with sandbox.daraja() as daraja:
        with pytest.raises(TypeError, match="AsyncDaraja"):
            callback_router(daraja)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="AsyncDaraja"):
            callback_route(daraja)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="AsyncDaraja"):
            lifespan(daraja)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"lipia\.Daraja"):
        callback_blueprint(sandbox.async_daraja())  # type: ignore[arg-type]


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
