"""A small shop that takes M-Pesa: a page with a form, and what became of the order.

Any number of workers may serve it, and any of them may end at any moment.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

import lipia
from lipia.fastapi import answer_errors, callback_router

HERE = Path(__file__).parent
DATABASE = os.environ.get("SHOP_DATABASE", str(HERE / "shop.sqlite"))
LEDGER = os.environ.get("LIPIA_LEDGER", f"sqlite://{HERE.resolve()}/payments.db")

daraja = lipia.AsyncDaraja.from_env(ledger=LEDGER)
app = FastAPI(title="Duka")
app.include_router(callback_router(daraja))
answer_errors(app)


def database() -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(DATABASE, timeout=10, isolation_level=None))


with database() as shop:
    shop.execute("CREATE TABLE IF NOT EXISTS deliveries (order_id TEXT PRIMARY KEY, receipt TEXT)")


@daraja.on_outcome
def told(payment: lipia.Payment) -> None:
    """Hands the goods over, once, however often it is told."""
    if payment.is_paid:
        with database() as shop:
            row = (payment.order, payment.receipt)
            shop.execute("INSERT INTO deliveries VALUES (?, ?) ON CONFLICT DO NOTHING", row)


class NewOrder(BaseModel):
    #: The page makes it, so that a click twice is one order. M-Pesa shows it to the customer.
    order_id: str = Field(pattern="^[A-Z0-9]{1,12}$")
    phone_number: str = Field(max_length=40)
    amount: int


@app.post("/orders", status_code=202)
async def pay(order: NewOrder) -> dict[str, Any]:
    payment = await daraja.request(
        order=order.order_id,
        phone_number=order.phone_number,
        amount=order.amount,
        account_reference=order.order_id,
    )
    return payment.for_customer()


@app.get("/orders/{order_id}")
async def look(order_id: str) -> dict[str, Any]:
    payments = await daraja.payments.of_order(order_id)
    if not payments:
        raise HTTPException(404, "There is no such order.")
    return payments[0].for_customer()


@app.get("/", response_class=HTMLResponse)
async def page() -> str:
    return (HERE / "page.html").read_text(encoding="utf-8")
