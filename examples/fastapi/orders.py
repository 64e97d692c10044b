"""The shop's own orders, and where they and the ledger of their payments are: in files that all workers share."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Annotated, NamedTuple

from fastapi import Body, HTTPException, Path as InPath

#: What is sold, in KES.
PRICES = {"coffee": 150, "samosa": 50, "chapati": 30}

HERE = Path(__file__).resolve().parent
DATABASE = os.environ.get("SHOP_DATABASE", str(HERE / "shop.sqlite"))
LEDGER = os.environ.get("LIPIA_LEDGER", f"sqlite://{HERE}/payments.db")

#: An order's number. The page makes it, so that a click twice is one order, and M-Pesa shows it to the customer.
Number = Annotated[str, InPath(pattern="^[A-Z0-9]{1,12}$")]


class Order(NamedTuple):
    number: str
    price: int


def _database() -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(DATABASE, timeout=10, isolation_level=None))


with _database() as database:
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE IF NOT EXISTS orders (number TEXT PRIMARY KEY, item TEXT)")
    database.execute("CREATE TABLE IF NOT EXISTS paid (number TEXT PRIMARY KEY, receipt TEXT)")


def place(number: Number, item: Annotated[str, Body()]) -> Order:
    """The order of that number: the one that was placed before, or a new one. What it costs is never for the page to say."""
    if item not in PRICES:
        raise HTTPException(422, "We do not sell that.")
    with _database() as database:
        database.execute("INSERT INTO orders VALUES (?, ?) ON CONFLICT DO NOTHING", (number, item))
        (placed,) = database.execute(
            "SELECT item FROM orders WHERE number = ?", (number,)
        ).fetchone()
    return Order(number, PRICES[placed])


def mark_paid(number: str | None, receipt: str | None) -> None:
    """Hands the goods over, once, however often it is told. A receipt that is learnt later is noted."""
    with _database() as database:
        database.execute(
            "INSERT INTO paid VALUES (?, ?) ON CONFLICT DO UPDATE"
            " SET receipt = coalesce(excluded.receipt, receipt)",
            (number, receipt),
        )


def receipt_of(number: Number) -> str | None:
    """The receipt of an order that is paid."""
    with _database() as database:
        row = database.execute("SELECT receipt FROM paid WHERE number = ?", (number,)).fetchone()
    return str(row[0]) if row and row[0] else None
