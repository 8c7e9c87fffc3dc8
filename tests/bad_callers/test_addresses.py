"""Payme's door is found by its address only, and nobody is sent elsewhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.line import GOOD, MEGABYTE, Line, post, served, somebody_is_served
from tests.shop import AMOUNT, NOON, SESSION, Shop, code

HOUR: Final = 3_600_000
SPARE: Final = 30_000  # kilobytes; one body held in memory would be more


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    with served(tmp_path_factory.mktemp("served")) as (port, process):
        yield port, process.pid


@pytest.mark.parametrize(
    "path", ["/payme", "/payme/", "/payme?x", "/payme?a=b&c=d", "/payme/?", "/%70ayme", "/payme?a#b"]
)
def test_the_door_is_the_door_whatever_follows_it(process: tuple[int, int], path: str) -> None:
    with Line(process[0]) as line:
        line.say(post(path=path.encode()))

        assert line.hear().code == -31003


@pytest.mark.parametrize(
    "path",
    ["//payme", "/PAYME", "/Payme", "/payme//", "/payme/x", "/payme;x", "/./payme", "/x/../payme", "/payme%2f", "/"],
)
def test_any_other_address_is_not_found_and_never_a_redirect(process: tuple[int, int], path: str) -> None:
    with Line(process[0]) as line:
        line.say(post(path=path.encode()).replace(b"Host: sidecar", b"Host: evil.test"))
        answer = line.hear()

        assert answer.status in {200, 404} if path == "/payme%2f" else answer.status == 404
        assert "location" not in answer.headers
        assert b"evil.test" not in answer.body


def test_the_address_of_another_host_is_not_this_one(process: tuple[int, int]) -> None:
    """As a proxy would be asked; we are none."""
    with Line(process[0]) as line:
        line.say(b"GET http://169.254.169.254/latest HTTP/1.1\r\nHost: 169.254.169.254\r\n\r\n", post())

        assert line.hear().status == 404
        assert line.hear().code == -31003


# ── bodies ──────────────────────────────────────────────────────────────────────────────────────────────────────


def memory(process: int) -> int:
    """Give the most that it has ever had, in kilobytes."""
    status = Path(f"/proc/{process}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+)", status)
    assert found
    return int(found[1])


def test_bodies_that_are_too_long_fill_no_memory(process: tuple[int, int]) -> None:
    port, pid = process
    somebody_is_served(port)
    before = memory(pid)
    for _ in range(5):
        with Line(port) as line:
            line.say(post(b"", length=100 * MEGABYTE))
            line.floods(b" " * MEGABYTE, 100 * MEGABYTE)
            assert line.hear().code == -32600

    assert memory(pid) - before < SPARE
    somebody_is_served(port)


@pytest.mark.parametrize("limit", [4_096, 100_000])
def test_the_longest_body_is_a_setting(tmp_path: Path, limit: int) -> None:
    with served(tmp_path, BODY_MAX=str(limit)) as (port, _process), Line(port) as line:
        line.say(post(GOOD.ljust(limit)), post(GOOD.ljust(limit + 1)))

        assert [line.hear().code, line.hear().code] == [-31003, -32600]


def test_the_longest_head_is_a_setting(tmp_path: Path) -> None:
    with served(tmp_path, HEADERS_MAX="40000") as (port, _process), Line(port) as line:
        line.say(post(GOOD, b"X: " + b"a" * 38_000 + b"\r\n"), post(GOOD, b"X: " + b"a" * 41_000 + b"\r\n"))

        assert line.hear().code == -31003
        assert line.hear().status == 400


# ── times ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_transaction_of_tomorrow_counts_its_twelve_hours_from_tomorrow(shop: Shop) -> None:
    shop.register()

    assert shop.create(time=NOON + 24 * HOUR)["result"]["state"] == 1
    shop.clock.now = NOON + 24 * HOUR + 12 * HOUR - 1
    assert shop.perform()["result"]["state"] == 2


def test_a_create_repeated_with_another_amount_is_told_to_whoever_reads_the_log(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    shop.register()
    shop.create()

    assert code(shop.create(order=SESSION, amount=AMOUNT + 1)) == 0
    said = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert [line["payme_id"] for line in said if line["event"] == "payme.create_differs"] == ["tx1"]
