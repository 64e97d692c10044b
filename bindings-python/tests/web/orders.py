"""The orders of a shop whose workers share a file: what is marked as paid, and what its handler of outcomes was told."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing

import lipia


class Orders:
    """A shop's own database, in the file that ``SHOP_DATABASE`` names."""

    def __init__(self, path: str | None = None) -> None:
        self._path = path or os.environ["SHOP_DATABASE"]
        with closing(self._open()) as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute(
                "CREATE TABLE IF NOT EXISTS paid (number TEXT PRIMARY KEY, receipt TEXT)"
            )
            database.execute(
                "CREATE TABLE IF NOT EXISTS told (number TEXT, outcome TEXT, attempt INT)"
            )

    @property
    def worker(self) -> int:
        """The worker that asks."""
        return os.getpid()

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=20, isolation_level=None)

    def mark(self, payment: lipia.Payment) -> None:
        """Marks the order of a payment as paid, once."""
        if payment.is_paid:
            with closing(self._open()) as database:
                database.execute(
                    "INSERT INTO paid VALUES (?, ?) ON CONFLICT DO NOTHING",
                    (payment.order, payment.receipt),
                )

    def note(self, payment: lipia.Payment) -> None:
        """Notes what a handler was told, once it has done its work."""
        with closing(self._open()) as database:
            database.execute(
                "INSERT INTO told VALUES (?, ?, ?)",
                (payment.order, payment.outcome.value, payment.attempt),
            )

    def paid(self) -> set[str]:
        """The orders that are marked as paid."""
        with closing(self._open()) as database:
            return {row[0] for row in database.execute("SELECT number FROM paid")}

    def told(self) -> list[tuple[str, str, int]]:
        """What the handlers were told: order, outcome and attempt."""
        with closing(self._open()) as database:
            return list(database.execute("SELECT number, outcome, attempt FROM told"))
