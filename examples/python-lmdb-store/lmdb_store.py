"""A ledger's store over LMDB: payments in a database that Lipia does not know.

    daraja = lipia.Daraja.from_env(ledger=LmdbStore("/var/lib/shop/payments.lmdb"))

LMDB is a key-value store in a file that the processes of one machine share. One transaction writes at a time, and a commit is
on the disk before it returns: so each command is one transaction, and nothing else is locked.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import lmdb

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

#: The tables: rows by place, places by payment and by order, whose each name is, and the places of rows with something to do.
TABLES = (b"rows", b"ids", b"orders", b"names", b"work", b"callbacks", b"notes")
MAX_BYTES = 64 * 2**30


class LmdbStore(LedgerStore):
    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = os.fspath(path)
        self.spool = f"{self._path}-spool"
        self._forget()
        # A child opens the file for itself: a transaction that it shared with its parent would be nobody's.
        os.register_at_fork(after_in_child=self._forget_inherited)

    def _forget(self) -> None:
        self._opened: tuple[Any, dict[bytes, Any]] | None = None
        self._opening = threading.Lock()

    def _forget_inherited(self) -> None:
        if self._opened is not None:
            # In a child this frees the path and leaves the parent's file as it is.
            self._opened[0].close()
        self._forget()

    @contextmanager
    def _tables(self, *, write: bool = False) -> Iterator[Tables]:
        with self._opening:
            if self._opened is None:
                os.makedirs(self._path, mode=0o700, exist_ok=True)
                file = lmdb.open(self._path, max_dbs=len(TABLES), map_size=MAX_BYTES, mode=0o600)
                self._opened = file, {name: file.open_db(name) for name in TABLES}
            file, databases = self._opened
        with file.begin(write=write) as transaction:
            yield Tables(transaction, databases)

    def earlier(self, scope: LedgerScope, order: str, /) -> LedgerEarlier:
        with self._tables() as tables:
            return {"rows": tables.of_order(scope, order), "now": tables.now}

    def load(self, payment_id: str, /) -> LedgerRow | None:
        with self._tables() as tables:
            return tables.row(payment_id)

    def claim(self, row: LedgerRow, over: LedgerVersion | None, lease: int, /) -> LedgerClaimed:
        with self._tables(write=True) as tables:
            known = tables.row(row["id"])
            if known is not None:
                return {"is_taken": True, "row": known}
            earlier = over and tables.unchanged(over["payment_id"], over["version"])
            holder = tables.holder(row)
            if holder is not None and (earlier is None or earlier["id"] != holder["id"]):
                return {"is_taken": False, "row": holder}
            if earlier is not None:
                tables.put({**earlier, "holds_order": False, "version": earlier["version"] + 1})
            lease_until = tables.now + lease
            written: LedgerRow = {
                **row,
                "seq": tables.last_seq() + 1,
                "version": 1,
                "lease_until": lease_until,
                "read_at": tables.now,
            }
            tables.put(written)
            return {"is_taken": True, "row": written}

    def replace(self, row: LedgerRow, /) -> Replaced:
        with self._tables(write=True) as tables:
            return tables.replace(row)

    def keep(self, callback: LedgerCallback, row: LedgerRow | None, /) -> Replaced:
        with self._tables(write=True) as tables:
            replaced = "written" if row is None else tables.replace(row)
            if replaced == "written":
                tables.keep(callback)
            return replaced

    def named(self, names: list[str], /) -> dict[str, str]:
        with self._tables() as tables:
            owners = {name: tables.owner(name) for name in names}
            return {name: owner for name, owner in owners.items() if owner is not None}

    def waiting(self, party: LedgerParty, most: int, /) -> list[LedgerCallback]:
        with self._tables() as tables:
            waits = [it for it in tables.all_callbacks() if it["verdict"] is None]
            waits.sort(key=lambda it: it["number"])
            ours = (it for it in waits if _is_of(tables.row(it["payment_id"]), party))
            return [_callback(it) for _, it in zip(range(most), ours)]

    def forgotten(self, scope: LedgerScope, most: int, /) -> list[LedgerRow]:
        with self._tables() as tables:
            return tables.come("lease_until", scope, most)

    def due(self, party: LedgerParty, most: int, /) -> list[LedgerRow]:
        with self._tables() as tables:
            return tables.come("ask_after", party, most)

    def claim_question(self, row: LedgerVersion, lease: int, /) -> LedgerRow | None:
        with self._tables(write=True) as tables:
            stored = tables.unchanged(row["payment_id"], row["version"])
            if stored is None:
                return None
            stored["ask_after"], stored["asked_at"] = tables.now + lease, tables.now
            stored["asks"] += 1
            stored["version"] += 1
            tables.put(stored)
            return stored

    def owed(self, scope: LedgerScope, lease: int, most: int, /) -> list[LedgerTelling]:
        with self._tables(write=True) as tables:
            rows = tables.come("owed_after", scope, most)
            for row in rows:
                row["owed_after"] = tables.now + lease
                row["attempts"] += 1
                row["version"] += 1
                tables.put(row)
            return [tables.telling(row) for row in rows]

    def told(self, payment_id: str, attempts: int, end: LedgerTaken | LedgerNotTaken, /) -> bool:
        with self._tables(write=True) as tables:
            row = tables.row(payment_id)
            if row is None or row["attempts"] != attempts:
                return False
            if "news" in end:
                row["told"] = max(row["told"], end["news"])
                row["owed_after"], row["trouble"] = tables.now, None
            else:
                row["owed_after"] = tables.now + end["again_in"]
                row["trouble"] = end["trouble"]
            row["version"] += 1
            tables.put(row)
            return True

    def versions(self, payment_ids: list[str], /) -> dict[str, int]:
        with self._tables() as tables:
            rows = (tables.row(payment_id) for payment_id in payment_ids)
            return {row["id"]: row["version"] for row in rows if row is not None}

    def search(self, search: LedgerSearch, before: int | None, most: int, /) -> list[LedgerRow]:
        with self._tables() as tables:
            found = (row for row in tables.newest_first(before) if _is_found(row, search))
            return [row for _, row in zip(range(most), found)]

    def callbacks(self, payment_id: str, /) -> list[LedgerCallback]:
        with self._tables() as tables:
            return [_callback(it) for it in tables.callbacks_of(payment_id)]

    def prune(self, row: LedgerRow, /) -> Replaced:
        with self._tables(write=True) as tables:
            replaced = tables.replace(row)
            if replaced == "written":
                tables.delete_callbacks(row["id"])
            return replaced

    def note(self, key: str, /) -> LedgerNote:
        with self._tables() as tables:
            return tables.note(key)

    def write_note(self, key: str, version: int, value: str, lasts: int, /) -> LedgerNoteWritten:
        with self._tables(write=True) as tables:
            note = tables.note(key)
            if note["version"] != version:
                return {"is_written": False, "note": note}
            tables.write_note(key, version + 1, value, tables.now + lasts)
            return {"is_written": True, "note": tables.note(key)}

    def report(self, scope: LedgerScope, /) -> LedgerReport:
        with self._tables() as tables:
            rows = [row for row in tables.newest_first(None) if _is_of(row, scope)]
        return {
            "place": self._path,
            "payments": len(rows),
            "open": sum(row["is_open"] for row in rows),
            "owed": sum(row["news"] > row["told"] for row in rows),
        }


class Tables:
    """What is kept, within one transaction."""

    def __init__(self, transaction: Any, databases: dict[bytes, Any]) -> None:
        self._transaction = transaction
        self._databases = databases
        #: The clock of the machine: the file is its processes' alone. A writer reads it once it has the lock.
        self.now = time.time_ns() // 1_000_000

    def _get(self, table: bytes, key: bytes) -> bytes | None:
        return self._transaction.get(key, db=self._databases[table])

    def _put(self, table: bytes, key: bytes, value: bytes) -> None:
        self._transaction.put(key, value, db=self._databases[table])

    def _delete(self, table: bytes, key: bytes) -> None:
        self._transaction.delete(key, db=self._databases[table])

    def _under(self, table: bytes, prefix: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """The entries whose keys begin so, in their order."""
        with self._transaction.cursor(self._databases[table]) as cursor:
            is_there = cursor.set_range(prefix)
            while is_there and cursor.key().startswith(prefix):
                yield cursor.key(), cursor.value()
                is_there = cursor.next()

    def _at(self, place: bytes) -> LedgerRow | None:
        stored = self._get(b"rows", place)
        return None if stored is None else {**json.loads(stored), "read_at": self.now}

    def row(self, payment_id: str) -> LedgerRow | None:
        place = self._get(b"ids", payment_id.encode())
        return None if place is None else self._at(place)

    def unchanged(self, payment_id: str, version: int) -> LedgerRow | None:
        """The row that has this version still."""
        row = self.row(payment_id)
        return row if row is not None and row["version"] == version else None

    def newest_first(self, before: int | None) -> Iterator[LedgerRow]:
        with self._transaction.cursor(self._databases[b"rows"]) as cursor:
            is_there = cursor.last()
            if before is not None and cursor.set_range(_place(before)):
                is_there = cursor.prev()
            while is_there:
                yield {**json.loads(cursor.value()), "read_at": self.now}
                is_there = cursor.prev()

    def last_seq(self) -> int:
        newest = next(self.newest_first(None), None)
        return 0 if newest is None else newest["seq"]

    def of_order(self, scope: LedgerScope, order: str) -> list[LedgerRow]:
        places = [place for _, place in self._under(b"orders", _sale(scope, order))]
        rows = (self._at(place) for place in reversed(places))
        return [row for row in rows if row is not None]

    def holder(self, row: LedgerRow) -> LedgerRow | None:
        """The row that holds the order which this one would hold."""
        order = row["order"]
        if order is None or not row["holds_order"]:
            return None
        return next((it for it in self.of_order(row, order) if it["holds_order"]), None)

    def owner(self, name: str) -> str | None:
        owner = self._get(b"names", name.encode())
        return None if owner is None else owner.decode()

    def put(self, row: LedgerRow) -> None:
        """Writes a row and everything that it is found by."""
        place, payment_id = _place(row["seq"]), row["id"].encode()
        self._put(b"rows", place, json.dumps(row).encode())
        self._put(b"ids", payment_id, place)
        if row["order"] is not None:
            self._put(b"orders", _sale(row, row["order"]) + place, place)
        for name in row["names"]:
            if self.owner(name) is None:
                self._put(b"names", name.encode(), payment_id)
        if _times(row):
            self._put(b"work", place, b"")
        else:
            self._delete(b"work", place)

    def replace(self, row: LedgerRow) -> Replaced:
        stored = self.unchanged(row["id"], row["version"])
        if stored is None:
            return "stale"
        holder = self.holder(row)
        if holder is not None and holder["id"] != row["id"]:
            return "order_held"
        if any(self.owner(name) not in (None, row["id"]) for name in row["names"]):
            return "name_taken"
        self.put({**row, "seq": stored["seq"], "version": row["version"] + 1})
        return "written"

    def come(self, field: str, party: LedgerScope, most: int) -> list[LedgerRow]:
        """The rows of a party for which this time has come, the earliest first."""
        rows = [self._at(place) for place, _ in self._under(b"work")]
        come = [
            (_times(row)[field], row)
            for row in rows
            if row is not None and _times(row).get(field, self.now + 1) <= self.now
        ]
        come.sort(key=lambda it: it[0])
        return [row for _, row in come if _is_of(row, party)][:most]

    def telling(self, row: LedgerRow) -> LedgerTelling:
        order = row["order"]
        sale = [row] if order is None else self.of_order(row, order)
        return {
            "row": row,
            "order_is_paid": any(it["is_paid"] for it in sale),
            "order_is_held_by_another": any(
                it["holds_order"] and it["id"] != row["id"] for it in sale
            ),
        }

    def callbacks_of(self, payment_id: str) -> list[dict[str, Any]]:
        found = self._under(b"callbacks", payment_id.encode() + b"\0")
        return sorted((json.loads(it) for _, it in found), key=lambda it: it["number"])

    def all_callbacks(self) -> list[dict[str, Any]]:
        return [json.loads(it) for _, it in self._under(b"callbacks")]

    def keep(self, callback: LedgerCallback) -> None:
        key = f"{callback['payment_id']}\0{callback['digest']}".encode()
        stored = self._get(b"callbacks", key)
        if stored is not None:
            kept = json.loads(stored)
            kept["verdict"] = kept["verdict"] or callback["verdict"]
        else:
            others = self.callbacks_of(callback["payment_id"])
            if len(others) >= MAX_CALLBACKS:
                return
            # The nanosecond keeps the order of those that came in one millisecond.
            kept = {
                **callback,
                "body": base64.b64encode(callback["body"]).decode(),
                "received_at": self.now,
                "number": time.time_ns(),
            }
        self._put(b"callbacks", key, json.dumps(kept).encode())

    def delete_callbacks(self, payment_id: str) -> None:
        for key in [key for key, _ in self._under(b"callbacks", payment_id.encode() + b"\0")]:
            self._delete(b"callbacks", key)

    def note(self, key: str) -> LedgerNote:
        stored = self._get(b"notes", _digest(key))
        if stored is None:
            return {"version": 0, "value": None, "read_at": self.now}
        version, value, until = json.loads(stored)
        return {
            "version": version,
            "value": value if until > self.now else None,
            "read_at": self.now,
        }

    def write_note(self, key: str, version: int, value: str, until: int) -> None:
        self._put(b"notes", _digest(key), json.dumps([version, value, until]).encode())


def _place(seq: int) -> bytes:
    return seq.to_bytes(8, "big")


def _digest(text: str) -> bytes:
    """A key of one length: LMDB's have at most 511 bytes."""
    return hashlib.sha256(text.encode()).digest()


def _sale(scope: LedgerScope, order: str) -> bytes:
    return _digest("\0".join((scope["environment"], scope["shop"], order)))


def _times(row: LedgerRow) -> dict[str, int]:
    """When something is to be done about a row."""
    times = {"lease_until": row["lease_until"], "ask_after": row["ask_after"]}
    if row["news"] > row["told"]:
        times["owed_after"] = row["owed_after"]
    return {field: at for field, at in times.items() if at is not None}


def _is_of(row: LedgerRow | None, party: LedgerScope) -> bool:
    return row is not None and all(row[field] == party[field] for field in party)  # type: ignore[literal-required]


def _callback(kept: dict[str, Any]) -> LedgerCallback:
    return {
        "payment_id": kept["payment_id"],
        "digest": kept["digest"],
        "body": base64.b64decode(kept["body"]),
        "received_at": kept["received_at"],
        "verdict": kept["verdict"],
    }


#: How a filter of a search is compared, where it is not the row's field of that name.
_FILTERS: dict[str, Callable[[LedgerRow, Any], bool]] = {
    "since": lambda row, since: row["reserved_at"] >= since,
    "id_prefix": lambda row, prefix: row["id"].startswith(prefix),
    "only_open": lambda row, _: row["is_open"],
    "only_owed": lambda row, _: row["news"] > row["told"],
}


def _is_found(row: LedgerRow, search: LedgerSearch) -> bool:
    wanted = {name: value for name, value in search.items() if value not in (None, False)}
    return all(
        _FILTERS[name](row, value) if name in _FILTERS else row[name] == value  # type: ignore[literal-required]
        for name, value in wanted.items()
    )
