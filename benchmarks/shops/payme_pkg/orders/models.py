"""What somebody owes, in so'm: the package multiplies by a hundred."""

from django.db import models


class Orders(models.Model):
    total_amount = models.DecimalField(max_digits=12, decimal_places=2)
    status = models.CharField(max_length=20, default="pending")

    def __str__(self) -> str:
        return f"{self.pk} ({self.total_amount})"
