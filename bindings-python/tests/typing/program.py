"""A user's program that blocks. Type checkers at their strictest find nothing in it."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import lipia


def sell(daraja: lipia.Daraja, phone_number: str, amount: Decimal) -> str | None:
    payment = daraja.collect(
        phone_number=phone_number,
        amount=amount,
        account_reference="INV-001",
        transaction_desc="Two coffees",
        fit="truncate",
        timeout=60,
    )
    paid: bool = payment.is_paid
    row: lipia.ResultCode = payment.describe()
    return payment.receipt if paid else row.customer_message_en


def sell_in_steps(daraja: lipia.Daraja) -> lipia.Payment:
    handle: lipia.PaymentHandle = daraja.reserve(
        phone_number=712345678, amount=150, account_reference="INV-001"
    )
    saved: str = handle.to_json()
    acceptance: lipia.Acceptance = daraja.push(handle)
    by_id: lipia.Status = daraja.wait(acceptance)
    by_text: lipia.Status = daraja.wait(acceptance.id, timeout=5)
    resumed: lipia.PaymentHandle = daraja.resume(saved)
    amount: Decimal | None = by_id.amount or by_text.amount
    settled: lipia.Payment = daraja.wait(resumed)
    again: lipia.Payment = daraja.wait(settled)
    found: lipia.PaymentHandle | None = daraja.find(again.id)
    print(amount, found, [kept.id for kept in daraja.unclaimed()])
    return again


def told(progress: lipia.Progress) -> str:
    match progress:
        case lipia.Queried(elapsed_seconds=elapsed, status=status):
            return f"{elapsed:.1f}: {status.outcome}"
        case lipia.QueryFailed(error=error):
            return error.code
        case lipia.CallbackReceived():
            return "news"
        case lipia.Settled(payment=payment) | lipia.TimedOut(payment=payment):
            return payment.outcome.value


def what_to_do(outcome: lipia.Outcome) -> str:
    if outcome is lipia.Outcome.SUCCESS:
        return "hand over"
    if outcome in (lipia.Outcome.PENDING, lipia.Outcome.UNKNOWN):
        return "ask again"
    return "offer to try again"


def safely(client: lipia.Client) -> lipia.Acceptance | None:
    try:
        return client.stk_push(phone_number="0712345678", amount="150", account_reference="A")
    except lipia.CorrectInputError as error:
        name: str | None = error.field
        as_value_error: ValueError = error
        print(name, as_value_error)
    except lipia.TryAgainError as error:
        time.sleep(error.retry_after_seconds or 5)
    except lipia.FindOutError as error:
        disposition: lipia.Disposition = error.disposition
        print(disposition, error.kind, error.http_status)
    except lipia.LipiaError as error:
        print(error.code, error.hint, error.retryable)
    return None


def received(client: lipia.Client, path: str, body: bytes) -> str:
    try:
        callback = client.receive_callback(
            path, body, peer="196.201.214.200", forwarded_for=["196.201.214.200"], confirm=True
        )
    except lipia.DisbelieveError:
        return lipia.accepted_reply()
    verdict: lipia.Verdict | None = callback.verdict
    event: lipia.Event = callback.event
    check = event.check(amount=Decimal(150), phone_number="0712345678")
    names: tuple[str, ...] = check.mismatches
    at: datetime | None = event.date
    print(verdict, names, at, event.value("Amount"), [warning.value for warning in event.warnings])
    return lipia.accepted_reply()


def any_gateway(name: str) -> lipia.Client:
    match lipia.Gateway(name):
        case lipia.Gateway.DARAJA:
            return lipia.Daraja.from_env(timeout=10, wait=lipia.WaitOptions(timeout=60))
        case lipia.Gateway.PALPLUSS:
            return lipia.PalPluss(api_key="key", callback_secrets=["a-secret-of-some-length"])
        case lipia.Gateway.UPESIPAY:
            return lipia.UpesiPay(username="user", password="password", generation=2)
        case lipia.Gateway.PAYHERO:
            return lipia.PayHero(base_url="https://payhero.example", auth_token="token")


def values() -> None:
    phone: lipia.PhoneNumber = lipia.parse_phone_number("0712 345 678")
    number: str = phone.number
    amount: int = lipia.parse_amount("150.00")
    money: Decimal = lipia.parse_money("1e2", json_number=True)
    text: lipia.CheckedText = lipia.parse_account_reference("INV#9")
    codes: list[str] = [remark.code for remark in text.remarks]
    pair: tuple[str, str] = lipia.password("174379", "key", datetime.now(timezone.utc))
    rows: tuple[lipia.ResultCode, ...] = lipia.result_codes()
    print(number, amount, money, codes, pair, rows, lipia.__version__)


def played() -> int:
    with lipia.Sandbox(time_scale=100) as sandbox, sandbox.daraja(timeout=5) as daraja:
        sandbox.inject("push", "answer_lost", times=None, gateway=lipia.Gateway.DARAJA)
        narrowed: lipia.Daraja = daraja.with_options(timeout=1)
        for progress in narrowed.watch(
            daraja.reserve(phone_number="0712345678", amount=1, account_reference="A")
        ):
            print(told(progress))
        return sandbox.prompts


def a_safe_shop(daraja: lipia.Daraja) -> dict[str, object]:
    @daraja.on_outcome
    def told(payment: lipia.Payment) -> bool:
        order: str | None = payment.order
        print(order, payment.attempt, payment.order_is_paid, payment.is_paid_twice)
        return payment.is_paid

    same: bool = told(daraja.payments.get("0c51c758"))
    daraja.start()
    payment: lipia.Payment = daraja.request(
        order="order-17", phone_number="0712345678", amount=150, account_reference="INV-017"
    )
    page: lipia.PaymentPage = daraja.payments.search(state="unknown", limit=10)
    following: int | None = page.next
    payments: tuple[lipia.Payment, ...] = daraja.payments.of_order(17)
    settled: lipia.Payment = daraja.payments.resolve(payment, paid=True, receipt="UAB1CD2EF3")
    passed: lipia.Reconciled = daraja.payments.reconcile()
    story: lipia.PaymentStory = daraja.payments.story(payment)
    bodies: list[bytes] = [callback.body for callback in story.callbacks]
    pruned: lipia.Pruned = daraja.payments.prune(older_than=timedelta(days=90))
    taken: lipia.Imported = daraja.payments.import_(payment.to_json(), order="order-17")
    report: lipia.LedgerReport = daraja.payments.report()
    again: lipia.Payment = daraja.payments.retell(taken.payment)
    print(bodies, pruned.payments, report.owed, again.id)
    print(same, following, payments, settled.receipt, passed.told)
    return payment.for_customer()
