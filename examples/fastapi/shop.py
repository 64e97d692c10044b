"""A small shop that takes M-Pesa: a page with a form, and the payment's progress while the customer looks on.

Any number of workers may serve it, and any of them may end at any moment: what matters is in the
store.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, Field
from store import Order, Store

import lipia
from lipia.fastapi import callback_router
from lipia.store import keep_async

#: When M-Pesa is first asked about a payment whose callback does not come.
ASK_AFTER_SECONDS = float(os.environ.get("SHOP_ASK_AFTER_SECONDS", "10"))
#: How long one process waits for one payment before any may take it over.
FOLLOW_SECONDS = 3 * ASK_AFTER_SECONDS
#: How often the page's stream looks into the store.
LOOK_EVERY_SECONDS = 0.25
#: How long a page's stream lasts. The browser opens another one by itself.
STREAM_SECONDS = 60.0

log = logging.getLogger("shop")
store = Store(os.environ.get("SHOP_DATABASE", "shop.sqlite"))
daraja = lipia.AsyncDaraja.from_env(
    wait=lipia.WaitOptions(first_query_after=ASK_AFTER_SECONDS, query_every=ASK_AFTER_SECONDS)
)
under_way: set[asyncio.Task[None]] = set()


def in_background(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.ensure_future(work)
    under_way.add(task)
    task.add_done_callback(under_way.discard)


async def collect(payment: lipia.PaymentHandle) -> None:
    """Prompts the phone, once, and waits for what the customer does."""
    try:
        await daraja.push(payment)
    except lipia.LipiaError as error:
        # What it means for the money is in the payment: `reserved` again, or `unknown`, which is
        # asked about.
        log.warning("order %s: %s", payment.snapshot().push.account_reference, error)
        await asyncio.to_thread(store.tell, payment.id, "M-Pesa did not take the request")
    now = await keep_async(payment, load=store.load, save=store.save)
    if now.state is not lipia.PaymentState.RESERVED:
        await follow(payment)


async def follow(payment: lipia.PaymentHandle) -> None:
    """Waits for an outcome, tells the customer's page, and keeps what came of it."""
    async for progress in daraja.watch(payment, timeout=FOLLOW_SECONDS):
        if isinstance(progress, lipia.Queried):
            await asyncio.to_thread(store.tell, payment.id, "waiting for your PIN")
        elif isinstance(progress, lipia.QueryFailed):
            await asyncio.to_thread(store.tell, payment.id, "M-Pesa is slow, still asking")
    await keep_async(payment, load=store.load, save=store.save)


async def take_up_what_was_left() -> None:
    """Takes over payments that no process waits for: after a restart, after a crash, after a wait without outcome."""
    while True:
        try:
            while saved := await asyncio.to_thread(store.claim, 2 * FOLLOW_SECONDS):
                in_background(follow(daraja.resume(saved)))
        except Exception:
            log.exception("open payments could not be taken up")
        await asyncio.sleep(FOLLOW_SECONDS / 4)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    in_background(take_up_what_was_left())
    yield
    # A push that is on its way learns its answer; waits are taken up by whoever starts next.
    await daraja.aclose()
    for task in list(under_way):
        task.cancel()
    await asyncio.gather(*under_way, return_exceptions=True)


async def told(payment: lipia.Payment) -> None:
    """For what may be lost: a message to the customer, a line in a log. The goods are handed over in `store.save`."""
    log.info("order %s: %s", payment.push.account_reference, payment.outcome)


app = FastAPI(title="Duka", lifespan=lifespan)
app.include_router(
    callback_router(daraja, prefix="/pay", load=store.load, save=store.save, on_outcome=told)
)


class NewOrder(BaseModel):
    #: The page makes it, so that a click twice is one order. M-Pesa shows it to the customer.
    order_id: str = Field(pattern="^[A-Z0-9]{1,12}$")
    phone_number: str = Field(max_length=40)
    amount: int


@app.post("/orders", status_code=202)
async def place(order: NewOrder) -> Response:
    try:
        payment = daraja.reserve(
            phone_number=order.phone_number, amount=order.amount, account_reference=order.order_id
        )
    except lipia.CorrectInputError as error:
        return JSONResponse({"field": error.field, "error": error.customer_message_en}, 422)
    # From here on the saved payment says that the phone may have been prompted, whatever happens to
    # this process.
    payment.begin()
    if await asyncio.to_thread(store.place, order.order_id, payment.snapshot(), 2 * FOLLOW_SECONDS):
        in_background(collect(payment))
    return JSONResponse(shown(await found(order.order_id)), 202)


@app.get("/orders/{order_id}")
async def look(order_id: str) -> dict[str, Any]:
    return shown(await found(order_id))


@app.get("/orders/{order_id}/events")
async def events(order_id: str) -> StreamingResponse:
    """The order's progress, as server-sent events."""
    await found(order_id)

    async def stream() -> AsyncIterator[str]:
        last, ends = None, asyncio.get_running_loop().time() + STREAM_SECONDS
        while asyncio.get_running_loop().time() < ends:
            order = shown(await found(order_id))
            if order != last:
                last = order
                yield f"data: {json.dumps(order)}\n\n"
            if not order["open"]:
                return
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    return StreamingResponse(
        stream(), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
    )


@app.get("/", response_class=HTMLResponse)
async def page() -> str:
    return (Path(__file__).parent / "page.html").read_text(encoding="utf-8")


async def found(order_id: str) -> Order:
    order = await asyncio.to_thread(store.order, order_id)
    if order is None:
        raise HTTPException(404, "there is no such order")
    return order


def shown(order: Order) -> dict[str, Any]:
    """What the customer's page shows."""
    payment = order.payment
    if payment.state is lipia.PaymentState.SETTLED:
        message = payment.describe().customer_message_en
    elif payment.state is lipia.PaymentState.RESERVED:
        message = "M-Pesa did not take the request. You were not charged; please order again."
    else:
        message = order.progress
    return {
        "order": order.order_id,
        "open": order.is_open,
        "paid": payment.is_paid,
        "outcome": payment.outcome,
        "receipt": payment.receipt,
        "message": message,
    }
