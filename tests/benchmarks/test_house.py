"""Opening a shop: its ports, its settings, and what happens when it does not open."""

import socket
import sys
from pathlib import Path

import httpx
import pytest

from benchmarks.catalogue import BY_NAME, CATALOGUE, Shop
from benchmarks.children import ChildFailed
from benchmarks.house import END_OF_PORTS, House, filled, free_ports, open_house, settings_of

PYTHON = Path(sys.executable)
WEB = ("http.server", "{port}", "--bind", "127.0.0.1")


def shop(prepare: tuple[str, ...] = ("this",), server: tuple[str, ...] = WEB) -> Shop:
    return Shop("tea", "tea", "payme_sidecar", (), prepare, {"web": server})


def test_a_shop_opens_when_it_answers_and_closes_behind_its_visitors() -> None:
    with open_house(shop(), PYTHON) as house:
        assert httpx.get(house.endpoint, trust_env=False).is_client_error

    with pytest.raises(httpx.ConnectError):
        httpx.get(house.endpoint, trust_env=False)


def test_a_shop_that_cannot_be_prepared_says_why() -> None:
    with (
        pytest.raises(ChildFailed, match="No module named no_such_module"),
        open_house(shop(("no_such_module",)), PYTHON),
    ):
        pass


def test_a_shop_whose_server_dies_says_its_last_words() -> None:
    with (
        pytest.raises(ChildFailed, match=r"web ended by itself(.|\n)*No module named no_such_module"),
        open_house(shop(server=("no_such_module",)), PYTHON),
    ):
        pass


def test_ports_are_free_and_below_those_that_the_kernel_lends() -> None:
    first = free_ports(1)[0]
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", first))
        taken.listen()

        found = free_ports(2)

    assert first not in found
    assert all(port < END_OF_PORTS for port in found)


def test_our_backend_has_an_address_of_its_own_and_a_peers_side_door_is_beside_payme() -> None:
    assert [shop.name for shop in CATALOGUE if shop.side_door] == ["payme-sidecar"]


@pytest.mark.parametrize("shop", CATALOGUE, ids=lambda shop: shop.name)
def test_nothing_is_left_to_fill_in(shop: Shop) -> None:
    house = House(shop, 21001, 21002, "k3y")
    words = [filled(house, word) for server in shop.servers.values() for word in server]

    said = " ".join([*words, *settings_of(house, "sqlite:///shop.db").values()])

    assert "{" not in said
    assert "21001" in said


def test_the_database_may_be_another_one() -> None:
    house = House(BY_NAME["payme-pkg"], 21001, 21001, "k3y")

    assert settings_of(house, "postgresql://x@127.0.0.1/tea")["DATABASE_URL"] == "postgresql://x@127.0.0.1/tea"
