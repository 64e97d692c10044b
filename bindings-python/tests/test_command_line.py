"""`python -m lipia` keeps the contract of `docs/command-line.md`, whatever becomes of its streams and signals."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from callback_shop import eventually
from repository import REPOSITORY

import lipia

VECTORS = REPOSITORY / "core" / "vectors"
LONGEST_SECONDS = 60


def environment(**more: str) -> dict[str, str]:
    """This process's environment, without keys of anybody's."""
    prefixes = ("MPESA_", "PALPLUSS_", "UPESIPAY_", "PAYHERO_")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(prefixes)},
        **more,
    }


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "lipia", *arguments]


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    options = {"env": environment(), "capture_output": True, "timeout": LONGEST_SECONDS, **options}
    return subprocess.run(command(*arguments), **options)


def lines(run: subprocess.CompletedProcess[bytes]) -> list[Any]:
    return [json.loads(line) for line in run.stdout.splitlines()]


def push(url: str, *more: str, phone: str = "0712345678", amount: str = "10") -> list[str]:
    return [
        "push", "--phone", phone, "--amount", amount, "--reference", "INV-1", "--base-url", url, "--json", *more
    ]  # fmt: skip


def test_every_phone_of_the_vectors_is_answered_in_order() -> None:
    cases = json.loads((VECTORS / "phones.json").read_text(encoding="utf-8"))["cases"]
    texts = [case for case in cases if case["input_type"] == "string"]
    answered = run("phone", "--", *(case["input"] for case in texts))
    assert answered.returncode == 0, answered.stderr
    told = [(line["input"], line["normalised"]) for line in lines(answered)]
    assert told == [(case["input"], case["normalised"]) for case in texts]


def test_every_callback_of_the_vectors_is_read() -> None:
    expected: dict[str, Any] = json.loads(
        (VECTORS / "callbacks/expected.json").read_text(encoding="utf-8")
    )
    names = [name for name, case in expected.items() if case["provider"] == "daraja"]
    folder = VECTORS / "callbacks"
    answered = run("callback", "--gateway", "daraja", *(str(folder / name) for name in names))
    assert answered.returncode == 0, answered.stderr
    for name, line in zip(names, lines(answered), strict=True):
        assert Path(line["file"]).name == name
        for field in ("parses", "error", "outcome", "receipt", "amount", "result_code", "date"):
            assert line[field] == expected[name][field], (name, field)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "latin-1", "utf-16", "ascii:strict", "cp1252:replace"]
)
def test_the_output_is_utf_8_whatever_python_would_write(encoding: str) -> None:
    body = (VECTORS / "callbacks/d040_success_unicode_desc.json").read_bytes()
    usual = run("callback", "-", input=body)
    odd = run(
        "callback",
        "-",
        input=body,
        env=environment(PYTHONIOENCODING=encoding, LC_ALL="C", PYTHONUTF8="0"),
    )
    assert (odd.returncode, odd.stdout, odd.stderr) == (0, usual.stdout, b"")
    assert lines(odd)[0]["outcome"] == "success"


def test_an_argument_that_is_no_text_gets_a_code_and_the_others_their_answer() -> None:
    answered = run("phone", os.fsdecode(b"07\xff"), "0712345678")
    assert [line["error"] for line in lines(answered)] == ["phone_not_text", None]


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ((), 2),
        (("--help",), 0),
        (("--version",), 0),
        (("phone",), 2),
        (("nothing",), 2),
        (("callback", "/no/such"), 1),
        (("explain", "1032"), 0),
        (("explain", "no_such_code"), 2),
    ],
)
def test_wrong_arguments_are_two_and_what_cannot_be_read_is_one(
    arguments: tuple[str, ...], status: int
) -> None:
    done = run(*arguments)
    assert done.returncode == status, done.stderr
    assert b"Traceback" not in done.stderr
    assert done.stdout or done.stderr


#: What is injected at the push or at the token, and what the command ends with.
STATUSES: list[tuple[str, str, str | None, int, str | None]] = [
    ("accepted", "push", None, 0, None),
    ("lost", "push", "answer_lost", 5, "unknown"),
    ("cut", "push", "answer_cut", 5, "unknown"),
    ("503 in HTML", "push", "unavailable_html", 5, "unknown"),
    ("token refused", "push", "invalid_token_404", 0, None),
    ("wrong keys", "oauth", "invalid_credentials", 4, "rejected"),
]


@pytest.mark.parametrize(("name", "step", "fault", "status", "disposition"), STATUSES)
def test_a_fault_ends_in_the_status_that_the_contract_names(
    sandbox: lipia.Sandbox,
    name: str,
    step: Any,
    fault: str | None,
    status: int,
    disposition: str | None,
) -> None:
    if fault:
        sandbox.inject(step, fault)
    pushed = run(*push(sandbox.base_url))
    assert pushed.returncode == status, pushed.stdout + pushed.stderr
    error = lines(pushed)[0].get("error")
    assert (error and error["disposition"]) == disposition
    assert sandbox.prompts <= 1


@pytest.mark.parametrize(
    ("phone", "status", "outcome"),
    [("0712345678", 0, "success"), ("0712341032", 6, "cancelled"), ("0712349001", 5, "pending")],
)
def test_with_wait_the_outcome_decides_the_status(
    sandbox: lipia.Sandbox, phone: str, status: int, outcome: str
) -> None:
    timeout = "0.5" if status == 5 else "20"
    waited = run(
        *push(
            sandbox.base_url, "--wait", "--query-every", "0.05", "--timeout", timeout, phone=phone
        )
    )
    assert waited.returncode == status, waited.stdout + waited.stderr
    assert lines(waited)[1]["outcome"] == outcome


def test_bad_input_is_two_and_nothing_listening_is_three(sandbox: lipia.Sandbox) -> None:
    refused = run(*push(sandbox.base_url, amount="0.4"))
    assert (refused.returncode, lines(refused)[0]["error"]["field"]) == (2, "amount")
    assert sandbox.counters()["push_attempts"] == 0
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        unsent = run(*push(f"http://127.0.0.1:{nobody.getsockname()[1]}"))
    assert (unsent.returncode, lines(unsent)[0]["error"]["disposition"]) == (3, "not_sent")


def test_an_order_is_pushed_once_and_waited_for_by_another_process(
    sandbox: lipia.Sandbox, tmp_path: Path
) -> None:
    ledger = f"sqlite://{tmp_path / 'payments.db'}"
    for _ in range(2):
        arguments = push(sandbox.base_url, "--order", "17", "--ledger", ledger)
        assert run(*arguments).returncode == 0
    where = ("--ledger", ledger, "--base-url", sandbox.base_url, "--json")
    waited = run("wait", "--order", "17", *where, "--query-every", "0.05")
    assert (waited.returncode, lines(waited)[0]["paid"], sandbox.prompts) == (0, True, 1)


def test_a_reader_that_has_seen_enough_is_no_failure() -> None:
    process = subprocess.Popen(
        command("phone", *map(str, range(20_000))),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert process.stdout and process.stderr
    assert json.loads(process.stdout.readline())["error"]
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(LONGEST_SECONDS) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="a shell's way of closing a stream")
@pytest.mark.parametrize("streams", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_a_stream_that_is_closed_from_the_start_takes_nothing_else_down(
    sandbox: lipia.Sandbox, streams: str
) -> None:
    script = '"$@" ' + streams
    done = subprocess.run(
        ["sh", "-c", script, "sh", *command(*push(sandbox.base_url))],
        capture_output=True,
        env=environment(),
        timeout=LONGEST_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    assert sandbox.prompts == 1 and b"Traceback" not in done.stderr


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    processes: list[subprocess.Popen[bytes]] = []
    yield processes
    for process in processes:
        process.kill()
        process.wait(LONGEST_SECONDS)


def start(processes: list[subprocess.Popen[bytes]], *arguments: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    )
    processes.append(process)
    return process


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_during_a_wait_ends_as_unknown_and_says_how_to_go_on(
    sandbox: lipia.Sandbox, started: list[subprocess.Popen[bytes]]
) -> None:
    waiting = start(
        started, *push(sandbox.base_url, "--wait", "--query-every", "0.05", phone="0712349001")
    )
    eventually("the gateway is asked", lambda: sandbox.counters()["queries"] > 0)
    waiting.send_signal(signal.SIGINT)
    out, err = waiting.communicate(timeout=LONGEST_SECONDS)
    assert waiting.returncode == 5, err
    assert b"Traceback" not in err and b"lipia wait" in err
    assert json.loads(out.splitlines()[0])["accepted"] is True
    assert sandbox.prompts == 1


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_during_a_push_waits_for_its_answer(
    sandbox: lipia.Sandbox, started: list[subprocess.Popen[bytes]]
) -> None:
    sandbox.inject("push", "slow_after", seconds=100)
    pushing = start(started, *push(sandbox.base_url))
    eventually("the phone is prompted", lambda: sandbox.prompts == 1)
    pushing.send_signal(signal.SIGINT)
    out, err = pushing.communicate(timeout=LONGEST_SECONDS)
    assert pushing.returncode == 0, err
    assert json.loads(out.splitlines()[0])["accepted"] is True
    assert b"Traceback" not in err and b"Press Ctrl-C again" in err


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_ends_what_reads_without_a_word_of_pythons(
    started: list[subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    pipe = tmp_path / "body"
    os.mkfifo(pipe)
    reading = start(started, "callback", str(pipe))
    writers: list[int] = []

    def is_read() -> bool:
        try:
            writers.append(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            return False
        return True

    eventually("the body is read", is_read)
    playing = start(started, "sandbox")
    assert playing.stdout and playing.stdout.readline().startswith(b"http://127.0.0.1:")
    for begun in (reading, playing):
        begun.send_signal(signal.SIGINT)
        _, err = begun.communicate(timeout=LONGEST_SECONDS)
        assert begun.returncode in (0, -signal.SIGINT), err
        assert b"Traceback" not in err
    os.close(writers[0])


def test_the_command_of_the_package_is_the_module() -> None:
    from lipia import __main__

    assert callable(__main__.main)
    script = Path(sys.executable).with_name("lipia")
    if script.exists():
        done = subprocess.run(
            [str(script), "phone", "0712345678"], capture_output=True, env=environment(), timeout=60
        )
        assert (done.returncode, lines(done)[0]["normalised"]) == (0, "254712345678")
