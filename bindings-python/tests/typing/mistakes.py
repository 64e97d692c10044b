"""Mistakes that a type checker finds before a customer does: each line that says so, and no other."""

from __future__ import annotations

import lipia


def mistakes(daraja: lipia.Daraja, payment: lipia.Payment, handle: lipia.PaymentHandle) -> None:
    daraja.stk_push("0712345678", 150, "INV-001")  # mistake
    daraja.stk_push(phone_number="0712345678", amount=150)  # mistake
    daraja.stk_push(phone_number="0712345678", amount=150.5, account_reference="A")  # mistake
    daraja.stk_push(phone_number=None, amount=150, account_reference="A")  # mistake
    daraja.stk_push(phone="0712345678", amount=150, account_reference="A")  # mistake
    daraja.collect(phone_number="0712345678", amount=1, account_reference="A", fit="cut")  # mistake
    daraja.push(payment)  # mistake
    daraja.collect_payment(payment)  # mistake
    daraja.receive_callback("/pay", {"Body": {}})  # mistake
    daraja.with_options(60)  # mistake
    daraja.close(5)  # mistake
    handle.outcome  # mistake
    payment.outcome = lipia.Outcome.SUCCESS  # mistake
    payment.amount  # mistake
    receipt: str = payment.receipt  # mistake
    status: lipia.Status = daraja.wait(handle)  # mistake
    whole: lipia.Payment = daraja.wait("ws_CO_1")  # mistake
    amount: float = payment.paid_amount  # mistake
    lipia.Outcome.PAID  # mistake
    lipia.Daraja(consumer_key="k", consumer_secret="s", short_code="174379")  # mistake
    lipia.Daraja(api_key="k")  # mistake
    lipia.PalPluss(api_key="k", environment="prod")  # mistake
    lipia.UpesiPay(auth_token="t", timeout="30")  # mistake
    lipia.DarajaClient  # mistake
    lipia.parse_amount(150.5)  # mistake
    print(receipt, status, whole, amount)


async def of_asyncio(daraja: lipia.AsyncDaraja, handle: lipia.PaymentHandle) -> None:
    settled: lipia.Payment = daraja.wait(handle)  # mistake
    for _ in daraja.watch(handle):  # mistake
        pass
    with daraja:  # mistake
        print(settled)
    daraja.close()  # mistake


def unhandled(progress: lipia.Progress) -> str:  # mistake
    if isinstance(progress, (lipia.Queried, lipia.QueryFailed, lipia.Settled, lipia.TimedOut)):
        return "told"
