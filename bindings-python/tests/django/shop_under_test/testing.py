"""What the tests share."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

from django.test import Client

import lipia
from lipia.django.app_ledger import AppStore
from lipia.django.models import Payment
from lipia.ledger import LedgerCallback

from .models import Told

#: What a test asks for, where it does not matter.
ASKED: dict[str, Any] = {
    "phone_number": "0712345678",
    "amount": 150,
    "account_reference": "INV-001",
}


def lipia_setting(
    sandbox: lipia.Sandbox, callback_url: str, gateway: str = "daraja"
) -> dict[str, Any]:
    """``LIPIA`` for a sandbox."""
    keywords = sandbox.settings(gateway)
    wait: lipia.WaitOptions = keywords.pop("wait")
    given = {name.upper(): value for name, value in keywords.items()}
    return {**given, "GATEWAY": gateway, "WAIT": wait.to_dict(), "CALLBACK_URL": callback_url}


def wait_until(condition: Callable[[], object], what: str, seconds: float = 20.0) -> None:
    """Looks until it is so.

    :raises AssertionError: where it is not so in time.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain: {what}"
        time.sleep(0.01)


def callback_path(payment: Payment) -> str:
    """The path of a payment's own URL."""
    url = payment.core.push.callback_url
    return "/" + url.split("/", 3)[3]


def callback_body(
    payment: Payment,
    *,
    result_code: int = 0,
    amount: int | None = None,
    receipt: str = "NLJ7RT61SV",
    checkout_request_id: str | None = None,
) -> bytes:
    """What Daraja posts."""
    callback: dict[str, Any] = {
        "MerchantRequestID": "29115-34620561-1",
        "CheckoutRequestID": checkout_request_id
        or payment.checkout_request_id
        or "ws_CO_191220191020363925",
        "ResultCode": result_code,
        "ResultDesc": "as it is",
    }
    if result_code == 0:
        items = {
            "Amount": payment.amount if amount is None else amount,
            "MpesaReceiptNumber": receipt,
            "TransactionDate": 20261122102115,
            "PhoneNumber": int(payment.phone_number),
        }
        callback["CallbackMetadata"] = {
            "Item": [{"Name": name, "Value": value} for name, value in items.items()]
        }
    return json.dumps({"Body": {"stkCallback": callback}}).encode()


def post(path: str, body: bytes, **headers: str) -> int:
    """Posts a callback to this process; the status of the answer."""
    kind = "application/json"
    answer = Client().post(path, data=body, content_type=kind, **headers)  # type: ignore[arg-type]
    return answer.status_code


def leave_kept(payment: Payment, body: bytes) -> None:
    """Keeps a callback as a process does that ends before it has judged it."""
    callback: LedgerCallback = {
        "payment_id": payment.payment_id,
        "digest": hashlib.sha256(body).hexdigest(),
        "body": body,
        "received_at": 0,
        "verdict": None,
    }
    assert AppStore("default", payment.account).keep(callback, None) == "written"


def told(payment: Payment) -> list[str]:
    """The signals that the shop's receivers were called with."""
    rows = Told.objects.filter(payment_id=payment.payment_id).order_by("pk")
    return list(rows.values_list("signal", flat=True))
