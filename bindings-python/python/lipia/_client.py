"""Blocking clients: one class for each gateway."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TypeVar, overload

from . import _native
from ._arguments import body_of, flag_of, text_of
from ._checkup import Checkup, checkup_of
from ._client_base import (
    ClientBase,
    DarajaBase,
    PalPlussBase,
    PayHeroBase,
    UpesiPayBase,
)
from ._green import drained, run
from ._keywords import takes
from ._outcomes import LAST_SECONDS, Outcomes
from ._parameters import PushParameters
from ._payment import (
    PaymentHandle,
    hops_of,
    id_of,
    longest_rest,
    native_of,
    peer_of,
    push_data,
    raw_of,
    timeout_of,
)
from ._payments import Payments
from ._public import public
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
from ._words import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Unpack

Self = TypeVar("Self", bound="Client")


class Watch(Iterator[Progress]):
    """The progress of a wait: iterate over it."""

    __slots__ = ("_native",)

    def __init__(self, native: _native.NativeWatch) -> None:
        self._native = native

    @public
    def __next__(self) -> Progress:
        data = run(self._native.next())
        if data is None:
            raise StopIteration
        return progress_of(data)


class Client(ClientBase):
    """One merchant at one gateway. Make a :class:`Daraja`, :class:`PalPluss`, :class:`UpesiPay` or
    :class:`PayHero`."""

    __slots__ = ()

    _make_outcomes = Outcomes

    @public
    @takes(PushParameters)
    def request(self, *, order: str | int | None = None, **push: Unpack[PushParameters]) -> Payment:
        """Requests the payment of an order: claims the order in the ledger, then prompts the phone. Returns once the gateway
        has accepted the push; :meth:`on_outcome` tells the outcome later.

        An order that has an open or a paid payment is not prompted for again. The existing payment is returned: the second
        click, the retried task and the other process all get it, with ``is_existing`` set.

        A payment whose answer was lost is ``unknown``: it holds its order and is asked about. A paid order stays claimed. A
        failed payment frees its order at once. Only a failure that says "nobody answered in time" holds the order for a
        grace period (``order_free_at``), and is returned until then.

        Without ``ledger=`` the orders are in this client's memory, and other processes do not know them.

        :param order: the shop's own name for the sale, of 1 to 128 characters. Without an order every call prompts; the
            payment is still kept, and its outcome is told.
        :param push: the parts of the push, as :class:`PushParameters` lists them.
        :raises CorrectInputError: an argument is not valid. Nothing was sent.
        :raises TryAgainError: no phone was prompted, and the order is free.
        :raises LookAtPaymentError: the order has a payment with another amount, phone or account, and ``payment_id`` names it
            (``order_asked_differently``, ``order_paid_differently``, ``order_of_another_account``). Nothing was sent.
        :raises LipiaError: any other failure; see ``disposition``. Where the code begins with ``ledger_``, the ledger failed
            and nothing was sent.

        ::

            payment = daraja.request(
                order="order-17", phone_number="0712345678", amount=150, account_reference="INV-017"
            )
            print(payment.for_customer())
        """
        data = push_data(push, order)
        ledger = self._open_ledger()
        return payment_of(run(ledger.request(data)))

    @property
    def payments(self) -> Payments:
        """The payments of the ledger: look them up, and settle what a person has to decide."""
        return Payments(self)

    @public
    @takes(PushParameters)
    def stk_push(self, **push: Unpack[PushParameters]) -> Acceptance:
        """Prompts a phone and returns the gateway's acceptance, which is **not** a payment.

        Sends at most one prompt, whatever happens. Where Ctrl-C interrupts it, the send goes on in the background and
        :meth:`unclaimed` has the payment. Where the gateway's answer is lost, the error has the payment: ``error.payment``.

        :param push: the parts of the push, as :class:`PushParameters` lists them.
        :raises CorrectInputError: an argument is not valid. Nothing was sent.
        :raises TryAgainError: no phone was prompted. It is safe to send again.
        :raises FindOutError: a phone may have been prompted. Wait for the callback or query; do not send again.
        :raises LipiaError: any other failure; see ``disposition``.

        ::

            acceptance = daraja.stk_push(
                phone_number="0712345678", amount=150, account_reference="INV-001"
            )
            status = daraja.stk_query(acceptance.checkout_request_id)
        """
        data = push_data(push)
        native = self._open()
        return run(native.stk_push(data), make=acceptance_of)

    @public
    @takes(PushParameters)
    def reserve(self, **push: Unpack[PushParameters]) -> PaymentHandle:
        """Makes a payment with its own id and its own callback URL. The push is checked, and nothing is sent.

        To survive a crash, call ``begin()`` and save the payment's JSON before you :meth:`push` it. A program that reads the JSON
        later then knows that the phone may have been prompted.

        :param push: the parts of the push, as :class:`PushParameters` lists them.
        :raises CorrectInputError: an argument is not valid; ``field`` names it.

        ::

            handle = daraja.reserve(
                phone_number="0712345678", amount=150, account_reference="INV-001"
            )
            handle.begin()
            save(handle.to_json())
            acceptance = daraja.push(handle)
        """
        data = push_data(push)
        return PaymentHandle(self._open().reserve(data))

    @public
    def push(self, payment: PaymentHandle) -> Acceptance:
        """Pushes a reserved payment. The result is written into the payment, also where the caller no longer waits for it.

        :param payment: a payment that :meth:`reserve` made.
        :raises LookAtPaymentError: the payment was pushed before.
        :raises LipiaError: as :meth:`stk_push`.

        ::

            acceptance = daraja.push(handle)
        """
        native = self._open()
        return acceptance_of(run(native.push(native_of(payment))))

    @public
    def resume(self, payment: Payment | str) -> PaymentHandle:
        """Makes a live payment of a saved one, in this process or another. Prompts nobody.

        A payment that was saved while its push was being sent may have reached the customer. It is ``unknown``, and is never
        pushed again.

        :param payment: the payment, or the text of its ``to_json``.
        :raises CorrectInputError: the text is not a payment, or the payment is another gateway's.

        ::

            handle = daraja.resume(saved_json)
            payment = daraja.wait(handle)
        """
        json = payment.to_json() if isinstance(payment, Payment) else text_of("payment", payment)
        return PaymentHandle(self._open().resume(json))

    @public
    def find(self, payment_id: str) -> PaymentHandle | None:
        """The live payment with this id, or ``None`` where this client does not hold it.

        :raises CorrectInputError: the text is not a payment's id.
        """
        native = self._native.find(text_of("payment_id", payment_id))
        return None if native is None else PaymentHandle(native)

    @public
    def check(self, *, reach_callback: bool = False) -> Checkup:
        """Checks whether this client's pushes can be paid. Prompts nobody, and takes about as long as one query.

        The gateway is asked about a made-up prompt, which tests token, short code and pass key. The clocks are compared, and
        the callback URL and the ledger are read. A fault is a line of the result, never an exception.

        :param reach_callback: whether to post to the callback URL as well. The shop must be running; its handler recognises
            the request and keeps nothing of it. Default: ``False``.
        :raises CorrectInputError: ``reach_callback`` is neither true nor false.

        ::

            checkup = daraja.check()
            if not checkup.is_good:
                print(checkup)
        """
        native, reaches = self._open(), flag_of("reach_callback", reach_callback)
        return checkup_of(run(native.check(reaches)))

    @public
    def guard_standing(self, phone_number: str | int) -> GuardStanding | None:
        """How close a phone and the account are to being refused by the guard, and until when they are refused. Does not ask
        the gateway.

        The guard counts for all clients of the account in this process and, with a shared ledger, in all processes that
        share it.

        :param phone_number: the customer's number, in any usual spelling.
        :returns: the guard's counts, or ``None`` where the client has no guard.
        :raises CorrectInputError: the text is not a phone number.

        ::

            standing = upesipay.guard_standing("0712345678")
            if standing and not standing.is_open:
                print("no push to this phone before", standing.opens_at)
        """
        native, phone = self._open(), text_of("phone_number", phone_number)
        return standing_of(run(native.guard_standing(phone)))

    @public
    def unclaimed(self) -> list[PaymentHandle]:
        """Live payments that may yet be paid and whose callers went away. Each is handed out once.

        A caller went away where Ctrl-C or a cancelled task ended the call and the send went on, or where the call ended with
        "unknown" and nobody took the payment from its error.

        ::

            for handle in daraja.unclaimed():
                save(handle.to_json())
        """
        return [PaymentHandle(native) for native in self._native.unclaimed()]

    @public
    def ask(self, payment: PaymentHandle | Payment) -> Payment:
        """Asks the gateway about a payment now, and writes the answer into the payment. Prompts nobody.

        A settled payment can be asked about too: a failure that only says "nobody answered" may turn out to be a success, and
        that is money. A payment that the gateway has not decided stays ``pending`` or ``unknown``. Gateways dislike more than
        one question about a payment within about ten seconds.

        :param payment: the payment. A :class:`Payment` is resumed first, as by :meth:`resume`.
        :returns: the payment after the answer.
        :raises LookAtPaymentError: the payment was never pushed, or no id is known to ask by.
        :raises LipiaError: the question could not be asked, or its answer was not understood.

        ::

            payment = daraja.ask(handle)
            print(payment.outcome)
        """
        handle = self._handle(payment)
        native = self._open()
        return payment_of(run(native.ask(native_of(handle))))

    @public
    def stk_query(self, checkout_request_id: Acceptance | PaymentHandle | Payment | str) -> Status:
        """Asks the gateway for the status of a prompt. Prompts nobody, and is safe to repeat; gateways dislike more than one
        question within about ten seconds.

        "Still processing" and "no information" are answers, not errors: ``pending`` and ``unknown``. The answer is not
        written into a payment: :meth:`ask` does that.

        :param checkout_request_id: the prompt's id, or the acceptance or payment that has it.
        :raises LipiaError: the question could not be asked, or its answer was not understood.

        ::

            status = daraja.stk_query(acceptance)
            print(status.outcome)
        """
        native = self._open()
        return status_of(run(native.stk_query(id_of(checkout_request_id))))

    @overload
    def wait(
        self, payment: PaymentHandle | Payment, *, timeout: float | None = None
    ) -> Payment: ...

    @overload
    def wait(self, payment: Acceptance | str, *, timeout: float | None = None) -> Status: ...

    @public
    def wait(
        self, payment: PaymentHandle | Payment | Acceptance | str, *, timeout: float | None = None
    ) -> Payment | Status:
        """Waits until a payment is settled or the time is up, and asks the gateway now and then. A callback that settles the
        payment ends the wait at once (:meth:`receive_callback`).

        After the time is up the payment is ``pending`` or ``unknown``, and may yet be paid. Wait again later; do not push
        again.

        :param payment: the payment. For an :class:`Acceptance` or an id the wait learns from queries alone, not from
            callbacks.
        :param timeout: seconds to wait in all. Default: the client's ``wait``, 120.
        :returns: the payment; for an :class:`Acceptance` or an id, the status.
        :raises LookAtPaymentError: the payment was never pushed.

        ::

            payment = daraja.wait(handle, timeout=60)
            print(payment.outcome)
        """
        options, native = timeout_of(timeout), self._open()
        if isinstance(payment, (Acceptance, str)):
            return status_of(run(native.wait_by_id(id_of(payment), options)))
        handle = self._handle(payment)
        return payment_of(run(native.wait(native_of(handle), options)))

    @public
    def watch(self, payment: PaymentHandle | Payment, *, timeout: float | None = None) -> Watch:
        """Waits as :meth:`wait` does, and yields what happens meanwhile. The last item is :class:`Settled` or
        :class:`TimedOut`.

        :param timeout: seconds to wait in all. Default: the client's ``wait``, 120.
        :raises LookAtPaymentError: the payment was never pushed.

        ::

            for progress in daraja.watch(payment):
                print(progress)
        """
        options = timeout_of(timeout)
        return Watch(self._open().watch(native_of(self._handle(payment)), options))

    @public
    @takes(PushParameters)
    def collect(
        self,
        *,
        order: str | int | None = None,
        timeout: float | None = None,
        **push: Unpack[PushParameters],
    ) -> Payment:
        """Prompts a phone once and waits for the outcome.

        Where the push's answer is lost, the wait goes on, because the callback still names the payment. Where Ctrl-C interrupts
        it, :meth:`unclaimed` has the payment. Where it fails with "unknown", the error has the payment: ``error.payment``.

        With an ``order`` the payment is requested as by :meth:`request`. Where the order has a payment that may be paid,
        nothing is sent, and the wait is for that payment, whichever process its callback arrives at.

        :param order: the shop's own name for the sale, of 1 to 128 characters.
        :param push: the parts of the push, as :class:`PushParameters` lists them.
        :param timeout: seconds to wait in all. Default: the client's ``wait``, 120.
        :raises LipiaError: as :meth:`stk_push`; :class:`FindOutError` only after the whole wait has brought no outcome.

        ::

            payment = daraja.collect(
                phone_number="0712345678", amount=150, account_reference="INV-001"
            )
            if payment.is_paid:
                print("paid:", payment.receipt)
        """
        data = push_data(push, order)
        options = timeout_of(timeout)
        if order is not None:
            ledger = self._open_ledger()
            return payment_of(run(ledger.collect(data, options)))
        native = self._open()
        return run(native.collect(data, options), make=payment_of)

    @public
    def collect_payment(self, payment: PaymentHandle, *, timeout: float | None = None) -> Payment:
        """:meth:`collect` for an existing payment. Pushes a payment that was only reserved, and waits for the outcome of any
        other, such as one that was resumed.

        :param timeout: seconds to wait in all. Default: the client's ``wait``, 120.
        :raises LipiaError: as :meth:`collect`.
        """
        options, native = timeout_of(timeout), self._open()
        return payment_of(run(native.collect_payment(native_of(payment), options)))

    @public
    def receive_callback(
        self,
        path: str,
        body: bytes | bytearray | memoryview | str,
        *,
        peer: str | None = None,
        forwarded_for: str | Iterable[str] = (),
        confirm: bool = False,
        has_store: bool = False,
    ) -> ReceivedCallback:
        """Verifies a callback and applies it to its payment. A wait for that payment ends at once.

        Four things are checked: the sender's address (where ``source_addresses`` is set), the token in the URL, the body, and
        whether the body fits the payment that the token names.

        Answer the gateway with HTTP 200 and ``accepted_reply()``, before any slow work and whatever the body says. Answer
        with 503 where the callback was not kept: this raised an error whose code begins with ``ledger_``, or ``is_kept`` is
        false and you have not kept it either. ``lipia.fastapi``, ``lipia.flask`` and ``lipia.django`` do all of this.

        :param path: the path of the request, or its whole URL.
        :param body: the body of the request, unchanged.
        :param peer: the address of the other end of the connection, or ``unix`` where your server listens on a Unix socket.
            Needed only where ``source_addresses`` is set.
        :param forwarded_for: the values of the ``X-Forwarded-For`` headers, in order.
        :param confirm: whether a success is believed only after a query confirms it. Default: ``False``.
        :param has_store: whether you load payments that this client does not hold from a store of your own. Without it, a
            callback for such a payment is logged as an error.
        :raises DisbelieveError: the request is not a callback, or not one of this client's. Nothing was believed.

        ::

            received = daraja.receive_callback(path, body)
            print(received.payment_id, received.verdict)
        """
        raw = body_of(body)
        payment_id, event, verdict, is_kept = run(
            self._open().receive_callback(
                text_of("path", path),
                raw,
                peer_of(peer),
                hops_of(forwarded_for),
                flag_of("confirm", confirm),
                flag_of("has_store", has_store),
            )
        )
        return ReceivedCallback(
            payment_id,
            event_of(event, raw),
            None if verdict is None else Verdict(verdict),
            is_kept,
        )

    @public
    def believe(self, payment: PaymentHandle, event: Event, *, confirm: bool = False) -> Verdict:
        """Applies an event that came on a payment's own URL to that payment, and returns the verdict. For a payment that was
        loaded from a store after its callback came.

        :param confirm: whether a success is believed only after a query confirms it. Default: ``False``.
        """
        return Verdict(
            run(
                self._open().believe(
                    native_of(payment),
                    raw_of(event),
                    flag_of("confirm", confirm),
                )
            )
        )

    def _handle(self, payment: PaymentHandle | Payment) -> PaymentHandle:
        return self.resume(payment) if isinstance(payment, Payment) else payment

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing of this client is in flight: neither a push, a request for a token nor a telling of an outcome."""
        return self._native.is_at_rest()

    @public
    def drain(self, *, timeout: float = 30.0) -> bool:
        """Waits for pushes, requests for tokens and tellings of outcomes that are in flight: a push that Ctrl-C interrupted
        still learns its answer. Does not wait for running waits and queries, which belong to their callers. The client goes on
        working.

        :param timeout: seconds to wait at most. Default: 30.
        :returns: whether everything has finished.
        :raises CorrectInputError: the timeout is not a length of time.
        """
        return drained(self._native, longest_rest(timeout))

    @public
    def close(self, *, timeout: float = 30.0) -> bool:
        """Drains the client, as :meth:`drain` does, and then ends it. Later calls raise :class:`CorrectSettingsError`;
        :meth:`unclaimed`, :meth:`find` and :meth:`drain` still work. Calls that begin during the wait are still made.

        The handler of outcomes is not called any more. Calls of it that have begun get up to 5 seconds to end.

        :param timeout: seconds to wait at most. Default: 30. What is still in flight afterwards goes on.
        :returns: whether everything has finished.
        """
        longest = longest_rest(timeout)
        try:
            have_ended = self._is_copy or self._outcomes.stop(min(longest, LAST_SECONDS))
            return drained(self._native, longest) and have_ended
        finally:
            self._is_closed = True

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class Daraja(DarajaBase, Client):
    """A client of Daraja, Safaricom's own API.

    ::

        with lipia.Daraja.from_env() as daraja:
            payment = daraja.collect(
                phone_number="0712345678", amount=150, account_reference="INV-001"
            )
    """

    __slots__ = ()


class PalPluss(PalPlussBase, Client):
    """A client of PalPluss. Its webhooks are unsigned: every success is confirmed by a query before it is believed.

    ::

        with lipia.PalPluss.from_env() as palpluss:
            payment = palpluss.collect(
                phone_number="0712345678", amount=150, account_reference="INV-001"
            )
    """

    __slots__ = ()


class UpesiPay(UpesiPayBase, Client):
    """A client of UpesiPay. Its callbacks are unsigned: every success is confirmed by a query before it is believed.

    ::

        with lipia.UpesiPay.from_env() as upesipay:
            payment = upesipay.collect(
                phone_number="0712345678", amount=150, account_reference="INV-001"
            )
    """

    __slots__ = ()


class PayHero(PayHeroBase, Client):
    """A client of PayHero, which speaks the first generation of UpesiPay's interface. Its callbacks are unsigned: every
    success is confirmed by a query before it is believed.

    ::

        with lipia.PayHero.from_env() as payhero:
            payment = payhero.collect(
                phone_number="0712345678", amount=150, account_reference="INV-001"
            )
    """

    __slots__ = ()
