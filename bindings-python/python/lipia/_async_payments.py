"""The payments of an asyncio client's ledger. Made by `scripts/async_client.py`: do not edit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ._arguments import flag_of, text_of
from ._calls import call
from ._errors import receipt_missing
from ._ledger import (
    Imported,
    LedgerReport,
    PaymentPage,
    PaymentStory,
    Pruned,
    Reconciled,
    age_of,
    imported_of,
    page_of,
    report_of,
    story_of,
)
from ._payment import PaymentHandle, json_of, payment_id_of, search_data
from ._public import public
from ._types import Payment, payment_of
from ._words import PaymentState

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._async_client import AsyncClient


class AsyncPayments:
    """The payments of a client's ledger: ``client.payments``."""

    __slots__ = ("_client",)

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    @public
    async def get(self, payment_id: str) -> Payment:
        """The payment with this id.

        :param payment_id: the id, or a beginning of it of at least 8 digits.
        :raises CorrectInputError: ``payment_not_in_ledger``: there is no such payment, or more than one id begins so.

        ::

            print((await daraja.payments.get("0c51c758")).outcome)
        """
        return payment_of(await self._ask({"verb": "get", "payment_id": payment_id_of(payment_id)}))

    @public
    async def of_order(self, order: str | int) -> tuple[Payment, ...]:
        """The payments of an order, the newest first.

        :raises CorrectInputError: the text cannot name an order.

        ::

            payments = await daraja.payments.of_order("order-17")
        """
        found = await self._ask({"verb": "of_order", "order": text_of("order", order)})
        return tuple(map(payment_of, found))

    @public
    async def search(
        self,
        *,
        state: PaymentState | str | None = None,
        receipt: str | None = None,
        phone_number: str | int | None = None,
        reference: str | None = None,
        since: datetime | None = None,
        order: str | int | None = None,
        only_open: bool = False,
        only_owed: bool = False,
        page: int | None = None,
        limit: int = 50,
    ) -> PaymentPage:
        """A page of the payments that match every filter, the newest first.

        :param state: the state of the payment.
        :param receipt: M-Pesa's receipt.
        :param phone_number: the phone that the push was for.
        :param reference: the whole account reference.
        :param since: the earliest time at which the payment was reserved, with a time zone.
        :param order: the shop's own name for the sale.
        :param only_open: whether to find only payments that may yet be paid: being sent, accepted or ``unknown``.
        :param only_owed: whether to find only payments of which the handler of outcomes has yet to be told something.
        :param page: ``next`` of the page before. Default: the first page.
        :param limit: the most payments of a page. Default: 50.
        :raises CorrectInputError: a filter is not valid; ``field`` names it.

        ::

            for payment in (await daraja.payments.search(state="unknown")).payments:
                print(payment.order, payment.push.amount)
        """
        question = search_data(
            state=state,
            receipt=receipt,
            phone_number=phone_number,
            reference=reference,
            since=since,
            order=order,
            only_open=only_open,
            only_owed=only_owed,
            page=page,
            limit=limit,
        )
        return page_of(await self._ask(question))

    @public
    async def ask(self, payment: Payment | PaymentHandle | str) -> Payment:
        """Asks the gateway about a payment now, and writes the answer into the ledger. Prompts nobody.

        :param payment: the payment, or its id.
        :raises LipiaError: the question could not be asked, or its answer was not understood.

        ::

            payment = await daraja.payments.ask("0c51c758")
        """
        return payment_of(await self._ask({"verb": "ask", "payment_id": payment_id_of(payment)}))

    @public
    async def release(self, order: str | int) -> Payment:
        """Frees an order whose payment may still be paid, so that the order can be requested again. The customer may then be
        prompted twice. A success that is learnt later is still written and told.

        :returns: the payment that held the order.
        :raises LookAtPaymentError: ``order_not_held``: no payment holds the order. ``order_in_flight``: its push is being
            sent.

        ::

            payment = await daraja.payments.release("order-17")
        """
        return payment_of(await self._ask({"verb": "release", "order": text_of("order", order)}))

    @public
    async def resolve(
        self, payment: Payment | PaymentHandle | str, *, paid: bool, receipt: str | None = None
    ) -> Payment:
        """Settles an open payment by hand, after a person has looked at the merchant's statement. The handler of outcomes is
        told.

        A payment that is resolved with ``paid=False`` within 90 seconds of its push holds its order until ``order_free_at``,
        because the customer may still pay. The gateway is asked again, and a success that it tells later is told.

        :param payment: the payment, or its id.
        :param paid: whether the money came.
        :param receipt: M-Pesa's receipt, as the statement shows it. Needed with ``paid=True``, and refused without.
        :raises CorrectInputError: the receipt is missing or not readable, or another payment has it.
        :raises LookAtPaymentError: ``payment_not_open``: the payment is settled, or is being sent.

        ::

            await daraja.payments.resolve("0c51c758", paid=True, receipt="UAB1CD2EF3")
        """
        if flag_of("paid", paid) != (receipt is not None):
            raise receipt_missing(paid)
        question = {"verb": "resolve", "payment_id": payment_id_of(payment)}
        if receipt is not None:
            question["receipt"] = text_of("receipt", receipt)
        return payment_of(await self._ask(question))

    @public
    async def story(self, payment: Payment | PaymentHandle | str) -> PaymentStory:
        """Everything that the ledger knows of a payment: its questions, tellings and callbacks, and the other payments of its
        order. The story has the customer's phone number, in the callbacks too.

        :param payment: the payment, or its id.
        :raises CorrectInputError: ``payment_not_in_ledger``: there is no such payment.

        ::

            story = await daraja.payments.story("0c51c758")
            print(story.asks, story.attempts, story.trouble)
        """
        return story_of(await self._ask({"verb": "story", "payment_id": payment_id_of(payment)}))

    @public
    async def retell(self, payment: Payment | PaymentHandle | str) -> Payment:
        """Tells the handler of outcomes about a settled payment once more, for example where the handler's work was lost.

        :param payment: the payment, or its id.
        :raises LookAtPaymentError: ``nothing_to_tell``: the payment is open, or was not sent.

        ::

            payment = await daraja.payments.retell("0c51c758")
        """
        return payment_of(await self._ask({"verb": "retell", "payment_id": payment_id_of(payment)}))

    @public
    async def prune(self, *, older_than: timedelta) -> Pruned:
        """Deletes personal data of old payments whose outcome was told: bodies of callbacks, phone numbers, references, and the
        gateway's ids and words. Shop, order, outcome, amount, receipt and times stay, so that a paid order stays paid.

        This reads every settled payment of the shop: run it once a day at most.

        :param older_than: the time since the outcome was first known.
        :raises CorrectInputError: ``older_than`` is not a length of time.

        ::

            await daraja.payments.prune(older_than=timedelta(days=90))
        """
        return await self._prune(older_than, False)

    @public
    async def prunable(self, *, older_than: timedelta) -> Pruned:
        """Counts what :meth:`prune` would delete. Nothing is written."""
        return await self._prune(older_than, True)

    async def _prune(self, older_than: timedelta, dry_run: bool) -> Pruned:
        age = age_of("older_than", older_than)
        return Pruned(*await self._ask({"verb": "prune", "age_seconds": age, "dry_run": dry_run}))

    @public
    async def import_(
        self,
        payment: Payment | PaymentHandle | str,
        *,
        order: str | int | None = None,
        tell: bool = False,
    ) -> Imported:
        """Imports into the ledger a payment that a program kept with ``to_json``, and that this client's account pushed. Safe
        to repeat.

        A payment that was being sent becomes ``unknown``, as after a crash. One that may yet be paid is asked about.

        :param payment: the payment, or its JSON.
        :param order: the order that the payment is for. A payment that is paid or may yet be paid holds its order, unless
            another payment does.
        :param tell: whether the handler of outcomes is told of an outcome that is known already. Default: ``False``.
        :raises CorrectInputError: ``payment_of_another_gateway``, ``payment_of_another_shop``, or ``payment_unreadable``
            where the text is not a payment.

        ::

            for text, order in rows:
                await daraja.payments.import_(text, order=order)
        """
        question = {"verb": "import", "payment": json_of(payment), "tell": flag_of("tell", tell)}
        if order is not None:
            question["order"] = text_of("order", order)
        return imported_of(await self._ask(question))

    @public
    async def report(self) -> LedgerReport:
        """A report on the ledger: where it is, whether it is damaged, and how many payments it has. A SQLite file is read
        whole, which takes some seconds for a million payments.

        :raises LipiaError: the ledger cannot be used; the code begins with ``ledger_`` and says why.
        """
        return report_of(await self._ask({"verb": "report"}))

    @public
    async def reconcile(self) -> Reconciled:
        """Makes one pass over the ledger, as the background work of a client with a handler does by itself. In a serverless
        shop, set the handler and call this from a route that a timer calls.

        :raises LipiaError: the first error of the pass. The rest of the pass was still done.

        ::

            done = await daraja.payments.reconcile()
        """
        return Reconciled(*await self._ask({"verb": "reconcile"}))

    async def _ask(self, question: dict[str, Any]) -> Any:
        ledger = self._client._open_ledger()  # pyright: ignore[reportPrivateUsage]
        return await call(ledger.payments(question))

    def __repr__(self) -> str:
        return f"{self._client!r}.payments"
