"""What customers order."""

from django.db import models

#: What there is, and what it costs in KES.
PRICES = {"Two coffees": 300, "A mandazi": 20, "A bag of beans": 1200}


class Order(models.Model):
    """One sale."""

    item = models.CharField(max_length=50)
    price = models.PositiveIntegerField("price (KES)")
    created_at = models.DateTimeField(auto_now_add=True)
    #: When the money was received.
    paid_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.reference}: {self.item}"

    @property
    def reference(self) -> str:
        """What the customer sees on the phone."""
        return f"DUKA-{self.pk}"
