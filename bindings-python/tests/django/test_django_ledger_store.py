"""The app's tables as a ledger's store: the conformance suite on each database, and clients over it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from shop_under_test.testing import wait_until

import lipia
import lipia.testing
from lipia.django.ledger_store import DjangoLedgerStore
from lipia.django.models import Callback, Name, Note, Payment

#: The columns that the migration of the ledger adds to payments and that are never null.
ADDED = {
    *("environment", "shop", "account", "asks", "news", "told", "owed_after", "attempts"),
    "signals",
}

SALE: dict[str, Any] = {
    "order": "order-17",
    "phone_number": "0712345678",
    "amount": 150,
    "account_reference": "INV-001",
}


@pytest.fixture
def store(tables: None) -> DjangoLedgerStore:
    return DjangoLedgerStore()


def test_the_tables_conform(store: DjangoLedgerStore) -> None:
    assert lipia.testing.check_ledger_store(store) == []
    assert Name.objects.exists() and Note.objects.exists() and Callback.objects.exists()


def test_a_payment_of_a_ledger_is_a_row_like_any_other(
    store: DjangoLedgerStore, sandbox: lipia.Sandbox
) -> None:
    with (
        sandbox.mailbox() as mailbox,
        sandbox.daraja(callback_url=mailbox.url, ledger=store) as daraja,
    ):
        paid = daraja.collect(**SALE)
        assert daraja.request(**SALE).is_existing
    assert sandbox.prompts == 1
    row = Payment.objects.get(payment_id=paid.id)
    assert row.is_paid and row.order == "order-17" and row.phone_number == "254712345678"
    assert row.core.is_paid and row.receipt == (paid.receipt or "")
    assert row.order_claim == "sandbox/default/order-17"
    assert list(Payment.objects.paid()) == [row]


def test_the_apps_view_keeps_callbacks_and_the_ledger_judges_them(
    shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    told = []
    with sandbox.daraja(callback_url=shop["CALLBACK_URL"], ledger=DjangoLedgerStore()) as daraja:

        @daraja.on_outcome
        def hear(payment: lipia.Payment) -> None:
            told.append((payment.order, payment.is_paid))

        requested = daraja.request(**SALE)
        wait_until(lambda: told == [("order-17", True)], "the handler is told")
    (kept,) = Callback.objects.filter(of_payment=requested.id)
    assert kept.verdict == "believed" and kept.payment == Payment.objects.get()
    assert not Payment.objects.get().signals, "the app told nobody"


def test_the_app_leaves_a_ledgers_payments_alone(
    deaf_shop: dict[str, Any], sandbox: lipia.Sandbox
) -> None:
    with sandbox.daraja(
        callback_url=deaf_shop["CALLBACK_URL"], ledger=DjangoLedgerStore()
    ) as daraja:
        requested = daraja.request(**SALE)
    row = Payment.objects.get(payment_id=requested.id)
    queries = sandbox.counters()["queries"]
    call_command("lipia_reconcile", older_than=0.0, pause=0.0, verbosity=0)
    assert sandbox.counters()["queries"] == queries
    for verb in (row.ask, row.release_order):
        with pytest.raises(lipia.LookAtPaymentError) as refused:
            verb()
        assert refused.value.code == "payment_of_ledger"
    before = row.version
    row.refresh_from_db()
    assert row.version == before and list(Payment.objects.open()) == [row]
    assert not Payment.objects.get_queryset().of_app().exists()


def test_clients_of_a_ledger_over_the_tables_prompt_once(
    store: DjangoLedgerStore, sandbox: lipia.Sandbox
) -> None:
    clients = [sandbox.daraja(ledger=DjangoLedgerStore()) for _ in range(2)]
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(clients[number % 2].request, **SALE) for number in range(16)]
        ids = {one.result().id for one in asked}
    assert len(ids) == 1 and sandbox.prompts == 1
    for client in clients:
        client.close()


def test_the_tables_of_before_are_taken_over(tables: None) -> None:
    def at(name: str) -> Any:
        executor = MigrationExecutor(connection)
        executor.migrate([("lipia", name)])
        return MigrationExecutor(connection).loader.project_state(("lipia", name)).apps

    try:
        before = at("0002_second_looks")
        columns = {"gateway": "daraja", "amount": 150, "state_json": "{}"}
        for name in ("one", "other"):
            row = before.get_model("lipia", "Payment").objects.create(payment_id=name, **columns)
            before.get_model("lipia", "Callback").objects.create(
                payment=row, digest="d", body=b"{}"
            )
    finally:
        after = at("0005_mariadb")
    kept = after.get_model("lipia", "Callback").objects.order_by("pk")
    assert [callback.of_payment for callback in kept] == ["one", "other"]
    assert DjangoLedgerStore().versions(["one", "other"]) == {}


def test_what_the_database_says_of_a_row_stays_in_the_process(
    store: DjangoLedgerStore, sandbox: lipia.Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns_of = DjangoLedgerStore._columns_of
    monkeypatch.setattr(
        DjangoLedgerStore, "_columns_of", lambda *of: {**columns_of(*of), "gateway": None}
    )
    # The claim may have been written, so the request is at it for as long as a call may take.
    with (
        sandbox.daraja(ledger=store, timeout=1) as daraja,
        pytest.raises(lipia.LipiaError) as caught,
    ):
        daraja.request(**SALE)
    assert caught.value.code == "ledger_failed" and "IntegrityError" in str(caught.value)
    assert "gateway" in str(caught.value) and "712345678" not in str(caught.value)
    assert sandbox.prompts == 0


def test_what_a_later_version_wrote_of_a_payment_stays(
    store: DjangoLedgerStore, sandbox: lipia.Sandbox
) -> None:
    with (
        sandbox.mailbox() as mailbox,
        sandbox.daraja(callback_url=mailbox.url, ledger=store) as daraja,
    ):
        daraja.request(**SALE)
        row = Payment.objects.get()
        later = json.dumps({**json.loads(row.state_json), "later": {"x": [1]}})
        Payment.objects.update(state_json=later)
        callback = mailbox.next()
        daraja.receive_callback(callback.path, callback.body)
        row.refresh_from_db()
    assert row.is_paid and json.loads(row.state_json)["later"] == {"x": [1]}


def test_processes_of_the_version_before_write_on_after_the_migration(tables: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL keeps columns' defaults for processes of the version before")
    columns = [
        field.column
        for model in (Payment, Callback)
        for field in model._meta.concrete_fields
        if not field.null and field.column in ADDED | {"of_payment"}
    ]
    assert len(columns) == 10, columns
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = ANY(%s) "
            "AND column_name = ANY(%s) AND is_nullable = 'NO' AND column_default IS NULL",
            [[Payment._meta.db_table, Callback._meta.db_table], columns],
        )
        assert cursor.fetchall() == []


def test_a_database_of_another_kind_is_refused(
    tables: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(connections["default"]), "vendor", "oracle")
    with pytest.raises(ImproperlyConfigured, match="needs SQLite, PostgreSQL or MariaDB"):
        DjangoLedgerStore()
