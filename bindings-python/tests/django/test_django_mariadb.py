"""MariaDB's own ways: collations that join orders, isolation, deadlocks, sessions, and tables that somebody changed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import OperationalError, connection, connections, transaction
from django.test import override_settings
from shop_under_test.testing import ASKED

import lipia
import lipia.testing
from lipia.django.databases import fault_of, run_again_if_rolled_back
from lipia.django.ledger_store import DjangoLedgerStore
from lipia.django.models import Callback, Name, Note, Payment

#: Orders of which MariaDB's usual collations take many for one.
APART = [
    ("order-a", "ORDER-A"),
    ("cafe", "café"),
    ("strasse", "straße"),
    ("1", "１"),
    ("basket 😀", "basket 😁"),
    ("cafe\N{COMBINING ACUTE ACCENT}", "café"),
]

Connect = Callable[..., None]


def execute(statement: str, *arguments: object) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments or None)
        return list(cursor.fetchall() or ())


def request(order: str, number: int = 0) -> Payment:
    # By the guard's count a phone is prompted only so often.
    phone = f"07{number:02}349000"
    payment: Payment = Payment.objects.request(**{**ASKED, "phone_number": phone}, order=order)
    return payment


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    together = threading.Barrier(count)

    def one(number: int) -> Any:
        try:
            together.wait(30)
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return [asked.result() for asked in [pool.submit(one, n) for n in range(count)]]


@contextmanager
def changed(table: str, change: str) -> Iterator[None]:
    """A table that somebody has changed by hand, for as long as the block lasts."""
    execute(f"ALTER TABLE {table} {change}")
    try:
        yield
    finally:
        execute(f"ALTER TABLE {table} ENGINE = InnoDB")
        execute(f"ALTER TABLE {table} CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin")


LETS_CASE_GO = "MODIFY order_claim varchar(300) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"


@pytest.mark.parametrize(("one", "other"), APART)
def test_orders_that_differ_in_a_byte_are_two(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox, one: str, other: str
) -> None:
    first, second = request(one), request(other, 10)
    assert first != second and sandbox.prompts == 2
    assert request(one) == first and request(other, 10) == second and sandbox.prompts == 2
    assert list(Payment.objects.for_order(one)) == [first]


def test_shops_receipts_and_notes_that_differ_in_a_byte_are_two(
    tables: None, sandbox: lipia.Sandbox
) -> None:
    store = DjangoLedgerStore()
    for shop, phone in (("nairobi", "0712349000"), ("Nairobi", "0722349000")):
        with sandbox.daraja(ledger=DjangoLedgerStore(), shop=shop) as daraja:
            daraja.request(**{**ASKED, "phone_number": phone}, order="7")
    assert sandbox.prompts == 2
    Payment.objects.filter(shop="nairobi").update(receipt="NLJ7RT61SV")
    scope: Any = {"environment": "sandbox", "shop": "nairobi"}
    filters: Any = dict.fromkeys(
        ("state", "receipt", "phone_number", "reference", "order", "since", "id_prefix")
    )
    filters = {**scope, **filters, "only_open": False, "only_owed": False}
    assert len(store.search({**filters, "receipt": "NLJ7RT61SV"}, None, 9)) == 1
    assert store.search({**filters, "receipt": "nlj7rt61sv"}, None, 9) == []
    for key in ("k", "K", "k ", "k  "):
        assert store.write_note(key, 0, key, 60_000)["is_written"], "the blanks count too"
    assert store.note("k ")["value"] == "k "


def test_the_longest_order_of_the_longest_shop_fits(tables: None, sandbox: lipia.Sandbox) -> None:
    with sandbox.daraja(ledger=DjangoLedgerStore(), shop="😀" * 128) as daraja:
        asked = {**ASKED, "phone_number": "0712349000"}
        payment = daraja.request(**asked, order="😀" * 128)
        assert daraja.request(**asked, order="😀" * 128).id == payment.id
        asked["phone_number"] = "0722349000"
        assert daraja.request(**asked, order="😀" * 127 + "😁").id != payment.id
    assert sandbox.prompts == 2


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read", "snapshot"])
def test_the_tables_conform_in_every_isolation(
    options: Connect, tables: None, isolation: str
) -> None:
    _isolate(options, isolation)
    assert lipia.testing.check_ledger_store(DjangoLedgerStore()) == []


@pytest.mark.parametrize("isolation", ["repeatable read", "snapshot"])
def test_requests_at_the_same_moment_prompt_once_for_an_order(
    options: Connect, deaf_shop: dict[str, Any], sandbox: lipia.Sandbox, isolation: str
) -> None:
    _isolate(options, isolation)
    same = at_once(8, lambda _: request("7"))
    assert len({payment.pk for payment in same}) == 1 and sandbox.prompts == 1
    others = at_once(8, lambda number: request(f"order-{number}", 10 + number))
    assert len({payment.pk for payment in others}) == 8 and sandbox.prompts == 9


def _isolate(options: Connect, isolation: str) -> None:
    if isolation == "snapshot":
        # The default of MariaDB 11.6.2 and later.
        snapshot = "SET SESSION innodb_snapshot_isolation = ON"
        options(isolation_level="repeatable read", init_command=snapshot)
        assert execute("SELECT @@innodb_snapshot_isolation") == [(1,)]
    else:
        options(isolation_level=isolation)
    level = "READ-COMMITTED" if isolation == "read committed" else "REPEATABLE-READ"
    assert execute("SELECT @@tx_isolation") == [(level,)]


def test_the_clock_is_the_servers_whatever_the_sessions_time_zone(
    options: Connect, tables: None
) -> None:
    options(init_command="SET time_zone = '-05:00'")
    before = time.time_ns() // 1_000_000
    now = DjangoLedgerStore()._now()
    assert before <= now <= time.time_ns() // 1_000_000


def test_a_transaction_that_a_deadlock_rolled_back_is_made_again(tables: None) -> None:
    names = ["one", "other", *(f"more-{number}" for number in range(50))]
    Note.objects.bulk_create(Note(key=name, version=0, value="", until=0) for name in names)
    has_one, has_other = threading.Event(), threading.Event()
    tries = []

    def takes_one_then_other() -> None:
        try:
            with transaction.atomic():
                # The one that wrote less is rolled back.
                Note.objects.exclude(key="other").update(version=1)
                has_one.set()
                assert has_other.wait(30)
                Note.objects.filter(key="other").update(version=1)
        finally:
            connections.close_all()

    def takes_other_then_one() -> None:
        tries.append(1)
        with transaction.atomic():
            Note.objects.filter(key="other").update(value="written")
            has_other.set()
            Note.objects.filter(key="one").update(value="written")

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(takes_one_then_other)
        assert has_one.wait(30)
        run_again_if_rolled_back(connection, takes_other_then_one)
        first.result()
    assert len(tries) == 2
    written = Note.objects.filter(value="written", version=1)
    assert sorted(written.values_list("key", flat=True)) == ["one", "other"]


def test_within_the_callers_transaction_the_error_is_the_callers(tables: None) -> None:
    tries = []

    def fails() -> None:
        tries.append(1)
        raise OperationalError(1213, "Deadlock found when trying to get lock")

    with pytest.raises(OperationalError), transaction.atomic():
        run_again_if_rolled_back(connection, fails)
    assert len(tries) == 1


def test_a_claim_that_waits_for_a_lock_in_vain_sends_nothing(
    options: Connect, deaf_shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    options(init_command="SET innodb_lock_wait_timeout = 1")
    is_held, is_tried = threading.Event(), threading.Event()

    def holds_the_order() -> None:
        try:
            with transaction.atomic():
                columns = {"gateway": "daraja", "amount": 150, "state_json": "{}"}
                Payment.objects.create(payment_id="held", order_claim="sandbox\n7", **columns)
                is_held.set()
                assert is_tried.wait(60)
                transaction.set_rollback(True)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(holds_the_order)
        assert is_held.wait(30)
        try:
            with pytest.raises(lipia.LipiaError, match="Lock wait timeout") as failed:
                request("7")
        finally:
            is_tried.set()
        held.result()
    assert failed.value.code == "ledger_failed" and "349000" not in str(failed.value)
    assert sandbox.counters()["push_attempts"] == 0
    assert request("7").state == "accepted" and sandbox.prompts == 1


def test_the_check_has_nothing_to_say_of_tables_as_they_were_migrated(tables: None) -> None:
    found = run_checks(app_configs=[apps.get_app_config("lipia")], databases=["default"])
    of_settings = {"lipia.W001", "lipia.W004"}
    assert [message for message in found if message.id not in of_settings] == []
    assert fault_of(connection) is None


@pytest.mark.parametrize(
    ("table", "change", "said"),
    [
        ("lipia_payment", LETS_CASE_GO, "order_claim of the table lipia_payment"),
        ("lipia_payment", LETS_CASE_GO.replace("general_ci", "bin"), "utf8mb4_bin"),
        ("lipia_payment", "MODIFY state_json longtext CHARACTER SET latin1", "state_json"),
        ("lipia_note", "ENGINE = MyISAM", "lipia_note has the engine MyISAM"),
    ],
    ids=["case", "blanks", "characters", "engine"],
)
def test_tables_that_join_orders_are_refused(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox, table: str, change: str, said: str
) -> None:
    with changed(table, change):
        with pytest.raises(SystemCheckError, match=said) as checked:
            call_command("check", databases=["default"])
        assert "lipia.E010" in str(checked.value) and "ALTER TABLE" in str(checked.value)
        with pytest.raises(ImproperlyConfigured, match=said):
            request("7")
        with pytest.raises(ImproperlyConfigured, match=said):
            DjangoLedgerStore().report({"environment": "sandbox", "shop": "default"})
    assert sandbox.counters()["push_attempts"] == 0
    assert request("7").state == "accepted"


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"charset": "utf8mb3"}, "speaks utf8mb3"),
        ({"init_command": "SET sql_mode = ''"}, "not in strict mode"),
    ],
    ids=["characters", "mode"],
)
def test_sessions_that_lose_text_are_refused(
    options: Connect,
    deaf_shop: dict[str, Any],
    sandbox: lipia.Sandbox,
    wanted: dict[str, Any],
    said: str,
) -> None:
    options(**wanted)
    with pytest.raises(SystemCheckError, match=said):
        call_command("check", databases=["default"])
    with pytest.raises(ImproperlyConfigured, match=said):
        request("7")
    assert sandbox.counters()["push_attempts"] == 0


def test_a_mysql_is_refused(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Django's answer to the question which of the two the server is. There is no MySQL here.
    kind = vars(connections["default"])
    monkeypatch.setitem(kind, "mysql_is_mariadb", False)
    monkeypatch.setitem(kind, "display_name", "MySQL")
    said = "needs SQLite, PostgreSQL or MariaDB, and the database 'default' is MySQL"
    with pytest.raises(SystemCheckError, match=said):
        call_command("check", databases=["default"])
    with pytest.raises(ImproperlyConfigured, match=said):
        request("7")
    assert sandbox.counters()["push_attempts"] == 0


def test_before_the_migration_the_check_keeps_nobody_from_migrating(tables: None) -> None:
    call_command("migrate", "lipia", "0004_signals", verbosity=0)
    try:
        with changed("lipia_payment", LETS_CASE_GO):
            call_command("check", databases=["default"], verbosity=0)
            assert "manage.py migrate lipia" in str(fault_of(connection))
            call_command("migrate", "lipia", verbosity=0)
            assert fault_of(connection) is None
    finally:
        call_command("migrate", "lipia", verbosity=0)


def test_a_server_without_time_zones_is_pointed_out(tables: None) -> None:
    with override_settings(TIME_ZONE="Africa/Kampala"):
        found = run_checks(databases=["default"])
    assert "lipia.W005" in {message.id for message in found}


def test_what_is_owed_is_found_by_an_index(tables: None) -> None:
    found = execute("SHOW INDEX FROM lipia_payment WHERE Key_name = 'lipia_owed'")
    assert [row[4] for row in found] == ["shop", "owed_after"]


def test_every_table_of_the_app_is_checked() -> None:
    tables = {model._meta.db_table for model in apps.get_app_config("lipia").get_models()}
    assert tables == {model._meta.db_table for model in (Payment, Callback, Name, Note)}
