"""A shop in FastAPI: an order is requested by a click, and marked as paid once its payment is told."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse

import lipia
from lipia.fastapi import answer_errors, callback_router

from .orders import Orders

daraja = lipia.AsyncDaraja.from_env(timeout=5)
orders = Orders()
app = FastAPI()
app.include_router(callback_router(daraja))
answer_errors(app)


@daraja.on_outcome
async def told(payment: lipia.Payment) -> None:
    orders.note(payment)


@app.post("/orders/{order}/{phone_number}")
async def pay(order: str, phone_number: str) -> dict[str, object]:
    payment = await daraja.request(
        order=order, phone_number=phone_number, amount=150, account_reference=order
    )
    return {**payment.for_customer(), "id": payment.id, "worker": orders.worker}


@app.get("/worker")
async def worker() -> PlainTextResponse:
    return PlainTextResponse(str(orders.worker))
