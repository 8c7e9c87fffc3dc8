"""The walk of `--once`: through a town of fakes, and stopped where the town is wrong."""

import asyncio
import base64
import io
from collections.abc import Callable

import pytest
from rich.console import Console

from demo_shop.browser import Lost
from demo_shop.catalogue import TEA_SET
from demo_shop.journal import Entry, Step
from demo_shop.screen import Screen
from demo_shop.walk import Surprise, Walk, expect
from tests.demo_shop.town import Town, run


async def walked(town: Town) -> str:
    """Walk, and return what was shown."""
    paper = io.StringIO()
    await Walk(town.house, town.browser, Screen(Console(file=paper, highlight=False))).purchase()
    return paper.getvalue()


def test_a_purchase_goes_from_the_shops_door_to_one_paid_order() -> None:
    async def story() -> None:
        town = Town()

        shown = await walked(town)

        (order,) = town.backend.orders.values()
        assert order.amount == TEA_SET.price
        assert {line[0] for line in shown.splitlines()} == {"✓"}
        assert shown.index("Payme is content") < shown.index("payment=success") < shown.index("refused")

    run(story())


def test_the_walk_waits_at_the_review_step_until_the_backend_has_heard_of_the_payment() -> None:
    async def story() -> None:
        town = Town()
        town.delivers = False
        deliveries: list[asyncio.Task[object]] = []

        def deliver_late(entry: Entry) -> None:
            if entry.step is Step.SHOPPER_RETURNED:
                deliveries.append(asyncio.create_task(town.deliver("authorize", entry.order_id)))

        town.journal.listeners.append(deliver_late)
        await walked(town)

        assert len(deliveries) == len(town.backend.orders) == 1

    run(story())


def links_to_a_cheaper_order(town: Town) -> None:
    right = town.sidecar.link
    town.sidecar.link = lambda session: right({**session, "amount": 100})  # type: ignore[method-assign]


def links_to_a_strangers_cashbox(town: Town) -> None:
    right = town.sidecar.link

    def wrong(session: dict[str, object]) -> str:
        base, _, text = right(session).rpartition("/")
        link = base64.b64decode(text).replace(b"m=5", b"m=6")
        return f"{base}/{base64.b64encode(link).decode()}"

    town.sidecar.link = wrong  # type: ignore[method-assign]


def links_to_nowhere(town: Town) -> None:
    town.sidecar.link = lambda session: "https://shop.uz/pay"  # type: ignore[method-assign]  # noqa: ARG005


def links_in_another_language(town: Town) -> None:
    right = town.sidecar.link
    town.sidecar.link = lambda session: right({**session, "locale": "ru"})  # type: ignore[method-assign]


def stamps_repeats_anew(town: Town) -> None:
    town.sidecar.forgetful = True


def sells_twice(town: Town) -> None:
    town.sidecar.sells_twice = True


def sends_the_shopper_away_as_pending(town: Town) -> None:
    town.signpost = lambda path: path.replace("success", "pending")


def forgets_the_language(town: Town) -> None:
    town.signpost = lambda path: path.replace("/uz/uz/", "/ru/uz/")


def tells_the_backend_under_another_key(town: Town) -> None:
    town.key = "{topic}:once"


def hides_the_payment(town: Town) -> None:
    town.sidecar.public_status = {"status": "pending", "transaction_state": 1}


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        (links_to_a_cheaper_order, "the amount in the link"),
        (links_to_a_strangers_cashbox, "the cashbox in the link"),
        (links_to_nowhere, "the link of the Pay button"),
        (links_in_another_language, "the language in the link"),
        (stamps_repeats_anew, "defects Payme would complain of"),
        (sells_twice, "the answer to a second payment"),
        (sends_the_shopper_away_as_pending, "where the callback sends the shopper"),
        (forgets_the_language, "where the callback sends the shopper"),
        (tells_the_backend_under_another_key, "the keys of the sidecar's calls"),
        (hides_the_payment, "the public payment status"),
    ],
)
def test_a_fault_in_the_town_stops_the_walk_and_is_named(fault: Callable[[Town], None], what: str) -> None:
    async def story() -> None:
        town = Town()
        fault(town)

        with pytest.raises(Surprise) as surprise:
            await walked(town)

        assert surprise.value.what == what
        assert surprise.value.expected != surprise.value.found

    run(story())


def test_a_town_without_a_sidecar_loses_the_walker_at_the_payment_step() -> None:
    async def story() -> None:
        town = Town()
        town.sidecar.down = True

        with pytest.raises(Lost, match="no #review"):
            await walked(town)

    run(story())


def test_what_is_as_expected_is_no_surprise() -> None:
    expect("the answer", 42, 42)

    with pytest.raises(Surprise, match="the answer: expected 42, found 41"):
        expect("the answer", 41, 42)
