"""What the tills are tried in: a sandbox, the merchant's server, and tills as processes of their own."""

import json
import os
import queue
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

# Who runs this in the background may have Ctrl-C ignored, which a process hands on to those that it starts: a till would not
# hear it.
signal.signal(signal.SIGINT, signal.default_int_handler)

REPOSITORY = Path(__file__).resolve().parents[2]

# Longer than anything takes on a slow machine.
LONGEST = float(os.environ.get("LIPIA_LONGEST", 60))

# What every sandbox takes. Invented, and public.
KEYS = {
    "MPESA_CONSUMER_KEY": "sandbox-key",
    "MPESA_CONSUMER_SECRET": "sandbox-secret",
    "MPESA_SHORTCODE": "174379",
    "MPESA_PASSKEY": "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919",
}
SECRETS = [KEYS["MPESA_CONSUMER_SECRET"], KEYS["MPESA_PASSKEY"]]


# What a till shows once its push was accepted, and after that.
ACCEPTED = ["prompted, the customer is asked for the PIN", "asked M-Pesa: no outcome yet"]


def named(name):
    """What the recipe says where things are."""
    value = os.environ.get(name)
    if not value:
        raise SystemExit(
            f"{name} is not set: run .ci/mobile-examples, which builds everything and sets it."
        )
    return value


def clean_environment():
    """This machine's, without what a person may have set for a shop of theirs."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MPESA_", "TILL_"))
    }


def eventually(what, look):
    """What `look` returns, once that is something."""
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what}: not within {LONGEST:.0f} s")


class Program:
    """A child process. Its lines are read as they come; nothing of it outlives its `with`."""

    def __init__(self, command, environment, answers=""):
        self.process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = []
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        try:
            self.process.stdin.write(answers)
            self.process.stdin.close()
        except BrokenPipeError:
            pass  # it asks nothing, and has ended

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def line(self):
        """The next line; `None` after the last."""
        try:
            line = self.lines.get(timeout=LONGEST)
        except queue.Empty:
            raise AssertionError(f"it says nothing more after:\n{self.text}") from None
        if line is not None:
            self.said.append(line)
        return line

    def until_prompted(self):
        """Until it shows that the push was accepted. A till shows the latest that it knows: on a slow machine the next
        piece of news may stand there already."""
        while (line := self.line()) is not None:
            if any(words in line for words in ACCEPTED):
                return
        raise AssertionError(f"it never said that the customer is asked:\n{self.text}")

    def until_followed(self):
        """Until it shows that it follows a sale, its own or one that was prompted for before."""
        while (line := self.line()) is not None:
            if any(words in line for words in [*ACCEPTED, "was prompted for before"]):
                return
        raise AssertionError(f"it never said that it follows the sale:\n{self.text}")

    def ended(self):
        """Its exit code, when it ends by itself."""
        while self.line() is not None:
            pass
        return self.process.wait(LONGEST)

    def kill(self):
        """As a system does that needs the memory."""
        self.process.kill()
        self.process.wait(LONGEST)

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)

    @property
    def text(self):
        return "\n".join(self.said)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()
        self.process.stdout.close()


class Http:
    def get(self, path):
        return self._send(urllib.request.Request(self.address + path))

    def post(self, path, body, headers=None):
        data = json.dumps(body).encode()
        headers = {"content-type": "application/json", **(headers or {})}
        return self._send(urllib.request.Request(self.address + path, data, headers))

    def _send(self, request):
        with urllib.request.urlopen(request, timeout=LONGEST) as answer:
            return json.load(answer)


class Sandbox(Http):
    """M-Pesa, played by `lipia sandbox`."""

    def __init__(self):
        lipia = str(Path(named("LIPIA_BUILT")) / "lipia")
        command = [lipia, "sandbox", "--json", "--time-scale", "100"]
        self.program = Program(command, clean_environment())
        self.address = json.loads(self.program.line())["base_url"]

    def reset(self):
        self.post("/_sandbox/reset", {})

    def counted(self, name):
        return self.get("/_sandbox/counters")[name]

    @property
    def prompts(self):
        return self.counted("prompts")

    def payments(self):
        return self.get("/_sandbox/payments")

    def inject(self, **fault):
        self.post("/_sandbox/faults", fault)

    def script(self, phone, scenario):
        self.post("/_sandbox/scripts", {"phone": phone, "scenario": scenario})

    def act(self, ending):
        """What the one customer who is being asked does now."""
        [payment] = self.payments()
        self.post(f"/_sandbox/payments/{payment['checkout_request_id']}/act", {"do": ending})

    def pushes(self):
        """The bodies of the pushes that it received."""
        requests = self.get("/_sandbox/requests")
        return [
            json.loads(request["body"]) for request in requests if "stkpush/v1" in request["path"]
        ]


class Relay(Http):
    """The merchant's server."""

    def __init__(self, sandbox):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        environment = (
            clean_environment()
            | KEYS
            | {
                "MPESA_BASE_URL": sandbox.address,
                "MPESA_CALLBACK_URL": f"{self.address}/pay",
                "MPESA_ENVIRONMENT": "sandbox",
                "PORT": str(port),
            }
        )
        orders = str(REPOSITORY / "examples/relay/orders.json")
        relay = str(Path(named("LIPIA_BUILT")) / "example-relay")
        self.program = Program([relay, orders], environment)
        eventually("the relay listens", lambda: self.status("/kept/nothing") == 404)

    def status(self, path):
        try:
            with urllib.request.urlopen(self.address + path, timeout=LONGEST) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except urllib.error.URLError:
            return None


class Till:
    """One till's surroundings: its folder of payments, and who it speaks to. Started as often as the story wants."""

    def __init__(self, command, folder, **environment):
        self.command = command
        self.payments = Path(folder) / "payments"
        self.environment = clean_environment() | {
            "TILL_PAYMENTS": str(self.payments),
            "TILL_ASK_AFTER": "0.1",
            "TILL_LOOK_EVERY": "0.1",
            "TILL_WAIT": "20",
            **environment,
        }

    def start(self, *arguments, answers="", **environment):
        return Program([*self.command, *arguments], self.environment | environment, answers)

    def run(self, *arguments, answers="", **environment):
        """What it says, and its exit code."""
        with self.start(*arguments, answers=answers, **environment) as program:
            code = program.ended()
            return program.text, code

    @property
    def ledger(self):
        return self.payments / "payments.db"

    def saved(self):
        """The payments that it remembers, as JSON."""
        connection = sqlite3.connect(self.ledger)
        try:
            rows = connection.execute("SELECT payment FROM payments ORDER BY seq").fetchall()
        finally:
            connection.close()
        return [json.loads(text) for (text,) in rows]

    def forget(self):
        """Takes its memory away."""
        shutil.rmtree(self.payments)


def receipt_in(text):
    found = re.search(r"PAID, receipt (\w+)", text)
    return found and found[1]


def keys_file(folder, **more):
    """Where a till without a Keystore has its keys: a file that only its owner reads."""
    file = Path(folder) / "till.keys"
    file.touch(mode=0o600)
    file.write_text("".join(f"{name}={value}\n" for name, value in (KEYS | more).items()))
    return str(file)


def folder():
    return tempfile.TemporaryDirectory(prefix="lipia-till-")
