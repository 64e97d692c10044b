"""A shop in Flask for gunicorn: its client is made before the workers are forked. What it was told, it writes into a file."""

from __future__ import annotations

import os

import flask

import lipia
from lipia.flask import callback_blueprint
from lipia.store import keep

from .sqlite_store import SqliteStore

daraja = lipia.Daraja.from_env()
store = SqliteStore(os.environ["SHOP_DATABASE"])
app = flask.Flask("shop")


def told(payment: lipia.Payment) -> None:
    # In append mode short lines of several processes do not mix.
    with open(os.environ["SHOP_TOLD"], "a", encoding="utf-8") as file:
        file.write(f"{payment.id} {payment.outcome} {payment.receipt}\n")


app.register_blueprint(
    callback_blueprint(daraja, load=store.load, save=store.save, on_outcome=told)
)


@app.post("/orders/<phone_number>")
def order(phone_number: str) -> tuple[str, int]:
    payment = daraja.reserve(phone_number=phone_number, amount=150, account_reference="INV-001")
    payment.begin()
    store.insert(payment)
    daraja.push(payment)
    return keep(payment, load=store.load, save=store.save).id, 202


@app.get("/worker")
def worker() -> str:
    return str(os.getpid())
