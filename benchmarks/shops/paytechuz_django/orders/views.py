"""The package's webhook view with the shop's reactions."""

from typing import Any

from door.models import CANCELLED, PAID, tell
from paytechuz.integrations.django.views import BasePaymeWebhookView

from orders.models import Order


class PaymeWebhookView(BasePaymeWebhookView):
    def successfully_payment(self, params: dict[str, Any], transaction: Any) -> None:
        tell(transaction.account_id, PAID)
        mark(transaction.account_id, "paid")

    def cancelled_payment(self, params: dict[str, Any], transaction: Any) -> None:
        if transaction.performed_at is not None:  # a payment was taken back, not an attempt given up
            tell(transaction.account_id, CANCELLED)
        mark(transaction.account_id, "cancelled")


def mark(order_id: str, status: str) -> None:
    order = Order.objects.get(id=order_id)
    order.status = status
    order.save()
