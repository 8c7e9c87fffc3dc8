"""What the shop was told about its orders, and whether its reaction works: in the database, for all workers alike."""

from django.db import models

PAID, CANCELLED = "paid", "cancelled"


class Telling(models.Model):
    order_id = models.IntegerField(db_index=True)
    topic = models.CharField(max_length=10)

    def __str__(self) -> str:
        return f"order {self.order_id} is {self.topic}"


class Break(models.Model):
    """While there is a row, the shop's reaction to "paid" is broken."""

    def __str__(self) -> str:
        return "broken"


class HookBroken(Exception):
    """What a failure in the merchant's own code looks like to the package."""


def tell(order_id: int | str, topic: str) -> None:
    if topic == PAID and Break.objects.exists():
        raise HookBroken("the shop's own reaction is broken, as it was asked to be")
    Telling.objects.create(order_id=int(order_id), topic=topic)
