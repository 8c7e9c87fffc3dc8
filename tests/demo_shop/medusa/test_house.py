"""What is told to whom in the house with a real Medusa."""

from demo_shop.addresses import MEDUSA_BLOCK, Addresses
from demo_shop.medusa.house import names_of, rows, told_to_callback
from demo_shop.medusa.settings import settings

HERE = Addresses("127.0.0.1", 8700, MEDUSA_BLOCK)


def test_medusa_stands_fifth_in_the_row() -> None:
    assert HERE.medusa == "http://127.0.0.1:8704"


def test_the_callback_sends_shoppers_to_where_a_medusa_storefront_has_its_review_step() -> None:
    told = told_to_callback(HERE)

    assert told["STOREFRONT_URL"] == HERE.shop
    assert "STOREFRONT_REVIEW_PATH" not in told  # its default is that place


def test_medusa_answers_the_storefront_under_both_names_of_this_machine() -> None:
    told = settings("postgresql://…", HERE.sidecar, "key", names_of(HERE.shop))

    assert told["STORE_CORS"] == "http://127.0.0.1:8702,http://localhost:8702"
    assert names_of("http://localhost:8702") == ("http://localhost:8702",)


def test_medusa_gets_new_secrets_every_time_and_reports_to_nobody() -> None:
    one, other = settings("postgresql://…"), settings("postgresql://…")

    assert one["MEDUSA_DISABLE_TELEMETRY"] == "true"
    assert one["JWT_SECRET"] != other["JWT_SECRET"]
    assert one["COOKIE_SECRET"] != other["COOKIE_SECRET"]


def test_the_addresses_say_which_to_open_first_and_what_is_not_real() -> None:
    shown = rows(HERE)

    assert shown[0].url == HERE.shop
    assert "open this first" in shown[0].note
    assert [row.url for row in shown if "stand-in" in row.note] == [HERE.payme]
