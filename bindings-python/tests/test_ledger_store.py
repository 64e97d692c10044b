"""A ledger's store that is written in Python: the conformance suite on it, clients over it, and what goes wrong in it."""

from __future__ import annotations

import importlib.util
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from callback_shop import Background, Shop, eventually
from repository import REPOSITORY

import lipia
import lipia.testing
from lipia.ledger import (
    LedgerCallback,
    LedgerClaimed,
    LedgerEarlier,
    LedgerNotTaken,
    LedgerRow,
    LedgerScope,
    LedgerStore,
    LedgerTaken,
    LedgerTelling,
    LedgerVersion,
    Replaced,
)

#: The example of a store over a database that Lipia does not know.
EXAMPLE = REPOSITORY / "examples" / "python-lmdb-store" / "lmdb_store.py"

if TYPE_CHECKING:

    class LmdbStore(LedgerStore):
        def __init__(self, path: Path) -> None: ...
else:
    _described = importlib.util.spec_from_file_location("lmdb_store", EXAMPLE)
    _module = sys.modules["lmdb_store"] = importlib.util.module_from_spec(_described)
    _described.loader.exec_module(_module)
    LmdbStore = _module.LmdbStore

SALE: dict[str, Any] = {
    "order": "order-17",
    "phone_number": "0712345678",
    "amount": 150,
    "account_reference": "INV-001",
}


@pytest.fixture
def store(tmp_path: Path) -> LedgerStore:
    return LmdbStore(tmp_path / "payments")


def test_the_example_conforms(store: LedgerStore) -> None:
    assert lipia.testing.check_ledger_store(store) == []


class OrdersAreNotUnique(LmdbStore):
    def claim(self, row: LedgerRow, over: LedgerVersion | None, lease: int, /) -> LedgerClaimed:
        claimed = super().claim(row, over, lease)
        if claimed["is_taken"]:
            return claimed
        holder = claimed["row"]
        return super().claim(row, {"payment_id": holder["id"], "version": holder["version"]}, lease)


class VersionsAreNotCompared(LmdbStore):
    def replace(self, row: LedgerRow, /) -> Replaced:
        stored = self.load(row["id"])
        return super().replace({**row, "version": stored["version"]} if stored else row)


class CallbacksAreForgotten(LmdbStore):
    def keep(self, callback: LedgerCallback, row: LedgerRow | None, /) -> Replaced:
        return "written"


class LeasesAreNotTaken(LmdbStore):
    def owed(self, scope: LedgerScope, lease: int, most: int, /) -> list[LedgerTelling]:
        return super().owed(scope, 0, most)


class AnyAttemptEndsATelling(LmdbStore):
    def told(self, payment_id: str, attempts: int, end: LedgerTaken | LedgerNotTaken, /) -> bool:
        row = self.load(payment_id)
        return super().told(payment_id, row["attempts"] if row else attempts, end)


@pytest.mark.parametrize(
    ("faulty", "rule"),
    [
        (OrdersAreNotUnique, "a_second_claim_of_an_order_is_refused_with_the_first"),
        (VersionsAreNotCompared, "a_stale_write_changes_nothing"),
        (CallbacksAreForgotten, "a_callback_waits_until_it_is_judged"),
        (LeasesAreNotTaken, "what_is_owed_is_leased_to_one"),
        (AnyAttemptEndsATelling, "only_the_last_attempt_ends_a_telling"),
    ],
)
def test_the_suite_finds_a_store_that_breaks_a_rule(
    faulty: type[LmdbStore], rule: str, tmp_path: Path
) -> None:
    broken = lipia.testing.check_ledger_store(faulty(tmp_path / "payments"))
    assert rule in [found.split(":")[0] for found in broken]


@pytest.fixture(params=["blocking", "async"])
def call(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Calls a verb, or awaits it; `call.client` makes a client of that kind."""
    loop = Background() if request.param == "async" else None
    opened: list[Any] = []

    def done(verb: Any, *arguments: Any, **keywords: Any) -> Any:
        answer = verb(*arguments, **keywords)
        return answer if loop is None else loop.run(answer)

    def client(sandbox: lipia.Sandbox, **settings: Any) -> Any:
        make = sandbox.daraja if loop is None else sandbox.async_daraja
        opened.append(make(**settings))
        return opened[-1]

    done.client = client  # type: ignore[attr-defined]
    yield done
    for one in opened:
        done(one.close if loop is None else one.aclose)
    if loop is not None:
        loop.stop()


def test_clients_that_share_a_store_have_one_payment_for_one_order(
    call: Any, sandbox: lipia.Sandbox, store: LedgerStore
) -> None:
    shop, told = Shop(), []
    first, second = (
        call.client(sandbox, callback_url=shop.callback_url, ledger=store) for _ in range(2)
    )
    # The callback comes to the client that did not send the push.
    shop.receive = lambda path, body: call(second.receive_callback, path, body)

    @first.on_outcome
    def hear(payment: lipia.Payment) -> None:
        told.append((payment.order, payment.is_paid))

    paid = call(first.collect, **SALE)
    again = call(second.request, **SALE)
    assert paid.is_paid and again.id == paid.id and again.is_existing and sandbox.prompts == 1
    eventually("the handler is told", lambda: told == [("order-17", True)])
    found = call(second.payments.search, receipt=paid.receipt)
    assert [payment.id for payment in found.payments] == [paid.id]
    shop.close()


class Away(LmdbStore):
    """A store whose database is away."""

    def earlier(self, scope: LedgerScope, order: str, /) -> LedgerEarlier:
        raise ConnectionError("no route to the database")


class Nonsense(LmdbStore):
    """A store that answers what fits no row."""

    def earlier(self, scope: LedgerScope, order: str, /) -> LedgerEarlier:
        return {"rows": [{"seq": 1}], "now": 0}  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (Away, "ConnectionError: no route to the database"),
        (Nonsense, "what `earlier` of the store returned is not understood"),
    ],
)
def test_a_store_that_fails_keeps_the_push_from_being_sent(
    call: Any, sandbox: lipia.Sandbox, tmp_path: Path, broken: type[LmdbStore], words: str
) -> None:
    client = call.client(sandbox, ledger=broken(tmp_path / "payments"))
    with pytest.raises(lipia.LipiaError) as caught:
        call(client.request, **SALE)
    assert caught.value.code == "ledger_failed"
    assert caught.value.disposition is lipia.Disposition.NOT_SENT
    assert words in str(caught.value)
    assert sandbox.prompts == 0


class Slow(LmdbStore):
    """A store whose first command waits until it is let go, and that knows the threads which run its commands."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.is_waiting, self.may_go = threading.Event(), threading.Event()
        self.threads: set[int] = set()

    def earlier(self, scope: LedgerScope, order: str, /) -> LedgerEarlier:
        self.threads.add(threading.get_ident())
        self.is_waiting.set()
        assert self.may_go.wait(20)
        return super().earlier(scope, order)


def test_a_command_that_takes_long_keeps_no_event_loop_and_no_other_thread(
    sandbox: lipia.Sandbox, tmp_path: Path
) -> None:
    loop, slow = Background(), Slow(tmp_path / "payments")
    client = sandbox.async_daraja(ledger=slow)
    requesting = threading.Thread(target=lambda: loop.run(client.request(**SALE)))
    requesting.start()
    assert slow.is_waiting.wait(20)

    async def answers() -> bool:
        return True

    assert loop.run(answers())
    # Another command of the store goes on beside it.
    assert loop.run(client.payments.search()).payments == ()
    slow.may_go.set()
    requesting.join(20)
    assert sandbox.prompts == 1
    assert threading.get_ident() not in slow.threads
    loop.run(client.aclose())
    loop.stop()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no alarm")
def test_a_caller_who_waits_for_a_store_can_be_interrupted(
    sandbox: lipia.Sandbox, tmp_path: Path
) -> None:
    slow = Slow(tmp_path / "payments")

    class Alarm(Exception):
        pass

    def ring(*_: object) -> None:
        raise Alarm

    before = signal.signal(signal.SIGALRM, ring)
    try:
        with sandbox.daraja(ledger=slow) as client:
            began = time.monotonic()
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            with pytest.raises(Alarm):
                client.request(**SALE)
            assert time.monotonic() - began < 15
            slow.may_go.set()
    finally:
        signal.signal(signal.SIGALRM, before)


def test_a_store_that_is_none_is_refused_where_it_is_given(sandbox: lipia.Sandbox) -> None:
    with pytest.raises(lipia.CorrectSettingsError, match="address of a ledger"):
        sandbox.daraja(ledger=17)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="abstract"):
        LedgerStore()  # type: ignore[abstract]
