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

#: Of payments of which the shop has yet to be told, which are few.
OWED = models.Index(
    fields=["shop", "owed_after"],
    name="lipia_owed",
    condition=models.Q(news__gt=models.F("told")),
)
INDEXES = [
    models.Index(fields=["shop", "lease_until"], name="lipia_leased"),
    models.Index(fields=["shop", "ask_after"], name="lipia_due"),
    OWED,
]


def keep_defaults(apps, schema_editor):
    """Lets processes of the version before this one write rows until they are started anew: they know none of the columns. SQLite
    cannot change a column's default."""
    if schema_editor.connection.vendor != "postgresql":
        return
    payments = apps.get_model("lipia", "Payment")._meta.db_table
    callbacks = apps.get_model("lipia", "Callback")._meta.db_table
    empty = [(payments, name, field.default) for name, field in ADDED.items() if not field.null]
    for table, column, value in [*empty, (callbacks, "of_payment", "")]:
        table, column = map(schema_editor.quote_name, (table, column))
        schema_editor.execute(
            f"ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {schema_editor.quote_value(value)}"
        )


class Migration(migrations.Migration):
    dependencies = [("lipia", "0002_second_looks")]

    operations = [
        *(
            migrations.AddField(
                "payment", name, field, preserve_default=not isinstance(field, models.CharField)
            )
            for name, field in ADDED.items()
        ),
        *(migrations.AddIndex("payment", index) for index in INDEXES),
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
        migrations.RunPython(keep_defaults, migrations.RunPython.noop),
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
