"""The tables."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Payment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("payment_id", models.CharField(max_length=64, unique=True)),
                ("gateway", models.CharField(max_length=16)),
                ("state", models.CharField(db_index=True, max_length=16)),
                ("outcome", models.CharField(db_index=True, max_length=32)),
                ("amount", models.PositiveIntegerField(verbose_name="amount (KES)")),
                ("phone_number", models.CharField(db_index=True, max_length=16)),
                ("account_reference", models.CharField(db_index=True, max_length=255)),
                ("order", models.CharField(blank=True, db_index=True, max_length=200)),
                (
                    "order_claim",
                    models.CharField(editable=False, max_length=200, null=True, unique=True),
                ),
                ("metadata", models.JSONField(blank=True, default=dict)),
                (
                    "checkout_request_id",
                    models.CharField(blank=True, db_index=True, max_length=128),
                ),
                ("receipt", models.CharField(blank=True, db_index=True, max_length=32)),
                ("result_code", models.CharField(blank=True, max_length=64)),
                ("error_code", models.CharField(blank=True, max_length=64)),
                ("flag_count", models.PositiveSmallIntegerField(default=0, verbose_name="flags")),
                ("revision", models.PositiveBigIntegerField(default=0)),
                ("version", models.PositiveBigIntegerField(default=0, editable=False)),
                ("state_json", models.TextField(editable=False)),
                (
                    "created_at",
                    models.DateTimeField(db_index=True, default=django.utils.timezone.now),
                ),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("push_begun_at", models.DateTimeField(blank=True, null=True)),
                ("asked_at", models.DateTimeField(blank=True, null=True)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("released_at", models.DateTimeField(blank=True, null=True)),
                ("notified_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-created_at", "-pk"],
                "indexes": [
                    models.Index(fields=["state", "created_at"], name="lipia_open_payments")
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("signal", models.CharField(max_length=16)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("claimed_until", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("trouble", models.TextField(blank=True)),
                ("told_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="lipia.payment",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Callback",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("body", models.BinaryField()),
                ("digest", models.CharField(max_length=64)),
                (
                    "received_at",
                    models.DateTimeField(db_index=True, default=django.utils.timezone.now),
                ),
                ("verdict", models.CharField(blank=True, db_index=True, max_length=16)),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="callbacks",
                        to="lipia.payment",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                fields=("payment", "signal"), name="lipia_notice_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.UniqueConstraint(
                fields=("payment", "digest"), name="lipia_callback_once"
            ),
        ),
    ]
