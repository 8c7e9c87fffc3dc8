"""`payme-sidecar doctor` as it is typed: real processes, real sockets, exit codes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from demo_shop.postgres import LocalPostgres
from sidecar.doctor import chart
from sidecar.doctor.finding import Grade, exit_code, good, skipped, warning, wrong
from tests.processes import (
    DSN_PASSWORD,
    CommerceBackend,
    PostgresStorage,
    Sidecar,
    SqliteStorage,
    Storage,
    secrets_in,
)

FOUND: Final = [
    good("settings", "fine"),
    warning("clock", "our clock is 20 s behind", "see whether NTP runs"),
    wrong("public /payme", "it redirects", "give Payme the other address"),
    skipped("storefront", "nobody said where it is"),
]


def test_a_line_has_a_mark_the_finding_and_what_to_do() -> None:
    assert list(chart.lines(FOUND)) == [
        "✓ settings       fine",
        "! clock          our clock is 20 s behind → see whether NTP runs",
        "✗ public /payme  it redirects → give Payme the other address",
        "– storefront     nobody said where it is",
        "1 wrong, 1 to know, 1 good, 1 not looked at",
    ]


def test_a_program_reads_the_same() -> None:
    said = json.loads(chart.document(FOUND))

    assert {name: said[name] for name in Grade} == {"good": 1, "warning": 1, "wrong": 1, "skipped": 1}
    assert said["findings"][2] == {
        "check": "public /payme",
        "grade": "wrong",
        "found": "it redirects",
        "advice": "give Payme the other address",
    }


@pytest.mark.parametrize(
    ("findings", "code", "strict"), [(FOUND[:1], 0, 0), (FOUND[:2], 0, 1), (FOUND, 1, 1), (FOUND[3:], 0, 0)]
)
def test_the_exit_code_tells_systemd_whether_something_is_wrong(findings: Any, code: int, strict: int) -> None:
    assert exit_code(findings, strict=False) == code
    assert exit_code(findings, strict=True) == strict


@pytest.fixture
def backend() -> Iterator[CommerceBackend]:
    it = CommerceBackend()
    it.start()
    yield it
    it.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "sqlite":
        return SqliteStorage(tmp_path)
    server: LocalPostgres = request.getfixturevalue("postgres_server")
    return PostgresStorage(server, f"doctor_{tmp_path.name.strip('0123456789')}".lower()[:40])


def test_a_running_sidecar_is_examined_and_nothing_secret_said(
    tmp_path: Path, storage: Storage, backend: CommerceBackend
) -> None:
    nobody = {"PORT": "1", "CALLBACK_URL": "http://127.0.0.1:1/payme-callback"}
    sidecar = Sidecar(tmp_path, tmp_path, storage.url, backend.url, PAYME_TEST_MODE="true", **nobody)
    assert sidecar.run("migrate").code == 0
    sidecar.start()
    try:
        ended = sidecar.run("doctor", "--json", "--url", f"http://127.0.0.1:{sidecar.port}/payme")
    finally:
        sidecar.close()
    said = {it["check"]: it for it in reversed(json.loads(ended.out)["findings"])}

    assert ended.code == 1
    assert ended.err == ""
    assert secrets_in(ended.out) == []
    assert DSN_PASSWORD not in ended.out
    assert [said[it]["grade"] for it in ("settings", "database", "schema", "outbox")] == ["good"] * 4
    assert said["public /payme"]["grade"] == "good"  # found where `--url` says, with /payme or without
    assert said["sidecar"]["grade"] == "wrong"  # its port came by the command line, and the settings name another
    assert said["callback"]["found"] == "CALLBACK_URL: nobody listens there"
    assert said["backend"]["found"] == "the backend answers 200 to a message about no payment"
    assert {it.session for it in backend.asked} == {"payme-sidecar-doctor"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--url", "pay.shop.uz"), "--url must be an address like https://pay.shop.uz"),
        (("--url", "https://user:pw@pay.shop.uz"), "--url must be an address"),
        (("--ca", "/no/such/file"), "--ca /no/such/file holds no certificates that can be read"),
    ],
)
def test_what_cannot_begin_ends_with_2_and_one_line(tmp_path: Path, options: tuple[str, ...], words: str) -> None:
    ended = Sidecar(tmp_path, tmp_path, f"sqlite:///{tmp_path}/x.db", "http://127.0.0.1:1").run("doctor", *options)

    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err
    assert len(ended.err.strip().splitlines()) == 1


def test_without_any_setting_all_that_is_missing_is_named_and_no_file_is_made(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    nothing = dict.fromkeys(
        ("PAYME_MERCHANT_ID", "PAYME_KEY", "SIDECAR_API_KEY", "COMMERCE_BACKEND_KEY", "CALLBACK_URL", "DATABASE_URL")
    )
    ended = Sidecar(home, tmp_path, "", "http://127.0.0.1:1", **nothing).run("doctor")

    assert ended.code == 1
    assert all(f"✗ settings       {name} is missing" in ended.out for name in nothing if name != "DATABASE_URL")
    assert "there is no file payme-sidecar.db" in ended.out
    assert list(home.iterdir()) == []
