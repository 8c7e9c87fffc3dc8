"""The browser without a window does what one with a window would."""

import httpx
import pytest

from demo_shop.browser import HOPS_MAX, Browser, Lost, Page
from tests.demo_shop.town import run

SOURCE = """
<html><head><noscript><meta http-equiv="refresh" content="5;url=/without"></noscript></head><body>
<p id="total">140 <b>000</b></p> ignored
<a id="next" href="two?x=1&amp;y=2">on</a>
<form id="buy" method="post" action="/cart"><input type="hidden" name="product" value="tea"><button>go</button></form>
<form id="here" method="post"><button name="action" value="pay">pay</button></form>
</body></html>
"""


def page(source: str = SOURCE) -> Page:
    return Page("http://shop.test/one", 200, source)


def browser(answers: dict[str, httpx.Response], seen: list[httpx.Request]) -> Browser:
    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answers[request.url.path]

    return Browser(httpx.AsyncClient(transport=httpx.MockTransport(answer)))


def test_a_page_gives_the_text_and_the_attributes_of_what_has_an_id() -> None:
    assert page().text("total") == "140000"
    assert page().attribute("next", "href") == "two?x=1&y=2"
    assert page().attribute("next", "rel") == ""


def test_a_form_has_its_hidden_values_and_posts_to_its_page_when_it_names_no_other() -> None:
    forms = page().forms

    assert (forms["buy"].action, forms["buy"].values) == ("http://shop.test/cart", {"product": "tea"})
    assert forms["here"].action == "http://shop.test/one"


def test_a_refresh_counts_only_where_a_script_would_not_do_it() -> None:
    assert page().refresh is None
    assert page('<meta http-equiv="refresh" content="1;url=/next">').refresh == "http://shop.test/next"


@pytest.mark.parametrize("missing", ["text", "attribute"])
def test_what_is_not_on_the_page_loses_the_visitor(missing: str) -> None:
    with pytest.raises(Lost, match="there is no #pay on http://shop"):
        getattr(page(), missing)("pay", *([] if missing == "text" else ["href"]))


def test_a_page_that_is_no_json_loses_the_visitor() -> None:
    assert page('{"status": "captured"}').json() == {"status": "captured"}
    with pytest.raises(Lost, match="no JSON"):
        page().json()


def test_a_link_is_followed_from_where_it_stands() -> None:
    async def story() -> None:
        seen: list[httpx.Request] = []
        visitor = browser({"/one": httpx.Response(200, text=SOURCE), "/two": httpx.Response(200)}, seen)
        await visitor.open("http://shop.test/one")

        await visitor.follow("next")

        assert str(seen[-1].url) == "http://shop.test/two?x=1&y=2"

    run(story())


def test_a_button_is_sent_with_its_form_and_redirects_are_remembered() -> None:
    async def story() -> None:
        seen: list[httpx.Request] = []
        moved = httpx.Response(303, headers={"Location": "/two"})
        visitor = browser({"/one": httpx.Response(200, text=SOURCE), "/cart": moved, "/two": httpx.Response(200)}, seen)
        await visitor.open("http://shop.test/one")

        await visitor.submit("buy", quantity="2")

        assert seen[1].content == b"product=tea&quantity=2"
        assert [request.method for request in seen] == ["GET", "POST", "GET"]
        assert visitor.hops == ["http://shop.test/cart", "http://shop.test/two"]
        with pytest.raises(Lost):
            await visitor.submit("sell")

    run(story())


def test_redirects_in_a_ring_end() -> None:
    async def story() -> None:
        seen: list[httpx.Request] = []
        visitor = browser({"/one": httpx.Response(303, headers={"Location": "/one"})}, seen)

        await visitor.open("http://shop.test/one")

        assert len(seen) == HOPS_MAX

    run(story())
