"""A shop in Flask: an order is requested by a click, and marked as paid once its payment is told."""

from __future__ import annotations

import flask

import lipia
from lipia.flask import answer_errors, callback_blueprint

from .orders import Orders

daraja = lipia.Daraja.from_env(timeout=5)
orders = Orders()
app = flask.Flask("shop")
app.register_blueprint(callback_blueprint(daraja))
answer_errors(app)


@daraja.on_outcome
def told(payment: lipia.Payment) -> None:
    assert flask.current_app.name == "shop"
    orders.mark(payment)
    orders.note(payment)


@app.post("/orders/<order>/pay")
def pay(order: str) -> tuple[dict[str, object], int]:
    phone_number = flask.request.json["phone"]
    payment = daraja.request(
        order=order, phone_number=phone_number, amount=150, account_reference=order
    )
    return payment.for_customer(), 202


@app.get("/")
def page() -> str:
    return "Duka"


@app.after_request
def name_worker(response: flask.Response) -> flask.Response:
    response.headers["X-Worker"] = str(orders.worker)
    return response
