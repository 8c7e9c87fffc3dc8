"""Every "no" can be read by the buyer, and no code says two things."""

import pytest

from sidecar.payme_merchant.errors import ABOUT_THE_ACCOUNT, PaymeError

DOCUMENTED = {-32300, -32700, -32600, -32601, -32602, -32504, -32400, -32001, -31001, -31003, -31008}


@pytest.mark.parametrize("error", list(PaymeError))
def test_every_error_speaks_three_languages(error: PaymeError) -> None:
    assert set(error.message) == {"ru", "uz", "en"}
    assert len({text for text in error.message.values() if text.strip()}) == 3


def test_no_code_stands_for_two_errors() -> None:
    assert len(PaymeError.__members__) == len({int(error) for error in PaymeError})


def test_every_code_is_one_that_payme_documents() -> None:
    assert {int(error) for error in PaymeError if error not in ABOUT_THE_ACCOUNT} == DOCUMENTED


def test_errors_about_the_account_lie_in_paymes_range_for_them() -> None:
    assert all(-31099 <= error <= -31050 for error in ABOUT_THE_ACCOUNT)
