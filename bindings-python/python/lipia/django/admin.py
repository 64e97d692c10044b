"""Django's admin for payments: look at them, search them, ask the gateway about them. Nothing that the gateway said can be
edited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

import lipia

from .models import Callback, Payment

if TYPE_CHECKING:
    _CallbackInline = admin.TabularInline[Callback, Payment]
    _PaymentAdmin = admin.ModelAdmin[Payment]
else:
    _CallbackInline = admin.TabularInline
    _PaymentAdmin = admin.ModelAdmin

#: One question a second or so: more would keep the page waiting.
_MAX_QUESTIONS = 20


class _StillOpen(admin.SimpleListFilter):
    title = "still open"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "Yes"), ("0", "No")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Payment]) -> QuerySet[Payment]:
        still_open = Payment.objects.db_manager(queryset.db).open().values("pk")
        if self.value() == "1":
            return queryset.filter(pk__in=still_open)
        return queryset.exclude(pk__in=still_open) if self.value() == "0" else queryset


class _Flagged(admin.SimpleListFilter):
    title = "flagged"
    parameter_name = "flagged"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "Yes"), ("0", "No")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Payment]) -> QuerySet[Payment]:
        if self.value() == "1":
            return queryset.filter(flag_count__gt=0)
        return queryset.filter(flag_count=0) if self.value() == "0" else queryset


class _LookedAt:
    """A read-only admin."""

    def has_add_permission(self, *_: Any) -> bool:
        return False

    def has_change_permission(self, *_: Any) -> bool:
        return False

    def has_delete_permission(self, *_: Any) -> bool:
        return False


class _Callbacks(_LookedAt, _CallbackInline):
    model = Callback
    fields = ("received_at", "verdict", "text")
    readonly_fields = fields
    extra = 0

    @admin.display(description="body")
    def text(self, callback: Callback) -> str:
        return bytes(callback.body).decode(errors="replace")


@admin.register(Payment)
class PaymentAdmin(_LookedAt, _PaymentAdmin):
    """The admin of payments. Lists mask the customer's number; a payment's own page shows it."""

    list_display = (
        "created_at",
        "amount",
        "masked_phone",
        "account_reference",
        "order",
        "state",
        "outcome",
        "receipt",
        "flag_count",
    )
    list_filter = (_StillOpen, "outcome", "state", "gateway", _Flagged, "created_at")
    search_fields = (
        "receipt",
        "account_reference",
        "phone_number",
        "checkout_request_id",
        "payment_id",
        "order",
    )
    search_help_text = (
        "Receipt, reference, phone number, order, or an id of the gateway or of Lipia"
    )
    date_hierarchy = "created_at"
    fields = (
        "payment_id",
        ("gateway", "account", "state", "outcome"),
        ("amount", "phone_number"),
        ("account_reference", "order"),
        ("receipt", "result_code", "meaning"),
        ("checkout_request_id", "error"),
        "flags",
        (
            "created_at",
            "push_begun_at",
            "asked_at",
            "settled_at",
            "released_at",
            "notified_at",
            "updated_at",
        ),
        ("signals", "attempts", "trouble"),
        "metadata",
    )
    readonly_fields = (
        *("account", "meaning", "error", "flags"),
        *("signals", "attempts", "trouble"),
    )
    inlines = (_Callbacks,)
    actions = ("ask_the_gateway", "release_orders")

    def has_ask_permission(self, request: HttpRequest) -> bool:
        """Whether the user may ask the gateway and release orders: those may who may change payments."""
        return request.user.has_perm("lipia.change_payment")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Payment], search_term: str
    ) -> tuple[QuerySet[Payment], bool]:
        """Finds a phone number in any usual spelling."""
        try:
            search_term = lipia.parse_phone_number(search_term).number
        except lipia.LipiaError:
            pass
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="phone", ordering="phone_number")
    def masked_phone(self, payment: Payment) -> str:
        """The masked phone number."""
        return payment.masked_phone_number

    @admin.display(description="meaning")
    def meaning(self, payment: Payment) -> str:
        """What the result code means."""
        return payment.describe().meaning if payment.result_code else ""

    @admin.display(description="error")
    def error(self, payment: Payment) -> str:
        """The error of its last push."""
        return str(payment.core.last_error or "")

    @admin.display(description="not believed")
    def flags(self, payment: Payment) -> str:
        """The callbacks and answers that were not believed, with their reasons."""
        return "\n".join(
            f"{flag.at:%Y-%m-%d %H:%M:%S} {flag.reason}" for flag in payment.core.flags
        )

    @admin.action(description="Ask the gateway now", permissions=["ask"])
    def ask_the_gateway(self, request: HttpRequest, queryset: QuerySet[Payment]) -> None:
        """Asks the gateway about each selected payment."""
        if queryset.count() > _MAX_QUESTIONS:
            self.message_user(
                request,
                f"Select at most {_MAX_QUESTIONS}: gateways dislike floods. For more there is "
                "lipia_reconcile.",
                messages.ERROR,
            )
            return
        for payment in queryset:
            try:
                payment.ask()
            except lipia.LipiaError as error:
                self.message_user(request, f"{payment}: {error}", messages.WARNING)
            else:
                self.message_user(request, str(payment), messages.SUCCESS)

    @admin.action(
        description="Release the order: I looked in the statement, and it was not paid",
        permissions=["ask"],
    )
    def release_orders(self, request: HttpRequest, queryset: QuerySet[Payment]) -> None:
        """Frees the order of each selected payment for another request."""
        for payment in queryset:
            try:
                payment.release_order()
            except lipia.LipiaError as error:
                self.message_user(request, f"{payment}: {error}", messages.WARNING)
            else:
                self.log_change(request, payment, "Released its order.")
                self.message_user(
                    request, f"{payment}: its order can be paid again.", messages.SUCCESS
                )
