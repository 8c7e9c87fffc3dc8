"""GetStatement, times and amounts: what an accountant compares."""

from typing import Any, Final

from payme_sandbox.calls import Call, Request, written
from payme_sandbox.certification.expectations import KINDS, Expected, allowed, answer, is_int, refused, state
from payme_sandbox.certification.orders import Order
from payme_sandbox.certification.scenario import Chapter, Page, Spends
from payme_sandbox.certification.stage import (
    Stage,
    Transaction,
    cancel,
    check,
    check_perform,
    create,
    perform,
    statement,
)
from payme_sandbox.protocol import HALF_A_DAY, WRONG_AMOUNT, Method, Reason, State

BOOKS: Final = Chapter("The books")

TIMES: Final = ("create_time", "perform_time", "cancel_time")
HOUR: Final = 3_600_000
MANY: Final = 26  # more than a page of most lists
SKEW: Final = 300  # seconds that two clocks may differ
# One soʻm and 15 tiyin, and others that no binary fraction holds; then more than 32 bits hold.
AMOUNTS: Final = (115, 435, 12_835, 5_000_029, 3_000_000_001)


def rows(wanted: str = "transactions") -> Expected:
    return answer(wanted, lambda result: isinstance(result.get("transactions"), list))


def row_of(call: Call, it: Transaction) -> dict[str, Any]:
    """Find the transaction by Payme's id, also where that stands in the wrong field."""
    listed = (call.result or {}).get("transactions")
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    return next((row for row in rows if it.id in (row.get("id"), row.get("transaction"))), {})


@BOOKS.scenario(Page.STATEMENT)
async def statement_rows(stage: Stage) -> None:
    """GetStatement lists a transaction with all its fields, amounts in whole tiyin, times in milliseconds."""
    it = await stage.created(await stage.order(), age=HOUR)
    row = row_of(await stage.must(around(it), listing(it)), it)
    told = (await stage.must(check(it), state(State.CREATED))).result or {}
    order = {"amount": it.order.amount, "account": dict(it.order.account)}
    known = {name: told.get(name) for name in ("create_time", "transaction", "state")}
    for name, wanted in ({"id": it.id, "time": it.time} | order | known).items():
        loosely = name in {"account", "transaction"} and name in row and in_text(row[name]) == in_text(wanted)
        odd = "" if exactly(row.get(name), wanted) else "a number in place of text, or text in place of a number"
        stage.find(f"{name} {written(wanted)}", shown(row, name), right=not odd or loosely, odd=odd)
    for name in ("perform_time", "cancel_time", "reason"):  # 0 or null: see `oddities`
        stage.find(f"{name} not set", shown(row, name), right=name in row and not row[name])


def shown(row: dict[str, Any], name: str) -> str:
    return written(row[name]) if name in row else "missing"


def exactly(value: Any, wanted: Any) -> bool:
    """Compare as JSON: 5.0 is not 5."""
    return type(value) is type(wanted) and bool(value == wanted)


def in_text(value: Any) -> Any:
    """Write whole numbers as text: a shop may keep its ids in a column of integers."""
    if isinstance(value, dict):
        return {name: in_text(part) for name, part in value.items()}
    return str(value) if is_int(value) else value


def around(*transactions: Transaction) -> Request:
    """Ask for a period so wide that a wrong choice of the time does not matter; that is another scenario's business."""
    times = [it.time for it in transactions]
    return statement(min(times) - HALF_A_DAY, max(times) + HALF_A_DAY)


def listing(*transactions: Transaction) -> Expected:
    def missing(call: Call) -> str:
        lacking = [it for it in transactions if not row_of(call, it)]
        return f"{len(lacking)} of {len(transactions)} missing" if lacking else ""

    what = "the transaction" if len(transactions) == 1 else f"all {len(transactions)} transactions"
    return rows(f"{what} in the list").and_("", missing)


@BOOKS.scenario(Page.STATEMENT, spends=Spends.ORDER)
async def statement_follows(stage: Stage) -> None:
    """GetStatement tells of a performed and of a refunded payment what CheckTransaction tells."""
    it = await stage.created(await stage.order(), age=HOUR)
    await stage.must(perform(it), state(State.PERFORMED))
    await says_the_same(stage, it, State.PERFORMED)
    await stage.refunded(it)
    await says_the_same(stage, it, State.REVERSED)


async def says_the_same(stage: Stage, it: Transaction, wanted: State) -> None:
    told = (await stage.must(check(it), state(wanted))).result or {}
    row = row_of(await stage.must(around(it), listing(it)), it)
    amount = {"amount": it.order.amount}
    for name, value in (amount | {name: told.get(name) for name in (*TIMES, "transaction", "state", "reason")}).items():
        right = name in row and (in_text(row[name]) == in_text(value) or not (row[name] or value))  # 0 or null
        stage.find(f"{name} {written(value)}", shown(row, name), right=right and type(row[name]) is not float)


@BOOKS.scenario(Page.STATEMENT)
async def statement_by_paymes_time(stage: Stage) -> None:
    """GetStatement selects by Payme's time, both ends included.

    The merchant's own create_time is later: a period chosen by it misses or adds payments at the edges.
    """
    it = await stage.created(await stage.order(), age=HOUR)
    for first, last in ((it.time, it.time + 1), (it.time - 1, it.time)):
        await stage.should(statement(first, last), listing(it).given("by Payme's `time`"))
    for first, last in ((it.time + 1, it.time + HOUR // 2), (it.time - HOUR // 2, it.time - 1)):
        await stage.should(statement(first, last), not_listing(it))


def not_listing(it: Transaction) -> Expected:
    return rows("the transaction not in the list, by its `time`").and_(
        "", lambda call: "it is in the list" if row_of(call, it) else ""
    )


@BOOKS.scenario(Page.STATEMENT)
async def statement_of_all_states(stage: Stage) -> None:
    """GetStatement lists cancelled transactions too, oldest first, and none that was never created."""
    order = await stage.order()
    older = await stage.created(order, age=2 * HOUR)
    await stage.must(cancel(older, Reason.DEBIT_FAILED), state(State.CANCELLED))
    newer = stage.transaction(await stage.another(order), age=HOUR)
    unborn = stage.transaction(Order(order.account, order.amount + 1), age=HOUR + 1)
    if not stage.plan.accumulative:
        await stage.ask(create(unborn))
    await stage.must(create(newer), state(State.CREATED))
    call = await stage.must(around(older, newer), listing(older, newer))
    stage.find(
        f"state -1 and {newer.state}",
        str([row_of(call, it).get("state") for it in (older, newer)]),
        right=(row_of(call, older).get("state"), row_of(call, newer).get("state")) == (-1, 1),
    )
    places = [(call.result or {})["transactions"].index(row_of(call, it)) for it in (older, newer)]
    stage.find("oldest first", "newest first" if places[0] > places[1] else "oldest first", right=places[0] < places[1])
    if not stage.plan.accumulative:
        found = bool(row_of(call, unborn))
        stage.find("nothing of the refused one", "it is in the list" if found else "nothing", right=not found)


@BOOKS.scenario(Page.STATEMENT)
async def statement_is_whole(stage: Stage) -> None:
    """GetStatement lists every transaction of the period: it has no pages, and no limit."""
    order = await stage.order()
    tries = []
    for place in range(MANY):
        tries.append(it := await stage.next_buyer(order, age=3 * HOUR + place))
        await stage.must(cancel(it, Reason.DEBIT_FAILED), state(State.CANCELLED))
    await stage.should(around(*tries), listing(*tries))


@BOOKS.scenario(Page.CREATE)
async def first_create_counts(stage: Stage) -> None:
    """A CreateTransaction repeated with another amount changes nothing of what was created.

    What to answer is not documented; the amount of the first call is what the buyer pays.
    """
    it = await stage.created(await stage.order())
    await stage.ask(Request(Method.CREATE, {**create(it).params, "amount": it.order.amount * 2}))
    await stage.should(check(it), state(State.CREATED))
    row = row_of(await stage.must(around(it), listing(it)), it)
    amount = it.order.amount
    stage.find(f"amount {amount}", shown(row, "amount"), right=row.get("amount") == amount)


@BOOKS.scenario(Page.STATEMENT)
async def statement_of_nothing(stage: Stage) -> None:
    """GetStatement of a period in which nothing happened is an empty list."""
    long_ago = 1_000_000_000_000
    empty = answer("an empty list", lambda result: result.get("transactions") == [])
    await stage.should(statement(long_ago, long_ago + 1), empty)


@BOOKS.scenario(Page.TYPES, spends=Spends.ORDER)
async def times_are_now(stage: Stage) -> None:
    """create_time, perform_time and cancel_time are the moment it happened, in milliseconds UTC.

    A server in Tashkent that stores local time as UTC is five hours off, and its statement is empty.
    """
    it = stage.transaction(await stage.order())
    await stage.must(create(it), dated(stage, State.CREATED, "create_time"))
    await stage.must(perform(it), dated(stage, State.PERFORMED, "perform_time"))
    stage.judge(await stage.refunded(it), dated(stage, State.REVERSED, "cancel_time"))


def dated(stage: Stage, wanted: State, name: str) -> Expected:
    def wrong(call: Call) -> str:
        value = (call.result or {}).get(name)
        if value is None or not KINDS["time"][1](value):
            return f"{name} is {written(value)}"
        seconds = (value - stage.time.now()) // 1000
        return f"{name} is {abs(seconds)} s {'ahead' if seconds > 0 else 'in the past'}" if abs(seconds) > SKEW else ""

    return state(wanted).and_(f"{name} now", wrong)


@BOOKS.scenario(Page.TYPES, accumulative=False)
async def amounts_to_the_tiyin(stage: Stage) -> None:
    """Amounts are taken and reported to the tiyin, small, odd and large ones.

    What is stored as a fraction of so'm refuses most odd amounts, or loses a tiyin.
    """
    for amount in AMOUNTS:
        order = await stage.order(amount)
        await stage.should(check_perform(order), allowed())
        await stage.should(check_perform(Order(order.account, amount + 1)), refused(WRONG_AMOUNT))
        it = await stage.created(order)
        row = row_of(await stage.should(around(it), listing(it)), it)
        stage.find(f"amount {amount} in the list", shown(row, "amount"), right=exactly(row.get("amount"), amount))
