"""The pages: choose, pay, and see what came of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

import lipia
from lipia.django.models import Payment

from .models import PRICES, Order


@require_http_methods(["GET", "POST"])
def shop(request: HttpRequest) -> HttpResponse:
    """What there is; choosing makes an order."""
    item = request.POST.get("item", "")
    if item in PRICES:
        order = Order.objects.create(item=item, price=PRICES[item])
        return redirect("orders:show", order.pk)
    return render(request, "orders/shop.html", {"prices": PRICES})


@require_POST
def pay(request: HttpRequest, order_id: int) -> HttpResponse:
    """Prompts the customer's phone. Pressed twice, it prompts once: the order is the sale."""
    order = get_object_or_404(Order, pk=order_id)
    try:
        Payment.objects.request(
            phone_number=request.POST.get("phone_number", ""),
            amount=order.price,
            account_reference=order.reference,
            order=order,
            metadata={"order_id": order.pk},
        )
    except lipia.FindOutError:
        # The phone may have been prompted: wait for M-Pesa's word, as for any other payment.
        pass
    except lipia.CorrectInputError as error:
        messages.error(request, error.customer_message_en)
    except lipia.LookAtPaymentError:
        messages.error(request, "There is an open prompt for this order. Look at the phone.")
    except lipia.LipiaError:
        # Nobody was prompted. The reason stands in the log, and with the payment in the admin.
        messages.error(request, "M-Pesa did not take the request. Please try again in a moment.")
    return redirect("orders:show", order.pk)


@require_http_methods(["GET"])
def show(request: HttpRequest, order_id: int) -> HttpResponse:
    """The order, and how its last payment stands."""
    order = get_object_or_404(Order, pk=order_id)
    payment = Payment.objects.for_order(order).first()
    return render(request, "orders/show.html", {"order": order, "payment": payment})
