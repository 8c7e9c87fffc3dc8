"""Ports: a free block of four, or an honest word."""

import pytest

from demo_shop.addresses import Addresses, NoFreePorts, can_bind, free_block, listen

HOST = "127.0.0.1"


def test_the_block_one_asks_for_is_taken_when_it_is_free() -> None:
    assert free_block(HOST, 8700, is_free=lambda _, __: True) == Addresses(HOST, 8700)


@pytest.mark.parametrize("taken", [8700, 8701, 8702, 8703])
def test_one_taken_port_of_the_four_moves_the_whole_block(taken: int) -> None:
    assert free_block(HOST, 8700, is_free=lambda _, port: port != taken) == Addresses(HOST, 8710)


def test_a_block_of_five_needs_a_fifth_free_port() -> None:
    assert free_block(HOST, 8700, 5, lambda _, port: port != 8704) == Addresses(HOST, 8710, 5)
    with pytest.raises(NoFreePorts, match="no five free ports"):
        free_block(HOST, 8700, 5, lambda _, __: False)


def test_a_taken_port_beside_the_block_is_nobodys_business() -> None:
    assert free_block(HOST, 8700, is_free=lambda _, port: port not in {8699, 8704}).port == 8700


def test_without_any_free_block_there_is_a_word_and_no_endless_search() -> None:
    with pytest.raises(NoFreePorts, match="from 8700 upwards on 127"):
        free_block(HOST, 8700, is_free=lambda _, __: False)


@pytest.mark.parametrize("port", [-5, 0])
def test_the_search_begins_at_the_first_real_port(port: int) -> None:
    assert free_block(HOST, port, is_free=lambda _, __: True).port == 1


def test_the_last_block_ends_at_the_last_port() -> None:
    assert free_block(HOST, 65_532, is_free=lambda _, __: True).port == 65_532
    with pytest.raises(NoFreePorts):
        free_block(HOST, 65_533, is_free=lambda _, __: True)


def test_a_port_somebody_listens_on_cannot_be_bound() -> None:
    listener = listen(HOST, 0)
    port = listener.getsockname()[1]

    assert not can_bind(HOST, port)
    listener.close()
    assert can_bind(HOST, port)


def test_a_host_nobody_knows_has_no_free_ports() -> None:
    assert not can_bind("nowhere.invalid", 8700)


@pytest.mark.parametrize(
    ("host", "shop"),
    [
        ("127.0.0.1", "http://127.0.0.1:8702"),
        ("localhost", "http://localhost:8702"),
        ("0.0.0.0", "http://127.0.0.1:8702"),
        ("::", "http://127.0.0.1:8702"),
        ("::1", "http://[::1]:8702"),
    ],
)
def test_the_addresses_can_be_opened_wherever_the_demo_listens(host: str, shop: str) -> None:
    assert Addresses(host, 8700).shop == shop


def test_the_four_stand_in_a_row() -> None:
    row = Addresses(HOST, 9000)

    assert [url[-4:] for url in (row.sidecar, row.callback, row.shop, row.payme)] == ["9000", "9001", "9002", "9003"]
