"""The ledger of ``Payment.objects``: the app's tables, a client for each account, and the thread that calls."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any, TypeVar

from django.db import connections
from django.db.models import F

import lipia
from lipia import PaymentState, _native
from lipia._green import run, waits
from lipia._public import without_frames
from lipia._types import payment_of

from .caller import Caller
from .clients import generation, make_client
from .ledger_store import DjangoLedgerStore, quietly
from .models import Payment
from .settings import APP_SHOP, current
from .telling import tell

log = logging.getLogger("lipia.django")

Result = TypeVar("Result")

#: What stands before the name of an account in the ledger, so that the account without a name has one there.
_ACCOUNT = "account:"

#: A database in the memory of this process has one connection for all threads, and that connection one transaction.
_in_memory = threading.RLock()

#: How many seconds a call waits for what it left to write.
_WRITTEN_WITHIN_SECONDS = 10.0


class AppStore(DjangoLedgerStore):
    """The store of the app's own ledger. Its commands run in the thread that calls, on that thread's connection."""

    def __init__(self, using: str, account: str, caller: Caller | None = None) -> None:
        super().__init__(using)
        #: The name of the client's account in the ledger; read by the native module.
        self._account = _ACCOUNT + account
        self._caller = caller
        self._new: Mapping[str, Any] = {"account": account}
        #: The ids of the payments that were asked about, and of those that were settled.
        self.asked: set[str] = set()
        self.settled: set[str] = set()
        #: How many payments may be asked about while it is set.
        self.limit: int | None = None

    @contextmanager
    def keeping(self, metadata: Mapping[str, Any]) -> Iterator[None]:
        """Keeps these metadata with the payments that are claimed meanwhile."""
        before, self._new = self._new, {**self._new, "metadata": dict(metadata)}
        try:
            yield
        finally:
            self._new = before

    def due(self, party: Any, most: int, /) -> Any:
        left = most if self.limit is None else max(0, self.limit - len(self.asked))
        return super().due(party, min(most, left))

    def claim_question(self, row: Any, lease: int, /) -> Any:
        found = super().claim_question(row, lease)
        if found is not None:
            self.asked.add(row["payment_id"])
        return found

    def _run(self, command: Callable[[], Any]) -> Any:
        elsewhere = partial(super()._run, command)
        if self._caller is None or waits() is not None:
            return elsewhere()
        return self._caller.run(partial(self._run_here, command), elsewhere)

    def _run_here(self, command: Callable[[], Any]) -> Any:
        connection = connections[self.using]
        if connection.errors_occurred and not connection.in_atomic_block:
            # It may have broken while the gateway was asked.
            connection.close_if_unusable_or_obsolete()
        alone: AbstractContextManager[Any] = nullcontext()
        with _in_memory if _is_in_memory(connection) else alone:
            return quietly(connection, command)

    def _insert(self, payment_id: str, columns: Mapping[str, Any]) -> Payment:
        """Writes a new row, or takes over one of a version before the ledger."""
        before = Payment.objects.using(self.using).filter(payment_id=payment_id, shop="")
        # First of all, as in `claim`.
        if not before.update(version=F("version") + 1):
            return super()._insert(payment_id, {**columns, **self._new})
        old = before.get()
        kept = ("asked_at", "released_at", "push_begun_at")
        taken = {name: value for name, value in columns.items() if name not in kept}
        if old.order_claim is None:
            # A person has released its order, or another payment has it.
            taken["order_claim"] = None
        before.update(**taken)
        return Payment.objects.using(self.using).get(pk=old.pk)

    def _account_column(self, account: str) -> str:
        return account.removeprefix(_ACCOUNT)

    def _claim_of(self, row: Any) -> str | None:
        """As the version before the ledger wrote it in production, so that both see each other's claims. An order has no line
        break."""
        if row["order"] is None or not row["holds_order"]:
            return None
        in_production = row["environment"] == "production"
        return str(row["order"]) if in_production else f"{row['environment']}\n{row['order']}"

    def _row_of(self, row: Payment, now: int) -> Any:
        return {**super()._row_of(row, now), "account": _ACCOUNT + row.account}

    def _before_writing(self, row: Any) -> Any:
        """The row, with a piece of news where it has its first flag: the shop is told of that too."""
        row = super()._before_writing(row)
        payment = json.loads(row["payment"])
        stored = self._payments.filter(payment_id=row["id"])
        if payment["state"] != PaymentState.SETTLED.value:
            is_new = False
        else:
            is_new = not stored.filter(state=payment["state"], outcome=payment["outcome"]).exists()
        if is_new:
            self.settled.add(row["id"])
        if is_new and row["is_paid"] and row["order"] is not None and not row["holds_order"]:
            log.error(
                "an order was paid by a payment that had ended or was released, and another payment "
                "has it: look whether it is paid twice payment_id=%s order=%s",
                row["id"],
                row["order"],
            )
        if payment.get("flags") and stored.filter(flag_count=0).exists():
            return {**row, "news": row["news"] + 1}
        return row


class AppLedger:
    """The client of one account, whose calls are made for one thread."""

    def __init__(self, account: str, using: str) -> None:
        self.using = using
        self.confirms = current().account(account).confirm
        self._caller = Caller()
        self.store = AppStore(using, account, self._caller)
        self.store.refuse_unfit_database()
        self.client = make_client(current().account(account), self.store)

    def call(self, function: Callable[..., Result], *arguments: Any, **keywords: Any) -> Result:
        """Calls the client, and waits for what the call left to write.

        :raises LipiaError: the call's own.
        """

        def called() -> Result:
            try:
                return function(*arguments, **keywords)
            finally:
                if not self.client.is_at_rest:
                    self.client.drain(timeout=_WRITTEN_WITHIN_SECONDS)

        return self._caller.call(called)

    def tell(self) -> lipia.Reconciled:
        """Sends the signals that are due, in this thread."""
        return self._pass(True)

    def reconcile(self) -> lipia.Reconciled:
        """Makes one pass over the ledger, and sends the signals that are due."""
        return self._pass(False)

    def _pass(self, only_tell: bool) -> lipia.Reconciled:
        native = self.client._ledger

        def passed() -> Any:
            return run(native.pass_over(only_tell, self._deliver))

        return lipia.Reconciled(*self.call(passed))

    def _deliver(self, tellings: _native.NativeTellings) -> None:
        def tell_all() -> None:
            while (telling := run(tellings.next())) is not None:
                if waits() is not None:
                    self._tell(telling)
                else:
                    self._caller.run(partial(self._tell, telling), lambda: None)

        threading.Thread(target=tell_all, name="lipia-django-told", daemon=True).start()

    def _tell(self, telling: _native.NativeTelling) -> None:
        payment = telling.payment()
        if payment is None:
            return
        trouble = "the signals were not sent"
        try:
            trouble = tell(payment_of(payment).id, self.using)
        except Exception as error:
            log.error("signals could not be sent", exc_info=without_frames(error))
        finally:
            if trouble:
                telling.failed(trouble)
            else:
                telling.taken()


_of_thread = threading.local()


def ledger_here(account: str, using: str) -> AppLedger:
    """The ledger of an account, for this thread.

    :raises CorrectInputError: there is no such account.
    :raises ImproperlyConfigured: ``LIPIA`` is not understood, or the database cannot keep a ledger.
    :raises CorrectSettingsError: a setting is missing or not valid.
    """
    if getattr(_of_thread, "generation", None) is not generation():
        _of_thread.generation, _of_thread.made = generation(), {}
    made: dict[tuple[str, str], AppLedger] = _of_thread.made
    if (account, using) not in made:
        made[account, using] = AppLedger(account, using)
    return made[account, using]


def is_of_one_thread(using: str) -> bool:
    """Whether other threads do not see what this one sees: in the transaction of a test, or with a database in memory."""
    connection = connections[using]
    return connection.in_atomic_block or _is_in_memory(connection)


def _is_in_memory(connection: Any) -> bool:
    return bool(connection.vendor == "sqlite" and connection.is_in_memory_db())


def of_app(using: str) -> Any:
    """The payments of the app, of this version and of those before the ledger."""
    return Payment.objects.db_manager(using).get_queryset().of_app()


def is_of_before(row: Payment) -> bool:
    """Whether a version before the ledger wrote the row, and nobody has taken it over."""
    return row.shop != APP_SHOP
