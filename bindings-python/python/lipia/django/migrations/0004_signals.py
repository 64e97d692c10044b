"""The signals that were sent, on the payment's own row. The table of notices stays for processes of the version before."""

from django.db import migrations, models


def note_signals(apps, schema_editor):
    """Notes on every payment which of its signals were sent."""
    using = schema_editor.connection.alias
    told = apps.get_model("lipia", "Notice").objects.using(using).exclude(told_at=None)
    payments = apps.get_model("lipia", "Payment").objects.using(using)
    sent = {}
    for payment, signal in told.order_by("pk").values_list("payment", "signal").iterator():
        sent.setdefault(payment, []).append(signal)
    by_signals = {}
    for payment, signals in sent.items():
        by_signals.setdefault("".join(f"{signal} " for signal in signals), []).append(payment)
    for signals, keys in by_signals.items():
        for start in range(0, len(keys), 500):
            payments.filter(pk__in=keys[start : start + 500]).update(signals=signals)


def keep_default(apps, schema_editor):
    """Lets processes of the version before write rows until they are started anew: they do not know the column."""
    if schema_editor.connection.vendor == "postgresql":
        table = schema_editor.quote_name(apps.get_model("lipia", "Payment")._meta.db_table)
        schema_editor.execute(f"ALTER TABLE {table} ALTER COLUMN signals SET DEFAULT ''")


def forget_rest(apps, schema_editor):
    """On the way back: forgets notices whose payments were deleted meanwhile."""
    using = schema_editor.connection.alias
    payments = apps.get_model("lipia", "Payment").objects.using(using)
    notices = apps.get_model("lipia", "Notice").objects.using(using)
    notices.exclude(payment_id__in=payments.values("pk")).delete()


class Migration(migrations.Migration):
    dependencies = [("lipia", "0003_ledger")]

    operations = [
        migrations.AddField(
            "payment",
            "signals",
            models.CharField(blank=True, default="", editable=False, max_length=64),
            preserve_default=False,
        ),
        migrations.RunPython(note_signals, migrations.RunPython.noop),
        migrations.RunPython(keep_default, migrations.RunPython.noop),
        # Without its foreign key, so that a payment can be deleted beside it.
        migrations.AlterField(
            "notice",
            "payment",
            models.ForeignKey(
                db_constraint=False,
                on_delete=models.CASCADE,
                related_name="notices",
                to="lipia.payment",
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, forget_rest),
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel("Notice")]),
    ]
