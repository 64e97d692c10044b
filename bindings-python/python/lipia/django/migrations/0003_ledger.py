"""What a ledger over these tables keeps: leases, questions and tellings of payments, their names, and notes."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def name_payments(apps, schema_editor):
    """Gives every callback the id of its payment."""
    Payment = apps.get_model("lipia", "Payment")
    Callback = apps.get_model("lipia", "Callback")
    payments = Payment.objects.using(schema_editor.connection.alias)
    payment_id = payments.filter(pk=OuterRef("payment")).values("payment_id")
    callbacks = Callback.objects.using(schema_editor.connection.alias)
    callbacks.update(of_payment=Subquery(payment_id))


def text(max_length):
    """A column that is empty in the rows that are there."""
    return models.CharField(blank=True, default="", editable=False, max_length=max_length)


def count():
    """A column that is zero in the rows that are there."""
    return models.PositiveBigIntegerField(default=0, editable=False)


def time():
    """A time in milliseconds since 1970."""
    return models.BigIntegerField(editable=False, null=True)


ADDED = {
    "environment": text(16),
    "shop": text(128),
    "account": text(255),
    "lease_until": time(),
    "ask_after": time(),
    "asks": count(),
    "news": count(),
    "told": count(),
    "owed_after": models.BigIntegerField(default=0, editable=False),
    "attempts": count(),
    "trouble": models.TextField(editable=False, null=True),
}

INDEXED = {
    "lipia_leased": "lease_until",
    "lipia_due": "ask_after",
    "lipia_owed": "owed_after",
}


class Migration(migrations.Migration):
    dependencies = [("lipia", "0002_second_looks")]

    operations = [
        *(
            migrations.AddField(
                "payment", name, field, preserve_default=not isinstance(field, models.CharField)
            )
            for name, field in ADDED.items()
        ),
        *(
            migrations.AddIndex("payment", models.Index(fields=["shop", field], name=name))
            for name, field in INDEXED.items()
        ),
        migrations.AlterField(
            "payment",
            "order_claim",
            models.CharField(editable=False, max_length=300, null=True, unique=True),
        ),
        migrations.AlterField(
            "callback",
            "payment",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="callbacks",
                to="lipia.payment",
            ),
        ),
        migrations.AddField("callback", "of_payment", text(64), preserve_default=False),
        migrations.RunPython(name_payments, migrations.RunPython.noop),
        migrations.AlterField(
            "callback", "of_payment", models.CharField(editable=False, max_length=64)
        ),
        migrations.RemoveConstraint("callback", "lipia_callback_once"),
        migrations.AddConstraint(
            "callback",
            models.UniqueConstraint(fields=["of_payment", "digest"], name="lipia_callback_once"),
        ),
        migrations.CreateModel(
            name="Name",
            fields=[
                ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="lipia.payment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("key", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("version", models.PositiveBigIntegerField()),
                ("value", models.TextField()),
                ("until", models.BigIntegerField(db_index=True)),
            ],
        ),
    ]
