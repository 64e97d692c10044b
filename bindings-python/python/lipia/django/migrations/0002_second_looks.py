"""Second looks at failures that only say "nobody answered", and the gateway's own ids."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lipia", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="payment",
            name="gateway_id",
            field=models.CharField(
                blank=True, db_index=True, default="", editable=False, max_length=128
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="payment",
            name="look_again_at",
            field=models.DateTimeField(blank=True, db_index=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="payment",
            name="order_free_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
