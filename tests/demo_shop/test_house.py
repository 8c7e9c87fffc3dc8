"""What the house is made of for one run: keys, settings, servers."""

import os
import string

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from demo_shop.addresses import Addresses, NoFreePorts, can_bind, free_block, listen
from demo_shop.house import AWKWARD, Keys, callback_settings, payme_key, serving, sidecar_settings
from tests.demo_shop.town import run

HERE = Addresses("127.0.0.1", 8700)


def test_a_payme_key_is_as_long_and_as_awkward_as_a_real_one() -> None:
    key = payme_key()

    assert len(key) == 36
    assert set(AWKWARD) <= set(key) <= {*AWKWARD, *string.hexdigits}
    assert payme_key() != key


def test_keys_are_new_in_every_run_and_secret_in_every_repr() -> None:
    one, other = Keys(), Keys()

    assert not {one.payme, one.sidecar, one.backend} & {other.payme, other.sidecar, other.backend}
    assert not any(key in repr(one) for key in (one.payme, one.sidecar, one.backend))


def test_the_sidecar_knows_its_neighbours() -> None:
    keys = Keys()
    settings = sidecar_settings(HERE, keys)

    assert settings["PAYME_CHECKOUT_URL"] == HERE.payme
    assert settings["COMMERCE_BACKEND_URL"] == HERE.shop
    assert settings["CALLBACK_URL"] == f"{HERE.callback}/payme-callback"
    assert settings["DATABASE_URL"].startswith("sqlite:///")
    assert (settings["PAYME_KEY"], settings["COMMERCE_BACKEND_KEY"]) == (keys.payme, keys.backend)


def test_the_callback_gets_no_key_at_all() -> None:
    keys = Keys()

    settings = callback_settings(HERE)

    assert not {keys.payme, keys.sidecar, keys.backend} & set(settings.values())
    assert (settings["STOREFRONT_URL"], settings["SIDECAR_URL"]) == (HERE.shop, HERE.sidecar)


def test_a_port_taken_since_it_was_found_free_is_a_word_and_no_traceback() -> None:
    async def story(port: int) -> None:
        async with serving(nothing, "127.0.0.1", port):
            pass

    with listen("127.0.0.1", 0) as listener, pytest.raises(NoFreePorts, match="is taken now"):
        run(story(listener.getsockname()[1]))


async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """An app nobody gets to."""


def test_a_stand_in_answers_while_its_block_lasts_and_gives_its_port_back() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("hello")(scope, receive, send)

    async def story() -> None:
        port = free_block("127.0.0.1", 12_000 + os.getpid() * 16 % 20_000).port
        async with serving(app, "127.0.0.1", port), httpx.AsyncClient(trust_env=False) as http:
            assert (await http.get(f"http://127.0.0.1:{port}/")).text == "hello"

        assert can_bind("127.0.0.1", port)

    run(story())
