"""Which key was shown: what is compared, and how much of it."""

import hmac
from typing import Final

import pytest
from pydantic import SecretStr

from sidecar.keys import Key, Keys, credentials

ACCEPTED: Final = {Key.CURRENT: b"Paycom:new", Key.PREVIOUS: b"Paycom:old", Key.TEST: b"Paycom:sandbox"}


class Comparison:
    """Compares as `hmac` does, and writes down what it was given."""

    def __init__(self) -> None:
        self.pairs: list[tuple[bytes, bytes]] = []

    def __call__(self, shown: bytes, accepted: bytes) -> bool:
        self.pairs.append((shown, accepted))
        return hmac.compare_digest(shown, accepted)


@pytest.mark.parametrize("shown", [*ACCEPTED.values(), b"Paycom:wrong", b"x", b"", b"\xff" * 10_000])
def test_the_whole_credential_is_compared_with_every_key_also_after_one_has_matched(shown: bytes) -> None:
    comparison = Comparison()
    Keys(ACCEPTED, comparison).shown(shown)

    assert comparison.pairs == [(shown, accepted) for accepted in ACCEPTED.values()]


def test_nothing_but_the_constant_time_comparison_of_the_standard_library_decides() -> None:
    nobody = Keys(ACCEPTED, lambda _shown, _accepted: False)
    anybody = Keys(ACCEPTED, lambda _shown, _accepted: True)

    assert nobody.shown(b"Paycom:new") is None
    assert anybody.shown(b"") is Key.CURRENT
    assert Keys.__init__.__defaults__ == (hmac.compare_digest,)


@pytest.mark.parametrize("key", ACCEPTED)
def test_it_is_said_which_key_it_was(key: Key) -> None:
    assert Keys(ACCEPTED).shown(ACCEPTED[key]) is key


def test_one_key_in_both_places_counts_as_the_current_one() -> None:
    assert Keys({Key.CURRENT: b"same", Key.PREVIOUS: b"same"}).shown(b"same") is Key.CURRENT


def test_a_key_that_is_not_set_opens_nothing() -> None:
    made = credentials("Paycom:", {Key.CURRENT: SecretStr("new"), Key.PREVIOUS: None})

    assert made == {Key.CURRENT: b"Paycom:new"}
    for wrong in (b"", b"Paycom:", b"Paycom:None", b"new"):
        assert Keys(made).shown(wrong) is None
