"""Orders, the handler of outcomes and the payments of a ledger, as a program that blocks has them and as one for asyncio."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from callback_shop import Background, Shop, eventually

import lipia

#: A customer who pays, one who cancels, and one who does nothing.
PAYS, CANCELS, SILENT = "0712345678", "0712341032", "0712349001"


def sale(order: str, phone_number: str = PAYS, **changes: Any) -> dict[str, Any]:
    return {
        "order": order,
        "phone_number": phone_number,
        "amount": 150,
        "account_reference": "INV-001",
        **changes,
    }


def by_itself() -> dict[str, Any]:
    """A sale without an order."""
    return {name: part for name, part in sale("").items() if name != "order"}


class Till:
    """A shop with one client, whichever of the two kinds it is."""

    def __init__(self, sandbox: lipia.Sandbox, kind: str, ledger: str) -> None:
        self.shop = Shop()
        self.kind = kind
        self.told: list[lipia.Payment] = []
        self._loop = Background() if kind == "async" else None
        make = sandbox.async_daraja if kind == "async" else sandbox.daraja
        # No question settles a payment before its callback does.
        patient = lipia.WaitOptions(timeout=20, first_query_after=20)
        self.client: Any = make(callback_url=self.shop.callback_url, ledger=ledger, wait=patient)
        self.shop.receive = lambda path, body: self.do(self.client.receive_callback, path, body)

    def do(self, verb: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        """Calls a verb, or awaits it."""
        if self._loop is None:
            return verb(*arguments, **keywords)
        return self._loop.run(verb(*arguments, **keywords))

    def listen(self) -> None:
        @self.client.on_outcome
        def told(payment: lipia.Payment) -> None:
            self.told.append(payment)

    def close(self) -> None:
        self.do(self.client.aclose if self._loop else self.client.close)
        if self._loop is not None:
            self._loop.stop()
        self.shop.close()


OpenTill = Callable[..., Till]


@pytest.fixture(params=["blocking", "async"])
def open_till(
    request: pytest.FixtureRequest, sandbox: lipia.Sandbox, tmp_path: Path
) -> Iterator[OpenTill]:
    """Opens shops over one ledger file."""
    opened: list[Till] = []

    def open_one(ledger: str = f"sqlite://{tmp_path}/payments.db") -> Till:
        opened.append(Till(sandbox, request.param, ledger))
        return opened[-1]

    yield open_one
    for till in opened:
        till.close()


def test_an_order_that_is_requested_twice_has_one_payment(
    open_till: OpenTill, sandbox: lipia.Sandbox
) -> None:
    till, other = open_till(), open_till()
    first = till.do(till.client.request, **sale("order-17", SILENT))
    second = other.do(other.client.request, **sale("order-17", SILENT))
    assert first.id == second.id and first.order == second.order == "order-17"
    assert first.state is lipia.PaymentState.ACCEPTED and not first.order_is_paid
    assert second.is_existing and not first.is_existing
    assert sandbox.prompts == 1


def test_the_handler_is_told_of_what_was_paid(open_till: OpenTill) -> None:
    till = open_till()
    till.listen()
    requested = till.do(till.client.request, **sale("order-17"))
    eventually("the handler is told", lambda: till.told != [])
    (payment,) = till.told
    assert payment.id == requested.id and payment.order == "order-17"
    assert payment.is_paid and payment.order_is_paid and payment.receipt
    assert payment.attempt == 1 and not payment.is_paid_twice


def test_a_handler_is_told_by_one_of_the_clients_of_a_ledger(open_till: OpenTill) -> None:
    tills = [open_till(), open_till()]
    for till in tills:
        till.listen()
    for number in range(10):
        till = tills[number % 2]
        till.do(till.client.request, **sale(f"order-{number}", f"07123{number:02}678"))
    eventually("all are told", lambda: sum(len(till.told) for till in tills) >= 10)
    told = sorted(payment.order or "" for till in tills for payment in till.told)
    assert told == sorted(f"order-{number}" for number in range(10))


@pytest.mark.parametrize("fails", ["raises", "returns False"])
def test_a_handler_that_fails_is_told_again(
    open_till: OpenTill, fails: str, caplog: pytest.LogCaptureFixture
) -> None:
    till, attempts = open_till(), []

    @till.client.on_outcome
    def told(payment: lipia.Payment) -> bool:
        attempts.append(payment.attempt)
        if len(attempts) == 1 and fails == "raises":
            raise RuntimeError("the shop's database is away")
        return len(attempts) > 1

    with caplog.at_level(logging.ERROR, "lipia"):
        till.do(till.client.request, **sale("order-17"))
        eventually("it is told again", lambda: len(attempts) == 2)
    assert attempts == [1, 2]
    assert ("the shop's database is away" in caplog.text) == (fails == "raises")


def test_a_handler_may_be_async_whatever_the_client(open_till: OpenTill) -> None:
    till, told = open_till(), []

    @till.client.on_outcome
    async def hear(payment: lipia.Payment) -> None:
        await asyncio.sleep(0.01)
        told.append(payment.order)

    till.do(till.client.request, **sale("order-17"))
    eventually("the handler is told", lambda: told == ["order-17"])


def test_collecting_an_order_waits_wherever_the_callback_arrives(
    open_till: OpenTill, sandbox: lipia.Sandbox
) -> None:
    till, other = open_till(), open_till()
    # The first shop's callbacks are taken in by the other's client.
    till.shop.receive = lambda path, body: other.do(other.client.receive_callback, path, body)
    paid = till.do(till.client.collect, **sale("order-17"))
    assert paid.is_paid and paid.receipt and paid.order == "order-17" and paid.order_is_paid
    again = other.do(other.client.collect, **sale("order-17"))
    assert again.id == paid.id and sandbox.prompts == 1


def test_another_amount_for_an_order_is_refused_with_its_payment(
    open_till: OpenTill, sandbox: lipia.Sandbox
) -> None:
    till = open_till()
    paid = till.do(till.client.collect, **sale("order-17"))
    with pytest.raises(lipia.LookAtPaymentError) as refused:
        till.do(till.client.request, **sale("order-17", amount=151))
    assert refused.value.code == "order_paid_differently" and refused.value.payment_id == paid.id
    assert refused.value.payment.id == paid.id
    assert sandbox.prompts == 1


def test_what_a_customer_may_see_of_a_payment(open_till: OpenTill) -> None:
    till = open_till()
    shown = till.do(till.client.collect, **sale("order-17", CANCELS)).for_customer()
    assert shown["state"] == "settled" and shown["outcome"] == "cancelled"
    assert shown["customer_message_sw"].startswith("Umeghairi")
    assert shown["customer_message_en"].startswith("You cancelled")
    assert CANCELS[1:] not in str(shown)


def test_the_payments_of_a_ledger_are_looked_up(open_till: OpenTill) -> None:
    till = open_till()
    made = [till.do(till.client.request, **sale(f"order-{n}", f"07123{n}9001")) for n in range(3)]
    payments = till.client.payments
    assert till.do(payments.get, made[0].id[:8]).order == "order-0"
    assert [found.id for found in till.do(payments.of_order, "order-1")] == [made[1].id]
    page = till.do(payments.search, state="accepted", limit=2)
    rest = till.do(payments.search, state=lipia.PaymentState.ACCEPTED, limit=2, page=page.next)
    found = [payment.id for payment in (*page.payments, *rest.payments)]
    assert found == [payment.id for payment in reversed(made)] and rest.next is None
    assert till.do(payments.search, phone_number="0712319001").payments[0].id == made[1].id
    with pytest.raises(lipia.CorrectInputError, match="no such payment"):
        till.do(payments.get, "00000000")
    with pytest.raises(lipia.CorrectInputError, match="not a state"):
        till.do(payments.search, state="opened")


def test_a_person_resolves_and_releases(open_till: OpenTill, sandbox: lipia.Sandbox) -> None:
    till = open_till()
    till.listen()
    payment = till.do(till.client.request, **sale("order-17", SILENT))
    payments = till.client.payments
    for wrong in ({"paid": True}, {"paid": False, "receipt": "UAB1CD2EF3"}):
        with pytest.raises(lipia.CorrectInputError) as refused:
            till.do(payments.resolve, payment, **wrong)
        assert refused.value.field == "receipt"
    resolved = till.do(payments.resolve, payment, paid=True, receipt="uab1cd2ef3")
    assert resolved.is_paid and resolved.receipt == "UAB1CD2EF3"
    eventually(
        "the handler is told", lambda: [told.receipt for told in till.told] == ["UAB1CD2EF3"]
    )
    open_one = till.do(till.client.request, **sale("order-18", "0712359001"))
    assert till.do(payments.release, "order-18").id == open_one.id
    assert till.do(till.client.request, **sale("order-18", "0712369001")).id != open_one.id
    assert sandbox.prompts == 3


def test_what_is_open_owed_or_of_an_order_is_found_and_has_a_story(
    open_till: OpenTill, sandbox: lipia.Sandbox
) -> None:
    till = open_till()
    payments = till.client.payments
    open_one = till.do(till.client.request, **sale("order-17", SILENT))
    failed = till.do(till.client.request, **sale("order-18", "0712359001"))
    till.do(payments.resolve, failed, paid=False)

    def ids(**filters: object) -> list[str]:
        return [payment.id for payment in till.do(payments.search, **filters).payments]

    assert ids(only_open=True) == [open_one.id] and ids(order="order-18") == [failed.id]
    assert ids(only_owed=True) == [failed.id]
    story = till.do(payments.story, failed.id[:8])
    assert story.payment == till.do(payments.get, failed.id) and story.payment.order == "order-18"
    assert (story.account, story.asks, story.others) == ("daraja:174379", 0, ())
    # The customer's prompt may still be open.
    assert story.is_owed and story.holds_order and story.callbacks == ()
    assert till.do(payments.story, open_one).ask_after is not None
    report = till.do(payments.report)
    assert report.place.endswith("payments.db") and (report.bytes or 0) > 0
    assert (report.payments, report.open, report.owed) == (2, 1, 1)
    with pytest.raises(lipia.CorrectInputError):
        till.do(payments.search, only_open="yes")


def test_payments_are_told_once_more_and_lose_their_personal_data(open_till: OpenTill) -> None:
    till = open_till()
    till.listen()
    payments = till.client.payments
    paid = till.do(till.client.collect, **sale("order-17"))
    eventually("the handler is told", lambda: len(till.told) == 1)
    open_one = till.do(till.client.request, **sale("order-18", SILENT))
    with pytest.raises(lipia.LookAtPaymentError) as refused:
        till.do(payments.retell, open_one)
    assert refused.value.code == "nothing_to_tell"
    assert till.do(payments.retell, paid).id == paid.id
    eventually("the handler is told again", lambda: len(till.told) == 2)
    assert till.told[1].id == paid.id and till.told[1].attempt == 2
    (callback,) = till.do(payments.story, paid).callbacks
    assert b"stkCallback" in callback.body and callback.verdict == "believed"
    assert "stkCallback" not in repr(callback)
    eventually("the ledger notes it", lambda: till.do(payments.report).owed == 0)
    assert till.do(payments.prunable, older_than=timedelta(days=1)) == lipia.Pruned(0, 0)
    assert till.do(payments.prunable, older_than=timedelta()) == lipia.Pruned(1, 0)
    assert till.do(payments.prune, older_than=timedelta()) == lipia.Pruned(1, 0)
    story = till.do(payments.story, paid)
    assert story.callbacks == () and story.payment.is_paid
    assert story.payment.push.phone_number != paid.push.phone_number
    for wrong in (30, timedelta(days=-1)):
        with pytest.raises((TypeError, lipia.CorrectInputError), match=r"timedelta|length of time"):
            till.do(payments.prune, older_than=wrong)


def test_a_payment_that_a_program_kept_itself_is_imported(
    open_till: OpenTill, sandbox: lipia.Sandbox
) -> None:
    till = open_till()
    with sandbox.daraja(callback_url=till.shop.callback_url) as before:
        kept = before.reserve(**by_itself())
        before.push(kept)
        saved = kept.to_json()
    payments = till.client.payments
    imported = till.do(payments.import_, saved, order="order-17")
    assert (imported.change, imported.order_is_held) == ("new", False)
    assert imported.payment.order == "order-17" and imported.payment.id == kept.id
    assert till.do(payments.import_, kept).change == "known"
    assert till.do(till.client.request, **sale("order-17")).id == kept.id and sandbox.prompts == 1
    with pytest.raises(lipia.CorrectInputError, match="not a payment"):
        till.do(payments.import_, "{}")
    with sandbox.palpluss() as palpluss, pytest.raises(lipia.CorrectInputError) as refused:
        till.do(payments.import_, palpluss.reserve(**by_itself()))
    assert refused.value.code == "payment_of_another_gateway"


def test_a_pass_over_the_ledger_tells_what_is_owed(open_till: OpenTill) -> None:
    till = open_till()
    till.do(till.client.collect, **sale("order-17"))
    assert till.do(till.client.payments.reconcile) == lipia.Reconciled(0, 0, 0, 0, 0)
    till.listen()
    till.do(till.client.payments.reconcile)
    eventually("the handler is told", lambda: [told.order for told in till.told] == ["order-17"])


def test_closing_waits_for_a_handler_that_was_called(open_till: OpenTill) -> None:
    till, begun, may_end, told = open_till(), threading.Event(), threading.Event(), []

    @till.client.on_outcome
    def hear(payment: lipia.Payment) -> None:
        begun.set()
        may_end.wait(10)
        told.append(payment.attempt)

    till.do(till.client.request, **sale("order-17"))
    assert begun.wait(10)
    threading.Timer(0.2, may_end.set).start()
    assert till.do(till.client.aclose if till.kind == "async" else till.client.close)
    assert told == [1]
    # It was noted, so that nobody tells it again.
    other = open_till()
    other.listen()
    assert other.do(other.client.payments.reconcile).told == 0 and other.told == []


def test_what_cannot_be_called_is_no_handler(sandbox: lipia.Sandbox) -> None:
    with sandbox.daraja() as daraja, pytest.raises(TypeError, match="give a function"):
        daraja.on_outcome("told")  # type: ignore[type-var]


def test_a_mistake_in_the_ledgers_address_shows_where_it_is_written(sandbox: lipia.Sandbox) -> None:
    with pytest.raises(lipia.CorrectSettingsError) as refused:
        sandbox.daraja(ledger="mysql://somewhere")
    assert refused.value.code == "ledger_address_unknown" and refused.value.field == "ledger"


def test_the_address_may_stand_in_the_environment(sandbox: lipia.Sandbox, tmp_path: Path) -> None:
    address = f"sqlite://{tmp_path}/payments.db"
    environ = {**sandbox.environ(), "LIPIA_LEDGER": address}
    with lipia.Daraja.from_env(environ=environ) as first:
        payment = first.request(**sale("order-17", SILENT))
    with lipia.Daraja.from_env(environ=environ, wait=sandbox.wait) as second:
        assert second.request(**sale("order-17", SILENT)).id == payment.id
    with lipia.Daraja.from_env(environ=environ, shop="another") as elsewhere:
        assert elsewhere.payments.of_order("order-17") == ()
    assert (tmp_path / "payments.db").exists()


def test_a_ledger_in_postgresql_is_shared_by_clients_of_both_kinds(
    sandbox: lipia.Sandbox, postgresql: str
) -> None:
    tills = [Till(sandbox, kind, postgresql) for kind in ("blocking", "async")]
    try:
        for till in tills:
            till.listen()
        for number in range(6):
            sold = sale(f"order-{number}", f"07123{number:02}678")
            first, second = (till.do(till.client.request, **sold) for till in tills)
            assert first.id == second.id and second.is_existing
        eventually("all are told", lambda: sum(len(till.told) for till in tills) >= 6)
        told = sorted(payment.order or "" for till in tills for payment in till.told)
        assert told == [f"order-{number}" for number in range(6)] and sandbox.prompts == 6
    finally:
        for till in tills:
            till.close()
