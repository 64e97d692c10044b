"""Values of every public class, made by real sales through the sandbox."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from callback_shop import Shop, eventually

import lipia

PHONE = "0712345678"
#: Every spelling in which the payers' numbers could show.
PHONES = ("0712345678", "712345678", "0712341032", "712341032", "0712349010", "712349010")


def sale(phone: str = PHONE) -> dict[str, Any]:
    return {"phone_number": phone, "amount": 150, "account_reference": "INV-001"}


def everything() -> tuple[dict[str, Any], list[str]]:
    """One or more values of every dataclass and exception by name, and the secrets that they were made with."""
    values: dict[str, Any] = {}
    secrets: list[str] = []

    def keep(name: str, value: Any) -> Any:
        values[name] = value
        return value

    with lipia.Sandbox() as sandbox, Shop() as shop:
        daraja = sandbox.daraja(callback_url=shop.callback_url)
        shop.receive = daraja.receive_callback
        secrets += [str(value) for name, value in sandbox.settings().items() if name in KEYS]
        handle = daraja.reserve(**sale())
        keep("PaymentHandle", handle)
        keep("reserved", handle.snapshot())
        keep("Acceptance", daraja.push(handle))
        keep("progress", list(daraja.watch(handle)))
        eventually("the callback is heard", lambda: bool(shop.heard))
        keep("ReceivedCallback", shop.heard[0])
        event = keep("Event", shop.heard[0].event)  # type: ignore[union-attr]
        keep("EventCheck", event.check(amount=150, phone_number=PHONE))
        keep("paid", daraja.wait(handle))
        keep("Status", daraja.stk_query(values["Acceptance"]))
        keep("cancelled", daraja.collect(**sale("0712341032")))
        flagged = daraja.reserve(**sale("0712349010"))
        daraja.push(flagged)
        eventually("the false callback is heard", lambda: len(shop.heard) == 3)
        keep("flagged", flagged.snapshot())
        keep("Flag", values["flagged"].flags[0])
        sandbox.inject("push", "answer_lost")
        try:
            daraja.stk_push(**sale())
        except lipia.FindOutError as error:
            keep("FindOutError", error)
            keep("unknown", error.payment.snapshot())
        keep("Daraja", daraja)
        keep("AsyncDaraja", sandbox.async_daraja())
        for gateway in ("palpluss", "upesipay"):
            client = keep(gateway, getattr(sandbox, gateway)())
            secrets += [
                str(sandbox.settings(gateway)[name])
                for name in KEYS
                if name in sandbox.settings(gateway)
            ]
            handle = client.reserve(**sale())
            keep(f"Acceptance of {gateway}", client.push(handle))
            keep(f"paid through {gateway}", client.wait(handle))
            keep(f"Status of {gateway}", client.stk_query(values[f"Acceptance of {gateway}"]))
        standing = keep("GuardStanding", values["upesipay"].guard_standing(PHONE))
        keep("GuardCount", standing.phone)
        checkup = keep("Checkup", daraja.check())
        keep("CheckLine", checkup.lines[0])
        keep("PaymentPage", daraja.payments.search())
        keep("Reconciled", daraja.payments.reconcile())
        bought = daraja.collect(order="order-17", **sale())
        keep("PaymentStory", daraja.payments.story(bought))
        keep("KeptCallback", lipia.KeptCallback(bought.reserved_at, "believed", b"{}"))
        keep("Pruned", daraja.payments.prunable(older_than=timedelta(days=1)))
        keep("Imported", daraja.payments.import_(bought))
        keep("LedgerReport", daraja.payments.report())
        keep("errors", list(errors(sandbox)))
    for name in ("paid", "cancelled", "flagged", "unknown", "paid through palpluss"):
        secrets.append(values[name].push.callback_url)
        secrets.append(values[name].push.callback_url.rsplit("-", 1)[-1])
        if values[name].checkout_request_id:
            secrets.append(values[name].checkout_request_id)
    for progress in values.pop("progress"):
        keep(type(progress).__name__, progress)
    keep("QueryFailed", lipia.QueryFailed(0.5, values["FindOutError"]))
    keep("CallbackReceived", lipia.CallbackReceived(0.5))
    keep("TimedOut", lipia.TimedOut(values["unknown"]))
    keep("Push", values["paid"].push)
    keep("ResultCode", lipia.describe("1032"))
    keep("WaitOptions", lipia.WaitOptions(timeout=60))
    keep("PhoneNumber", lipia.parse_phone_number(PHONE))
    keep("CheckedText", lipia.parse_account_reference("INV#9"))
    keep("Remark", values["CheckedText"].remarks[0])
    return values, secrets


#: Settings of the sandbox that are secret.
KEYS = ("consumer_key", "consumer_secret", "pass_key", "api_key", "auth_token")


def errors(sandbox: lipia.Sandbox) -> Any:
    """An error of every class."""
    daraja = sandbox.daraja()
    raising: list[Callable[[], object]] = [
        lambda: daraja.stk_push(**{**sale(), "amount": "99.50"}),
        lambda: lipia.Daraja(consumer_key="", consumer_secret="s", short_code=1, pass_key="p"),
        lambda: daraja.wait(daraja.reserve(**sale())),
        lambda: daraja.stk_push(**sale("0712349012")),
        lambda: daraja.receive_callback("/pay", b"{}"),
        lambda: faulty(sandbox, "daraja", "answer_lost"),
        lambda: faulty(sandbox, "palpluss", "kyc_not_verified"),
        # The last: every client of the account holds back after it.
        lambda: faulty(sandbox, "palpluss", "stk_temp_banned"),
    ]
    for raise_it in raising:
        try:
            raise_it()
        except lipia.LipiaError as error:
            yield error
        else:
            raise AssertionError("nothing was raised")


def faulty(sandbox: lipia.Sandbox, gateway: str, fault: str) -> None:
    sandbox.reset()
    sandbox.inject("push", fault)
    getattr(sandbox, gateway)().stk_push(**sale("0712341032"))


def dataclass_names() -> list[str]:
    """Every public dataclass."""
    return [name for name in lipia.__all__ if dataclasses.is_dataclass(getattr(lipia, name))]
