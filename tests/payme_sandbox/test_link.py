"""A checkout link or form: what is read, what is not, and the way back."""

import base64

import pytest

from payme_sandbox.link import Link, NotALink, return_address
from tests.payme_sandbox.counter import encoded

EXAMPLE = "bT01ODdmNzJjNzJjYWMwZDE2MmM3MjJhZTI7YWMub3JkZXJfaWQ9MTk3O2E9NTAw"  # Payme's own
BACK = "https://shop.uz/payme-callback?order_id=197&locale=uz&country_code=uz"


def test_a_link_says_whom_what_how_much_in_which_language_and_where_to_return() -> None:
    link = Link.read(encoded(f"m=587f;ac.order_id=197;a=14000000;l=uz;c={BACK}"))

    assert link == Link("587f", {"order_id": "197"}, 14_000_000, "uz", BACK)


@pytest.mark.parametrize(
    "text",
    [
        EXAMPLE,
        f"/{EXAMPLE}",
        f" {EXAMPLE}\n",
        f"https://checkout.paycom.uz/{EXAMPLE}",
        f"https://test.paycom.uz/{EXAMPLE}/",
        f"http://127.0.0.1:8790/{EXAMPLE}",
    ],
)
def test_paymes_own_example_is_read_with_its_defaults_from_any_host_and_from_none(text: str) -> None:
    assert Link.read(text) == Link("587f72c72cac0d162c722ae2", {"order_id": "197"}, 500, "", "")


def test_a_link_may_leave_out_its_padding() -> None:
    text = encoded("m=587f;ac.order_id=1;a=500")

    assert text.endswith("=")
    assert Link.read(text.rstrip("=")) == Link.read(text)


def test_an_account_may_have_several_fields() -> None:
    assert Link.read(encoded("m=5;ac.branch=3;ac.phone=99890;a=1")).account == {"branch": "3", "phone": "99890"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the merchant id is missing"),
        ("pay!", "not base64"),
        ("не base64", "not base64"),
        (base64.b64encode(b"m=\xff;ac.order_id=1;a=5").decode(), "not base64 of UTF-8"),
        (encoded("nothing of the kind"), "the merchant id is missing"),
        (encoded("ac.order_id=1;a=500"), "the merchant id is missing"),
        (encoded("m=587f;a=500"), "no account field"),
        (encoded("m=587f;ac.order_id=1"), "whole number of tiyin"),
        (encoded("m=587f;ac.order_id=1;a=0"), "whole number of tiyin"),
        (encoded("m=587f;ac.order_id=1;a=5.00"), "whole number of tiyin"),
        (encoded("m=587f;ac.order_id=1;a=-500"), "whole number of tiyin"),
        (encoded("m=587f;ac.order_id=1;a=" + "9" * 5000), "whole number of tiyin"),
        (encoded("m=587f;ac.order_id=1;a=٥٠٠"), "whole number of tiyin"),
    ],
)
def test_what_is_not_a_checkout_link_is_not_read_and_the_reason_said(text: str, why: str) -> None:
    with pytest.raises(NotALink, match=why):
        Link.read(text)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//shop.uz", "shop.uz", ""])
def test_a_return_address_that_is_no_web_address_is_left_out(url: str) -> None:
    assert Link.read(encoded(f"m=587f;ac.order_id=1;a=500;c={url}")).return_url == ""


def test_a_form_says_the_same_in_its_own_words() -> None:
    form = {"merchant": "587f", "amount": "500", "account[order_id]": "197", "lang": "uz", "callback": BACK}

    assert Link.posted(form) == Link("587f", {"order_id": "197"}, 500, "uz", BACK)


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"amount": "500", "account[order_id]": "1"}, r"the merchant id is missing \(merchant\)"),
        ({"merchant": "5", "amount": "500", "account": "1"}, "no account field"),
        ({"merchant": "5", "amount": "5,00", "account[order_id]": "1"}, r"\(amount=5,00\)"),
    ],
)
def test_a_form_that_lacks_something_is_told_so_in_the_forms_words(form: dict[str, str], why: str) -> None:
    with pytest.raises(NotALink, match=why):
        Link.posted(form)


def test_a_link_is_written_as_it_was_read() -> None:
    link = Link("587f", {"order_id": "197"}, 500, "uz", BACK)

    assert Link.read(link.text) == link
    assert Link.read(Link("587f", {"order_id": "1"}, 1, "ru", "").text).return_url == ""


@pytest.mark.parametrize(("transaction", "shown"), [("6b0152f1", "6b0152f1"), (None, "null")])
def test_the_way_back_carries_what_its_placeholders_ask_for(transaction: str | None, shown: str) -> None:
    link = Link("5", {"order_id": "197"}, 1, "ru", "https://shop.uz/:account.order_id?t=:transaction")

    assert return_address(link, transaction) == f"https://shop.uz/197?t={shown}"
