"""A shop in Flask for gunicorn: its client is made before the workers are forked. What it was told, it writes into a file."""

from __future__ import annotations

import os
import time
from pathlib import Path

import flask

import lipia
from lipia.flask import callback_blueprint
from lipia.store import keep

from .sqlite_store import SqliteStore

daraja = lipia.Daraja.from_env()
store = SqliteStore(os.environ["SHOP_DATABASE"])
app = flask.Flask("shop")


def load(payment_id: str) -> str | None:
    """Loads, and where the test made a folder for it, goes on once two processes have loaded."""
    saved = store.load(payment_id)
    meeting, deadline = Path(os.environ["SHOP_MEETING"]), time.monotonic() + 10
    if meeting.exists():
        (meeting / str(os.getpid())).touch()
        while len(list(meeting.iterdir())) < 2 and time.monotonic() < deadline:
            time.sleep(0.002)
    return saved


def told(payment: lipia.Payment) -> None:
    # In append mode short lines of several processes do not mix.
    with open(os.environ["SHOP_TOLD"], "a", encoding="utf-8") as file:
        file.write(f"{payment.id} {payment.outcome} {payment.receipt}\n")


app.register_blueprint(callback_blueprint(daraja, load=load, save=store.save, on_outcome=told))


@app.post("/orders/<phone_number>")
def order(phone_number: str) -> tuple[str, int]:
    payment = daraja.reserve(phone_number=phone_number, amount=150, account_reference="INV-001")
    payment.begin()
    store.insert(payment)
    daraja.push(payment)
    return keep(payment, load=load, save=store.save).id, 202


@app.get("/worker")
def worker() -> str:
    return str(os.getpid())
