"""M-Pesa STK Push done right: never prompt a customer twice for one sale, never lose a payment, never believe a
forged one.

::

    import lipia

    with lipia.Daraja.from_env() as daraja:
        payment = daraja.collect(phone_number="0712345678", amount=150, account_reference="INV-001")
        if payment.is_paid:
            print("paid:", payment.receipt)
        else:
            print(payment.outcome, payment.describe().customer_message_en)

Where to look:

- clients: :class:`Daraja`, :class:`PalPluss`, :class:`UpesiPay`, :class:`PayHero`; for asyncio :class:`AsyncDaraja` and so on
- settings and pushes, as typed dictionaries: :class:`DarajaSettings` and so on, :class:`PushParameters`
- verbs: ``request`` with ``on_outcome``, or ``collect``; below them ``stk_push``, ``wait``, ``ask``, ``receive_callback``
- results: :class:`Payment`, :class:`Outcome`, :class:`Event`, :class:`Status`, :func:`describe`
- errors: :class:`LipiaError` and its subclasses, one for each thing to do next
- web frameworks: ``lipia.django``, ``lipia.fastapi``, ``lipia.starlette``, ``lipia.flask``
- tests: the pytest fixture ``lipia_sandbox``, or :class:`Sandbox`
- a database of your own: :class:`LedgerStore`, which ``lipia.testing`` checks

A customer who cancels is an outcome, not an exception. Only ``Outcome.SUCCESS`` is money received.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._async_client import (
        AsyncClient as AsyncClient,
        AsyncDaraja as AsyncDaraja,
        AsyncPalPluss as AsyncPalPluss,
        AsyncPayHero as AsyncPayHero,
        AsyncUpesiPay as AsyncUpesiPay,
        AsyncWatch as AsyncWatch,
    )
    from ._async_payments import (
        AsyncPayments as AsyncPayments,
    )
    from ._checkup import (
        CheckLine as CheckLine,
        Checkup as Checkup,
    )
    from ._client import (
        Client as Client,
        Daraja as Daraja,
        PalPluss as PalPluss,
        PayHero as PayHero,
        UpesiPay as UpesiPay,
        Watch as Watch,
    )
    from ._errors import (
        ChangeRequestError as ChangeRequestError,
        CorrectInputError as CorrectInputError,
        CorrectSettingsError as CorrectSettingsError,
        DisbelieveError as DisbelieveError,
        FindOutError as FindOutError,
        HoldBackError as HoldBackError,
        LipiaError as LipiaError,
        LookAtPaymentError as LookAtPaymentError,
        TryAgainError as TryAgainError,
    )
    from ._ledger import (
        Imported as Imported,
        KeptCallback as KeptCallback,
        LedgerReport as LedgerReport,
        PaymentPage as PaymentPage,
        PaymentStory as PaymentStory,
        Pruned as Pruned,
        Reconciled as Reconciled,
    )
    from ._parameters import (
        CommonSettings as CommonSettings,
        DarajaSettings as DarajaSettings,
        PalPlussSettings as PalPlussSettings,
        PayHeroSettings as PayHeroSettings,
        PushParameters as PushParameters,
        UpesiPaySettings as UpesiPaySettings,
    )
    from ._payment import (
        PaymentHandle as PaymentHandle,
    )
    from ._payments import (
        Payments as Payments,
    )
    from ._sandbox import (
        Sandbox as Sandbox,
    )
    from ._types import (
        Acceptance as Acceptance,
        CallbackReceived as CallbackReceived,
        Event as Event,
        EventCheck as EventCheck,
        Flag as Flag,
        GuardCount as GuardCount,
        GuardStanding as GuardStanding,
        Payment as Payment,
        Progress as Progress,
        Push as Push,
        Queried as Queried,
        QueryFailed as QueryFailed,
        ReceivedCallback as ReceivedCallback,
        Remark as Remark,
        ResultCode as ResultCode,
        Settled as Settled,
        Status as Status,
        TimedOut as TimedOut,
        WaitOptions as WaitOptions,
        describe as describe,
        result_codes as result_codes,
    )
    from ._values import (
        CheckedText as CheckedText,
        PhoneNumber as PhoneNumber,
        accepted_reply as accepted_reply,
        parse_account_reference as parse_account_reference,
        parse_amount as parse_amount,
        parse_callback as parse_callback,
        parse_callback_url as parse_callback_url,
        parse_money as parse_money,
        parse_phone_number as parse_phone_number,
        parse_transaction_desc as parse_transaction_desc,
        password as password,
    )
    from ._words import (
        Change as Change,
        Confidence as Confidence,
        Disposition as Disposition,
        ErrorKind as ErrorKind,
        EventWarning as EventWarning,
        Fault as Fault,
        FieldCheck as FieldCheck,
        Gateway as Gateway,
        Network as Network,
        Outcome as Outcome,
        PaymentState as PaymentState,
        Verdict as Verdict,
    )
    from .ledger import (
        LedgerStore as LedgerStore,
    )

    __version__: str

#: Where each name is. Importing `lipia` costs a program's start next to nothing: a part of it is loaded when it is
#: first used.
_HOMES = {
    "_async_client": (
        "AsyncClient",
        "AsyncDaraja",
        "AsyncPalPluss",
        "AsyncPayHero",
        "AsyncUpesiPay",
        "AsyncWatch",
    ),
    "_client": (
        "Client",
        "Daraja",
        "PalPluss",
        "PayHero",
        "UpesiPay",
        "Watch",
    ),
    "_async_payments": ("AsyncPayments",),
    "_checkup": (
        "CheckLine",
        "Checkup",
    ),
    "_errors": (
        "ChangeRequestError",
        "CorrectInputError",
        "CorrectSettingsError",
        "DisbelieveError",
        "FindOutError",
        "HoldBackError",
        "LipiaError",
        "LookAtPaymentError",
        "TryAgainError",
    ),
    "_ledger": (
        "Imported",
        "KeptCallback",
        "LedgerReport",
        "PaymentPage",
        "PaymentStory",
        "Pruned",
        "Reconciled",
    ),
    "_parameters": (
        "CommonSettings",
        "DarajaSettings",
        "PalPlussSettings",
        "PayHeroSettings",
        "PushParameters",
        "UpesiPaySettings",
    ),
    "_payment": ("PaymentHandle",),
    "_payments": ("Payments",),
    "_sandbox": ("Sandbox",),
    "_types": (
        "Acceptance",
        "CallbackReceived",
        "Event",
        "EventCheck",
        "Flag",
        "GuardCount",
        "GuardStanding",
        "Payment",
        "Progress",
        "Push",
        "Queried",
        "QueryFailed",
        "ReceivedCallback",
        "Remark",
        "ResultCode",
        "Settled",
        "Status",
        "TimedOut",
        "WaitOptions",
        "describe",
        "result_codes",
    ),
    "_values": (
        "CheckedText",
        "PhoneNumber",
        "accepted_reply",
        "parse_account_reference",
        "parse_amount",
        "parse_callback",
        "parse_callback_url",
        "parse_money",
        "parse_phone_number",
        "parse_transaction_desc",
        "password",
    ),
    "_words": (
        "Change",
        "Confidence",
        "Disposition",
        "ErrorKind",
        "EventWarning",
        "Fault",
        "FieldCheck",
        "Gateway",
        "Network",
        "Outcome",
        "PaymentState",
        "Verdict",
    ),
    "ledger": ("LedgerStore",),
}

_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Acceptance",
    "AsyncClient",
    "AsyncDaraja",
    "AsyncPalPluss",
    "AsyncPayHero",
    "AsyncPayments",
    "AsyncUpesiPay",
    "AsyncWatch",
    "CallbackReceived",
    "Change",
    "ChangeRequestError",
    "CheckLine",
    "CheckedText",
    "Checkup",
    "Client",
    "CommonSettings",
    "Confidence",
    "CorrectInputError",
    "CorrectSettingsError",
    "Daraja",
    "DarajaSettings",
    "DisbelieveError",
    "Disposition",
    "ErrorKind",
    "Event",
    "EventCheck",
    "EventWarning",
    "Fault",
    "FieldCheck",
    "FindOutError",
    "Flag",
    "Gateway",
    "GuardCount",
    "GuardStanding",
    "HoldBackError",
    "Imported",
    "KeptCallback",
    "LedgerReport",
    "LedgerStore",
    "LipiaError",
    "LookAtPaymentError",
    "Network",
    "Outcome",
    "PalPluss",
    "PalPlussSettings",
    "PayHero",
    "PayHeroSettings",
    "Payment",
    "PaymentHandle",
    "PaymentPage",
    "PaymentState",
    "PaymentStory",
    "Payments",
    "PhoneNumber",
    "Progress",
    "Pruned",
    "Push",
    "PushParameters",
    "Queried",
    "QueryFailed",
    "ReceivedCallback",
    "Reconciled",
    "Remark",
    "ResultCode",
    "Sandbox",
    "Settled",
    "Status",
    "TimedOut",
    "TryAgainError",
    "UpesiPay",
    "UpesiPaySettings",
    "Verdict",
    "WaitOptions",
    "Watch",
    "__version__",
    "accepted_reply",
    "describe",
    "parse_account_reference",
    "parse_amount",
    "parse_callback",
    "parse_callback_url",
    "parse_money",
    "parse_phone_number",
    "parse_transaction_desc",
    "password",
    "result_codes",
]


if not TYPE_CHECKING:  # Else a name that is not there would be anything at all to a type checker.

    def __getattr__(name: str) -> object:
        if name == "__version__":
            from ._native import __version__ as value
        elif name in _HOME:
            from importlib import import_module

            value = getattr(import_module(f".{_HOME[name]}", __name__), name)
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
