"""The package's webhook view with the shop's reactions."""

from typing import Any

from door.models import CANCELLED, PAID, tell
from payme.models import PaymeTransactions
from payme.views import PaymeWebHookAPIView

from orders.models import Orders


class PaymeCallBackAPIView(PaymeWebHookAPIView):
    def handle_successfully_payment(self, params: dict[str, Any], result: Any, *_: Any, **__: Any) -> None:
        transaction = PaymeTransactions.get_by_transaction_id(params["id"])
        tell(transaction.account_id, PAID)
        mark(transaction.account_id, "paid")

    def handle_cancelled_payment(self, params: dict[str, Any], result: Any, *_: Any, **__: Any) -> None:
        transaction = PaymeTransactions.get_by_transaction_id(params["id"])
        if transaction.performed_at is not None:  # a payment was taken back, not an attempt given up
            tell(transaction.account_id, CANCELLED)
        mark(transaction.account_id, "cancelled")


def mark(order_id: str, status: str) -> None:
    order = Orders.objects.get(pk=order_id)
    order.status = status
    order.save()
