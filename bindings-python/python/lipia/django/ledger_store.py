"""A ledger's store over the app's own tables, by Django's ORM. The core decides what is written, asked and told.

::

    daraja = lipia.Daraja.from_env(ledger=DjangoLedgerStore())

Payments are rows of :class:`~lipia.django.models.Payment`: the admin shows them, and foreign keys may refer to them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from functools import partial, wraps
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, IntegrityError, connections, router, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest
from django.utils.timezone import get_default_timezone, is_naive, make_aware

import lipia
from lipia.ledger import (
    MAX_CALLBACKS,
    LedgerCallback,
    LedgerClaimed,
    LedgerEarlier,
    LedgerNote,
    LedgerNoteWritten,
    LedgerNotTaken,
    LedgerParty,
    LedgerReport,
    LedgerRow,
    LedgerScope,
    LedgerSearch,
    LedgerStore,
    LedgerTaken,
    LedgerTelling,
    LedgerVersion,
    Replaced,
)

from .columns import columns_of, database_time
from .databases import SERVERS_CLOCK, Fault, fault_of, fault_of_kind, run_again_if_rolled_back
from .models import OPEN_STATES, Callback, Name, Note, Payment

#: How often a row is tried that a unique index refused for a row which is gone when it is looked for.
MAX_TRIES = 10

#: Columns that a row and the table have by one name.
_SAME = ("environment", "shop", "account", "lease_until", "ask_after", "asks", "news", "told")
_SAME = (*_SAME, "owed_after", "attempts", "trouble")

#: How long a note is kept once its time is up: a process that read it may write by its version.
_KEEPS_NOTES = 24 * 3_600_000

Command = TypeVar("Command", bound=Callable[..., Any])


class _NotWritten(Exception):
    """Rolls a transaction back."""

    def __init__(self, why: Replaced) -> None:
        super().__init__(why)
        self.why: Replaced = why


def _command(command: Command) -> Command:
    """A command, which the store runs where its connection is."""

    @wraps(command)
    def run(store: DjangoLedgerStore, *arguments: Any) -> Any:
        return store._run(partial(command, store, *arguments))

    return run  # type: ignore[return-value]


def quietly(connection: Any, command: Callable[[], Any]) -> Any:
    """Runs a command. What it raises has one line: the lines after the first quote the row, with the customer's number."""
    try:
        return run_again_if_rolled_back(connection, command)
    except DatabaseError as error:
        raise type(error)(str(error).partition("\n")[0]) from None


class DjangoLedgerStore(LedgerStore):
    """A ledger's store in the tables of ``lipia.django``."""

    def __init__(self, using: str | None = None) -> None:
        """:param using: the database. Default: the one that routers write payments to."""
        self.using = using or router.db_for_write(Payment)
        self._is_fit = connections[self.using].vendor in ("sqlite", "postgresql")
        if connections[self.using].vendor != "mysql":
            self._refuse(fault_of_kind)

    def refuse_unfit_database(self) -> None:
        """Refuses a MySQL, and a MariaDB that would take two orders for one.

        :raises ImproperlyConfigured: with what to do.
        """
        if not self._is_fit:
            self._refuse(fault_of)
            self._is_fit = True

    def _refuse(self, fault_of: Callable[[Any], Fault | None]) -> None:
        fault = fault_of(connections[self.using])
        if fault is not None:
            raise ImproperlyConfigured(str(fault))

    def _run(self, command: Callable[[], Any]) -> Any:
        """Runs a command in a thread that does not serve a request. Its connection is closed by ``CONN_MAX_AGE``, as a
        request's is."""
        connection = connections[self.using]
        if connection.in_atomic_block:
            return self._run_on(connection, command)
        connection.close_if_unusable_or_obsolete()
        try:
            return self._run_on(connection, command)
        finally:
            connection.close_if_unusable_or_obsolete()

    def _run_on(self, connection: Any, command: Callable[[], Any]) -> Any:
        self.refuse_unfit_database()
        return quietly(connection, command)

    @_command
    def earlier(self, scope: LedgerScope, order: str, /) -> LedgerEarlier:
        now = self._now()
        rows = self._of_scope(scope).filter(order=order).order_by("-pk")
        return {"rows": [self._row_of(row, now) for row in rows], "now": now}

    @_command
    def load(self, payment_id: str, /) -> LedgerRow | None:
        return self._stored(payment_id, self._now())

    @_command
    def claim(self, row: LedgerRow, over: LedgerVersion | None, lease: int, /) -> LedgerClaimed:
        for tries_left in reversed(range(MAX_TRIES)):
            try:
                with transaction.atomic(using=self.using):
                    # First of all: on SQLite this takes the lock that a later write would not wait for.
                    if over is not None:
                        self._unchanged(over).update(order_claim=None, version=F("version") + 1)
                    now = self._now()
                    columns = {**self._columns_of(row), "lease_until": now + lease}
                    written = self._insert(row["id"], columns)
                    self._take_names(written, row["names"])
                return {"is_taken": True, "row": self._row_of(written, now)}
            except IntegrityError:
                # A unique index has decided: who has the id, or the order?
                for is_taken, who in (
                    (True, Q(payment_id=row["id"])),
                    (False, Q(order_claim=self._claim_of(row) or "")),
                ):
                    found = self._payments.filter(who).first()
                    if found is not None:
                        return {"is_taken": is_taken, "row": self._row_of(found, self._now())}
                # Else the one that had the order let go of it meanwhile.
                if not tries_left:
                    raise
        raise AssertionError("the last try has returned or raised")

    @_command
    def replace(self, row: LedgerRow, /) -> Replaced:
        row = self._before_writing(row)
        with self._written() as ended:
            self._replace(row)
        return ended[-1]

    @_command
    def keep(self, callback: LedgerCallback, row: LedgerRow | None, /) -> Replaced:
        row = None if row is None else self._before_writing(row)
        with self._written() as ended:
            if row is not None:
                self._replace(row)
            self._keep(callback)
        return ended[-1]

    @_command
    def prune(self, row: LedgerRow, /) -> Replaced:
        row = self._before_writing(row)
        with self._written() as ended:
            self._replace(row)
            self._callbacks.filter(of_payment=row["id"]).delete()
        return ended[-1]

    @_command
    def named(self, names: list[str], /) -> dict[str, str]:
        return self._owners(names)

    @_command
    def waiting(self, party: LedgerParty, most: int, /) -> list[LedgerCallback]:
        ours = self._of_scope(party).filter(account=self._account_column(party["account"]))
        waits = self._callbacks.filter(verdict="", of_payment__in=ours.values("payment_id"))
        return [_callback_of(callback) for callback in waits.order_by("pk")[:most]]

    @_command
    def callbacks(self, payment_id: str, /) -> list[LedgerCallback]:
        kept = self._callbacks.filter(of_payment=payment_id).order_by("pk")
        return [_callback_of(callback) for callback in kept]

    @_command
    def forgotten(self, scope: LedgerScope, most: int, /) -> list[LedgerRow]:
        now = self._now()
        rows = self._of_scope(scope).filter(lease_until__lte=now).order_by("lease_until")
        return [self._row_of(row, now) for row in rows[:most]]

    @_command
    def due(self, party: LedgerParty, most: int, /) -> list[LedgerRow]:
        now = self._now()
        ours = self._of_scope(party).filter(account=self._account_column(party["account"]))
        rows = ours.filter(ask_after__lte=now).order_by("ask_after")
        return [self._row_of(row, now) for row in rows[:most]]

    @_command
    def claim_question(self, row: LedgerVersion, lease: int, /) -> LedgerRow | None:
        now = self._now()
        asked = self._unchanged(row).update(
            ask_after=now + lease,
            asked_at=_instant(now),
            asks=F("asks") + 1,
            version=F("version") + 1,
        )
        # Whoever has written since has seen this question: the row is the newest.
        return self._stored(row["payment_id"], now) if asked else None

    @_command
    def owed(self, scope: LedgerScope, lease: int, most: int, /) -> list[LedgerTelling]:
        now = self._now()
        owed = self._of_scope(scope).filter(news__gt=F("told"), owed_after__lte=now)
        rows = list(owed.order_by("owed_after")[:most])
        # Each by itself: the leases of those before stay where a transaction is rolled back.
        leased = (
            run_again_if_rolled_back(connections[self.using], partial(self._lease, row, now, lease))
            for row in rows
        )
        return [telling for telling in leased if telling is not None]

    @_command
    def told(self, payment_id: str, attempts: int, end: LedgerTaken | LedgerNotTaken, /) -> bool:
        now = self._now()
        columns: dict[str, Any] = (
            {"told": Greatest(F("told"), end["news"]), "owed_after": now, "trouble": None}
            if "news" in end
            else {"owed_after": now + end["again_in"], "trouble": end["trouble"]}
        )
        told = self._payments.filter(payment_id=payment_id, attempts=attempts)
        return bool(told.update(version=F("version") + 1, **columns))

    @_command
    def versions(self, payment_ids: list[str], /) -> dict[str, int]:
        rows = self._payments.filter(payment_id__in=payment_ids)
        return dict(rows.values_list("payment_id", "version"))

    @_command
    def search(self, search: LedgerSearch, before: int | None, most: int, /) -> list[LedgerRow]:
        rows = self._of_scope(search).filter(_conditions_of(search)).order_by("-pk")
        if before is not None:
            rows = rows.filter(pk__lt=before)
        now = self._now()
        return [self._row_of(row, now) for row in rows[:most]]

    @_command
    def note(self, key: str, /) -> LedgerNote:
        return self._stored_note(key)

    @_command
    def write_note(self, key: str, version: int, value: str, lasts: int, /) -> LedgerNoteWritten:
        now = self._now()
        columns = {"version": version + 1, "value": value, "until": now + lasts}
        if version:
            is_written = bool(self._notes.filter(key=key, version=version).update(**columns))
        else:
            self._notes.filter(until__lt=now - _KEEPS_NOTES).delete()
            try:
                with transaction.atomic(using=self.using):
                    self._notes.create(key=key, **columns)
                is_written = True
            except IntegrityError:
                is_written = False
        if is_written:
            return {"is_written": True, "note": _note_of(Note(key=key, **columns), now)}
        return {"is_written": False, "note": self._stored_note(key)}

    @_command
    def report(self, scope: LedgerScope, /) -> LedgerReport:
        rows = self._of_scope(scope)
        settings = connections[self.using].settings_dict
        return {
            "place": f"the table {Payment._meta.db_table} of {settings['NAME']}",
            "payments": rows.count(),
            "open": rows.filter(state__in=OPEN_STATES).count(),
            "owed": rows.filter(news__gt=F("told")).count(),
        }

    @property
    def _payments(self) -> QuerySet[Payment]:
        """The payments that a ledger wrote."""
        return Payment.objects.using(self.using).exclude(shop="")

    @property
    def _callbacks(self) -> QuerySet[Callback]:
        return Callback.objects.using(self.using)

    @property
    def _notes(self) -> QuerySet[Note]:
        return Note.objects.using(self.using)

    def _of_scope(self, scope: LedgerScope) -> QuerySet[Payment]:
        return self._payments.filter(environment=scope["environment"], shop=scope["shop"])

    def _unchanged(self, row: LedgerVersion) -> QuerySet[Payment]:
        """The row, where it still has this version."""
        return self._payments.filter(payment_id=row["payment_id"], version=row["version"])

    def _stored(self, payment_id: str, now: int) -> LedgerRow | None:
        row = self._payments.filter(payment_id=payment_id).first()
        return None if row is None else self._row_of(row, now)

    def _stored_note(self, key: str) -> LedgerNote:
        return _note_of(self._notes.filter(key=key).first(), self._now())

    def _owners(self, names: list[str]) -> dict[str, str]:
        owners = Name.objects.using(self.using).filter(name__in=names)
        return dict(owners.values_list("name", "payment__payment_id"))

    def _now(self) -> int:
        """The clock that all processes of the database share, in milliseconds."""
        connection = connections[self.using]
        if connection.vendor == "sqlite":
            return time.time_ns() // 1_000_000
        with connection.cursor() as cursor:
            cursor.execute(SERVERS_CLOCK[connection.vendor])
            (now,) = cursor.fetchone()
        return int(now)

    @contextmanager
    def _written(self) -> Iterator[list[Replaced]]:
        """A transaction that writes all or nothing. The last word of the list is its result."""
        ended: list[Replaced] = ["written"]
        try:
            with transaction.atomic(using=self.using):
                yield ended
        except _NotWritten as nothing:
            ended.append(nothing.why)

    def _replace(self, row: LedgerRow) -> None:
        version: LedgerVersion = {"payment_id": row["id"], "version": row["version"]}
        columns = self._columns_of(row)
        try:
            with transaction.atomic(using=self.using):
                # First of all, as in `claim`.
                is_written = self._unchanged(version).update(version=row["version"] + 1, **columns)
        except IntegrityError:
            raise _NotWritten("order_held") from None
        if not is_written:
            raise _NotWritten("stale")
        if row["names"]:
            self._take_names(self._payments.get(payment_id=row["id"]), row["names"])
            owners = self._owners(row["names"])
            if any(owners.get(name) != row["id"] for name in row["names"]):
                raise _NotWritten("name_taken")

    def _before_writing(self, row: LedgerRow) -> LedgerRow:
        """The row, with those members of its payment that a later version of Lipia wrote, since both versions may use the tables
        at the same time. The members are read before the transaction; the write fails where the row has changed since."""
        version: LedgerVersion = {"payment_id": row["id"], "version": row["version"]}
        stored = self._unchanged(version).values_list("state_json", flat=True).first()
        if stored is None:
            return row
        before, payment = json.loads(stored), json.loads(row["payment"])
        if before.keys() <= payment.keys():
            return row
        return {**row, "payment": json.dumps({**before, **payment})}

    def _insert(self, payment_id: str, columns: Mapping[str, Any]) -> Payment:
        """Writes a row that was not there."""
        row = Payment(payment_id=payment_id, version=1, **columns)
        row.save(force_insert=True, using=self.using)
        return row

    def _account_column(self, account: str) -> str:
        """The column of an account of the ledger."""
        return account

    def _claim_of(self, row: LedgerRow) -> str | None:
        """The unique text of a row that holds its order."""
        if row["order"] is None or not row["holds_order"]:
            return None
        return "/".join((row["environment"], row["shop"], row["order"]))

    def _columns_of(self, row: LedgerRow) -> dict[str, Any]:
        """The columns of a row, except for its place, its version and its id."""
        payment = lipia.Payment.from_json(row["payment"])
        same: dict[str, Any] = {name: row[name] for name in _SAME}  # type: ignore[literal-required]
        return {
            **columns_of(payment),
            **same,
            "account": self._account_column(row["account"]),
            "state_json": row["payment"],
            "gateway": row["gateway"],
            "amount": row["amount"],
            "phone_number": row["phone_number"],
            "account_reference": row["reference"],
            "order": row["order"] or "",
            "order_claim": self._claim_of(row),
            "created_at": _instant(row["reserved_at"]),
            "asked_at": None if row["asked_at"] is None else _instant(row["asked_at"]),
            "released_at": None if row["released_at"] is None else _instant(row["released_at"]),
        }

    def _row_of(self, row: Payment, now: int) -> LedgerRow:
        """The ledger's row of a database row. The payment's JSON has the rest."""
        same: dict[str, Any] = {name: getattr(row, name) for name in _SAME}
        handed_back: Any = {
            **same,
            "seq": row.pk,
            "version": row.version,
            "order": row.order or None,
            "holds_order": row.order_claim is not None,
            "asked_at": _millis(row.asked_at),
            "released_at": _millis(row.released_at),
            "payment": row.state_json,
            "read_at": now,
        }
        found: LedgerRow = handed_back
        return found

    def _take_names(self, payment: Payment, names: list[str]) -> None:
        """Gives a payment those of these names that belong to no payment."""
        taken = [Name(name=name, payment=payment) for name in names]
        Name.objects.using(self.using).bulk_create(taken, ignore_conflicts=True)

    def _keep(self, callback: LedgerCallback) -> None:
        kept = self._callbacks.filter(of_payment=callback["payment_id"])
        # First of all, as in `claim`, where no row was written.
        same = kept.filter(digest=callback["digest"])
        same.filter(verdict="").update(verdict=callback["verdict"] or "")
        if same.exists() or kept.count() >= MAX_CALLBACKS:
            return
        payments = self._payments.filter(payment_id=callback["payment_id"])
        if connections[self.using].vendor == "mysql":
            # Where the payment is deleted meanwhile, MariaDB would ignore the callback instead of refusing it.
            payments = payments.select_for_update()
        payment = payments.first()
        new = Callback(
            payment=payment,
            of_payment=callback["payment_id"],
            digest=callback["digest"],
            body=callback["body"],
            received_at=_instant(self._now()),
            verdict=callback["verdict"] or "",
        )
        self._callbacks.bulk_create([new], ignore_conflicts=True)

    def _lease(self, row: Payment, now: int, lease: int) -> LedgerTelling | None:
        """The telling of a row, leased, unless the row has changed."""
        with transaction.atomic(using=self.using):
            leased = self._payments.filter(pk=row.pk, version=row.version).update(
                owed_after=now + lease, attempts=F("attempts") + 1, version=F("version") + 1
            )
            return self._telling(self._payments.get(pk=row.pk), now) if leased else None

    def _telling(self, row: Payment, now: int) -> LedgerTelling:
        sale = Payment.objects.none()
        if row.order:
            sale = self._payments.filter(
                environment=row.environment, shop=row.shop, order=row.order
            )
        held = sale.exclude(order_claim=None).exclude(pk=row.pk)
        return {
            "row": self._row_of(row, now),
            "order_is_paid": row.is_paid or sale.filter(outcome="success").exists(),
            "order_is_held_by_another": held.exists(),
        }


def _instant(millis: int) -> datetime | None:
    """A time in the form of the columns that other code of the app reads too."""
    seconds, rest = divmod(millis, 1000)
    instant = datetime.fromtimestamp(seconds, timezone.utc).replace(microsecond=rest * 1000)
    return database_time(instant)


def _millis(instant: datetime | None) -> int | None:
    if instant is None:
        return None
    if is_naive(instant):
        instant = make_aware(instant, get_default_timezone())
    whole = int(instant.replace(microsecond=0).timestamp())
    return whole * 1000 + instant.microsecond // 1000


def _callback_of(callback: Callback) -> LedgerCallback:
    return {
        "payment_id": callback.of_payment,
        "digest": callback.digest,
        "body": bytes(callback.body),
        "received_at": _millis(callback.received_at) or 0,
        "verdict": callback.verdict or None,
    }


def _note_of(note: Note | None, now: int) -> LedgerNote:
    if note is None:
        return {"version": 0, "value": None, "read_at": now}
    value = note.value if note.until > now else None
    return {"version": note.version, "value": value, "read_at": now}


def _conditions_of(search: LedgerSearch) -> Q:
    """The filters of a search that are set, as conditions."""
    found = Q()
    for name, column in (
        ("state", "state"),
        ("receipt", "receipt"),
        ("phone_number", "phone_number"),
        ("reference", "account_reference"),
        ("order", "order"),
    ):
        wanted = search[name]  # type: ignore[literal-required]
        if wanted is not None:
            found &= Q(**{column: wanted})
    if search["since"] is not None:
        found &= Q(created_at__gte=_instant(search["since"]))
    if search["id_prefix"] is not None:
        found &= Q(payment_id__startswith=search["id_prefix"])
    if search["only_open"]:
        found &= Q(state__in=OPEN_STATES)
    if search["only_owed"]:
        found &= Q(news__gt=F("told"))
    return found
