"""The exceptions: one class for each thing that the developer can do next."""

from __future__ import annotations

import re
from typing import Any

from . import _native
from ._words import Disposition, ErrorKind

#: A code that is a word of Lipia's or the gateway's, or a number as M-Pesa writes them. Others may be anything.
_PLAIN_CODE = re.compile(
    r"(?=.{1,40}$)(?:[a-z]+(?:_[a-z0-9]+)*|[A-Z]+(?:_[A-Z0-9]+)*|[0-9]{1,4}(?:\.[0-9]{1,4}){0,5})"
)

#: What of a push a customer types.
_CUSTOMERS_FIELDS = ("phone_number", "amount")


class LipiaError(Exception):
    """A failed call: it could not be made, or its answer was not understood.

    A customer who cancels is an outcome, not an exception. The subclass says what to do next, ``kind`` and ``code`` say
    what happened, and ``disposition`` says what that means for the customer's money. No error holds a secret.

    ::

        try:
            daraja.stk_push(phone_number="0712345678", amount=150, account_reference="INV-001")
        except lipia.FindOutError as error:      # a phone may have been prompted: ask, never send again
            ...
        except lipia.TryAgainError as error:     # nothing was prompted: safe to send again
            time.sleep(error.retry_after_seconds or 5)
    """

    #: What happened, in one or two sentences, without the hint.
    message: str
    #: The kind of trouble.
    kind: ErrorKind
    #: What the error says about the customer's money.
    disposition: Disposition
    #: The gateway's own code (``500.001.1001``) where there is one, else one of Lipia's words (``phone_too_short``).
    code: str
    #: What to do next, in words.
    hint: str | None
    #: The argument or setting that is at fault, by its name in the API.
    field: str | None
    #: The HTTP status of the gateway's answer, where there was one.
    http_status: int | None
    #: The gateway's id for the request, which its support desk asks for.
    request_id: str | None
    #: The prompt's id, where the error concerns a prompt. It embeds the payer's phone number.
    checkout_request_id: str | None
    #: The seconds to wait before trying again, where that is known.
    retry_after_seconds: int | None
    #: Whether it is *safe to send again*: no phone was prompted, and time alone may mend the trouble.
    retryable: bool
    #: The id of the payment that the error concerns, where it concerns one.
    payment_id: str | None
    #: A sentence for the customer, in English. It has nothing of what the gateway said.
    customer_message_en: str
    #: A sentence for the customer, in Swahili. It has nothing of what the gateway said.
    customer_message_sw: str
    _payment: Any = None
    _claim: Any = None

    def __init__(
        self,
        message: str,
        *,
        kind: ErrorKind,
        disposition: Disposition,
        code: str,
        hint: str | None = None,
        field: str | None = None,
        http_status: int | None = None,
        request_id: str | None = None,
        checkout_request_id: str | None = None,
        payment_id: str | None = None,
        retry_after_seconds: int | None = None,
        retryable: bool = False,
        customer_message: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.kind = ErrorKind(kind)
        self.disposition = Disposition(disposition)
        self.code = code
        self.hint = hint
        self.field = field
        self.http_status = http_status
        self.request_id = request_id
        self.checkout_request_id = checkout_request_id
        self.payment_id = payment_id
        self.retry_after_seconds = retry_after_seconds
        self.retryable = retryable
        if customer_message is None:
            customer_message = _native.customer_message(
                {
                    "kind": self.kind.value,
                    "disposition": self.disposition.value,
                    "code": "",
                    "message": "",
                    "field": field,
                }
            )
        self.customer_message_en, self.customer_message_sw = customer_message

    def __str__(self) -> str:
        if not self.hint:
            return self.message
        # A gateway's own words seldom end in a full stop.
        stop = "." if self.message[-1:].isalnum() else ""
        return f"{self.message}{stop} {self.hint}"

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({self.message!r}, kind={self.kind}, disposition={self.disposition}, "
            f"code={self.code!r})"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        said = (self.customer_message_en, self.customer_message_sw)
        return (_rebuilt, (type(self), {**self.to_dict(), "customer_message": said}))

    @property
    def payment(self) -> Any:
        """The live payment that the error concerns (a :class:`PaymentHandle`), where this process holds it; in
        ``lipia.django`` the payment's row. Pickling keeps ``payment_id`` and drops the payment.

        Where the call made the payment itself and ended with "unknown", reading this claims the payment. If nobody reads it
        before the error is gone, ``unclaimed()`` hands the payment out.
        """
        if self._claim is not None:
            self._claim.claimed()
            self._claim = None
        return self._payment

    @payment.setter
    def payment(self, payment: Any) -> None:
        self._payment = payment

    def for_customer(self) -> dict[str, Any]:
        """The error as a browser may see it: a sentence for the customer, and nothing of what the gateway said, neither an
        id, an address nor a number. ``field`` is set where it names something that the customer can correct.
        """
        return {
            "code": self.code if _PLAIN_CODE.fullmatch(self.code) else self.kind.value,
            "field": self.field if self.field in _CUSTOMERS_FIELDS else None,
            "disposition": self.disposition.value,
            "retryable": self.retryable,
            "retry_after_seconds": self.retry_after_seconds,
            "customer_message_en": self.customer_message_en,
            "customer_message_sw": self.customer_message_sw,
        }

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain data for a log, with the same names as in the command line's JSON. For a browser use
        :meth:`for_customer`.
        """
        return {
            "kind": self.kind.value,
            "disposition": self.disposition.value,
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "field": self.field,
            "http_status": self.http_status,
            "request_id": self.request_id,
            "checkout_request_id": self.checkout_request_id,
            "payment_id": self.payment_id,
            "retry_after_seconds": self.retry_after_seconds,
            "retryable": self.retryable,
        }

    @property
    def http_answer(self) -> int:
        """The HTTP status for the customer's request: 400 for input to correct, 409 where a phone may have been prompted (do
        not send the request again), 503 for "try later", 502 and 500 for trouble that is not the customer's.
        """
        return _STATUS.get(type(self), 500)


class CorrectInputError(LipiaError, ValueError):
    """Correct the argument that ``field`` names. Nothing was sent."""


class CorrectSettingsError(LipiaError):
    """Correct the settings or credentials: one is missing or not valid, or the gateway does not accept them."""


class LookAtPaymentError(LipiaError):
    """Look at the payment, and do not push it again: the call does not fit its state."""


class FindOutError(LipiaError):
    """Find out what happened: a phone may have been prompted. Wait for the callback or query, and do not send again."""


class TryAgainError(LipiaError):
    """Try again, after ``retry_after_seconds`` where that is known: no phone was prompted, and sending again is safe."""


class HoldBackError(LipiaError):
    """Send nothing for a while: the gateway, or Lipia's guard ahead of it, refuses all pushes of the account or phone."""


class ChangeRequestError(LipiaError):
    """Change the request: the gateway refused it, and would refuse it again unchanged."""


class DisbelieveError(LipiaError):
    """Believe nothing of this request: it is not a callback, or not one that can be trusted."""


_CLASS_OF_REMEDY: dict[str, type[LipiaError]] = {
    "correct_input": CorrectInputError,
    "correct_settings": CorrectSettingsError,
    "look_at_payment": LookAtPaymentError,
    "find_out": FindOutError,
    "try_again": TryAgainError,
    "hold_back": HoldBackError,
    "change_request": ChangeRequestError,
    "disbelieve": DisbelieveError,
}


_STATUS: dict[type[LipiaError], int] = {
    CorrectInputError: 400,
    DisbelieveError: 400,
    FindOutError: 409,
    LookAtPaymentError: 409,
    TryAgainError: 503,
    HoldBackError: 503,
    ChangeRequestError: 502,
}

for _class in (LipiaError, *_CLASS_OF_REMEDY.values()):
    # A traceback names the class as the program that catches it does.
    _class.__module__ = "lipia"


#: What an error is made of, by name: the parameters of its constructor but for ``self``.
_MEMBERS = frozenset(
    LipiaError.__init__.__code__.co_varnames[1 : 2 + LipiaError.__init__.__code__.co_kwonlyargcount]
)


def _rebuilt(error_class: type[LipiaError], data: dict[str, Any]) -> LipiaError:
    # A later core may say more of an error, and so may a pickle of a later version.
    known = {name: value for name, value in data.items() if name in _MEMBERS}
    return error_class(known.pop("message"), **known)


def exception_of(data: dict[str, Any], payment: object = None, claim: object = None) -> LipiaError:
    """The exception for an error of the native module.

    :param payment: the native module's live payment that the error concerns.
    :param claim: keeps that payment for ``unclaimed()`` until somebody takes it from the error.
    """
    error = _rebuilt(_CLASS_OF_REMEDY[data.pop("remedy")], data)
    if payment is not None:
        from ._payment import PaymentHandle

        error.payment = PaymentHandle(payment)  # type: ignore[arg-type]
        error._claim = claim  # pyright: ignore[reportPrivateUsage]
    return error


def refused_input(field: str, code: str, message: str, hint: str) -> CorrectInputError:
    """The error for an argument that cannot be handed to the native module."""
    return CorrectInputError(
        message,
        kind=ErrorKind.INVALID_INPUT,
        disposition=Disposition.NOT_SENT,
        code=code,
        hint=hint,
        field=field,
    )


def nothing_to_ask_by() -> LookAtPaymentError:
    """The error for a query about a payment whose acceptance is not known."""
    return LookAtPaymentError(
        "This payment has no acceptance, and with it no id to query by.",
        kind=ErrorKind.PAYMENT_STATE,
        disposition=Disposition.NOT_SENT,
        code="nothing_to_ask_by",
        hint="Push the payment first. Where the answer to its push was lost, ask(payment) asks by whatever is known of it.",
    )


def receipt_missing(paid: bool) -> CorrectInputError:
    """The error for a decision about a payment that does not fit the receipt."""
    return refused_input(
        "receipt",
        "receipt_unreadable",
        "A payment that was paid has a receipt."
        if paid
        else "A payment that was not paid has no receipt.",
        "Give paid=True with the receipt that the statement shows, or paid=False alone.",
    )


def client_closed() -> CorrectSettingsError:
    """The error for a call of a client that has ended."""
    return CorrectSettingsError(
        "This client was closed.",
        kind=ErrorKind.CONFIGURATION,
        disposition=Disposition.NOT_SENT,
        code="client_closed",
        hint="Make another; payments that were saved can be resumed with it.",
    )


def payment_of_another_process() -> LookAtPaymentError:
    """The error for a live payment that is used in another process than its own."""
    return LookAtPaymentError(
        "This payment is held by the process that made it, and this is another one.",
        kind=ErrorKind.PAYMENT_STATE,
        disposition=Disposition.NOT_SENT,
        code="payment_of_another_process",
        hint="Save it there with to_json(), and resume() it here.",
    )
