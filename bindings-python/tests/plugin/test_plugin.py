"""The pytest plugin, as users run it: their tests in a pytest of their own."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points

import pytest

pytest_plugins = ["pytester"]

#: An installed package brings its plugin itself; a source tree has to be told.
PLUGIN = (
    ()
    if any(entry.name == "lipia" for entry in entry_points(group="pytest11"))
    else ("-p", "lipia.pytest_plugin")
)


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess(*PLUGIN, *arguments, timeout=120)


def test_a_payment_is_tested_in_five_lines(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_a_sale(lipia_sandbox):
            with lipia_sandbox.daraja() as daraja:
                payment = daraja.collect(phone_number="0712345678", amount=150, account_reference="INV-001")
            assert payment.is_paid and lipia_sandbox.prompts == 1
        """
    )
    run(pytester).assert_outcomes(passed=1)


def test_a_payment_is_tested_in_five_lines_of_asyncio(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import asyncio

        def test_a_sale(lipia_sandbox):
            async def sale():
                async with lipia_sandbox.async_daraja() as daraja:
                    return await daraja.collect(phone_number="0712341032", amount=150, account_reference="INV-001")
            assert asyncio.run(sale()).outcome == "cancelled"
        """
    )
    run(pytester).assert_outcomes(passed=1)


def test_each_test_has_a_sandbox_of_its_own(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("time", [1, 2])
        def test_a_sale(lipia_sandbox, time):
            with lipia_sandbox.daraja() as daraja:
                daraja.stk_push(phone_number="0712345678", amount=150, account_reference="INV-001")
            assert lipia_sandbox.prompts == 1
        """
    )
    run(pytester).assert_outcomes(passed=2)


def test_how_fast_time_passes_is_said_by_marker_and_by_ini_option(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.lipia_sandbox(time_scale=1000)
        def test_of_a_hurry(lipia_sandbox):
            assert lipia_sandbox.time_scale == 1000

        @pytest.mark.lipia_sandbox
        def test_with_a_bare_marker(lipia_sandbox):
            assert lipia_sandbox.time_scale == 50

        def test_of_the_rest(lipia_sandbox):
            assert lipia_sandbox.time_scale == 50
        """
    )
    pytester.makeini("[pytest]\nlipia_time_scale = 50\n")
    run(pytester, "--strict-markers").assert_outcomes(passed=3)


@pytest.mark.parametrize(
    ("marker", "says"),
    [
        ("time_scale=0", "*The marker lipia_sandbox says time_scale=0: give a positive number*"),
        ("time_scale='fast'", "*time_scale='fast': give a positive number*"),
        ("time_scale=None", "*time_scale=None: give a positive number*"),
        ("1000", "*lipia_sandbox(1000): it takes time_scale=NUMBER and nothing else*"),
        ("speed=2", "*lipia_sandbox(speed=…): it takes time_scale=NUMBER and nothing else*"),
    ],
)
def test_a_marker_that_makes_no_sense_is_named(
    pytester: pytest.Pytester, marker: str, says: str
) -> None:
    pytester.makepyfile(
        f"""
        import pytest

        @pytest.mark.lipia_sandbox({marker})
        def test_a_sale(lipia_sandbox):
            pass
        """
    )
    result = run(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([says])


def test_an_ini_option_that_makes_no_sense_is_named(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nlipia_time_scale = quick\n")
    pytester.makepyfile("def test_a_sale(lipia_sandbox): pass")
    result = run(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*ini option lipia_time_scale says time_scale='quick'*"])


def test_an_app_that_reads_its_environment_is_tested_without_a_port(
    pytester: pytest.Pytester,
) -> None:
    pytest.importorskip("flask")
    pytester.makepyfile(
        """
        import flask, lipia
        from lipia.flask import callback_blueprint

        def make_app():
            daraja, app = lipia.Daraja.from_env(), flask.Flask("shop")
            app.register_blueprint(callback_blueprint(daraja))

            @app.post("/orders")
            def order():
                app.payment = daraja.reserve(phone_number="0712345678", amount=150, account_reference="INV-001")
                daraja.push(app.payment)
                return "", 202
            return app

        def test_a_sale(lipia_sandbox, monkeypatch):
            with lipia_sandbox.mailbox("/pay") as mailbox:
                for name, value in lipia_sandbox.environ(callback_url=mailbox.url).items():
                    monkeypatch.setenv(name, value)
                app = make_app()
                browser = app.test_client()
                browser.post("/orders")
                callback = mailbox.next()
                assert browser.post(callback.path, data=callback.body, buffered=True).status_code == 200
                assert app.payment.snapshot().is_paid
        """
    )
    run(pytester).assert_outcomes(passed=1)


def test_an_app_on_a_port_takes_its_callbacks_itself(pytester: pytest.Pytester) -> None:
    pytest.importorskip("fastapi")
    pytest.importorskip("uvicorn")
    pytester.makepyfile(
        """
        import asyncio, socket
        import fastapi, uvicorn
        from lipia.fastapi import callback_router

        def test_a_sale(lipia_sandbox):
            async def sale():
                listening = socket.create_server(("127.0.0.1", 0))
                port = listening.getsockname()[1]
                daraja = lipia_sandbox.async_daraja(callback_url=f"http://127.0.0.1:{port}/pay")
                app = fastapi.FastAPI()
                app.include_router(callback_router(daraja))
                server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
                serving = asyncio.ensure_future(server.serve(sockets=[listening]))
                told = asyncio.get_running_loop().create_future()
                daraja.on_outcome(told.set_result)
                sold = {"phone_number": "0712345678", "amount": 150, "account_reference": "INV-001"}
                await daraja.request(order="order-17", **sold)
                payment = await asyncio.wait_for(told, 30)
                await lipia_sandbox.until_async(callbacks_acknowledged=1)
                server.should_exit = True
                await serving
                return payment
            paid = asyncio.run(sale())
            assert (paid.is_paid, paid.order) == (True, "order-17")
        """
    )
    run(pytester).assert_outcomes(passed=1)


def test_a_run_that_asks_for_no_sandbox_loads_none() -> None:
    program = (
        "import sys, pytest, lipia.pytest_plugin\n"
        "print([name for name in sys.modules if name.startswith('lipia.')])"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert told.stdout.strip() == "['lipia.pytest_plugin']", told.stderr
