"""One payment's whole story, in the order in which it happened."""

from sidecar.clock import SECOND, Millis
from sidecar.console import story
from sidecar.console.pages import drawn
from sidecar.console.payments import Status
from sidecar.console.story import Event, Kind, Receipt, Story, in_order
from tests.console.business import REFUSED, REFUSED_ORDER, Business
from tests.console.visitor import Visitor
from tests.shop import NOON, Shop


def told(shop: Shop, session_id: str = "payses_01") -> Story:
    shop.run(shop.house.scribe.finish())
    found = shop.run(shop.house.database.read(story.tell, session_id))
    assert found
    return found


def kinds(of: Story) -> list[Kind]:
    return [event.kind for event in of.events]


def test_a_payment_from_its_link_to_the_backends_yes(shop: Shop) -> None:
    shop.register()
    shop.clock.advance(SECOND)
    shop.check_perform()
    shop.clock.advance(SECOND)
    shop.create()
    shop.clock.advance(SECOND)
    shop.perform()
    shop.clock.advance(SECOND)
    shop.deliver()

    assert kinds(told(shop)) == [
        Kind.REGISTERED,
        Kind.CALL,
        Kind.CALL,
        Kind.CREATED,
        Kind.CALL,
        Kind.PERFORMED,
        Kind.PROMISED,
        Kind.ATTEMPT,
    ]


def test_every_try_is_in_it_and_every_attempt(shop: Shop) -> None:
    shop.register()
    shop.create("tx1")
    shop.cancel("tx1", reason=3)
    shop.create("tx2")
    shop.perform("tx2")
    shop.backend.status = 503
    shop.deliver()
    shop.clock.advance(5 * SECOND)
    shop.backend.status = 200
    shop.deliver()
    shop.cancel("tx2")
    shop.deliver()

    it = told(shop)
    assert [each.payme_id for each in it.transactions] == ["tx1", "tx2"]
    assert [each.topic for each in it.messages] == ["authorize", "cancel"]
    assert kinds(it).count(Kind.ATTEMPT) == 3
    assert kinds(it).count(Kind.CANCELLED) == 2
    assert it.status is Status.REFUNDED


def test_calls_about_the_order_that_began_nothing_are_in_it(shop: Shop) -> None:
    shop.register()
    shop.check_perform(amount=1)
    shop.check_perform(order="another")

    calls = [event.about for event in told(shop).events if event.kind is Kind.CALL]
    assert [call.code for call in calls] == [-31001]


def test_a_closed_session_says_when(shop: Shop) -> None:
    shop.register()
    shop.clock.advance(SECOND)
    shop.close_session()

    it = told(shop)
    assert kinds(it) == [Kind.REGISTERED, Kind.CLOSED]
    assert it.status is Status.CLOSED


def test_another_payment_is_not_in_it(shop: Shop) -> None:
    shop.paid("payses_01", "tx1")
    shop.paid("payses_02", "tx2")
    shop.deliver()

    it = told(shop)
    assert {call.transaction_id for call in (e.about for e in it.events if e.kind is Kind.CALL)} == {"tx1"}
    assert [each.transaction_id for each in it.messages] == ["tx1"]
    assert it.siblings == []


def test_the_other_sessions_of_its_order_are_named(shop: Shop) -> None:
    shop.register("first", order_id="order")
    shop.close_session("first")
    shop.register("second", order_id="order")

    assert [it.session_id for it in told(shop, "second").siblings] == ["first"]


def test_of_one_moment_the_cause_comes_before_its_effect() -> None:
    events = [Event(Millis(NOON), kind, None) for kind in reversed(Kind)]

    assert [event.kind for event in in_order([*events, Event(Millis(NOON - 1), Kind.CLOSED, None)])] == [
        Kind.CLOSED,
        *Kind,
    ]


def test_a_receipt_links_to_a_web_page_or_to_nothing() -> None:
    def link(url: object) -> str:
        return Receipt("PERFORM", {"qr_code_url": url}, Millis(NOON)).link

    assert link("https://ofd.example/check?t=1") == "https://ofd.example/check?t=1"
    others: tuple[object, ...] = ("javascript:alert(1)", "data:text/html,x", 7, None, "", [])
    assert {link(other) for other in others} == {""}
    assert Receipt("PERFORM", {}, Millis(NOON)).link == ""


def test_the_page_shows_a_delivery_and_a_receipt_that_says_little(shop: Shop, operator: Visitor) -> None:
    tea = {"title": "Tea", "price": 100, "count": 1, "code": "1" * 17, "package_code": "1", "vat_percent": 12}
    detail = {"receipt_type": 0, "shipping": {"title": "Courier", "price": 40}, "items": [tea]}
    shop.register(amount=140, detail=detail)
    shop.create(amount=140)
    shop.perform()
    shop.payme("SetFiscalData", id="tx1", type="PERFORM", fiscal_data={})

    page = operator.get("/payments/payses_01?l=en")

    assert page.status_code == 200
    assert "Courier" in page.text
    assert "<svg" not in page.text


def test_a_receipt_s_link_is_drawn_as_far_as_a_code_holds_it() -> None:
    assert drawn("https://ofd.example/check?t=1&r=2").startswith("<svg")
    assert "ofd" not in drawn("https://ofd.example/check?t=1&r=2")
    assert drawn("https://ofd.example/" + "9" * 5_000) == ""


def test_the_page_shows_all_of_it(shop: Shop, operator: Visitor) -> None:
    Business(shop, NOON, days=1).happens()
    page = operator.get(f"/payments/{REFUSED}?l=en").text

    for part in (
        REFUSED_ORDER,
        "450\N{NO-BREAK SPACE}000.00",
        "The money was taken",
        "-31001",
        "The amount does not match the order",
        "unknown, asked again",
        "Tell again now",
        "Чайный набор",
        "10599001001000000",
        'href="https://ofd.example/check?t=EP000000000025&amp;r=121"',
        "A fiscal receipt came: Receipt of the sale",
        "PerformTransaction",
        "&#34;code&#34;: -31001",
        "<svg",  # of the receipt's link
    ):
        assert part in page, part


def test_a_payment_that_there_is_not_is_nowhere(operator: Visitor) -> None:
    for name in ("nothing", "%00", "a%2Fb", "é"):
        assert operator.get(f"/payments/{name}").status_code == 404
