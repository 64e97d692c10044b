"""A client with a ledger in programs that fork, that are interrupted, and that end."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Run

#: What every program here begins with: a sandbox whose callbacks come to a thread that hands them to a client.
SHOP = """
import threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ledger = "sqlite://" + sys.argv[1] + "/payments.db"
receive = None

class Desk(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        receive(self.path, body)
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()
    def log_message(self, *_):
        pass

def serve():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/pay"

def of_order(number):
    return dict(order=f"order-{number}", **sale())

def until(holds):
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline, "waited for 20 s"
        time.sleep(0.005)
"""


def program(text: str) -> str:
    """A program that begins as all here do."""
    import textwrap

    return SHOP + textwrap.dedent(text)


def test_a_client_that_was_used_before_a_fork_is_used_in_the_child_and_the_parent(
    run: Run, tmp_path: Path
) -> None:
    printed = run(
        program(
            """
            sandbox = lipia.Sandbox()
            daraja = sandbox.daraja(callback_url=serve(), ledger=ledger)
            receive = daraja.receive_callback
            told = []
            daraja.on_outcome(lambda payment: told.append(payment.order) or True)
            first = daraja.request(**of_order(1))
            until(lambda: told == ["order-1"])
            for generation in range(20):
                # The background work of the parent goes on all the while.
                child = os.fork()
                if child == 0:
                    told.clear()
                    assert daraja.payments.of_order("order-1")[0].id == first.id
                    payment = daraja.request(**of_order(100 + generation))
                    daraja.payments.resolve(payment, paid=False) if not payment.is_paid else None
                    os._exit(0)
                assert os.waitpid(child, 0)[1] == 0
                assert daraja.payments.of_order(f"order-{100 + generation}")
            daraja.request(**of_order(2))
            until(lambda: "order-2" in told)
            print(sandbox.prompts)
            """
        ),
        str(tmp_path),
    )
    assert printed.split() == ["22"]


def test_children_have_connections_to_postgresql_of_their_own(run: Run, postgresql: str) -> None:
    printed = run(
        """
        import threading
        import psycopg
        address = sys.argv[1]
        ledger = address + "&application_name=of_the_shop"

        def sockets():
            # The sockets of a process have numbers that no other socket has.
            names = (f"/proc/self/fd/{name}" for name in os.listdir("/proc/self/fd"))
            links = (os.readlink(name) for name in names if os.path.exists(name))
            return {link for link in links if link.startswith("socket:")}

        def sessions():
            with psycopg.connect(address) as connection:
                rows = connection.execute(
                    "SELECT pid FROM pg_stat_activity WHERE application_name = 'of_the_shop'"
                )
                return {pid for (pid,) in rows}

        def of_order(number):
            return dict(order=f"order-{number}", **sale())

        sandbox = lipia.Sandbox()
        daraja = sandbox.daraja(ledger=ledger)
        first = daraja.request(**of_order(1))
        of_parent = sessions()
        assert of_parent
        goes_on = threading.Event()

        def work():
            number = 1000
            while not goes_on.is_set():
                number += 1
                assert daraja.payments.of_order("order-1")[0].id == first.id
                daraja.request(**of_order(number))

        # The parent's connections are in use at every fork.
        worker = threading.Thread(target=work, daemon=True)
        worker.start()
        served = 0
        for generation in range(10):
            child = os.fork()
            if child == 0:
                inherited = sockets()
                try:
                    assert daraja.payments.of_order("order-1")[0].id == first.id
                except lipia.LipiaError as error:
                    # The worker held a lock in the moment of the fork: "fork again".
                    os._exit(75 if error.code == "ledger_open_before_fork" else 1)
                one = of_order(100 + generation)
                daraja.request(**one)
                assert daraja.request(**one).is_existing
                assert sockets() - inherited, "the child made no connection of its own"
                if generation % 2:
                    os._exit(0)
                daraja.close()
                sys.exit(0)
            ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            if ended == 75:
                continue
            assert ended == 0
            served += 1
            assert daraja.payments.of_order(f"order-{100 + generation}")
        assert served >= 5
        goes_on.set()
        worker.join(20)
        assert of_parent <= sessions(), "a session of the parent's has ended"
        print("done")
        """,
        postgresql,
    )
    assert printed.split() == ["done"]


def test_the_handler_is_called_in_a_child_that_makes_the_first_call(
    run: Run, tmp_path: Path
) -> None:
    printed = run(
        program(
            """
            sandbox = lipia.Sandbox()
            url = serve()
            daraja = sandbox.daraja(callback_url=url, ledger=ledger)
            with sandbox.daraja(callback_url=url, ledger=ledger) as another:
                receive = another.receive_callback
                another.collect(**of_order(1))
            @daraja.on_outcome
            def told(payment):
                print(payment.order, os.getpid() != parent, flush=True)
            parent = os.getpid()
            child = os.fork()
            if child == 0:
                daraja.start()
                until(lambda: daraja.payments.reconcile().told == 0)
                sys.exit(0)
            assert os.waitpid(child, 0)[1] == 0
            """
        ),
        str(tmp_path),
    )
    assert printed.splitlines() == ["order-1 True"]


@pytest.mark.parametrize("ends", ["sys.exit(0)", "raise SystemExit", "pass"])
def test_a_program_that_ends_waits_for_a_handler_that_was_called(
    run: Run, tmp_path: Path, ends: str
) -> None:
    run_one = program(
        f"""
        sandbox = lipia.Sandbox()
        daraja = sandbox.daraja(callback_url=serve(), ledger=ledger)
        receive = daraja.receive_callback
        begun = threading.Event()
        @daraja.on_outcome
        def told(payment):
            begun.set()
            time.sleep(0.5)
            print(payment.order, payment.attempt, flush=True)
        daraja.request(**of_order(1))
        begun.wait(20)
        {ends}
        """
    )
    assert run(run_one, str(tmp_path)).splitlines() == ["order-1 1"]
    # What was told was noted as well.
    printed = run(
        program(
            """
            with lipia.Sandbox() as sandbox, sandbox.daraja(ledger=ledger) as daraja:
                daraja.on_outcome(print)
                print(daraja.payments.reconcile().told)
            """
        ),
        str(tmp_path),
    )
    assert printed.splitlines() == ["0"]


def test_a_handler_that_never_ends_does_not_keep_its_program(run: Run, tmp_path: Path) -> None:
    printed = run(
        program(
            """
            sandbox = lipia.Sandbox()
            daraja = sandbox.daraja(callback_url=serve(), ledger=ledger)
            receive = daraja.receive_callback
            begun = threading.Event()
            @daraja.on_outcome
            def told(payment):
                begun.set()
                time.sleep(1000)
            daraja.request(**of_order(1))
            begun.wait(20)
            import atexit
            began = time.monotonic()
            atexit.register(lambda: print("ends"))
            """
        ),
        str(tmp_path),
    )
    assert printed.split() == ["ends"]


def test_an_interrupted_request_goes_on_and_the_ledger_has_it(run: Run, tmp_path: Path) -> None:
    printed = run(
        program(
            """
            import signal
            sandbox = lipia.Sandbox()
            daraja = sandbox.daraja(ledger=ledger)
            sandbox.inject("push", "slow_before", seconds=50)
            threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
            sold = of_order(1)
            try:
                daraja.request(**sold)
            except KeyboardInterrupt:
                print("interrupted")
            print(daraja.drain())
            (payment,) = daraja.payments.of_order("order-1")
            print(payment.state.value, daraja.request(**sold).id == payment.id, sandbox.prompts)
            """
        ),
        str(tmp_path),
    )
    assert printed.split() == ["interrupted", "True", "accepted", "True", "1"]


def test_a_client_that_is_gone_ends_its_thread_and_closed_ones_too(
    run: Run, tmp_path: Path
) -> None:
    printed = run(
        program(
            """
            import gc
            names = lambda: sum(thread.name == "lipia-outcomes" for thread in threading.enumerate())
            sandbox = lipia.Sandbox()
            for number in range(5):
                daraja = sandbox.daraja(ledger=ledger)
                daraja.on_outcome(print)
                daraja.start()
                if number % 2:
                    daraja.close()
            before = names()
            del daraja
            gc.collect()
            until(lambda: names() == 0)
            print(before >= 1)
            """
        ),
        str(tmp_path),
    )
    assert printed.split() == ["True"]


@pytest.mark.parametrize("worker", ["gevent", "eventlet"])
def test_the_handler_is_called_in_a_greenlet_of_a_patched_program(
    run: Run, tmp_path: Path, worker: str
) -> None:
    pytest.importorskip(worker)
    patch = (
        "from gevent import monkey; monkey.patch_all()"
        if worker == "gevent"
        else "import eventlet; eventlet.monkey_patch()"
    )
    printed = run(
        f"{patch}\n"
        + program(
            """
            sandbox = lipia.Sandbox()
            daraja = sandbox.daraja(callback_url=serve(), ledger=ledger)
            receive = daraja.receive_callback
            told = []
            @daraja.on_outcome
            def hear(payment):
                time.sleep(0.3)
                told.append(payment.order)
            began = time.monotonic()
            for number in range(20):
                daraja.request(**of_order(number))
            until(lambda: len(told) == 20)
            # Twenty handlers one after the other would take six seconds by themselves.
            print(sorted(told) == sorted(f"order-{n}" for n in range(20)))
            print(daraja.close())
            """
        ),
        str(tmp_path),
    )
    assert printed.split() == ["True", "True"]
