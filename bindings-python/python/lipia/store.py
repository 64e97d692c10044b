"""Keeping payments in a store that several processes share.

Each process that holds a payment learns of it by itself: one takes the callback, another one waits.
:func:`keep` saves what this one knows, and never writes less over more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from . import _callback as engine
from ._payment import PaymentHandle
from ._public import public
from ._types import Payment


@public
def keep(
    payment: PaymentHandle,
    *,
    load: Callable[[str], Payment | str | None],
    save: Callable[[Payment, Payment], bool | None],
) -> Payment:
    """Saves what this process knows of a payment, unless the store knows more.

    :param payment: a live payment: after a push, after a wait.
    :param load: the saved payment of an id: its JSON, or a :class:`lipia.Payment`. It must have
        been saved before.
    :param save: keeps a payment (first argument) in place of what was loaded (second). Save only
        where the store still has that revision, and return ``False`` where it has another: then the
        payment is loaded anew.
    :returns: the payment as the store has it now.
    :raises LookupError: the store has no such payment.
    :raises RuntimeError: `save` never saved.

    ::

        payment = daraja.reserve(phone_number="0712345678", amount=150, account_reference="INV-001")
        payment.begin()
        insert(payment.to_json())
        daraja.push(payment)
        keep(payment, load=load, save=save)
    """
    return engine.drive(engine.kept(payment, engine.Store(load, save)))


@public
async def keep_async(
    payment: PaymentHandle,
    *,
    load: Callable[[str], Payment | str | None | Awaitable[Payment | str | None]],
    save: Callable[[Payment, Payment], bool | None | Awaitable[bool | None]],
) -> Payment:
    """:func:`keep`, awaited. `load` and `save` may be async or plain; plain ones run in a thread."""
    return await engine.drive_async(engine.kept(payment, engine.Store(load, save)))
