"""The clients for asyncio: the same verbs, awaited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from decimal import Decimal
from types import TracebackType
from typing import Literal, TypeVar, overload

from . import _native
from ._arguments import body_of, flag_of, text_of
from ._calls import call
from ._payment import (
    PaymentHandle,
    hops_of,
    id_of,
    longest_rest,
    native_of,
    peer_of,
    push_data as _push,
    raw_of,
    timeout_of,
)
from ._settings import ClientBase, DarajaSettings, PalPlussSettings, UpesiPaySettings
from ._types import (
    Acceptance,
    Event,
    Payment,
    Progress,
    ReceivedCallback,
    Status,
    acceptance_of,
    event_of,
    payment_of,
    progress_of,
    status_of,
)
from ._words import Verdict

Self = TypeVar("Self", bound="AsyncClient")


class AsyncWatch(AsyncIterator[Progress]):
    """A wait that tells what happens: iterate over it with ``async for``."""

    __slots__ = ("_native",)

    def __init__(self, native: _native.NativeWatch) -> None:
        self._native = native

    async def __anext__(self) -> Progress:
        data = await call(self._native.start_next)
        if data is None:
            raise StopAsyncIteration
        return progress_of(data)


class AsyncClient(ClientBase):
    """The verbs of every gateway. Make a :class:`AsyncDaraja`, :class:`AsyncPalPluss` or :class:`AsyncUpesiPay`."""

    __slots__ = ()

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

        At most one prompt, whatever happens. Where the task is cancelled the send goes on in the background; then, and
        where the answer was lost, :meth:`unclaimed` has the payment.

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
        :param channel_id: PalPluss and UpesiPay: the channel that is paid.
        :param credential_id: PalPluss and UpesiPay: the merchant's own Daraja credentials.
        :param customer_name: UpesiPay: the payer's name.
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
        return acceptance_of(await call(self._native.start_stk_push, push))

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
        :param channel_id: PalPluss and UpesiPay: the channel that is paid.
        :param credential_id: PalPluss and UpesiPay: the merchant's own Daraja credentials.
        :param customer_name: UpesiPay: the payer's name.
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
        return PaymentHandle(self._native.reserve(push))

    async def push(self, payment: PaymentHandle) -> Acceptance:
        """Pushes a payment that was reserved. What comes of it is written into the payment, even where nobody waits
        for it any more.

        :raises LookAtPaymentError: where it was pushed before.
        :raises LipiaError: as :meth:`stk_push`.
        """
        return acceptance_of(await call(self._native.start_push, native_of(payment)))

    def resume(self, payment: Payment | str) -> PaymentHandle:
        """Takes up a payment that was saved, in this process or another. One that was being sent when it was saved
        may have reached the customer: it is ``unknown``, and is not pushed again.

        :param payment: the payment, or the text of its ``to_json``.
        :raises CorrectInputError: where it is no payment, or one of another gateway.
        """
        json = payment.to_json() if isinstance(payment, Payment) else text_of("payment", payment)
        return PaymentHandle(self._native.resume(json))

    def find(self, payment_id: str) -> PaymentHandle | None:
        """The live payment of that id, if this client holds one.

        :raises CorrectInputError: where it is no payment's id.
        """
        native = self._native.find(text_of("payment_id", payment_id))
        return None if native is None else PaymentHandle(native)

    def unclaimed(self) -> list[PaymentHandle]:
        """Payments that nobody holds and that may yet be paid: their callers went away while the send went on, or
        were told "unknown" by a call that had made the payment itself. Each is handed out once.
        """
        return [PaymentHandle(native) for native in self._native.unclaimed()]

    async def stk_query(self, checkout_request_id: Acceptance | str) -> Status:
        """Asks what became of a prompt. Prompts nobody, and is safe to repeat; gateways dislike more than one
        question in about ten seconds. "Still processing" and "no information" are answers, not errors: ``pending``
        and ``unknown``.

        :param checkout_request_id: the prompt's id, or the acceptance that has it.
        :raises LipiaError: where the question could not be asked or the answer not be understood.
        """
        return status_of(await call(self._native.start_stk_query, id_of(checkout_request_id)))

    @overload
    async def wait(
        self, payment: PaymentHandle | Payment, *, timeout: float | None = None
    ) -> Payment: ...

    @overload
    async def wait(self, payment: Acceptance | str, *, timeout: float | None = None) -> Status: ...

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
        options = timeout_of(timeout)
        if isinstance(payment, (Acceptance, str)):
            return status_of(await call(self._native.start_wait_by_id, id_of(payment), options))
        handle = self._handle(payment)
        return payment_of(await call(self._native.start_wait, native_of(handle), options))

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
        return AsyncWatch(self._native.watch(native_of(self._handle(payment)), options))

    async def collect(
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
        timeout: float | None = None,
    ) -> Payment:
        """Prompts a phone once and waits for the outcome. Where the push's answer is lost it goes on waiting for the
        callback, which names the payment all the same. Where the task is cancelled, and where it fails with "unknown",
        :meth:`unclaimed` has the payment.

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
        :param channel_id: PalPluss and UpesiPay: the channel that is paid.
        :param credential_id: PalPluss and UpesiPay: the merchant's own Daraja credentials.
        :param customer_name: UpesiPay: the payer's name.
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
        )
        options = timeout_of(timeout)
        return payment_of(await call(self._native.start_collect, push, options))

    async def collect_payment(
        self, payment: PaymentHandle, *, timeout: float | None = None
    ) -> Payment:
        """:meth:`collect` for a payment that exists: one that was reserved is pushed, one that was pushed before
        (and resumed, say) is only waited for.

        :param timeout: seconds to wait in all. Default: the client's ``wait``, 120.
        :raises LipiaError: as :meth:`collect`.
        """
        options = timeout_of(timeout)
        return payment_of(
            await call(self._native.start_collect_payment, native_of(payment), options)
        )

    async def receive_callback(
        self,
        path: str,
        body: bytes | bytearray | memoryview | str,
        *,
        peer: str | None = None,
        forwarded_for: str | Iterable[str] = (),
        confirm: bool = False,
    ) -> ReceivedCallback:
        """Takes in what was posted to a callback URL: checks the sender's address (where a list is set), the token
        in the URL, the body, and whether it fits the payment that the token names. A wait for that payment ends at
        once.

        Answer the gateway with HTTP 200 and ``accepted_reply()`` whatever this does, and before anything slow.

        :param path: the path of the request, or all of its URL.
        :param body: the request's body as it came.
        :param peer: the other end of the connection; needed only where source addresses are checked.
        :param forwarded_for: the values of the ``X-Forwarded-For`` headers, in their order.
        :param confirm: whether a success is believed only once a query says the same.
        :raises DisbelieveError: it is no callback, or not for us. Nothing was believed.
        """
        raw = body_of(body)
        payment_id, event, verdict = await call(
            self._native.start_receive_callback,
            text_of("path", path),
            raw,
            peer_of(peer),
            hops_of(forwarded_for),
            flag_of("confirm", confirm),
        )
        return ReceivedCallback(
            payment_id, event_of(event, raw), None if verdict is None else Verdict(verdict)
        )

    async def believe(
        self, payment: PaymentHandle, event: Event, *, confirm: bool = False
    ) -> Verdict:
        """Hands an event that came in on a payment's own URL to that payment.

        :param confirm: whether a success is believed only once a query says the same.
        """
        return Verdict(
            await call(
                self._native.start_believe,
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

    async def aclose(self, *, timeout: float = 30.0) -> bool:
        """Lets what goes on in the background finish: a push whose task was cancelled still learns its answer.

        :param timeout: seconds to wait at most.
        :returns: whether everything has finished.
        """
        longest = longest_rest(timeout)
        if self.is_at_rest:
            return True
        try:
            await asyncio.wait_for(call(self._native.start_at_rest), longest)
        except asyncio.TimeoutError:
            return False
        return True

    async def __aenter__(self: Self) -> Self:
        return self

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()


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
