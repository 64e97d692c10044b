"""The shop's orders, one row each, in an SQLite file that all its processes share."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import lipia

_SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    order_id TEXT PRIMARY KEY,
    payment_id TEXT NOT NULL UNIQUE,
    payment TEXT NOT NULL,           -- Payment.to_json()
    revision INTEGER NOT NULL,       -- Payment.revision
    is_open INTEGER NOT NULL,        -- whether it may yet be paid
    progress TEXT NOT NULL,          -- the last news, for the customer
    placed_at REAL NOT NULL,
    followed_until REAL NOT NULL     -- until when some process waits for its outcome
);
-- What the shop hands over. No row is ever changed, and the promise is: one for each paid order.
CREATE TABLE IF NOT EXISTS deliveries (order_id TEXT NOT NULL, receipt TEXT);
"""


@dataclass(frozen=True)
class Order:
    """An order as the customer's page shows it."""

    order_id: str
    payment: lipia.Payment
    is_open: bool
    progress: str


def _may_be_paid(payment: lipia.Payment) -> bool:
    return payment.state not in (lipia.PaymentState.SETTLED, lipia.PaymentState.RESERVED)


class Store:
    """Every method is one transaction, and opens the file anew: any thread of any process may call it."""

    def __init__(self, path: str) -> None:
        self._path = path
        with self._database() as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.executescript(_SCHEMA)

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self._path, timeout=30, isolation_level=None)
        try:
            yield database
        finally:
            database.close()

    def place(self, order_id: str, payment: lipia.Payment, followed_seconds: float) -> bool:
        """Saves a new order. False where that order exists: one sale has one payment."""
        now = time.time()
        row = (
            order_id,
            payment.id,
            payment.to_json(),
            payment.revision,
            now,
            now + followed_seconds,
        )
        with self._database() as database:
            placed = database.execute(
                "INSERT OR IGNORE INTO orders VALUES (?, ?, ?, ?, 1, 'asking your phone', ?, ?)",
                row,
            )
            return placed.rowcount == 1

    def order(self, order_id: str) -> Order | None:
        """The order as it is now."""
        with self._database() as database:
            row = database.execute(
                "SELECT payment, is_open, progress FROM orders WHERE order_id = ?", (order_id,)
            ).fetchone()
        if row is None:
            return None
        return Order(order_id, lipia.Payment.from_json(row[0]), bool(row[1]), row[2])

    def load(self, payment_id: str) -> str | None:
        """The saved payment, for Lipia."""
        with self._database() as database:
            row = database.execute(
                "SELECT payment FROM orders WHERE payment_id = ?", (payment_id,)
            ).fetchone()
        return None if row is None else str(row[0])

    def save(self, payment: lipia.Payment, previous: lipia.Payment) -> bool:
        """Keeps a payment in place of `previous`, and hands the goods over in the same transaction
        when it became paid: no crash comes between the two.
        """
        with self._database() as database:
            database.execute("BEGIN IMMEDIATE")
            saved = database.execute(
                "UPDATE orders SET payment = ?, revision = ?, is_open = ? "
                "WHERE payment_id = ? AND revision = ?",
                (
                    payment.to_json(),
                    payment.revision,
                    _may_be_paid(payment),
                    payment.id,
                    previous.revision,
                ),
            )
            if saved.rowcount == 1 and payment.is_paid and not previous.is_paid:
                database.execute(
                    "INSERT INTO deliveries SELECT order_id, ? FROM orders WHERE payment_id = ?",
                    (payment.receipt, payment.id),
                )
            database.execute("COMMIT")
            return saved.rowcount == 1

    def tell(self, payment_id: str, progress: str) -> None:
        """The last news of a payment, for the customer's page."""
        with self._database() as database:
            database.execute(
                "UPDATE orders SET progress = ? WHERE payment_id = ?", (progress, payment_id)
            )

    def claim(self, followed_seconds: float, oldest_seconds: float = 86_400.0) -> str | None:
        """An open payment that no process waits for: its process ended, or its wait did. It is the
        caller's for so many seconds.
        """
        now = time.time()
        with self._database() as database:
            row = database.execute(
                "UPDATE orders SET followed_until = ? WHERE order_id = (SELECT order_id FROM orders "
                "WHERE is_open AND followed_until < ? AND placed_at > ? ORDER BY placed_at LIMIT 1) "
                "RETURNING payment",
                (now + followed_seconds, now, now - oldest_seconds),
            ).fetchone()
        return None if row is None else str(row[0])
