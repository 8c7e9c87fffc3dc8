"""Merchants who are right almost everywhere, and the scenario that sees where they are not; and some who are right."""

import asyncio
import base64
from collections.abc import Callable
from typing import Any, Final

import pytest

from payme_sandbox.certification.orders import Effect, Order
from payme_sandbox.certification.run import Result
from tests.payme_sandbox.billing import AMOUNT, FIELD, HALF_A_DAY, Billing, Refusal, Row
from tests.payme_sandbox.merchants import certify_billing, of, reasons


def of_the_same_order(billing: Billing, it: Row) -> list[Row]:
    return [row for row in billing.rows.values() if row.account == it.account and row.id != it.id]


# ── wrong in one point ─────────────────────────────────────────────────────────────────────────────────────────────


class MixesOrders(Billing):
    """Keeps the order in a field that all calls share."""

    account: Any = None

    async def _result(self, request: Any, document: Any) -> Any:
        if self._creates(document):
            self.account = document["params"]["account"]
            await asyncio.sleep(0.001)
            document["params"]["account"] = self.account
        return await super()._result(request, document)

    def _creates(self, document: Any) -> bool:
        params = document.get("params") if isinstance(document, dict) else None
        account = params.get("account") if isinstance(params, dict) and "time" in params else None
        return isinstance(account, dict) and account.get(FIELD) in self.orders


class OneNumber(Billing):
    """Calls every transaction by the same name."""

    def _insert(self, params: Any) -> Row:
        it = super()._insert(params)
        it.transaction = "1"
        return it


class EndsWhatIsPaid(Billing):
    """Applies the 12 hours to what was performed, too."""

    def _expires(self, it: Row) -> bool:
        if it.state == 2 and self._is_over(it.time):
            it.state, it.cancel_time, it.reason, it.perform_time = -1, self._now(), 4, 0
            return True
        return super()._expires(it)


class RefundsForHalfADay(Billing):
    """Refuses to take back a payment that is older."""

    def cancel(self, params: Any) -> Any:
        it = self._find(params)
        if it.state == 2 and self._is_over(it.time):
            raise Refusal(-31008)
        return super().cancel(params)


class CancelsTheNextBuyer(Billing):
    """Cancels, when an old cancellation is repeated, whatever the order has now."""

    def cancel(self, params: Any) -> Any:
        it = self._find(params)
        for row in of_the_same_order(self, it) if it.state == -1 else ():
            if row.state == 1:
                row.state, row.cancel_time, row.reason = -1, self._now(), params["reason"]
        return super().cancel(params)


class TellsOtherTimes(Billing):
    """Reads the times from another column than it answered from."""

    def check(self, params: Any) -> Any:
        return {
            name: value + 777 if name.endswith("_time") and value else value
            for name, value in super().check(params).items()
        }


class Statement(Billing):
    """Lists what it likes, as it likes."""

    def shown(self, row: dict[str, Any]) -> dict[str, Any] | None:
        return row

    def statement(self, params: Any) -> Any:
        rows = map(self.shown, super().statement(params)["transactions"])
        return {"transactions": [row for row in rows if row]}


class ListsNoPayments(Statement):
    def shown(self, row: dict[str, Any]) -> dict[str, Any] | None:
        return row if row["state"] != 2 else None


class ListsNoRefunds(Statement):
    def shown(self, row: dict[str, Any]) -> dict[str, Any] | None:
        return row if row["state"] != -2 else None


class ListsRefundsAsPaid(Statement):
    def shown(self, row: dict[str, Any]) -> dict[str, Any] | None:
        return {**row, "state": abs(row["state"])} if row["state"] == -2 else row


class ListsPaymentsInSom(Statement):
    def shown(self, row: dict[str, Any]) -> dict[str, Any] | None:
        return {**row, "amount": row["amount"] // 100} if row["state"] == 2 else row


class ListsTimesInSeconds(Statement):
    def shown(self, row: dict[str, Any]) -> dict[str, Any] | None:
        return {**row, "perform_time": row["perform_time"] // 1000}


class TwentyLines(Billing):
    def statement(self, params: Any) -> Any:
        return {"transactions": super().statement(params)["transactions"][:20]}


class ReadsLettersAlike(Billing):
    def _is_payme(self, header: str) -> bool:
        try:
            shown = base64.b64decode(header.removeprefix("Basic "), validate=True).decode()
        except ValueError:
            return False
        return header.startswith("Basic ") and shown.lower() == self.credential.lower()


class ForgetsRefunds(Billing):
    """Takes a payment back while its shop fails, and never tells the shop."""

    def cancel(self, params: Any) -> Any:
        it = self._find(params)
        if it.state == 2 and not self.works:
            it.state, it.cancel_time, it.reason = -2, self._now(), params["reason"]
        return super().cancel(params)


class UnpaysWhenTheShopFails(Billing):
    """Runs the shop's code again on a repetition, and takes its failure for the payment's."""

    def perform(self, params: Any) -> Any:
        it = self._find(params)
        if it.state == 2 and not self.works:
            it.state = -1
            raise Refusal(-32400)
        return super().perform(params)


class CountsIn32Bits(Billing):
    def _right(self, amount: Any, whole: int) -> bool:
        return type(amount) is int and amount % 2**32 == whole % 2**32


class CreditsOnce(Billing):
    """Tops an account up once."""

    def _tell(self, it: Row, what: str) -> None:
        if not self.told[it.account[FIELD], what]:
            super()._tell(it, what)


class OneAtATime(Billing):
    """Cannot perform the first of two."""

    def perform(self, params: Any) -> Any:
        it = self._find(params)
        if it.state == 1 and any(row.state == 1 for row in of_the_same_order(self, it)):
            raise Refusal(-31008)
        return super().perform(params)


class RefundsEverything(Billing):
    """Takes back all payments of an account with one."""

    def cancel(self, params: Any) -> Any:
        it = self._find(params)
        for row in of_the_same_order(self, it) if it.state == 2 else ():
            if row.state == 2:
                row.state, row.cancel_time, row.reason = -2, self._now(), 5
        return super().cancel(params)


WRONG: Final[list[tuple[type[Billing], str]]] = [
    (MixesOrders, "orders-side-by-side"),
    (OneNumber, "orders-side-by-side"),
    (EndsWhatIsPaid, "paid-stays-paid"),
    (RefundsForHalfADay, "paid-stays-paid"),
    (CancelsTheNextBuyer, "next-try-after-a-declined-card"),
    (TellsOtherTimes, "refund-keeps-its-history"),
    (ListsNoPayments, "statement-follows"),
    (ListsNoRefunds, "statement-follows"),
    (ListsRefundsAsPaid, "statement-follows"),
    (ListsPaymentsInSom, "statement-follows"),
    (ListsTimesInSeconds, "statement-follows"),
    (TwentyLines, "statement-is-whole"),
    (ReadsLettersAlike, "not-the-credential"),
    (ForgetsRefunds, "shop-fails-later"),
    (UnpaysWhenTheShopFails, "shop-fails-later"),
    (CountsIn32Bits, "wrong-amount"),
]
WRONG_IF_ACCUMULATIVE: Final[list[type[Billing]]] = [CreditsOnce, OneAtATime, RefundsEverything]


@pytest.mark.parametrize(("kind", "scenario"), WRONG)
def test_a_merchant_who_is_wrong_in_one_point_is_seen(kind: type[Billing], scenario: str) -> None:
    assert of(certify_billing("", scenario, kind=kind))[scenario].result is Result.FAILED


@pytest.mark.parametrize("kind", WRONG_IF_ACCUMULATIVE)
def test_an_account_that_cannot_be_topped_up_twice_is_seen(kind: type[Billing]) -> None:
    report = certify_billing("", "several-at-once", kind=kind, accumulative=True)

    assert of(report)["several-at-once"].result is Result.FAILED


# ── right, in their own way ────────────────────────────────────────────────────────────────────────────────────────


class Behind(Billing):
    """Has a clock that is a little slow, or fast."""

    by = -300

    def __init__(self, *args: Any, now: Callable[[], int], **known: Any) -> None:
        super().__init__(*args, now=lambda: now() + self.by, **known)


class FarAhead(Behind):
    by = 4_000


class CountsSeconds(Billing):
    """Counts in whole seconds, and by `>`."""

    def _is_over(self, time: int) -> bool:
        return self.now() // 1000 - time / 1000 > HALF_A_DAY // 1000


class OneCallAtATime(Billing):
    """Asks whoever comes while it is busy to come again."""

    busy = False

    async def _result(self, request: Any, document: Any) -> Any:
        if self.busy:
            raise Refusal(-32400)
        self.busy = True
        try:
            await asyncio.sleep(0.001)
            return await super()._result(request, document)
        finally:
            self.busy = False


class RefusesTheLateBorn(Billing):
    """Finds fault with the time of a transaction, as the official PHP template would."""

    def create(self, params: Any) -> Any:
        if params["id"] not in self.rows and self._is_over(params["time"]):
            raise Refusal(-31050, "time")
        return super().create(params)


class OnePhone(Billing):
    """Has one account to be topped up, and gives it to whoever asks."""

    async def order(self, _amount: int | None) -> Order:
        self.orders["1"] = AMOUNT
        return Order({FIELD: "1"}, AMOUNT)


class NumbersInTheList(Billing):
    """Keeps ids in columns of integers."""

    def statement(self, params: Any) -> Any:
        rows = super().statement(params)["transactions"]
        return {"transactions": [{**row, "account": {FIELD: int(row["account"][FIELD])}} for row in rows]}


class PeriodsHaveALength(Billing):
    def statement(self, params: Any) -> Any:
        if params["from"] >= params["to"]:
            raise Refusal(-31050, "from")
        return super().statement(params)


@pytest.mark.parametrize(
    "kind", [Behind, FarAhead, CountsSeconds, OneCallAtATime, RefusesTheLateBorn, NumbersInTheList, PeriodsHaveALength]
)
def test_a_merchant_who_is_right_in_his_own_way_passes(kind: type[Billing]) -> None:
    assert reasons(certify_billing(kind=kind), "failed") == {}


def test_an_account_that_was_topped_up_before_is_judged_by_what_was_added() -> None:
    report = certify_billing(kind=OnePhone, accumulative=True, wrong_amount=1)

    assert reasons(report, "failed") == {}


def test_goods_that_cannot_be_taken_back_are_demanded_by_the_second_scenario_only() -> None:
    report = certify_billing("refund")

    assert set(reasons(report, "failed")) == {"scenario-2"}
    assert any("does not take back" in why for why in reasons(report, "not_run").values())


def test_a_shop_that_is_told_of_the_return_of_what_nobody_paid_has_felt_nothing() -> None:
    assert (Effect(0, 2).felt, Effect(1, 2).felt) == (Effect(0, 0), Effect(1, 2))
