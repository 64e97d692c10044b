"""The request for a payment: commits its row, then prompts the phone, then saves the answer."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any

from asgiref.sync import sync_to_async
from django.db import InterfaceError, OperationalError, connections

import lipia

from .callbacks import take_in_quietly
from .clients import get_async_client, get_client
from .locks import being_pushed
from .models import Payment
from .persistence import begin, database_of, record_answer, with_payment
from .reconciling import free_if_unpaid

log = logging.getLogger("lipia.django")

#: How long to pause before each further try to write an answer down. A connection that lay idle
#: while the gateway was asked may be gone, and a database may be restarting.
_PAUSES_SECONDS = (0.0, 0.5, 1.0, 2.0)

#: Requests that go on whether or not their callers wait.
_going_on: set[asyncio.Task[Any]] = set()


def request(
    push: Mapping[str, Any],
    *,
    account: str,
    order: object,
    metadata: Mapping[str, Any] | None,
    durable: bool,
    using: str,
) -> Payment:
    """See :meth:`PaymentManager.request`."""
    client = get_client(account)
    handle = client.reserve(**push)
    with being_pushed(handle.id):
        row, is_new = begin(
            handle.snapshot(),
            free_if_unpaid=free_if_unpaid,
            account=account,
            order=order,
            metadata=metadata,
            durable=durable,
            using=using,
        )
        if not is_new:
            return row
        error, pushed = _pushed(client, handle)
        # The error may be kept for long, and with it this frame. The live payment ends here: a
        # later one is resumed from the row.
        del handle
        _write_down(row, pushed)
    _look_again(row)
    if error is not None:
        raise with_payment(error, row)
    return row


async def arequest(
    push: Mapping[str, Any],
    *,
    account: str,
    order: object,
    metadata: Mapping[str, Any] | None,
    durable: bool,
    using: str,
) -> Payment:
    """See :meth:`PaymentManager.arequest`."""
    client = get_async_client(account)
    # A task of its own: the row and the prompt belong together, whoever waits for them.
    task = asyncio.ensure_future(
        _requested(client, client.reserve(**push), account, order, metadata, durable, using)
    )
    _going_on.add(task)
    task.add_done_callback(_no_longer_going_on)
    row, error = await asyncio.shield(task)
    if error is not None:
        raise with_payment(error, row)
    return row


async def _requested(
    client: lipia.AsyncClient,
    handle: lipia.PaymentHandle,
    account: str,
    order: object,
    metadata: Mapping[str, Any] | None,
    durable: bool,
    using: str,
) -> tuple[Payment, lipia.LipiaError | None]:
    with being_pushed(handle.id):
        row, is_new = await sync_to_async(begin)(
            handle.snapshot(),
            free_if_unpaid=free_if_unpaid,
            account=account,
            order=order,
            metadata=metadata,
            durable=durable,
            using=using,
        )
        if not is_new:
            return row, None
        error: lipia.LipiaError | None = None
        try:
            await client.push(handle)
        except lipia.LipiaError as caught:
            error = caught.with_traceback(None)
        await sync_to_async(_write_down)(row, handle.snapshot())
    await sync_to_async(_look_again)(row)
    return row, error


def _no_longer_going_on(task: asyncio.Task[Any]) -> None:
    _going_on.discard(task)
    # Where the caller went away nobody else looks at it.
    if not task.cancelled() and (trouble := task.exception()) is not None:
        log.info("a request ended with %s", type(trouble).__name__)


def _pushed(
    client: lipia.Client, handle: lipia.PaymentHandle
) -> tuple[lipia.LipiaError | None, lipia.Payment]:
    """Pushes the payment. Returns the error that it met, and the payment after it."""
    try:
        client.push(handle)
    except lipia.LipiaError as error:
        return error.with_traceback(None), handle.snapshot()
    return None, handle.snapshot()


def _write_down(row: Payment, pushed: lipia.Payment) -> None:
    connection = connections[database_of(row)]
    for pause in _PAUSES_SECONDS:
        try:
            record_answer(row, pushed)
            return
        except (InterfaceError, OperationalError):
            if connection.in_atomic_block or pause == _PAUSES_SECONDS[-1]:
                log.critical(
                    "the answer to a push could not be written down, and its row goes on saying "
                    "that it is being sent; its callback settles it payment_id=%s state=%s",
                    row.payment_id,
                    pushed.state,
                )
                raise
            connection.close()
            time.sleep(pause)


def _look_again(row: Payment) -> None:
    """Judges the callbacks that came before the answer to the push."""
    take_in_quietly(row)
    row.refresh_from_db()
