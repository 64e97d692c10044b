"""Payments in a file, as a small shop keeps them."""

from __future__ import annotations

import sqlite3

import lipia

#: How long to wait for another process's transaction, in seconds.
_LOCKED_SECONDS = 20.0


class SqliteStore:
    """Payments in a file, as a small shop keeps them; what was called is noted."""

    def __init__(self, path: str, compares: bool = True) -> None:
        self._path = path
        self._compares = compares
        self.calls: list[str] = []
        with self._open() as database:
            database.execute(
                "CREATE TABLE IF NOT EXISTS payments (id TEXT PRIMARY KEY, revision INTEGER, json TEXT)"
            )

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=_LOCKED_SECONDS, isolation_level=None)

    def insert(self, payment: lipia.PaymentHandle | lipia.Payment) -> None:
        saved = payment if isinstance(payment, lipia.Payment) else payment.snapshot()
        with self._open() as database:
            database.execute(
                "INSERT INTO payments VALUES (?, ?, ?)", (saved.id, saved.revision, saved.to_json())
            )

    def load(self, payment_id: str) -> str | None:
        self.calls.append("load")
        with self._open() as database:
            row = database.execute(
                "SELECT json FROM payments WHERE id = ?", (payment_id,)
            ).fetchone()
        return None if row is None else str(row[0])

    def save(self, payment: lipia.Payment, previous: lipia.Payment) -> bool | None:
        self.calls.append("save")
        values = (payment.to_json(), payment.revision, payment.id)
        with self._open() as database:
            if not self._compares:
                database.execute("UPDATE payments SET json = ?, revision = ? WHERE id = ?", values)
                return None
            changed = database.execute(
                "UPDATE payments SET json = ?, revision = ? WHERE id = ? AND revision = ?",
                (*values, previous.revision),
            )
            return changed.rowcount == 1

    def now(self, payment_id: str) -> lipia.Payment:
        saved = self.load(payment_id)
        assert saved is not None
        return lipia.Payment.from_json(saved)
