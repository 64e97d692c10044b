"""The models: payments, the callbacks that came for them, and which signals were sent; and what a ledger over these
tables keeps beside them.

A payment's row saves what the core's payment says and decides nothing. ``Payment.core`` is the
whole of it; the other columns repeat what is searched for and shown.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from decimal import Decimal
from typing import Any, Literal

from django.db import models, router
from django.utils import timezone

import lipia
from lipia._public import public

from .order_links import order_key, order_of

#: The states in which a customer may have been prompted and the end is not known.
OPEN_STATES = tuple(
    state.value
    for state in (
        lipia.PaymentState.SENDING,
        lipia.PaymentState.UNKNOWN,
        lipia.PaymentState.ACCEPTED,
    )
)

#: What a program may change of a row that exists.
_FREE_FIELDS = frozenset({"metadata"})


class Services:
    """The work that the methods of a payment start. The modules that do it import the models, so the
    models are handed it when Django is ready."""

    __slots__ = ("arequest", "ask", "release_order", "request")

    request: Callable[..., Payment]
    arequest: Callable[..., Coroutine[Any, Any, Payment]]
    ask: Callable[[Payment], None]
    release_order: Callable[[Payment], None]


#: Filled by :func:`lipia.django.services.provide`.
services = Services()


class PaymentQuerySet(models.QuerySet["Payment"]):
    """Payments, asked for by what matters."""

    def open(self) -> PaymentQuerySet:
        """Those that may yet be paid: a phone was or may have been prompted, and the end is not
        known."""
        return self.filter(state__in=OPEN_STATES)

    def paid(self) -> PaymentQuerySet:
        """Those whose money was received."""
        return self.filter(outcome=lipia.Outcome.SUCCESS.value)

    def flagged(self) -> PaymentQuerySet:
        """Those that were handed something which was not believed."""
        return self.filter(flag_count__gt=0)

    def for_order(self, order: object) -> PaymentQuerySet:
        """Those that were requested with this ``order``."""
        return self.filter(order=order_key(order))

    def of_app(self) -> PaymentQuerySet:
        """Those that ``Payment.objects.request`` made, and no ledger over the table."""
        return self.filter(shop="")


class PaymentManager(models.Manager["Payment"]):
    """``Payment.objects``."""

    def get_queryset(self) -> PaymentQuerySet:
        """All of them."""
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
        """Prompts a phone once, and returns the payment. It is committed to the database before a
        byte leaves, so nothing that happens later can orphan it. The outcome comes by signal.

        With ``order`` a sale is never prompted for twice: while an earlier payment for it may yet
        be paid, and once one is paid, nothing is sent. The same request for the same order (a
        double click, a retried task) then returns that earlier payment; one with another phone
        number or amount is refused.

        :param phone_number: who pays: any usual spelling of a Kenyan mobile number.
        :param amount: whole KES.
        :param account_reference: what you know the sale by; the customer sees it. With Daraja at
            most 12 characters.
        :param transaction_desc: what the sale is, at most 13 characters. Default: the reference.
        :param account: who is paid: one of ``LIPIA["ACCOUNTS"]``. Default: the account that ``LIPIA`` itself describes.
        :param order: the sale: a saved model instance, or your own id for it.
        :param metadata: anything of yours to keep with the payment, as JSON.
        :param durable: ``False`` to allow this inside ``transaction.atomic``. A rollback then
            forgets a prompt that the customer has on the screen.
        :param fit: whether a text that is too long is refused or cut.
        :param round_amount: whether a fraction of a shilling is rounded (half up) or refused.
        :param transaction_type: Daraja: pay bill or till, for this one push.
        :param party_b: Daraja: the till that receives the money of this one push.
        :param channel_id: PalPluss, UpesiPay and PayHero: the channel that is paid.
        :param credential_id: PalPluss, UpesiPay and PayHero: the merchant's own Daraja credentials.
        :param customer_name: UpesiPay and PayHero: the payer's name.
        :raises CorrectInputError: an argument is not valid. Nothing was sent and no row was made.
        :raises LookAtPaymentError: another payment has this order: ``error.payment``. Nothing was
            sent.
        :raises FindOutError: a phone may have been prompted. ``error.payment`` is the row; it stays
            open.
        :raises LipiaError: no phone was prompted. ``error.payment`` is the row, where one was made.
        :raises RuntimeError: inside ``transaction.atomic``, unless ``durable=False``. Nothing was
            sent.

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
        """:meth:`request` for asyncio. Cancelling it leaves the request to itself: it goes on and
        is saved."""
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
    """What of the arguments of a request goes to the gateway."""
    ours = ("self", "account", "order", "metadata", "durable", "request", "arequest")
    return {name: value for name, value in arguments.items() if name not in ours}


class Payment(models.Model):
    """One prompt for one sale, from before its first byte left. ``Payment.objects.request`` makes
    it; callbacks and ``manage.py lipia_reconcile`` move it on. Your own code changes nothing of it
    but ``metadata``.
    """

    #: The payment's own id, made before anything was sent.
    payment_id = models.CharField(max_length=64, unique=True)
    #: Who was asked to prompt the phone.
    gateway = models.CharField(max_length=16)
    #: How far it has come: ``reserved``, ``sending``, ``unknown``, ``accepted``, ``settled``.
    state = models.CharField(max_length=16, db_index=True)
    #: What became of it. Only ``success`` is money; ``pending`` and ``unknown`` are still being
    #: asked.
    outcome = models.CharField(max_length=32, db_index=True)
    #: Whole KES.
    amount = models.PositiveIntegerField("amount (KES)")
    #: Who was asked to pay: ``2547…``.
    phone_number = models.CharField(max_length=16, db_index=True)
    #: What the customer saw.
    account_reference = models.CharField(max_length=255, db_index=True)
    #: What the sale is, where it was requested with an order.
    order = models.CharField(max_length=200, blank=True, db_index=True)
    #: The order, while this payment may be or has been paid: being unique, it keeps a second prompt
    #: away.
    order_claim = models.CharField(max_length=300, null=True, unique=True, editable=False)
    #: Yours.
    metadata = models.JSONField(default=dict, blank=True)
    #: The prompt's id, once it is known. It embeds the payer's phone number.
    checkout_request_id = models.CharField(max_length=128, blank=True, db_index=True)
    #: The id that the gateway is asked by: its own where it has one, else ``checkout_request_id``.
    gateway_id = models.CharField(max_length=128, blank=True, db_index=True, editable=False)
    #: M-Pesa's receipt. With Daraja it comes with the callback alone.
    receipt = models.CharField(max_length=32, blank=True, db_index=True)
    #: M-Pesa's code for the outcome.
    result_code = models.CharField(max_length=64, blank=True)
    #: The code of the error that the push ended with, where it ended with one.
    error_code = models.CharField(max_length=64, blank=True)
    #: How many things were handed in and not believed.
    flag_count = models.PositiveSmallIntegerField("flags", default=0)
    #: How often the core's payment has changed.
    revision = models.PositiveBigIntegerField(default=0)
    #: How often this row was written. Who writes it says which version it has read.
    version = models.PositiveBigIntegerField(default=0, editable=False)
    #: The core's payment. It holds the payment's secret callback URL.
    state_json = models.TextField(editable=False)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    updated_at = models.DateTimeField(default=timezone.now)
    #: When its push was begun, while the answer to that is not written down: until then it may have
    #: been sent.
    push_begun_at = models.DateTimeField(null=True, blank=True)
    #: When the gateway was last asked about it.
    asked_at = models.DateTimeField(null=True, blank=True)
    #: When its outcome was first known.
    settled_at = models.DateTimeField(null=True, blank=True)
    #: Of a failure that only says "nobody answered in time": when the gateway is asked about it again.
    look_again_at = models.DateTimeField(null=True, blank=True, db_index=True, editable=False)
    #: Of such a failure: until when it holds its order, because the customer may still pay.
    order_free_at = models.DateTimeField(null=True, blank=True, editable=False)
    #: When a person said that it was looked at, and its order may be paid by another.
    released_at = models.DateTimeField(null=True, blank=True)
    #: When its receivers were last told.
    notified_at = models.DateTimeField(null=True, blank=True)

    # What a ledger over this table knows of the payment: see `lipia.ledger.LedgerRow`. Its times are milliseconds since 1970.
    #: ``sandbox`` or ``production``. Empty, as ``shop`` is, where no ledger wrote the row.
    environment = models.CharField(max_length=16, blank=True, editable=False)
    shop = models.CharField(max_length=128, blank=True, editable=False)
    #: Who is paid, and can ask about the payment: in a ledger the merchant's account at the gateway, else one of
    #: ``LIPIA["ACCOUNTS"]``, or nothing for the account that ``LIPIA`` itself describes.
    account = models.CharField(max_length=255, blank=True, editable=False)
    lease_until = models.BigIntegerField(null=True, editable=False)
    ask_after = models.BigIntegerField(null=True, editable=False)
    asks = models.PositiveBigIntegerField(default=0, editable=False)
    news = models.PositiveBigIntegerField(default=0, editable=False)
    told = models.PositiveBigIntegerField(default=0, editable=False)
    #: While something is owed to the shop: when it may be told next.
    owed_after = models.BigIntegerField(default=0, editable=False)
    attempts = models.PositiveBigIntegerField(default=0, editable=False)
    trouble = models.TextField(null=True, editable=False)

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

    def save(self, **options: Any) -> None:
        """Saves what is yours: ``metadata``. What the gateway says is written by Lipia alone, so
        that a row that was read before a callback came cannot undo it.

        :raises ValueError: where ``update_fields`` names anything else.
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
        """The payment as the core keeps it: acceptance, flags, last error, paid amount and the
        rest."""
        return lipia.Payment.from_json(self.state_json)

    @property
    def is_paid(self) -> bool:
        """Whether the money was received."""
        return self.outcome == lipia.Outcome.SUCCESS.value

    @property
    def is_open(self) -> bool:
        """Whether it may yet be paid: a phone was or may have been prompted, and the end is not
        known."""
        return self.state in OPEN_STATES

    @property
    def is_of_ledger(self) -> bool:
        """Whether a client with a :class:`~lipia.django.ledger_store.DjangoLedgerStore` requested it: that client's ledger
        asks about it and tells of it, and this app leaves it alone."""
        return bool(self.shop)

    @property
    def masked_phone_number(self) -> str:
        """The phone number as logs and lists may show it."""
        return lipia.parse_phone_number(self.phone_number).masked

    def get_order(self) -> models.Model | None:
        """The model instance that it was requested with as its ``order``. ``None`` where the order is an id of your own, or
        the instance is gone; and without an order."""
        return order_of(self.order)

    def describe(self) -> lipia.ResultCode:
        """The row of the table for its result code: what it means, and a sentence for the customer
        in English and in Swahili."""
        return lipia.describe(self.result_code, lipia.Outcome(self.outcome))

    @public
    def ask(self) -> Payment:
        """Asks the gateway now, settles the payment where it tells, and sends the signals. Prompts
        nobody. This row is refreshed. Gateways dislike more than one question about a payment in
        about ten seconds.

        :raises LookAtPaymentError: there is nothing to ask, or nothing to ask by.
        :raises LipiaError: the question could not be asked or the answer not be understood.
        """
        services.ask(self)
        self.refresh_from_db()
        return self

    @public
    def release_order(self) -> None:
        """Lets the order be paid by another request, although this payment may yet be paid, and has
        ``lipia_reconcile`` report it no more. For a person who has looked in the statement of the
        short code and found nothing. Money that comes later is taken all the same.

        :raises LookAtPaymentError: where the payment is paid.
        """
        services.release_order(self)


class Callback(models.Model):
    """A body that was posted to a payment's own URL, kept before it was answered."""

    #: The payment, where there is a row of it.
    payment = models.ForeignKey(
        Payment, null=True, on_delete=models.CASCADE, related_name="callbacks"
    )
    #: The id of the payment that the URL named.
    of_payment = models.CharField(max_length=64, editable=False)
    #: The body, byte for byte.
    body = models.BinaryField()
    #: SHA-256 of the body: the same body is kept once.
    digest = models.CharField(max_length=64)
    received_at = models.DateTimeField(default=timezone.now, db_index=True)
    #: What was made of it: ``believed``, ``duplicate``, ``mismatch``, ``not_confirmed``. Empty
    #: until it was looked at.
    verdict = models.CharField(max_length=16, blank=True, db_index=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["of_payment", "digest"], name="lipia_callback_once")
        ]

    def __str__(self) -> str:
        return f"{self.verdict or 'waiting'}, {self.received_at:%Y-%m-%d %H:%M:%S}"


class Notice(models.Model):
    """A signal that is due, written in the transaction that made it so."""

    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="notices")
    #: ``succeeded``, ``failed``, ``reversed`` or ``flagged``.
    signal = models.CharField(max_length=16)
    created_at = models.DateTimeField(default=timezone.now)
    #: Until when whoever is sending it is left alone.
    claimed_until = models.DateTimeField(null=True, blank=True)
    #: How often its receivers were called.
    attempts = models.PositiveSmallIntegerField(default=0)
    #: The receivers that raised, the last time.
    trouble = models.TextField(blank=True)
    #: When every receiver had returned.
    told_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["payment", "signal"], name="lipia_notice_once")
        ]

    def __str__(self) -> str:
        return f"{self.signal}: {'told' if self.told_at else 'due'}"


class Name(models.Model):
    """What names a payment of a ledger at its gateway, as a digest: a receipt, a prompt. It is one payment's."""

    name = models.CharField(max_length=64, primary_key=True)
    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return self.name


class Note(models.Model):
    """A text that the processes of a ledger share, such as a sealed token."""

    key = models.CharField(max_length=200, primary_key=True)
    version = models.PositiveBigIntegerField()
    value = models.TextField()
    #: Until when the text is there, in milliseconds since 1970.
    until = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return self.key
