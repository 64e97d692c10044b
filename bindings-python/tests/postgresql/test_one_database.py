"""The handlers of docs/python.md that acknowledge in the shop's own transaction, on a real PostgreSQL, killed and stopped in it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from callback_shop import Shop, eventually
from documents import block_with

import lipia

psycopg = pytest.importorskip("psycopg")

#: The shop's tables. Each time an order is marked as paid is counted, and waits until the test lets it go on: after the write,
#: or with the commit.
TABLES = """
CREATE TABLE orders (number text PRIMARY KEY, is_paid boolean NOT NULL DEFAULT false, receipt text);
CREATE TABLE marks (number text);
INSERT INTO orders VALUES ('order-17');
CREATE FUNCTION mark() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO marks VALUES (NEW.number);
    PERFORM pg_advisory_xact_lock_shared(1);
    RETURN NULL;
END $$;
CREATE FUNCTION commit_mark() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM pg_advisory_xact_lock_shared(2);
    RETURN NULL;
END $$;
CREATE TRIGGER mark AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION mark();
CREATE CONSTRAINT TRIGGER commit_mark AFTER UPDATE ON orders DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION commit_mark();
"""
AFTER_THE_WRITE, AT_THE_COMMIT = 1, 2

#: A process of the shop: the handler as it is printed. Before it ends it tells what is owed.
PROCESS = """
import sys, shop
shop.daraja.start()
print("started", flush=True)
sys.stdin.read()
print(shop.daraja.payments.reconcile().told)
"""


class Database:
    """The database of shop and ledger, as the test looks into it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._connection = psycopg.connect(address, autocommit=True)
        self._connection.execute(TABLES)
        self._holding = psycopg.connect(address, autocommit=True)

    def close(self) -> None:
        self._holding.close()
        self._connection.close()

    def ask(self, question: str) -> int:
        (answer,) = self._connection.execute(question.encode()).fetchone()
        return int(answer)

    def hold(self, where: int) -> None:
        """Has whoever marks an order as paid wait there."""
        self._holding.execute("SELECT pg_advisory_lock(%s)", (where,))

    def let_go(self, where: int) -> None:
        self._holding.execute("SELECT pg_advisory_unlock(%s)", (where,))

    def waiting(self) -> int:
        """How many transactions wait where they are held."""
        return self.ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")

    def writing(self) -> int:
        """How many transactions are open beside the one that asks."""
        return self.ask(
            "SELECT count(*) FROM pg_stat_activity WHERE xact_start IS NOT NULL "
            "AND pid <> pg_backend_pid() AND datname = current_database()"
        )

    def end_the_lease(self) -> None:
        """A minute passes, by the clock of whoever tells next."""
        self._connection.execute("UPDATE lipia.payments SET owed_after = now()")

    def marks(self) -> int:
        """How often the order was marked as paid."""
        return self.ask("SELECT count(*) FROM marks")

    def attempts(self) -> int:
        return self.ask("SELECT attempts FROM lipia.payments")

    def owed(self) -> int:
        """How many payments the shop is still to be told of."""
        return self.ask("SELECT count(*) FROM lipia.payments WHERE news > told")


@pytest.fixture
def database(postgresql: str) -> Iterator[Database]:
    opened = Database(postgresql)
    yield opened
    opened.close()


StartProcess = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture(params=["psycopg", "sqlalchemy"])
def start_process(
    request: pytest.FixtureRequest, sandbox: lipia.Sandbox, database: Database, tmp_path: Path
) -> Iterator[StartProcess]:
    """Starts processes of the shop. One has accepted the payment of an order, and its callback is in the ledger."""
    pytest.importorskip(request.param)
    block = block_with("docs/python.md", request.param)
    (tmp_path / "shop.py").write_text(block, encoding="utf-8")
    started: list[subprocess.Popen[str]] = []
    with Shop() as web:

        def start_one() -> subprocess.Popen[str]:
            environ = {
                **os.environ,
                **sandbox.environ(callback_url=web.callback_url),
                "DATABASE_URL": database.address,
            }
            process = subprocess.Popen(
                [sys.executable, "-c", PROCESS],
                cwd=tmp_path,
                env=environ,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            started.append(process)
            assert process.stdout is not None and process.stdout.readline() == "started\n"
            return process

        with sandbox.daraja(callback_url=web.callback_url, ledger=database.address) as daraja:
            web.receive = daraja.receive_callback
            daraja.request(
                order="order-17",
                phone_number="0712345678",
                amount=150,
                account_reference="INV-017",
            )
            eventually("the callback is kept", lambda: database.owed() == 1)
            yield start_one
        for process in started:
            process.kill()
            process.communicate()


def test_an_order_is_marked_and_acknowledged_at_once(
    start_process: StartProcess, database: Database
) -> None:
    start_process()
    eventually("the telling is acknowledged", lambda: database.owed() == 0)
    assert database.marks() == 1 and database.attempts() == 1
    assert database.ask("SELECT count(*) FROM orders WHERE is_paid AND receipt <> ''") == 1


def test_a_process_that_is_killed_before_it_acknowledges_has_marked_nothing(
    start_process: StartProcess, database: Database
) -> None:
    database.hold(AFTER_THE_WRITE)
    killed = start_process()
    eventually("the order is marked", lambda: database.waiting() == 1)
    killed.kill()
    killed.wait()
    database.let_go(AFTER_THE_WRITE)
    eventually("the transaction is over", lambda: database.writing() == 0)
    assert database.marks() == 0 and database.owed() == 1
    database.end_the_lease()
    start_process()
    eventually("the telling is acknowledged", lambda: database.owed() == 0)
    assert database.marks() == 1 and database.attempts() == 2


def test_a_process_that_is_killed_while_it_commits_is_not_told_again(
    start_process: StartProcess, database: Database
) -> None:
    database.hold(AT_THE_COMMIT)
    killed = start_process()
    eventually("the work is being committed", lambda: database.waiting() == 1)
    killed.kill()
    killed.wait()
    database.let_go(AT_THE_COMMIT)
    eventually("the transaction is over", lambda: database.writing() == 0)
    assert database.marks() == 1 and database.owed() == 0
    database.end_the_lease()
    another = start_process()
    assert another.communicate()[0] == "0\n"
    assert database.marks() == 1 and database.attempts() == 1


def test_a_process_that_was_stopped_past_its_lease_marks_nothing_when_it_goes_on(
    start_process: StartProcess, database: Database
) -> None:
    database.hold(AFTER_THE_WRITE)
    stopped = start_process()
    eventually("the order is marked", lambda: database.waiting() == 1)
    stopped.send_signal(signal.SIGSTOP)
    database.end_the_lease()
    start_process()
    eventually("another process is told", lambda: database.attempts() == 2)
    database.let_go(AFTER_THE_WRITE)
    stopped.send_signal(signal.SIGCONT)
    eventually("the telling is acknowledged", lambda: database.owed() == 0)
    eventually("both transactions are over", lambda: database.writing() == 0)
    assert database.marks() == 1
