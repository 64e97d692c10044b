"""A user's asynchronous program. Type checkers at their strictest find nothing in it."""

from __future__ import annotations

import asyncio

import lipia


async def sell(daraja: lipia.AsyncDaraja, phone_number: str) -> bool:
    payment: lipia.Payment = await daraja.collect(
        phone_number=phone_number, amount=150, account_reference="INV-001", party_b=123456
    )
    return payment.outcome.is_paid


async def sell_in_steps(client: lipia.AsyncClient) -> lipia.Payment:
    handle: lipia.PaymentHandle = client.reserve(
        phone_number="0712345678", amount=150, account_reference="INV-001"
    )
    acceptance: lipia.Acceptance = await client.push(handle)
    status: lipia.Status = await client.stk_query(acceptance)
    by_id: lipia.Status = await client.wait(acceptance)
    async for progress in client.watch(handle, timeout=30):
        match progress:
            case lipia.Settled(payment) | lipia.TimedOut(payment):
                print(payment.receipt)
            case lipia.Queried() | lipia.QueryFailed() | lipia.CallbackReceived():
                print(progress.elapsed_seconds)
    settled: lipia.Payment = await client.wait(handle)
    again: lipia.Payment = await client.wait(settled)
    print(status.is_final, by_id.is_final, client.is_at_rest, client.unclaimed())
    return again


async def received(client: lipia.AsyncClient, path: str, body: bytes) -> lipia.Verdict | None:
    callback: lipia.ReceivedCallback = await client.receive_callback(path, body)
    if callback.verdict is None:
        handle = client.resume("{}")
        return await client.believe(handle, callback.event)
    return callback.verdict


async def main() -> None:
    async with (
        lipia.AsyncDaraja.from_env() as daraja,
        lipia.AsyncPalPluss(api_key="key") as palpluss,
    ):
        paid: list[bool] = await asyncio.gather(
            *(sell(daraja, phone) for phone in ("0712345678", "0712345679"))
        )
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(sell_in_steps(palpluss))
        except* lipia.FindOutError as errors:
            print(errors.exceptions, paid)
        rested: bool = await daraja.aclose(timeout=5)
        print(rested)


if __name__ == "__main__":
    asyncio.run(main())


async def a_safe_shop(daraja: lipia.AsyncDaraja) -> dict[str, object]:
    @daraja.on_outcome
    async def told(payment: lipia.Payment) -> None:
        print(payment.order, payment.receipt)

    await told(await daraja.payments.get("0c51c758"))
    payment: lipia.Payment = await daraja.request(
        order="order-17", phone_number="0712345678", amount=150, account_reference="INV-017"
    )
    payments: lipia.AsyncPayments = daraja.payments
    asked: lipia.Payment = await payments.ask(payment)
    released: lipia.Payment = await payments.release("order-17")
    print(asked.outcome, released.order)
    return payment.for_customer()
