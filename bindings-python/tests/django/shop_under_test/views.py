"""What a shop does: prompts a phone, and says what came of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

import lipia
from lipia.django.models import Payment


def _wanted(request: HttpRequest) -> dict[str, Any]:
    return {
        "phone_number": request.POST["phone"],
        "amount": request.POST["amount"],
        "account_reference": "INV-001",
        "order": request.POST.get("order"),
    }


def _answer(payment: Payment, error: lipia.LipiaError | None) -> JsonResponse:
    return JsonResponse(
        {"id": payment.payment_id, "state": payment.state, "error": error and error.code}
    )


@csrf_exempt
def buy(request: HttpRequest) -> JsonResponse:
    try:
        return _answer(Payment.objects.request(**_wanted(request)), None)
    except lipia.LipiaError as error:
        return _answer(error.payment, error)  # type: ignore[attr-defined]


async def abuy(request: HttpRequest) -> JsonResponse:
    try:
        return _answer(await Payment.objects.arequest(**_wanted(request)), None)
    except lipia.LipiaError as error:
        return _answer(error.payment, error)  # type: ignore[attr-defined]


# Django 4.2's decorator knows no async view.
abuy.csrf_exempt = True  # type: ignore[attr-defined]
