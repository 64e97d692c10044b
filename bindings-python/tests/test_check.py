"""The check of a client's settings: each broken one is a line of its own, and nobody is prompted."""

import asyncio
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import lipia

PARTS = [
    "settings",
    "connection",
    "credentials",
    "pass_key",
    "clock",
    "till",
    "callback",
    "ledger",
]


def test_a_good_shop_has_a_line_for_every_part_and_nobody_is_prompted(sandbox):
    with sandbox.daraja() as daraja:
        checkup = daraja.check()
    assert [line.part for line in checkup.lines] == PARTS
    assert checkup.is_good, checkup
    assert sandbox.counters()["push_attempts"] == 0
    assert " ok  pass_key     short code" in str(checkup)


def test_a_wrong_pass_key_is_a_line_and_no_exception(sandbox):
    wrong = {**sandbox.settings(), "pass_key": "0" * 64}
    with lipia.Daraja(**wrong) as daraja:
        checkup = daraja.check()
    [line] = checkup.broken
    assert (line.part, line.state) == ("pass_key", "failed")
    assert line.code
    assert not checkup.is_good


def test_asyncio_checks_alike(sandbox):
    async def check():
        async with lipia.AsyncDaraja(**sandbox.settings()) as daraja:
            return await daraja.check()

    assert asyncio.run(check()).is_good


def test_what_is_no_flag_is_refused(sandbox):
    with (
        sandbox.daraja() as daraja,
        pytest.raises(lipia.CorrectInputError, match="reach_callback"),
    ):
        daraja.check(reach_callback="yes")


class _Shop(BaseHTTPRequestHandler):
    """A shop's handler of callbacks over a client that the server has."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            received = self.server.client.receive_callback(self.path, body)
            status, text = (200, lipia.accepted_reply()) if received.is_kept else (503, "")
        except lipia.DisbelieveError:
            status, text = 404, ""
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


def test_the_callback_url_is_reached_through_the_shops_own_handler(sandbox):
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Shop)
    url = f"http://127.0.0.1:{server.server_port}/pay"
    settings = {**sandbox.settings(), "callback_url": url}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with lipia.Daraja(**settings) as shop, lipia.Daraja(**settings) as checked:
            server.client = shop
            line = next(
                line for line in checked.check(reach_callback=True).lines if line.part == "callback"
            )
            assert line.state == "ok", line
            assert "came back in" in line.message
    finally:
        server.shutdown()
        server.server_close()
    with lipia.Daraja(**settings) as checked:
        [line] = checked.check(reach_callback=True).broken
    assert line.part == "callback"
