"""Exceptions: one class for each thing that the developer can do next."""

from __future__ import annotations

from typing import Any

from ._words import Disposition, ErrorKind


class LipiaError(Exception):
    """A call that could not be made or not be understood.

    A customer who cancels is an outcome, not an exception. The subclass says what to do next; ``kind`` and ``code``
    say what happened; ``disposition`` says what that means for the customer's money. No error holds a secret.

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
    #: What kind of trouble it is.
    kind: ErrorKind
    #: What it says about the customer's money.
    disposition: Disposition
    #: The gateway's own code (``500.001.1001``) where there is one, else one of Lipia's words (``phone_too_short``).
    code: str
    #: What to do next, in words.
    hint: str | None
    #: The argument or setting that is at fault, by its name in the API.
    field: str | None
    #: The HTTP status of the gateway's answer, where there was one.
    http_status: int | None
    #: The gateway's id for the request: what its support desk asks for.
    request_id: str | None
    #: The prompt's id, where the error concerns one. It embeds the payer's phone number.
    checkout_request_id: str | None
    #: How many seconds to wait before trying again, where that is known.
    retry_after_seconds: int | None
    #: Whether it is *safe to send again*: nothing was prompted, and time alone may mend it.
    retryable: bool
    #: The row of the payment, where ``lipia.django`` made one; else ``None``. It is not pickled.
    payment: Any = None

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
        retry_after_seconds: int | None = None,
        retryable: bool = False,
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
        self.retry_after_seconds = retry_after_seconds
        self.retryable = retryable

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({self.message!r}, kind={self.kind}, disposition={self.disposition}, "
            f"code={self.code!r})"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuilt, (type(self), self.to_dict()))

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain data, by the names of the command line's JSON."""
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
            "retry_after_seconds": self.retry_after_seconds,
            "retryable": self.retryable,
        }


class CorrectInputError(LipiaError, ValueError):
    """Correct the argument that ``field`` names. Nothing was sent."""


class CorrectSettingsError(LipiaError):
    """Correct the settings or keys: one is missing or not valid, or the gateway does not accept them."""


class LookAtPaymentError(LipiaError):
    """The step does not fit the payment as it is: look at the payment, and do not push it again."""


class FindOutError(LipiaError):
    """A phone may have been prompted. Wait for the callback or query, and do not send again."""


class TryAgainError(LipiaError):
    """Safe to send again, after ``retry_after_seconds`` where that is known: no phone was prompted."""


class HoldBackError(LipiaError):
    """Send nothing for a while: the gateway, or Lipia's guard ahead of it, has closed the door."""


class ChangeRequestError(LipiaError):
    """The gateway refused this request. Sending it again as it stands brings the same."""


class DisbelieveError(LipiaError):
    """Believe nothing of this callback: it is not one, or not one that can be trusted."""


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


for _class in (LipiaError, *_CLASS_OF_REMEDY.values()):
    # A traceback names the class as the program that catches it does.
    _class.__module__ = "lipia"


def _rebuilt(error_class: type[LipiaError], data: dict[str, Any]) -> LipiaError:
    return error_class(data.pop("message"), **data)


def exception_of(data: dict[str, Any]) -> LipiaError:
    """The exception for an error of the native module."""
    return _rebuilt(_CLASS_OF_REMEDY[data.pop("remedy")], data)


def refused_input(field: str, code: str, message: str, hint: str) -> CorrectInputError:
    """An argument that cannot even be handed to the native module."""
    return CorrectInputError(
        message,
        kind=ErrorKind.INVALID_INPUT,
        disposition=Disposition.NOT_SENT,
        code=code,
        hint=hint,
        field=field,
    )


def payment_of_another_process() -> LookAtPaymentError:
    """A live payment does not cross a fork."""
    return LookAtPaymentError(
        "This payment is held by the process that made it, and this is another one.",
        kind=ErrorKind.PAYMENT_STATE,
        disposition=Disposition.NOT_SENT,
        code="payment_of_another_process",
        hint="Save it there with to_json(), and resume() it here.",
    )
