"""A program ends cleanly, whatever Lipia still does in the background: a thread that came back to an ending interpreter
would abort the process."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import lipia

from .conftest import LONGEST_SECONDS

SETTINGS = """
import os, lipia
settings = dict(
    consumer_key="sandbox-key", consumer_secret="sandbox-secret", short_code="174379",
    pass_key="bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919",
    callback_url="http://127.0.0.1:9/pay", base_url=os.environ["BASE_URL"],
)
"""

ASYNC = """
import asyncio, sys
async def main():
    async with lipia.AsyncDaraja(**settings) as daraja:
        await daraja.stk_query("ws_CO_191220191020363925")
asyncio.run(main())
"""

DAEMONS = """
import threading
daraja = lipia.Daraja(**settings)
def ask():
    while True:
        try:
            daraja.stk_query("ws_CO_191220191020363925")
        except lipia.LipiaError:
            pass
started = [threading.Thread(target=ask, daemon=True) for _ in range(4)]
for thread in started:
    thread.start()
daraja.stk_query("ws_CO_191220191020363925")
"""


def ended(program: str, times: int) -> set[int]:
    """The statuses with which a program ends, run so often that its end falls into every moment."""
    with lipia.Sandbox() as sandbox, ThreadPoolExecutor(4) as threads:
        environ = {**os.environ, "BASE_URL": sandbox.base_url}

        def once(_: int) -> int:
            return subprocess.run(
                [sys.executable, "-c", SETTINGS + program],
                env=environ,
                stderr=subprocess.DEVNULL,
                timeout=LONGEST_SECONDS,
                check=False,
            ).returncode

        return set(threads.map(once, range(times)))


def test_an_asyncio_program_that_ends_right_after_a_call_ends_in_peace() -> None:
    assert ended(ASYNC, 60) == {0}


def test_a_program_ends_in_peace_while_its_daemon_threads_are_in_calls() -> None:
    assert ended(DAEMONS, 24) == {0}


def test_a_client_may_be_closed_while_the_interpreter_ends() -> None:
    program = """
import atexit
daraja = lipia.Daraja(**settings)
atexit.register(daraja.close)
daraja.stk_query("ws_CO_191220191020363925")
atexit.register(lambda: daraja.stk_query("ws_CO_191220191020363925"))
"""
    assert ended(program, 4) == {0}
