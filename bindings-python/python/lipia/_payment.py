"""The live payment, and the data of a push."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from . import _native
from ._arguments import (
    amount_text,
    count_of,
    flag_of,
    instant_of,
    refused_type,
    seconds_of,
    text_of,
    texts_of,
)
from ._errors import nothing_to_ask_by, refused_input
from ._parameters import DEFAULTS, KINDS, PUSH_OPTIONS, PushParameters
from ._public import public
from ._types import Acceptance, Event, Payment, payment_of
from ._values import is_to_be_cut
from ._words import Change, Gateway, PaymentState


class PaymentHandle:
    """A live payment of this process. The acceptance and the outcome arrive here, whatever happens to the call that pushed
    it. Keep it, or its JSON, until the payment is settled.
    """

    __slots__ = ("_native",)

    def __init__(self, native: _native.NativePayment) -> None:
        self._native = native

    @property
    def id(self) -> str:
        """The payment's own id."""
        return self._native.id

    @property
    def gateway(self) -> Gateway:
        """The gateway that prompts the phone."""
        return Gateway(self._native.gateway)

    @public
    def snapshot(self) -> Payment:
        """The payment as it is now.

        :raises LookAtPaymentError: the process that made the payment is another one; ``resume`` its JSON here.
        """
        return payment_of(self._native.snapshot())

    def to_json(self) -> str:
        """The payment as JSON text, to save. It has the customer's number and a secret URL: keep it as safe as an order."""
        return self._native.to_json()

    @public
    def begin(self) -> None:
        """Marks the payment's push as about to leave. Then save :meth:`to_json`, and ``push``. A program that reads the JSON
        after a crash knows that the phone may have been prompted, and never prompts it again.

        :raises LookAtPaymentError: the payment was pushed or begun before.

        ::

            payment = daraja.reserve(phone_number="0712345678", amount=150, account_reference="INV-001")
            payment.begin()
            save(payment.to_json())
            daraja.push(payment)
            save(payment.to_json())
        """
        self._native.begin()

    @public
    def notify(self, event: Event) -> Change:
        """Applies an event that came on this payment's own callback URL. An event that does not fit is kept as a flag and not
        believed. ``receive_callback`` does this after its own checks.
        """
        return Change(self._native.notify(raw_of(event)))

    def __repr__(self) -> str:
        return f"<lipia.PaymentHandle {self.id}>"


def _fit_of(name: str, value: object) -> str:
    return "truncate" if is_to_be_cut(value) else "refuse"


#: How parts of a push of each kind are read.
_READERS: dict[str, Callable[[str, object], object]] = {
    "amount": lambda name, value: amount_text(value),
    "fit": _fit_of,
    "flag": flag_of,
}


def push_data(push: PushParameters, order: str | int | None = None) -> dict[str, Any]:
    """The data of a push, as the native module takes it."""
    data: dict[str, Any] = {}
    options: dict[str, object] = {}
    for name, value in {"order": order, **push}.items():
        if value is None and not (name in DEFAULTS or name in PushParameters.__required_keys__):
            continue
        read = _READERS.get(KINDS.get(name, "text"), text_of)
        (options if name in PUSH_OPTIONS else data)[name] = read(name, value)
    if options:
        data["options"] = options
    return data


def search_data(
    *,
    state: PaymentState | str | None,
    receipt: str | None,
    phone_number: str | int | None,
    reference: str | None,
    since: datetime | None,
    order: str | int | None,
    only_open: bool,
    only_owed: bool,
    page: int | None,
    limit: int,
) -> dict[str, Any]:
    """The filters of a search for payments, as the native module takes them."""
    data: dict[str, Any] = {
        "verb": "search",
        "only_open": flag_of("only_open", only_open),
        "only_owed": flag_of("only_owed", only_owed),
        "limit": count_of("limit", limit),
    }
    if state is not None:
        try:
            data["state"] = PaymentState(state).value
        except ValueError:
            raise refused_input(
                "state",
                "option_unknown",
                "This is not a state of a payment.",
                f"There are: {', '.join(word.value for word in PaymentState)}.",
            ) from None
    texts = {
        "receipt": receipt,
        "phone_number": phone_number,
        "reference": reference,
        "order": order,
    }
    data.update({name: text_of(name, text) for name, text in texts.items() if text is not None})
    if since is not None:
        data["since_milliseconds"] = int(instant_of("since", since).timestamp() * 1000)
    if page is not None:
        data["page"] = count_of("page", page)
    return data


def id_of(prompt: Acceptance | PaymentHandle | Payment | str) -> str:
    """The id for a query."""
    payment = prompt.snapshot() if isinstance(prompt, PaymentHandle) else prompt
    if not isinstance(payment, Payment):
        return (
            payment.id
            if isinstance(payment, Acceptance)
            else text_of("checkout_request_id", payment)
        )
    if payment.acceptance is not None:
        return payment.acceptance.id
    error = nothing_to_ask_by()
    error.payment_id = payment.id
    error.payment = prompt if isinstance(prompt, PaymentHandle) else None
    raise error


def payment_id_of(payment: Payment | PaymentHandle | str) -> str:
    """The id of a payment, or a beginning of one."""
    return (
        payment.id if isinstance(payment, (Payment, PaymentHandle)) else text_of("payment", payment)
    )


def json_of(payment: Payment | PaymentHandle | str) -> str:
    """The JSON of a payment."""
    if isinstance(payment, (Payment, PaymentHandle)):
        return payment.to_json()
    return text_of("payment", payment)


def native_of(payment: object) -> _native.NativePayment:
    """The native module's object for a live payment."""
    if isinstance(payment, PaymentHandle):
        return payment._native  # pyright: ignore[reportPrivateUsage]
    raise refused_type(
        "payment",
        payment,
        "which is not a live payment",
        "Give the PaymentHandle that reserve(), resume(), find() or unclaimed() returned.",
    )


def raw_of(event: object) -> bytes:
    """The body that an event was read from."""
    if isinstance(event, Event):
        return event.raw
    raise refused_type(
        "event",
        event,
        "which is not an Event",
        "Give what parse_callback() or receive_callback() made.",
    )


def timeout_of(seconds: float | None) -> dict[str, float] | None:
    """The options of a wait, where its time is given."""
    return None if seconds is None else {"timeout": seconds_of("timeout", seconds)}


def hops_of(forwarded_for: object) -> list[str]:
    """The values of the ``X-Forwarded-For`` headers."""
    return texts_of("forwarded_for", forwarded_for)


def peer_of(peer: object) -> str | None:
    """The other end of the connection, where it is given."""
    return None if peer is None else text_of("peer", peer)


def longest_rest(seconds: object) -> float:
    """The longest time that closing may take, in seconds."""
    longest = seconds_of("timeout", seconds)
    if longest >= 0:
        return longest
    raise refused_input(
        "timeout",
        "seconds_unreadable",
        "This is not a length of time in seconds.",
        "Give a number of seconds that is zero or more.",
    )
