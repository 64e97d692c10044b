"""A small shop that takes M-Pesa: one payment for one order, in as many workers as you like."""

from pathlib import Path
from typing import Annotated

from fastapi import Body, Depends, FastAPI, HTTPException
from fastapi.responses import FileResponse
from orders import LEDGER, Number, Order, mark_paid, place, receipt_of

import lipia
from lipia.fastapi import answer_errors, callback_router

daraja = lipia.AsyncDaraja.from_env(ledger=LEDGER)
app = FastAPI(title="Duka")
app.include_router(callback_router(daraja))  # where MPESA_CALLBACK_URL points
answer_errors(app)


@daraja.on_outcome
def told(payment: lipia.Payment) -> None:
    if payment.is_paid:
        mark_paid(payment.order, payment.receipt)


@app.post("/orders/{number}/pay", status_code=202)
async def pay(
    order: Annotated[Order, Depends(place)], phone: Annotated[str, Body(max_length=40)]
) -> dict[str, object]:
    payment = await daraja.request(
        order=order.number,
        phone_number=phone,
        amount=order.price,
        account_reference=order.number,
    )
    return payment.for_customer()


@app.get("/orders/{number}")
async def look(
    number: Number, receipt: Annotated[str | None, Depends(receipt_of)]
) -> dict[str, object]:
    payments = await daraja.payments.of_order(number)
    if not payments:
        raise HTTPException(404, "There is no such order.")
    return {**payments[0].for_customer(), "receipt": receipt}


@app.get("/")
async def page() -> FileResponse:
    return FileResponse(Path(__file__).with_name("page.html"))
