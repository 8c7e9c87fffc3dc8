"""A disagreement of each kind, made on purpose, is found and named; books that agree are left in peace."""

from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import pytest
from sqlalchemy import delete

from sidecar import outbox
from sidecar.clock import HOUR, MINUTE, Millis
from sidecar.reconcile.kinds import WORDS, Kind
from sidecar.reconcile.period import Period
from tests.reconcile.bookcase import PERIOD, Bookcase, row
from tests.shop import AMOUNT, NOON, SESSION

# Each puts a fault into books that else agree, and gives the cabinet's statement if there must be one.
Fault = Callable[[Bookcase], Path | None]


def paid_unknown_here(books: Bookcase) -> Path:
    return books.statement(row("stranger"))


def paid_not_performed_here(books: Bookcase) -> Path:
    books.shop.register()
    books.shop.create()
    return books.statement(row())


def cancelled_here_paid_there(books: Bookcase) -> Path:
    books.shop.register()
    books.shop.create()
    books.shop.cancel(reason=3)
    return books.statement(row())


def taken_back_here_paid_there(books: Bookcase) -> Path:
    books.agreed().taken_back()
    books.backend.payments[0]["refunded_amount"] = AMOUNT
    return books.statement(row())


def not_in_the_cabinet(books: Bookcase) -> Path:
    books.agreed()
    return books.statement()


def not_paid_at_payme(books: Bookcase) -> Path:
    books.agreed()
    return books.statement(row(state="pending"))


def taken_back_at_payme_only(books: Bookcase) -> Path:
    books.agreed()
    return books.statement(row(state="returned"))


def amount_at_payme(books: Bookcase) -> Path:
    books.agreed()
    return books.statement(row(amount=AMOUNT - 1))


def paid_twice(books: Bookcase) -> None:
    books.agreed().agreed("payses_02", "tx2")
    books.backend.payments[1]["order_ids"] = books.backend.payments[0]["order_ids"]


def refused_by_the_backend(books: Bookcase) -> None:
    books.shop.backend.status = 409
    books.shop.paid().deliver()


def not_told_yet(books: Bookcase) -> None:
    books.shop.paid()


def told_but_no_payment(books: Bookcase) -> None:
    books.shop.paid().deliver()


def never_told(books: Bookcase) -> None:
    books.shop.paid()
    books.shop.run(books.shop.house.database.write(lambda connection: connection.execute(delete(outbox.table))))


def not_captured_at_backend(books: Bookcase) -> None:
    books.agreed().backend.payments[0]["captured_amount"] = 0


def payment_without_order(books: Bookcase) -> None:
    books.agreed().backend.payments[0]["order_ids"] = []


def amount_at_backend(books: Bookcase) -> None:
    books.agreed().backend.payments[0]["captured_amount"] = AMOUNT - 1


def returned_at_backend_only(books: Bookcase) -> None:
    books.agreed().backend.payments[0]["refunded_amount"] = 1


def taken_back_not_refunded(books: Bookcase) -> None:
    books.agreed().taken_back()


def captured_without_payment(books: Bookcase) -> None:
    books.backend.add()


def message_undelivered(books: Bookcase) -> None:
    books.shop.paid()
    books.backend.add()  # it has taken it, and its answer was lost


FAULTS: dict[Kind, Fault] = {kind: globals()[kind.value] for kind in Kind}


@pytest.mark.parametrize("kind", Kind)
def test_a_disagreement_made_on_purpose_is_found_and_named(books: Bookcase, kind: Kind) -> None:
    statement = FAULTS[kind](books)

    [found] = books.reconcile(statement)["disagreements"]

    assert found["kind"] == kind
    assert (found["meaning"], found["what_to_do"]) == WORDS[kind]


@pytest.mark.parametrize("state", ["paid", "returned"])
def test_three_books_that_agree_are_left_in_peace(books: Bookcase, state: str) -> None:
    books.agreed().agreed("payses_02", "tx2")
    if state == "returned":
        books.taken_back()
        books.backend.payments[0]["refunded_amount"] = AMOUNT

    report = books.reconcile(books.statement(row(state=state), row("tx2")))

    assert report["disagreements"] == []
    assert report["open"] == {}
    kept = 2 - (state == "returned")
    assert [book["kept"] for book in report["totals"].values()] == [{"payments": kept, "amount": kept * AMOUNT}] * 3
    assert "All agree." in books.summary


def test_every_kind_has_its_words_and_says_what_to_do() -> None:
    assert set(WORDS) == set(Kind)
    assert all(says and do for says, do in WORDS.values())
    assert len({says for says, _ in WORDS.values()}) == len(Kind)


def test_a_declined_card_and_the_payment_after_it_are_no_disagreement(books: Bookcase) -> None:
    books.shop.register()
    books.shop.create("declined")
    books.shop.cancel("declined", reason=3)
    books.shop.create("tx2")
    books.shop.perform("tx2")
    books.shop.deliver()
    books.backend.add()

    assert books.kinds(books.statement(row("declined", state="returned"), row("tx2"))) == []


def test_a_payment_that_is_refused_as_the_second_of_its_order_is_called_that(books: Bookcase) -> None:
    books.shop.backend.status = 409
    books.shop.paid()
    books.shop.run(
        books.shop.house.database.write(
            lambda connection: connection.execute(
                outbox.table.update().values(state="parked", last_answer='409 {"code":"paid_twice"}')
            )
        )
    )

    assert books.kinds() == [Kind.PAID_TWICE]


def test_an_order_that_the_cabinet_shows_paid_twice_is_named(books: Bookcase) -> None:
    books.agreed().agreed("payses_02", "tx2")
    statement = books.folder / "orders.csv"
    lines = [f"{line};order-1" for line in (row(), row("tx2"))]
    statement.write_text("\n".join(("ID транзакции;Сумма, сум;Статус;Дата;Заказ", *lines)), encoding="utf-8")

    [found] = books.reconcile(statement)["disagreements"]

    assert (found["kind"], found["order_id"], found["other_amount"]) == (Kind.PAID_TWICE, "order-1", 2 * AMOUNT)


def test_a_message_that_is_young_is_on_its_way_and_no_disagreement(books: Bookcase) -> None:
    books.shop.paid()

    report = books.reconcile(late=NOON - 1)

    assert report["disagreements"] == []
    assert list(report["open"].values()) == [1]
    assert books.kinds(late=NOON) == [Kind.NOT_TOLD_YET]


def test_a_refund_that_is_on_its_way_is_no_disagreement(books: Bookcase) -> None:
    books.agreed()
    books.shop.clock.advance(HOUR)
    books.shop.cancel()

    assert books.kinds(late=NOON + HOUR - 1) == []
    assert books.kinds(late=NOON + HOUR) == [Kind.TAKEN_BACK_NOT_REFUNDED]


def test_without_the_backend_only_a_late_message_tells(books: Bookcase) -> None:
    books.shop.paid()

    assert books.kinds(backend=False) == [Kind.MESSAGE_UNDELIVERED]
    assert books.backend.asked == []


@pytest.mark.parametrize("states", list(permutations(["pending", "paid"])))
def test_of_several_rows_of_a_payment_the_paid_one_counts_before_the_pending(
    books: Bookcase, states: tuple[str, ...]
) -> None:
    rows = [row(state=state) for state in states]
    cancelled_here_paid_there(books)
    assert books.kinds(books.statement(*rows)) == [Kind.CANCELLED_HERE_PAID_THERE]


@pytest.mark.parametrize("states", list(permutations(["pending", "paid"])))
def test_a_pending_row_beside_the_paid_one_is_no_disagreement(books: Bookcase, states: tuple[str, ...]) -> None:
    books.agreed()

    assert books.kinds(books.statement(*(row(state=state) for state in states))) == []


@pytest.mark.parametrize("states", list(permutations(["pending", "paid", "returned"])))
def test_of_several_rows_of_a_payment_the_returned_one_counts_most(books: Bookcase, states: tuple[str, ...]) -> None:
    books.agreed()

    [found] = books.reconcile(books.statement(*(row(state=state) for state in states)))["disagreements"]

    assert found["kind"] == Kind.TAKEN_BACK_AT_PAYME_ONLY
    assert found["detail"] == f"row {2 + states.index('returned')} of the statement"


@pytest.mark.parametrize("turned", [False, True])
def test_a_refund_in_the_period_is_looked_at_though_the_payment_was_before(books: Bookcase, turned: bool) -> None:
    books.agreed()
    rows = [row(), row(time=NOON + 24 * HOUR, state="returned")]
    tomorrow = Period(PERIOD.end, Millis(PERIOD.end + 24 * HOUR))

    found = books.kinds(books.statement(*(rows[::-1] if turned else rows)), period=tomorrow)

    assert found == [Kind.TAKEN_BACK_AT_PAYME_ONLY]


@pytest.mark.parametrize("turned", [False, True])
def test_sums_of_the_cabinet_go_by_the_row_that_is_paid(books: Bookcase, turned: bool) -> None:
    begun, paid = PERIOD.end - MINUTE, PERIOD.end + MINUTE
    at(books, begun).shop.register()
    books.shop.create()
    at(books, paid).shop.perform()
    rows = [row(time=begun, state="pending"), row(time=paid)]
    statement = books.statement(*(rows[::-1] if turned else rows))
    tomorrow = Period(PERIOD.end, Millis(PERIOD.end + 24 * HOUR))

    sums = [books.reconcile(statement, backend=False, period=it)["totals"] for it in (PERIOD, tomorrow)]

    assert [[book["kept"]["payments"] for book in totals.values()] for totals in sums] == [[0, 0], [1, 1]]


def test_a_refund_of_a_part_at_the_backend_of_what_payme_took_back_whole_is_named(books: Bookcase) -> None:
    books.agreed().taken_back()
    books.backend.payments[0]["refunded_amount"] = 1

    [found] = books.reconcile()["disagreements"]

    assert found["kind"] == Kind.TAKEN_BACK_NOT_REFUNDED
    assert "0.01 of 140\N{NO-BREAK SPACE}000.00 refunded" in found["detail"]


def test_a_payment_cancelled_at_the_backend_with_its_money_still_booked_is_not_refunded(books: Bookcase) -> None:
    books.agreed().taken_back()
    books.backend.payments[0] |= {"canceled_time": books.shop.clock.now, "refunded_amount": 0}

    assert books.kinds() == [Kind.TAKEN_BACK_NOT_REFUNDED]

    books.backend.payments[0]["captured_amount"] = 0
    assert books.kinds() == []


def test_what_payme_says_of_a_payment_does_not_hide_its_message(books: Bookcase) -> None:
    books.shop.paid()

    found = books.kinds(books.statement(row(amount=AMOUNT - 1)), backend=False)

    assert found == [Kind.AMOUNT_AT_PAYME, Kind.MESSAGE_UNDELIVERED]


def test_a_try_that_was_cancelled_is_in_no_sum(books: Bookcase) -> None:
    books.agreed()
    books.shop.register("payses_02")
    books.shop.create("tried", order="payses_02")
    books.shop.cancel("tried", reason=3)
    books.taken_back()
    books.backend.payments[0]["refunded_amount"] = AMOUNT

    report = books.reconcile(books.statement(row(state="returned"), row("tried", state="returned")))

    assert [book["returned"] for book in report["totals"].values()] == [{"payments": 1, "amount": AMOUNT}] * 3


# ── the edges of the period ──────────────────────────────────────────────────────────────────────────────────


def at(books: Bookcase, moment: int) -> Bookcase:
    books.shop.clock.now = moment
    return books


def test_a_payment_one_second_before_midnight_that_the_backend_has_next_day_agrees(books: Bookcase) -> None:
    at(books, PERIOD.end - 1000).agreed()
    books.backend.payments[0]["created_time"] = PERIOD.end + 1000

    assert books.kinds() == []
    assert books.kinds(period=Period(PERIOD.end, Millis(PERIOD.end + 24 * HOUR))) == []


def test_a_payment_just_after_midnight_that_the_backends_clock_has_the_day_before_agrees(books: Bookcase) -> None:
    at(books, PERIOD.end + 500).agreed()
    books.backend.payments[0]["created_time"] = PERIOD.end - 500

    assert books.kinds() == []
    assert books.kinds(period=Period(PERIOD.end, Millis(PERIOD.end + 24 * HOUR))) == []


def test_a_payment_begun_at_ten_and_performed_after_midnight_belongs_to_the_next_day(books: Bookcase) -> None:
    at(books, PERIOD.end - 2 * HOUR).shop.register()
    books.shop.create()
    at(books, PERIOD.end + HOUR).shop.perform()
    books.shop.deliver()
    tomorrow = Period(PERIOD.end, Millis(PERIOD.end + 24 * HOUR))

    assert books.kinds() == []
    assert books.kinds(period=tomorrow) == [Kind.TOLD_BUT_NO_PAYMENT]


def test_a_payment_at_the_edge_that_the_statement_has_not_is_left_open(books: Bookcase) -> None:
    at(books, PERIOD.end - 1000).agreed()

    report = books.reconcile(books.statement())

    assert report["disagreements"] == []
    assert list(report["open"].values()) == [1]
    assert "export a day more" in books.summary


def test_a_statement_that_goes_further_leaves_nothing_open(books: Bookcase) -> None:
    at(books, PERIOD.end - 1000).agreed()
    further = row("later", time=PERIOD.end + HOUR)

    assert books.kinds(books.statement(further)) == [Kind.NOT_IN_THE_CABINET]
    assert books.kinds(books.statement(further, row(time=PERIOD.end + 1000))) == []


def test_what_the_statement_has_under_another_day_than_we_is_found_by_its_id(books: Bookcase) -> None:
    at(books, PERIOD.end + 10 * MINUTE + HOUR).agreed()

    assert books.kinds(books.statement(row(time=PERIOD.end - 1000))) == []


def test_what_the_backend_took_three_days_late_is_found_by_its_session(books: Bookcase) -> None:
    at(books, NOON - 72 * HOUR).agreed()
    books.backend.payments[0]["created_time"] = NOON

    assert books.kinds() == []


def test_what_the_statement_has_three_days_late_is_found_by_its_id(books: Bookcase) -> None:
    at(books, NOON - 72 * HOUR).agreed()

    assert books.kinds(books.statement(row(time=NOON)), backend=False) == []


def test_a_refund_today_of_a_payment_of_last_week_belongs_to_today(books: Bookcase) -> None:
    at(books, PERIOD.start - 7 * 24 * HOUR).agreed()
    books.backend.payments[0]["created_time"] = books.shop.clock.now
    at(books, NOON).taken_back()

    report = books.reconcile()

    assert [it["kind"] for it in report["disagreements"]] == [Kind.TAKEN_BACK_NOT_REFUNDED]
    assert report["disagreements"][0]["session_id"] == SESSION


def test_what_is_outside_the_period_is_not_looked_at(books: Bookcase) -> None:
    at(books, PERIOD.start - 24 * HOUR).shop.paid().deliver()

    assert books.kinds(books.statement()) == []


def test_many_pages_of_each_book_are_compared(books: Bookcase) -> None:
    ids = books.many(1_201)
    del books.backend.payments[700]

    report = books.reconcile(books.statement(*(row(id_) for id_ in ids if id_ != ids[3])))

    assert {it["kind"]: it["payme_id"] for it in report["disagreements"]} == {
        Kind.NOT_IN_THE_CABINET: ids[3],
        Kind.TOLD_BUT_NO_PAYMENT: ids[700],
    }
    assert report["totals"]["our ledger"]["kept"] == {"payments": 1_201, "amount": 1_201 * AMOUNT}
    assert len(books.backend.asked) == 6 + 1  # pages of two hundred, and the one session that was missed
