"""The models: payments, their callbacks, and the names and notes of the ledger over these tables.

A payment's row stores the core's payment and decides nothing. ``Payment.core`` is the whole payment; the other columns
repeat what is searched for and shown.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from decimal import Decimal
from typing import Any, Literal

from django.core.checks import CheckMessage
from django.db import models, router
from django.utils import timezone

import lipia
from lipia._public import public

from .order_links import order_key, order_of
from .settings import APP_SHOP

#: The states in which a customer may have been prompted and the outcome is not known.
OPEN_STATES = tuple(
    state.value
    for state in (
        lipia.PaymentState.SENDING,
        lipia.PaymentState.UNKNOWN,
        lipia.PaymentState.ACCEPTED,
    )
)

#: The fields of an existing row that a program may change.
_FREE_FIELDS = frozenset({"metadata"})


#: Django's warnings about MariaDB that need no answer: an index with a condition is not made, and the migration makes it without one;
#: a unique text may be too long for some engines, and `order_claim` is not for InnoDB.
_ANSWERED = frozenset({"models.W037", "mysql.W003"})


class Services:
    """The functions behind the methods of the models. Their modules import the models, so the models are given the functions
    once Django is ready."""

    __slots__ = ("arequest", "ask", "release_order", "request")

    request: Callable[..., Payment]
    arequest: Callable[..., Coroutine[Any, Any, Payment]]
    ask: Callable[[Payment], None]
    release_order: Callable[[Payment], None]


#: Filled by :func:`lipia.django.services.provide`.
services = Services()


class PaymentQuerySet(models.QuerySet["Payment"]):
    """A query for payments, with filters such as :meth:`open` and :meth:`paid`."""

    def open(self) -> PaymentQuerySet:
        """Payments that may yet be paid: a phone was or may have been prompted, and the outcome is not known."""
        return self.filter(state__in=OPEN_STATES)

    def paid(self) -> PaymentQuerySet:
        """Payments whose money was received."""
        return self.filter(outcome=lipia.Outcome.SUCCESS.value)

    def flagged(self) -> PaymentQuerySet:
        """Payments with a flag: a callback or an answer that was not believed."""
        return self.filter(flag_count__gt=0)

    def for_order(self, order: object) -> PaymentQuerySet:
        """Payments that were requested with this ``order``."""
        return self.filter(order=order_key(order))

    def of_app(self) -> PaymentQuerySet:
        """Payments that ``Payment.objects.request`` made, without those of other ledgers over the table."""
        return self.filter(shop__in=(APP_SHOP, ""))


class PaymentManager(models.Manager["Payment"]):
    """The manager ``Payment.objects``, which requests payments and finds them."""

    def get_queryset(self) -> PaymentQuerySet:
        """All payments."""
        return PaymentQuerySet(self.model, using=self._db)

    def open(self) -> PaymentQuerySet:
        """See :meth:`PaymentQuerySet.open`."""
        return self.get_queryset().open()

    def paid(self) -> PaymentQuerySet:
        """See :meth:`PaymentQuerySet.paid`."""
        return self.get_queryset().paid()

    def flagged(self) -> PaymentQuerySet:
        """See :meth:`PaymentQuerySet.flagged`."""
        return self.get_queryset().flagged()

    def for_order(self, order: object) -> PaymentQuerySet:
        """See :meth:`PaymentQuerySet.for_order`."""
        return self.get_queryset().for_order(order)

    @public
    def request(
        self,
        *,
        phone_number: str | int,
        amount: int | Decimal | str,
        account_reference: str,
        transaction_desc: str = "",
        account: str = "",
        order: object = None,
        metadata: Mapping[str, Any] | None = None,
        durable: bool = True,
        fit: Literal["refuse", "truncate"] = "refuse",
        round_amount: bool = False,
        transaction_type: str | None = None,
        party_b: str | int | None = None,
        channel_id: str | int | None = None,
        credential_id: str | None = None,
        customer_name: str | None = None,
    ) -> Payment:
        """Prompts a phone once, and returns the payment's row. The row is committed before any byte is sent, so a crash cannot
        orphan the payment. A signal tells the outcome later.

        An ``order`` is never prompted for twice: nothing is sent while an earlier payment of the order may yet be paid, or
        once one is paid. The same request for the same order (a double click, a retried task) returns that earlier payment.
        A request with another phone number or amount is refused.

        :param phone_number: the payer's Kenyan mobile number, in any usual spelling.
        :param amount: the amount in whole KES.
        :param account_reference: the reference of the sale, such as an invoice number. The customer sees it. With Daraja at
            most 12 characters.
        :param transaction_desc: a description of the sale, at most 13 characters. Default: the reference.
        :param account: the account that is paid, one of ``LIPIA["ACCOUNTS"]``. Default: the account that ``LIPIA`` itself
            describes.
        :param order: the sale: a saved model instance, or your own id for it.
        :param metadata: data of your own to keep with the payment, as JSON.
        :param durable: ``False`` allows the call inside ``transaction.atomic``. A rollback then forgets a prompt that the
            customer has on the screen. Default: ``True``.
        :param fit: whether a text that is too long is refused (``refuse``, the default) or cut (``truncate``).
        :param round_amount: whether a fraction of a shilling is rounded half up. By default it is refused.
        :param transaction_type: Daraja: pay bill or till, for this push. Default: the account's.
        :param party_b: Daraja: the till that receives the money of this push. Default: the account's.
        :param channel_id: PalPluss, UpesiPay and PayHero: the payment channel that receives the money. Default: the account's.
        :param credential_id: PalPluss, UpesiPay and PayHero: the id of the merchant's own Daraja credentials there. Default:
            the account's.
        :param customer_name: UpesiPay and PayHero: the payer's name.
        :raises CorrectInputError: an argument is not valid. Nothing was sent, and there is no row.
        :raises LookAtPaymentError: another payment has this order: ``error.payment``. Nothing was sent.
        :raises FindOutError: a phone may have been prompted. ``error.payment`` is the row, which stays open.
        :raises LipiaError: no phone was prompted. ``error.payment`` is the row, where there is one.
        :raises RuntimeError: the call is inside ``transaction.atomic``, without ``durable=False``. Nothing was sent.

        ::

            try:
                payment = Payment.objects.request(
                    phone_number="0712345678", amount=150, account_reference="INV-001", order=order
                )
            except lipia.FindOutError as error:  # the phone may be ringing: wait
                payment = error.payment
        """
        return services.request(
            _push(locals()),
            account=account,
            order=order,
            metadata=metadata,
            durable=durable,
            using=self._writing_to,
        )

    @public
    async def arequest(
        self,
        *,
        phone_number: str | int,
        amount: int | Decimal | str,
        account_reference: str,
        transaction_desc: str = "",
        account: str = "",
        order: object = None,
        metadata: Mapping[str, Any] | None = None,
        durable: bool = True,
        fit: Literal["refuse", "truncate"] = "refuse",
        round_amount: bool = False,
        transaction_type: str | None = None,
        party_b: str | int | None = None,
        channel_id: str | int | None = None,
        credential_id: str | None = None,
        customer_name: str | None = None,
    ) -> Payment:
        """:meth:`request` for asyncio. Where the task is cancelled, the request goes on by itself and its result is saved.

        ::

            payment = await Payment.objects.arequest(
                phone_number="0712345678", amount=150, account_reference="INV-001", order=order
            )
        """
        return await services.arequest(
            _push(locals()),
            account=account,
            order=order,
            metadata=metadata,
            durable=durable,
            using=self._writing_to,
        )

    @property
    def _writing_to(self) -> str:
        return self._db or router.db_for_write(self.model)


def _push(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a request that go to the gateway."""
    ours = ("self", "account", "order", "metadata", "durable", "request", "arequest")
    return {name: value for name, value in arguments.items() if name not in ours}


class Payment(models.Model):
    """A payment: one prompt for one sale. ``Payment.objects.request`` makes it before anything is sent; callbacks and
    ``manage.py lipia_reconcile`` move it forward. Your own code changes only ``metadata``.
    """

    #: The payment's own id, made before anything was sent.
    payment_id = models.CharField(max_length=64, unique=True)
    #: The gateway that prompts the phone.
    gateway = models.CharField(max_length=16)
    #: How far the payment has come: ``reserved``, ``sending``, ``unknown``, ``accepted``, ``settled``.
    state = models.CharField(max_length=16, db_index=True)
    #: The outcome so far. Only ``success`` is money; ``pending`` and ``unknown`` are not final.
    outcome = models.CharField(max_length=32, db_index=True)
    #: The amount in whole KES.
    amount = models.PositiveIntegerField("amount (KES)")
    #: The payer's phone number: ``2547…``.
    phone_number = models.CharField(max_length=16, db_index=True)
    #: The reference of the sale, which the customer sees.
    account_reference = models.CharField(max_length=255, db_index=True)
    #: The key of the order, where the payment was requested with one.
    order = models.CharField(max_length=200, blank=True, db_index=True)
    #: The order, while this payment is paid or may yet be paid. The column is unique, which prevents a second prompt.
    order_claim = models.CharField(max_length=300, null=True, unique=True, editable=False)
    #: Data of your own.
    metadata = models.JSONField(default=dict, blank=True)
    #: The prompt's id, once it is known. It embeds the payer's phone number.
    checkout_request_id = models.CharField(max_length=128, blank=True, db_index=True)
    #: The id for queries: the gateway's own where it has one, else ``checkout_request_id``.
    gateway_id = models.CharField(max_length=128, blank=True, db_index=True, editable=False)
    #: M-Pesa's receipt. With Daraja it comes with the callback, or with version 2 of the query.
    receipt = models.CharField(max_length=32, blank=True, db_index=True)
    #: M-Pesa's code for the outcome.
    result_code = models.CharField(max_length=64, blank=True)
    #: The code of the error that the push ended with, where it ended with one.
    error_code = models.CharField(max_length=64, blank=True)
    #: The number of callbacks and answers that were not believed.
    flag_count = models.PositiveSmallIntegerField("flags", default=0)
    #: The number of changes of the core's payment.
    revision = models.PositiveBigIntegerField(default=0)
    #: The number of times that this row was written. A writer names the version that it has read.
    version = models.PositiveBigIntegerField(default=0, editable=False)
    #: The core's payment. It holds the payment's secret callback URL.
    state_json = models.TextField(editable=False)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    updated_at = models.DateTimeField(default=timezone.now)
    #: The time at which its push was begun, until the answer to the push is saved. Until then it may have been sent.
    push_begun_at = models.DateTimeField(null=True, blank=True)
    #: The time at which the gateway was last asked about it.
    asked_at = models.DateTimeField(null=True, blank=True)
    #: The time at which its outcome was first known.
    settled_at = models.DateTimeField(null=True, blank=True)
    #: For a failure that only says "nobody answered in time": the time at which to ask the gateway again.
    look_again_at = models.DateTimeField(null=True, blank=True, db_index=True, editable=False)
    #: For such a failure: the time until which it holds its order, because the customer may still pay.
    order_free_at = models.DateTimeField(null=True, blank=True, editable=False)
    #: The time at which a person released its order.
    released_at = models.DateTimeField(null=True, blank=True)
    #: The time at which its receivers were last told.
    notified_at = models.DateTimeField(null=True, blank=True)

    # The fields of a ledger over this table: see `lipia.ledger.LedgerRow`. Their times are milliseconds since 1970.
    #: ``sandbox`` or ``production``. Empty, as ``shop`` is, where a version before the ledger wrote the row.
    environment = models.CharField(max_length=16, blank=True, editable=False)
    shop = models.CharField(max_length=128, blank=True, editable=False)
    #: The account that is paid and can ask about the payment: one of ``LIPIA["ACCOUNTS"]``, or empty for the account that
    #: ``LIPIA`` itself describes. For a client of your own, the merchant's account at the gateway.
    account = models.CharField(max_length=255, blank=True, editable=False)
    lease_until = models.BigIntegerField(null=True, editable=False)
    ask_after = models.BigIntegerField(null=True, editable=False)
    asks = models.PositiveBigIntegerField(default=0, editable=False)
    news = models.PositiveBigIntegerField(default=0, editable=False)
    told = models.PositiveBigIntegerField(default=0, editable=False)
    #: The earliest time of the next telling, while the shop is owed one.
    owed_after = models.BigIntegerField(default=0, editable=False)
    attempts = models.PositiveBigIntegerField(default=0, editable=False)
    trouble = models.TextField(null=True, editable=False)
    #: The signals whose receivers have all returned, each with a space behind it.
    signals = models.CharField(max_length=64, blank=True, editable=False)

    objects: PaymentManager = PaymentManager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["state", "created_at"], name="lipia_open_payments"),
            models.Index(fields=["shop", "lease_until"], name="lipia_leased"),
            models.Index(fields=["shop", "ask_after"], name="lipia_due"),
            models.Index(
                fields=["shop", "owed_after"],
                name="lipia_owed",
                condition=models.Q(news__gt=models.F("told")),
            ),
        ]

    def __str__(self) -> str:
        return (
            f"KES {self.amount} from {self.masked_phone_number} for {self.account_reference}: "
            f"{self.outcome}"
        )

    @classmethod
    def check(cls, **options: Any) -> list[CheckMessage]:
        """The faults of the model, without Django's warnings about MariaDB that the last migration has answered."""
        return [found for found in super().check(**options) if found.id not in _ANSWERED]

    def save(self, **options: Any) -> None:
        """Saves ``metadata``, the one field that is yours. Lipia alone writes the others, so that a row that was read before a
        callback came cannot undo the callback.

        :raises ValueError: ``update_fields`` names another field.
        """
        if not self._state.adding:
            wanted = options.get("update_fields")
            refused = set(wanted or ()) - _FREE_FIELDS
            if refused:
                raise ValueError(
                    f"Lipia alone writes {', '.join(sorted(refused))} of a payment. Save with "
                    'update_fields=["metadata"], or without update_fields.'
                )
            options["update_fields"] = _FREE_FIELDS if wanted is None else wanted
        super().save(**options)

    @property
    def core(self) -> lipia.Payment:
        """The core's payment, with acceptance, flags, last error, paid amount and the rest."""
        return lipia.Payment.from_json(self.state_json)

    @property
    def is_paid(self) -> bool:
        """Whether the money was received."""
        return self.outcome == lipia.Outcome.SUCCESS.value

    @property
    def is_open(self) -> bool:
        """Whether the payment may yet be paid: a phone was or may have been prompted, and the outcome is not known."""
        return self.state in OPEN_STATES

    @property
    def is_of_ledger(self) -> bool:
        """Whether the payment is one of a client of your own with a
        :class:`~lipia.django.ledger_store.DjangoLedgerStore`. That client asks about it and tells its outcome; this app leaves
        it alone."""
        return self.shop not in (APP_SHOP, "")

    @property
    def masked_phone_number(self) -> str:
        """The masked phone number, fit for logs and lists."""
        return lipia.parse_phone_number(self.phone_number).masked

    def get_order(self) -> models.Model | None:
        """The model instance that was given as the ``order`` of the request. ``None`` without an order, where the order is an
        id of your own, and where the instance is gone."""
        return order_of(self.order)

    def describe(self) -> lipia.ResultCode:
        """The meaning of its result code, with a sentence for the customer in English and in Swahili."""
        return lipia.describe(self.result_code, lipia.Outcome(self.outcome))

    @public
    def ask(self) -> Payment:
        """Asks the gateway about the payment now, saves the answer, sends the signals, and refreshes this row. Prompts nobody.
        Gateways dislike more than one question about a payment within about ten seconds.

        :raises LookAtPaymentError: there is nothing to ask, or no id is known to ask by.
        :raises LipiaError: the question could not be asked, or its answer was not understood.

        ::

            print(payment.ask().outcome)
        """
        services.ask(self)
        self.refresh_from_db()
        return self

    @public
    def release_order(self) -> None:
        """Frees the order for another request, although this payment may yet be paid. ``lipia_reconcile`` then stops reporting
        the payment. For a person who has not found the payment in the statement of the short code. Money that comes later is
        recorded all the same.

        :raises LookAtPaymentError: the payment is paid.
        """
        services.release_order(self)


class Callback(models.Model):
    """A callback that was posted to a payment's own URL, saved before it was answered."""

    #: The payment, where it has a row.
    payment = models.ForeignKey(
        Payment, null=True, on_delete=models.CASCADE, related_name="callbacks"
    )
    #: The id of the payment that the URL named.
    of_payment = models.CharField(max_length=64, editable=False)
    #: The body, byte for byte.
    body = models.BinaryField()
    #: The SHA-256 of the body. The same body is kept once.
    digest = models.CharField(max_length=64)
    received_at = models.DateTimeField(default=timezone.now, db_index=True)
    #: The verdict: ``believed``, ``duplicate``, ``mismatch``, ``not_confirmed`` or ``not_understood``. Empty until the
    #: callback is judged.
    verdict = models.CharField(max_length=16, blank=True, db_index=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["of_payment", "digest"], name="lipia_callback_once")
        ]

    def __str__(self) -> str:
        return f"{self.verdict or 'waiting'}, {self.received_at:%Y-%m-%d %H:%M:%S}"


class Name(models.Model):
    """A name of a ledger's payment at its gateway, such as a receipt or a prompt's id, as a digest. It belongs to one payment."""

    name = models.CharField(max_length=64, primary_key=True)
    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return self.name


class Note(models.Model):
    """A text that the processes of a ledger share, such as a sealed token."""

    key = models.CharField(max_length=200, primary_key=True)
    version = models.PositiveBigIntegerField()
    value = models.TextField()
    #: The time until which the text lasts, in milliseconds since 1970.
    until = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return self.key
