"""The clients for asyncio: the same verbs, awaited. Made by `scripts/async_client.py`: do not edit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from types import TracebackType
from typing import Any, Literal, TypeVar, overload

from . import _native
from ._arguments import body_of, flag_of, text_of
from ._async_outcomes import AsyncOutcomes
from ._calls import call, drained
from ._checkup import Checkup, checkup_of
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
from ._outcomes import LAST_SECONDS
from ._payment import (
    PaymentHandle,
    hops_of,
    id_of,
    json_of,
    longest_rest,
    native_of,
    payment_id_of,
    peer_of,
    push_data as _push,
    raw_of,
    search_data,
    timeout_of,
)
from ._public import public
from ._settings import (
    ClientBase,
    DarajaSettings,
    PalPlussSettings,
    PayHeroSettings,
    UpesiPaySettings,
)
from ._types import (
    Acceptance,
    Event,
    GuardStanding,
    Payment,
    Progress,
    ReceivedCallback,
    Status,
    acceptance_of,
    event_of,
    payment_of,
    progress_of,
    standing_of,
    status_of,
)
from ._words import PaymentState, Verdict

Self = TypeVar("Self", bound="AsyncClient")


class AsyncWatch(AsyncIterator[Progress]):
    """A wait that tells what happens: iterate over it with ``async for``."""

    __slots__ = ("_native",)

    def __init__(self, native: _native.NativeWatch) -> None:
        self._native = native

    @public
    async def __anext__(self) -> Progress:
        data = await call(self._native.start_next)
        if data is None:
            raise StopAsyncIteration
        return progress_of(data)


class AsyncClient(ClientBase):
    """The verbs of every gateway. Make a :class:`AsyncDaraja`, :class:`AsyncPalPluss`, :class:`AsyncUpesiPay` or
    :class:`AsyncPayHero`."""

    __slots__ = ()

    _make_outcomes = AsyncOutcomes

    @public
    async def request(
        self,
        *,
        order: str | int | None = None,
        phone_number: str | int,
        amount: int | Decimal | str,
        account_reference: str,
        transaction_desc: str = "",
        callback_url: str | None = None,
        fit: Literal["refuse", "truncate"] = "refuse",
        round_amount: bool = False,
        transaction_type: str | None = None,
        party_b: str | int | None = None,
        channel_id: str | int | None = None,
        credential_id: str | None = None,
        customer_name: str | None = None,
    ) -> Payment:
        """Requests the payment of an order: claims the order in the ledger, then prompts the phone. Where the order has a
        payment that is open or paid nobody is prompted, and that payment is what is returned: the second click, the retried
        task and the other process get the payment that exists.

        It returns once the gateway has accepted the push; :meth:`on_outcome` tells what becomes of it. Where the answer was
        lost the payment is ``unknown``, holds its order, and is asked about. A paid order stays claimed. A payment that
        failed frees its order: at once, or, where it only says that nobody answered in time, after a grace
        (``order_free_at``); until then that payment is returned.

        Without ``ledger=`` orders are this client's memory: other processes know nothing of them.

        :param order: the shop's own name for the sale, of 1 to 128 characters. Without it the payment is kept and told all
            the same, and every call prompts.
        :param phone_number: who pays: any usual spelling of a Kenyan mobile number.
        :param amount: whole KES.
        :param account_reference: what you know the sale by; the customer sees it. With Daraja at most 12 characters.
        :param transaction_desc: what the sale is, at most 13 characters. Default: the reference.
        :param callback_url: where the result of this one push goes, to the letter. Default: the client's callback
            URL with this payment's own token.
        :param fit: whether a text that is too long is refused or cut.
        :param round_amount: whether a fraction of a shilling is rounded (half up) or refused.
        :param transaction_type: Daraja: pay bill or till, for this one push.
        :param party_b: Daraja: the till that receives the money of this one push.
        :param channel_id: PalPluss, UpesiPay and PayHero: the channel that is paid.
        :param credential_id: PalPluss, UpesiPay and PayHero: the merchant's own Daraja credentials.
        :param customer_name: UpesiPay and PayHero: the payer's name.
        :raises CorrectInputError: an argument is not valid; nothing was sent.
        :raises TryAgainError: no phone was prompted, and the order is free.
        :raises LookAtPaymentError: the order has a payment of another amount, phone or account, which ``payment_id`` names
            (``order_asked_differently``, ``order_paid_differently``, ``order_of_another_account``). Nothing was sent.
        :raises LipiaError: see ``disposition``. A code that begins with ``ledger_``: the ledger failed, so nothing was sent.

        ::

            payment = await daraja.request(
                order="order-17", phone_number="0712345678", amount=150, account_reference="INV-017"
            )
            print(payment.for_customer())
        """
        push = _push(
            phone_number,
            amount,
            account_reference,
            transaction_desc,
            callback_url,
            fit,
            round_amount,
            transaction_type=transaction_type,
            party_b=party_b,
            channel_id=channel_id,
            credential_id=credential_id,
            customer_name=customer_name,
            order=order,
        )
        ledger = self._open_ledger()
        return payment_of(await call(ledger.start_request, push))

    @property
    def payments(self) -> AsyncPayments:
        """The payments of the ledger: looking them up, and what a person does about them."""
        return AsyncPayments(self)

    @public
    async def stk_push(
        self,
        *,
        phone_number: str | int,
        amount: int | Decimal | str,
        account_reference: str,
        transaction_desc: str = "",
        callback_url: str | None = None,
        fit: Literal["refuse", "truncate"] = "refuse",
        round_amount: bool = False,
        transaction_type: str | None = None,
        party_b: str | int | None = None,
        channel_id: str | int | None = None,
        credential_id: str | None = None,
        customer_name: str | None = None,
    ) -> Acceptance:
        """Prompts a phone and returns the gateway's acceptance, which is **not** a payment.

        At most one prompt, whatever happens. Where the task is cancelled the send goes on in the background, and
        :meth:`unclaimed` has the payment; where the answer was lost, the error has it: ``error.payment``.

        :param phone_number: who pays: any usual spelling of a Kenyan mobile number.
        :param amount: whole KES.
        :param account_reference: what you know the sale by; the customer sees it. With Daraja at most 12 characters.
        :param transaction_desc: what the sale is, at most 13 characters. Default: the reference.
        :param callback_url: where the result of this one push goes, to the letter. Default: the client's callback
            URL with this payment's own token.
        :param fit: whether a text that is too long is refused or cut.
        :param round_amount: whether a fraction of a shilling is rounded (half up) or refused.
        :param transaction_type: Daraja: pay bill or till, for this one push.
        :param party_b: Daraja: the till that receives the money of this one push.
        :param channel_id: PalPluss, UpesiPay and PayHero: the channel that is paid.
        :param credential_id: PalPluss, UpesiPay and PayHero: the merchant's own Daraja credentials.
        :param customer_name: UpesiPay and PayHero: the payer's name.
        :raises CorrectInputError: an argument is not valid; nothing was sent.
        :raises TryAgainError: no phone was prompted, and sending again is safe.
        :raises FindOutError: a phone may have been prompted: wait for the callback or query, do not send again.
        :raises LipiaError: see ``disposition``.

        ::

            acceptance = await daraja.stk_push(
                phone_number="0712345678", amount=150, account_reference="INV-001"
            )
            status = await daraja.stk_query(acceptance.checkout_request_id)
        """
        push = _push(
            phone_number,
            amount,
            account_reference,
            transaction_desc,
            callback_url,
            fit,
            round_amount,
            transaction_type=transaction_type,
            party_b=party_b,
            channel_id=channel_id,
            credential_id=credential_id,
            customer_name=customer_name,
        )
        native = self._open()
        return await call(native.start_stk_push, push, make=acceptance_of)

    @public
    def reserve(
        self,
        *,
        phone_number: str | int,
        amount: int | Decimal | str,
        account_reference: str,
        transaction_desc: str = "",
        callback_url: str | None = None,
        fit: Literal["refuse", "truncate"] = "refuse",
        round_amount: bool = False,
        transaction_type: str | None = None,
        party_b: str | int | None = None,
        channel_id: str | int | None = None,
        credential_id: str | None = None,
        customer_name: str | None = None,
    ) -> PaymentHandle:
        """Makes a payment: checked, with its own id and its own callback URL, and not sent. Save its JSON now, and
        nothing that happens later can orphan it; then :meth:`push` it.

        :param phone_number: who pays: any usual spelling of a Kenyan mobile number.
        :param amount: whole KES.
        :param account_reference: what you know the sale by; the customer sees it. With Daraja at most 12 characters.
        :param transaction_desc: what the sale is, at most 13 characters. Default: the reference.
        :param callback_url: where the result of this one push goes, to the letter. Default: the client's callback
            URL with this payment's own token.
        :param fit: whether a text that is too long is refused or cut.
        :param round_amount: whether a fraction of a shilling is rounded (half up) or refused.
        :param transaction_type: Daraja: pay bill or till, for this one push.
        :param party_b: Daraja: the till that receives the money of this one push.
        :param channel_id: PalPluss, UpesiPay and PayHero: the channel that is paid.
        :param credential_id: PalPluss, UpesiPay and PayHero: the merchant's own Daraja credentials.
        :param customer_name: UpesiPay and PayHero: the payer's name.
        :raises CorrectInputError: naming the argument that is not valid.
        """
        push = _push(
            phone_number,
            amount,
            account_reference,
            transaction_desc,
            callback_url,
            fit,
            round_amount,
            transaction_type=transaction_type,
            party_b=party_b,
            channel_id=channel_id,
            credential_id=credential_id,
            customer_name=customer_name,
        )
        return PaymentHandle(self._open().reserve(push))

    @public
    async def push(self, payment: PaymentHandle) -> Acceptance:
        """Pushes a payment that was reserved. What comes of it is written into the payment, even where nobody waits
        for it any more.

        :raises LookAtPaymentError: where it was pushed before.
        :raises LipiaError: as :meth:`stk_push`.
        """
        native = self._open()
        return acceptance_of(await call(native.start_push, native_of(payment)))

    @public
    def resume(self, payment: Payment | str) -> PaymentHandle:
        """Takes up a payment that was saved, in this process or another. One that was being sent when it was saved
        may have reached the customer: it is ``unknown``, and is not pushed again.

        :param payment: the payment, or the text of its ``to_json``.
        :raises CorrectInputError: where it is not a payment, or one of another gateway.
        """
        json = payment.to_json() if isinstance(payment, Payment) else text_of("payment", payment)
        return PaymentHandle(self._open().resume(json))

    @public
    def find(self, payment_id: str) -> PaymentHandle | None:
        """The live payment of that id, if this client holds one.

        :raises CorrectInputError: where it is not a payment's id.
        """
        native = self._native.find(text_of("payment_id", payment_id))
        return None if native is None else PaymentHandle(native)

    @public
    async def check(self, *, reach_callback: bool = False) -> Checkup:
        """Whether this client's pushes can be paid, found out without prompting anybody: the gateway is asked about a prompt
        that never was, which takes a token, short code and pass key; the clocks are compared; callback URL and ledger are
        read. Takes as long as one question. What is wrong is a line and never an exception.

        :param reach_callback: post to the callback URL as well. The shop must be running; its handler knows the request and
            keeps nothing of it.
        :raises CorrectInputError: where that is neither true nor false.

        ::

            checkup = await daraja.check()
            if not checkup.is_good:
                print(checkup)
        """
        native, reaches = self._open(), flag_of("reach_callback", reach_callback)
        return checkup_of(await call(native.start_check, reaches))

    @public
    async def guard_standing(self, phone_number: str | int) -> GuardStanding | None:
        """How close a phone and the account are to being refused by the guard, and until when they are. Asks nobody.

        The guard counts for all clients of the account in this process, and not across processes.

        :param phone_number: the customer's number, in any usual spelling.
        :returns: ``None`` where the client has no guard.
        :raises CorrectInputError: where it is not a phone number.

        ::

            standing = await upesipay.guard_standing("0712345678")
            if standing and not standing.is_open:
                print("no push to this phone before", standing.opens_at)
        """
        native, phone = self._open(), text_of("phone_number", phone_number)
        return standing_of(await call(native.start_guard_standing, phone))

    @public
    def unclaimed(self) -> list[PaymentHandle]:
        """Payments whose callers went away and that may yet be paid: the send went on after Ctrl-C or a cancelled task, or
        the call ended with "unknown" and nobody took the payment from its error. Each is handed out once. A payment
        whose caller is still there is not among them.
        """
        return [PaymentHandle(native) for native in self._native.unclaimed()]

    @public
    async def ask(self, payment: PaymentHandle | Payment) -> Payment:
        """Asks the gateway about a payment now, and writes what is learnt into it. Prompts nobody.

        A payment that is settled is asked about as well: behind a failure that only says "nobody answered" a success
        may be found, and that is money. A payment that the gateway has not decided about is still ``pending`` or
        ``unknown``. Gateways dislike more than one question about a payment in about ten seconds.

        :param payment: what to ask about. A :class:`Payment` is taken up first, as by :meth:`resume`.
        :returns: the payment as it is then.
        :raises LookAtPaymentError: where it was never pushed, or where there is no id to ask by.
        :raises LipiaError: where the question could not be asked or the answer not be understood.

        ::

            payment = await daraja.ask(handle)
            print(payment.outcome)
        """
        handle = self._handle(payment)
        native = self._open()
        return payment_of(await call(native.start_ask, native_of(handle)))

    @public
    async def stk_query(
        self, checkout_request_id: Acceptance | PaymentHandle | Payment | str
    ) -> Status:
        """Asks what became of a prompt. Prompts nobody, and is safe to repeat; gateways dislike more than one
        question in about ten seconds. "Still processing" and "no information" are answers, not errors: ``pending``
        and ``unknown``.

        :param checkout_request_id: the prompt's id, or the acceptance or payment that has it. What the answer says of a
            payment is not written into it: :meth:`ask` does that.
        :raises LipiaError: where the question could not be asked or the answer not be understood.
        """
        native = self._open()
        return status_of(await call(native.start_stk_query, id_of(checkout_request_id)))

    @overload
    async def wait(
        self, payment: PaymentHandle | Payment, *, timeout: float | None = None
    ) -> Payment: ...

    @overload
    async def wait(self, payment: Acceptance | str, *, timeout: float | None = None) -> Status: ...

    @public
    async def wait(
        self, payment: PaymentHandle | Payment | Acceptance | str, *, timeout: float | None = None
    ) -> Payment | Status:
        """Waits until a payment is settled or the time is up, asking the gateway now and then. Ends at once when a
        callback that settles it is handed in (:meth:`receive_callback`).

        A payment whose time is up is ``pending`` or ``unknown``: it may yet be paid, so wait again later rather than
        push again.

        :param payment: what to wait for. Of a mere acceptance or its id only the gateway's answers are learnt.
        :param timeout: seconds in all. Default: the client's ``wait``, 120.
        :raises LookAtPaymentError: where it was never pushed.
        """
        options, native = timeout_of(timeout), self._open()
        if isinstance(payment, (Acceptance, str)):
            return status_of(await call(native.start_wait_by_id, id_of(payment), options))
        handle = self._handle(payment)
        return payment_of(await call(native.start_wait, native_of(handle), options))

    @public
    def watch(
        self, payment: PaymentHandle | Payment, *, timeout: float | None = None
    ) -> AsyncWatch:
        """Waits like :meth:`wait` and tells what happens meanwhile.

        :param timeout: seconds in all. Default: the client's ``wait``, 120.
        :raises LookAtPaymentError: where it was never pushed.

        ::

            async for progress in daraja.watch(payment):
                print(progress)
        """
        options = timeout_of(timeout)
        return AsyncWatch(self._open().watch(native_of(self._handle(payment)), options))

    @public
    async def collect(
        self,
        *,
        order: str | int | None = None,
        phone_number: str | int,
        amount: int | Decimal | str,
        account_reference: str,
        transaction_desc: str = "",
        callback_url: str | None = None,
        fit: Literal["refuse", "truncate"] = "refuse",
        round_amount: bool = False,
        transaction_type: str | None = None,
        party_b: str | int | None = None,
        channel_id: str | int | None = None,
        credential_id: str | None = None,
        customer_name: str | None = None,
        timeout: float | None = None,
    ) -> Payment:
        """Prompts a phone once and waits for the outcome. Where the push's answer is lost it goes on waiting for the
        callback, which names the payment all the same. Where the task is cancelled :meth:`unclaimed` has the
        payment; where it fails with "unknown", the error has it: ``error.payment``.

        With an ``order`` it is requested, as by :meth:`request`: where the order has a payment that may be paid, nothing is
        sent and that payment is waited for, wherever its callback arrives.

        :param order: the shop's own name for the sale, of 1 to 128 characters.
        :param phone_number: who pays: any usual spelling of a Kenyan mobile number.
        :param amount: whole KES.
        :param account_reference: what you know the sale by; the customer sees it. With Daraja at most 12 characters.
        :param transaction_desc: what the sale is, at most 13 characters. Default: the reference.
        :param callback_url: where the result of this one push goes, to the letter. Default: the client's callback
            URL with this payment's own token.
        :param fit: whether a text that is too long is refused or cut.
        :param round_amount: whether a fraction of a shilling is rounded (half up) or refused.
        :param transaction_type: Daraja: pay bill or till, for this one push.
        :param party_b: Daraja: the till that receives the money of this one push.
        :param channel_id: PalPluss, UpesiPay and PayHero: the channel that is paid.
        :param credential_id: PalPluss, UpesiPay and PayHero: the merchant's own Daraja credentials.
        :param customer_name: UpesiPay and PayHero: the payer's name.
        :param timeout: seconds to wait in all. Default: the client's ``wait``, 120.
        :raises LipiaError: as :meth:`stk_push`; :class:`FindOutError` only after the whole wait brought nothing.

        ::

            payment = await daraja.collect(
                phone_number="0712345678", amount=150, account_reference="INV-001"
            )
            if payment.is_paid:
                print("paid:", payment.receipt)
        """
        push = _push(
            phone_number,
            amount,
            account_reference,
            transaction_desc,
            callback_url,
            fit,
            round_amount,
            transaction_type=transaction_type,
            party_b=party_b,
            channel_id=channel_id,
            credential_id=credential_id,
            customer_name=customer_name,
            order=order,
        )
        options = timeout_of(timeout)
        if order is not None:
            ledger = self._open_ledger()
            return payment_of(await call(ledger.start_collect, push, options))
        native = self._open()
        return await call(native.start_collect, push, options, make=payment_of)

    @public
    async def collect_payment(
        self, payment: PaymentHandle, *, timeout: float | None = None
    ) -> Payment:
        """:meth:`collect` for a payment that exists: one that was reserved is pushed, one that was pushed before
        (and resumed, say) is only waited for.

        :param timeout: seconds to wait in all. Default: the client's ``wait``, 120.
        :raises LipiaError: as :meth:`collect`.
        """
        options, native = timeout_of(timeout), self._open()
        return payment_of(await call(native.start_collect_payment, native_of(payment), options))

    @public
    async def receive_callback(
        self,
        path: str,
        body: bytes | bytearray | memoryview | str,
        *,
        peer: str | None = None,
        forwarded_for: str | Iterable[str] = (),
        confirm: bool = False,
        has_store: bool = False,
    ) -> ReceivedCallback:
        """Takes in what was posted to a callback URL: checks the sender's address (where a list is set), the token
        in the URL, the body, and whether it fits the payment that the token names. A wait for that payment ends at
        once.

        Answer the gateway with HTTP 200 and ``accepted_reply()`` before anything slow, whatever this says of the body; but
        with 503 where it was not kept: where this raises an error whose code begins with ``ledger_``, or ``is_kept`` is
        false and you do not keep it either.

        :param path: the path of the request, or all of its URL.
        :param body: the request's body as it came.
        :param peer: the address of the other end of the connection, or ``unix`` where your server listens on a Unix socket.
            Needed only where source addresses are checked.
        :param forwarded_for: the values of the ``X-Forwarded-For`` headers, in their order.
        :param confirm: whether a success is believed only once a query says the same.
        :param has_store: whether you load a payment that this client does not hold from a store of your own. Without that
            such a callback finds nobody, which is logged as an error.
        :raises DisbelieveError: it is not a callback, or not for us. Nothing was believed.
        """
        raw = body_of(body)
        payment_id, event, verdict, is_kept = await call(
            self._open().start_receive_callback,
            text_of("path", path),
            raw,
            peer_of(peer),
            hops_of(forwarded_for),
            flag_of("confirm", confirm),
            flag_of("has_store", has_store),
        )
        return ReceivedCallback(
            payment_id,
            event_of(event, raw),
            None if verdict is None else Verdict(verdict),
            is_kept,
        )

    @public
    async def believe(
        self, payment: PaymentHandle, event: Event, *, confirm: bool = False
    ) -> Verdict:
        """Hands an event that came in on a payment's own URL to that payment.

        :param confirm: whether a success is believed only once a query says the same.
        """
        return Verdict(
            await call(
                self._open().start_believe,
                native_of(payment),
                raw_of(event),
                flag_of("confirm", confirm),
            )
        )

    def _handle(self, payment: PaymentHandle | Payment) -> PaymentHandle:
        return self.resume(payment) if isinstance(payment, Payment) else payment

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing of this client goes on in the background."""
        return self._native.is_at_rest()

    @public
    async def drain(self, *, timeout: float = 30.0) -> bool:
        """Waits for pushes and requests for tokens that are in flight: a push whose task was cancelled still learns its
        answer. A wait or a query that is running is its caller's. The client goes on working.

        :param timeout: seconds to wait at most.
        :returns: whether everything has finished.
        :raises CorrectInputError: the timeout is not a length of time.
        """
        return await drained(self._native, longest_rest(timeout))

    @public
    async def aclose(self, *, timeout: float = 30.0) -> bool:
        """Waits for what is in flight, as :meth:`drain`, and then ends the client: later calls raise
        :class:`CorrectSettingsError`. :meth:`unclaimed`, :meth:`find` and :meth:`drain` still work. Calls that begin while
        it waits are still made. A handler of outcomes is called no more; one that was called may end, within 5 seconds.

        :param timeout: seconds to wait at most. What is still in flight then goes on.
        :returns: whether everything has finished.
        """
        longest = longest_rest(timeout)
        try:
            have_ended = self._is_copy or await self._outcomes.stop(min(longest, LAST_SECONDS))
            return await drained(self._native, longest) and have_ended
        finally:
            self._is_closed = True

    async def __aenter__(self: Self) -> Self:
        return self

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()


class AsyncPayments:
    """The payments of a client's ledger: ``client.payments``."""

    __slots__ = ("_client",)

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    @public
    async def get(self, payment_id: str) -> Payment:
        """The payment with this id, or the only one whose id begins so; a beginning has at least 8 digits.

        :raises CorrectInputError: ``payment_not_in_ledger`` where there is none, or more than one.

        ::

            print((await daraja.payments.get("0c51c758")).outcome)
        """
        return payment_of(await self._ask({"verb": "get", "payment_id": payment_id_of(payment_id)}))

    @public
    async def of_order(self, order: str | int) -> tuple[Payment, ...]:
        """The payments of an order, the newest first.

        :raises CorrectInputError: where it cannot be an order's name.
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
        """A page of payments that fit every filter, the newest first.

        :param state: how far the payment has come.
        :param receipt: M-Pesa's receipt.
        :param phone_number: the phone that was to be prompted.
        :param reference: the account reference.
        :param since: payments that were requested then or later.
        :param order: the shop's own name for the sale.
        :param only_open: only payments that may yet be paid: they are being sent, accepted or ``unknown``.
        :param only_owed: only payments of which the handler of outcomes has yet to be told something.
        :param page: ``next`` of the page before.
        :param limit: how many payments a page has at most.
        :raises CorrectInputError: naming the filter that is not valid.

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
        """Asks the gateway about a payment now, and writes what is learnt. Prompts nobody.

        :param payment: the payment, or its id.
        :raises LipiaError: where the question could not be asked or the answer not be understood.
        """
        return payment_of(await self._ask({"verb": "ask", "payment_id": payment_id_of(payment)}))

    @public
    async def release(self, order: str | int) -> Payment:
        """Gives up an order, so that it can be requested again although its payment may still be paid: the customer may be
        prompted twice. A success that is learnt later is still written and told.

        :returns: the payment that held the order.
        :raises LookAtPaymentError: ``order_not_held`` where no payment holds it, ``order_in_flight`` while a push is sent.
        """
        return payment_of(await self._ask({"verb": "release", "order": text_of("order", order)}))

    @public
    async def resolve(
        self, payment: Payment | PaymentHandle | str, *, paid: bool, receipt: str | None = None
    ) -> Payment:
        """Settles a payment that is open as a person decided who has seen the merchant's statement. The handler of outcomes
        is told.

        :param payment: the payment, or its id.
        :param paid: whether the money came.
        :param receipt: M-Pesa's receipt, of money that came.
        :raises CorrectInputError: where the receipt is missing or not readable, or another payment has it.
        :raises LookAtPaymentError: ``payment_not_open`` where the payment is settled or being sent.

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
        """Everything that the ledger has of a payment: what was asked, told and called back, and who holds the order. It
        holds the customer's phone number, in the callbacks too.

        :param payment: the payment, or its id.
        :raises CorrectInputError: ``payment_not_in_ledger`` where there is none.
        """
        return story_of(await self._ask({"verb": "story", "payment_id": payment_id_of(payment)}))

    @public
    async def retell(self, payment: Payment | PaymentHandle | str) -> Payment:
        """Has the handler of outcomes told of a settled payment once more: what it did the last time was lost, say.

        :param payment: the payment, or its id.
        :raises LookAtPaymentError: ``nothing_to_tell`` while the payment is open or was not sent.
        """
        return payment_of(await self._ask({"verb": "retell", "payment_id": payment_id_of(payment)}))

    @public
    async def prune(self, *, older_than: timedelta) -> Pruned:
        """Deletes the personal data of payments whose outcome has been known for that long and was told: bodies of
        callbacks, phone numbers, references, the gateway's ids and words. Shop, order, outcome, amount, receipt and times
        stay, so that a paid order stays paid. Reads every settled payment of the shop: run it once a day at most.

        ::

            await daraja.payments.prune(older_than=timedelta(days=90))
        """
        return await self._prune(older_than, False)

    @public
    async def prunable(self, *, older_than: timedelta) -> Pruned:
        """What :meth:`prune` would do. Nothing is written."""
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
        """Takes a payment into the ledger that a program kept with ``to_json`` and that this client's account pushed. One
        that was being sent is ``unknown`` from now on, as after a crash; one that may yet be paid is asked about. May be
        repeated.

        :param payment: the payment, or its JSON.
        :param order: the order that the payment is for. The payment holds it where it is paid or may yet be, unless
            another one does.
        :param tell: whether the handler of outcomes is to be told of an outcome that is known already.
        :raises LipiaError: ``payment_of_another_gateway``, ``payment_of_another_shop``; ``payment_unreadable`` for what is
            not a payment.

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
        """What the ledger says of itself: where it is, whether it is damaged, and how much is in it. A SQLite file is read
        whole, which takes some seconds for a million payments.

        :raises LipiaError: why the ledger cannot be used, as ``ledger_…``.
        """
        return report_of(await self._ask({"verb": "report"}))

    @public
    async def reconcile(self) -> Reconciled:
        """One pass over the ledger: what the background work of a client with a handler does by itself. A shop without a
        server that stays calls it from a route that a timer calls, with its handler set.

        :raises LipiaError: the first error that the pass met; everything else of it was done.
        """
        return Reconciled(*await self._ask({"verb": "reconcile"}))

    async def _ask(self, question: dict[str, Any]) -> Any:
        ledger = self._client._open_ledger()  # pyright: ignore[reportPrivateUsage]
        return await call(ledger.start_payments, question)

    def __repr__(self) -> str:
        return f"{self._client!r}.payments"


class AsyncDaraja(DarajaSettings, AsyncClient):
    """Safaricom's own API.

    ::

        async with lipia.AsyncDaraja.from_env() as daraja:
            payment = await daraja.collect(
                phone_number="0712345678", amount=150, account_reference="INV-001"
            )
    """

    __slots__ = ()


class AsyncPalPluss(PalPlussSettings, AsyncClient):
    """PalPluss. Its webhooks are unsigned: every success is confirmed by a query before it is believed.

    ::

        async with lipia.AsyncPalPluss.from_env() as palpluss:
            payment = await palpluss.collect(
                phone_number="0712345678", amount=150, account_reference="INV-001"
            )
    """

    __slots__ = ()


class AsyncUpesiPay(UpesiPaySettings, AsyncClient):
    """UpesiPay. Its callbacks are unsigned: every success is confirmed by a query before it is believed.

    ::

        async with lipia.AsyncUpesiPay.from_env() as upesipay:
            payment = await upesipay.collect(
                phone_number="0712345678", amount=150, account_reference="INV-001"
            )
    """

    __slots__ = ()


class AsyncPayHero(PayHeroSettings, AsyncClient):
    """PayHero, which speaks the first generation of UpesiPay's interface. Its callbacks are unsigned: every success is
    confirmed by a query before it is believed.

    ::

        async with lipia.AsyncPayHero.from_env() as payhero:
            payment = await payhero.collect(
                phone_number="0712345678", amount=150, account_reference="INV-001"
            )
    """

    __slots__ = ()
