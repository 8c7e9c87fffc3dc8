"""What somebody owes, in so'm, as the package's README has it."""

from django.db import models
from django.utils import timezone


class Order(models.Model):
    product_name = models.CharField(max_length=255, default="tea")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    status = models.CharField(max_length=20, default="pending")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.pk} ({self.amount})"
