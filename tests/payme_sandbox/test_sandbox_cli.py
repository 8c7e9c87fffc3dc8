"""`payme-sidecar sandbox` as a stranger meets it: what he types, what he reads, and what his CI sees."""

import base64
import itertools
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import httpx
import pytest
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send
from typer.testing import CliRunner, Result

from demo_shop.postgres import LocalPostgres, free_port
from payme_sandbox.certification.orders import Effect, Order
from payme_sandbox.certification.scenarios import CATALOGUE
from sidecar.cli import app
from tests.payme_sandbox.billing import AMOUNT, KEY, Billing
from tests.payme_sandbox.opened import at_address
from tests.payme_sandbox.served import Address, of_billing, served
from tests.processes import ROOT, CommerceBackend, PostgresStorage, Sidecar, SqliteStorage, Storage
from tests.shop import KEY as SIDECAR_KEY

CERTIFICATE: Final = Path(__file__).with_name("own.pem")  # of a server on 127.0.0.1, and its key: a stranger's to all
COST: Final = ("--amount", str(AMOUNT))
QUICK: Final = ("--skip", "late", "--skip", "born", "--skip", "lost")  # they wait, each for a second or two
# "cancelled is final" is broken in this race as well, whenever the cancel happens to come first.
ONE_FAULT: Final = (*QUICK, "--skip", "race-of-perform-and-cancel")


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("PAYME_KEY", "PAYME_LOGIN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def right() -> Iterator[Address]:
    billing = Billing()
    with served(of_billing(billing), billing) as address:
        yield address


@pytest.fixture
def wrong() -> Iterator[Address]:
    billing = Billing("cancelled is final")
    with served(of_billing(billing), billing) as address:
        yield address


def sandbox(*arguments: str, key: str | None = KEY, **environment: str) -> Result:
    given = ("--key", key) if key else ()
    return CliRunner().invoke(app, ["sandbox", *arguments, *given], env=environment)


# ── what is typed ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("word", [(), ("run",)])
def test_a_right_endpoint_ends_with_0(right: Address, word: tuple[str, ...]) -> None:
    result = sandbox(*word, right.endpoint, "--shop", right.shop, *QUICK)

    assert result.exit_code == 0, result.output
    assert re.search(r"\d+ passed, 0 failed, 0 not run, in \d+\.\d s", result.stdout)


def test_a_wrong_one_ends_with_1_and_says_what_was_sent_what_came_and_what_was_expected(wrong: Address) -> None:
    result = sandbox(wrong.endpoint, "--shop", wrong.shop, *ONE_FAULT)

    assert result.exit_code == 1
    assert "✗  perform-after-cancel" in result.stdout
    assert "PerformTransaction  expected error -31008, found state 2" in result.stdout
    assert '→ {"jsonrpc": "2.0", "id": ' in result.stdout
    assert '← HTTP 200  {"id": ' in result.stdout
    assert "https://developer.help.paycom.uz/metody-merchant-api/performtransaction" in result.stdout
    assert "1 failed" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--account", "order_id=1", *COST, "--only", "nonsense"], "there is no scenario 'nonsense'"),
        (["--account", "order_id=1", *COST, "--skip", "nonsense"], "there is no scenario 'nonsense'"),
        (
            ["--account", "order_id=1", *COST, "--only", "several-at-once"],
            "none of these scenarios is for a one-time account",
        ),
        (["--account", "order_id", *COST], "'order_id' is not FIELD=VALUE"),
        (["--account", "order_id=9..1", *COST], "the range 9..1 must rise"),
        ([], "say where payable orders come from"),
        (["--account", "order_id=1"], "say what each of these orders costs"),
        (["--account", "order_id=1", "--shop", "http://shop.test"], "say where payable orders come from"),
    ],
)
def test_a_mistake_ends_with_2_and_one_line(arguments: list[str], said: str) -> None:
    result = sandbox("http://127.0.0.1:9/payme", *arguments)

    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_nothing_listening_ends_with_2_and_one_line() -> None:
    result = sandbox(f"http://127.0.0.1:{free_port()}/payme", "--account", "order_id=1", *COST)

    assert result.exit_code == 2
    assert result.stderr.startswith("payme-sandbox: Nothing answers at http://127.0.0.1:")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--key", "another-key"], "does not take the key"),
        (["--amount", "1"], "error -31001"),
        (["--account", "id=1"], "error -31050"),
    ],
)
def test_what_would_fail_every_scenario_is_said_once_and_ends_with_2(
    right: Address, given: list[str], said: str
) -> None:
    httpx.post(f"{right.shop}/orders", json={"amount": AMOUNT}, trust_env=False)
    usual = {"--account": "order_id=1", "--amount": str(AMOUNT), "--key": KEY} | dict([given])

    result = sandbox(right.endpoint, *itertools.chain.from_iterable(usual.items()), key=None)

    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_orders_of_an_earlier_run_are_refused_before_a_second_one(right: Address) -> None:
    httpx.post(f"{right.shop}/orders", json={"amount": AMOUNT}, trust_env=False)
    again = [sandbox(right.endpoint, "--account", "order_id=1", *COST, "--only", "scenario-2") for _ in range(2)]

    assert [result.exit_code for result in again] == [0, 2]
    assert "has no earlier run used it" in again[1].stderr


def test_a_test_shop_that_makes_no_orders_ends_with_2(right: Address) -> None:
    result = sandbox(right.endpoint, "--shop", f"{right.shop}/nowhere")

    assert result.exit_code == 2
    assert "and no order" in result.stderr


@pytest.mark.parametrize("url", ["127.0.0.1:8000/payme", "nonsense", "http://", "ftp://127.0.0.1/payme"])
def test_an_address_that_is_none_ends_with_2(url: str) -> None:
    result = sandbox(url, "--account", "order_id=1", *COST)

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1), result.output


@pytest.mark.parametrize("key", [None, ""])
def test_without_a_key_it_does_not_begin(right: Address, key: str | None) -> None:
    given = () if key is None else ("--key", key)

    result = sandbox(right.endpoint, "--shop", right.shop, "--only", "not-post", *given, key=None)

    assert result.exit_code == 2
    assert "key" in result.stderr


def test_the_key_may_come_from_the_environment(right: Address) -> None:
    result = sandbox(
        right.endpoint, "--shop", right.shop, "--only", "not-the", key=None, PAYME_KEY=KEY, PAYME_LOGIN="Paycom"
    )

    assert result.exit_code == 0, result.output


def test_a_pool_of_orders_is_used_up_and_what_is_missing_is_said(right: Address) -> None:
    for _ in range(3):
        httpx.post(f"{right.shop}/orders", json={"amount": AMOUNT}, trust_env=False)

    result = sandbox(right.endpoint, "--account", "order_id=1..3", *COST, *QUICK)

    assert result.exit_code == 0, result.output
    assert "it needs a payable order, and all that were given are used" in result.stdout


@pytest.mark.parametrize(
    "key", ["a-key-of-a-cashbox\n", " a-key-of-a-cashbox", "a-key\x00-of-a-cashbox", "\udcff-a-key"]
)
@pytest.mark.parametrize("word", [("http://127.0.0.1:9/payme", "--account", "order_id=1", *COST), ("serve",)])
def test_a_key_that_was_copied_with_more_than_itself_is_refused_and_not_shown(word: tuple[str, ...], key: str) -> None:
    result = sandbox(*word, key=key)

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1), result.output
    assert "a-key" not in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("http://Paycom:s3cret@127.0.0.1:9/payme", "--account", "order_id=1", *COST),
        ("http://127.0.0.1:9/payme", "--shop", "https://admin:s3cret@shop.test/door"),
        ("serve", "--endpoint", "http://Paycom:s3cret@127.0.0.1:9/payme"),
    ],
)
def test_an_address_with_a_password_in_it_is_refused_and_not_shown(arguments: tuple[str, ...]) -> None:
    result = sandbox(*arguments)

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1), result.output
    assert "s3cret" not in result.output


@pytest.mark.parametrize("port", ["-1", "65536", "99999999999"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    result = sandbox("serve", "--port", port)

    assert result.exit_code == 2
    assert "port" in result.stderr


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
@pytest.mark.parametrize("more", [(), ("--markdown",)])
def test_a_terminal_without_our_signs_gets_the_list_too(encoding: str, more: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "payme_sandbox", "list", *more],
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=30,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.count(b"\n") == len(CATALOGUE)


# ── https ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def secure() -> Iterator[str]:
    async def reply(scope: Scope, receive: Receive, send: Send) -> None:
        await JSONResponse({"id": 1, "error": {"code": -32504, "message": {}}})(scope, receive, send)

    with at_address(reply, CERTIFICATE) as address:
        yield address.replace("http://", "https://")


def test_an_https_endpoint_with_a_certificate_of_its_own_is_trusted_if_it_is_given(secure: str) -> None:
    stranger = sandbox(secure, "--account", "order_id=1", *COST)
    known = sandbox(secure, "--account", "order_id=1", *COST, "--ca", str(CERTIFICATE))

    assert "CERTIFICATE_VERIFY_FAILED" in stranger.stderr
    assert "does not take the key" in known.stderr


@pytest.mark.parametrize("file", ["nowhere.pem", ".", "empty.pem", "text.pem"])
@pytest.mark.parametrize("word", [("https://127.0.0.1:9/payme", "--account", "order_id=1", *COST), ("serve",)])
def test_certificates_that_cannot_be_read_are_said(word: tuple[str, ...], file: str, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").touch()
    (tmp_path / "text.pem").write_text("no certificate")

    result = sandbox(*word, "--ca", file)

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1), result.output
    assert f"--ca {file} holds no certificates that can be read" in result.stderr


def test_the_list_names_every_scenario() -> None:
    result = sandbox("list", key=None)

    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == [it.name for it in CATALOGUE]


def test_without_a_word_it_says_what_it_can_do() -> None:
    assert "certify any Merchant API endpoint" in sandbox(key=None).output


# ── reports ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_json_on_stdout_is_json_and_nothing_else(wrong: Address) -> None:
    result = sandbox(wrong.endpoint, "--shop", wrong.shop, "--only", "perform-after", "--json", "-")

    report = json.loads(result.stdout)
    assert (result.exit_code, report["passed"], report["failed"], report["not_run"]) == (1, 1, 1, 0)
    assert "1 failed" in result.stderr


def test_the_json_report_says_each_step(wrong: Address, tmp_path: Path) -> None:
    sandbox(wrong.endpoint, "--shop", wrong.shop, "--only", "perform-after-cancel", "--json", "report.json")

    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    [scenario] = report.pop("scenarios")
    assert report["endpoint"] == wrong.endpoint
    assert report["account_type"] == "one-time"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", report["started"])
    assert (scenario["name"], scenario["verdict"]) == ("perform-after-cancel", "failed")
    assert scenario["reason"].startswith("PerformTransaction: expected error -31008, found state 2")
    step = next(step for step in scenario["steps"] if step["verdict"] == "failed")
    assert step["call"] == "PerformTransaction"
    assert step["sent"]["method"] == "PerformTransaction"
    assert (step["status"], step["came"]["result"]["state"]) == (200, 2)
    assert (step["expected"], step["found"]) == ("error -31008", "state 2")


def test_the_junit_report_counts(wrong: Address, tmp_path: Path) -> None:
    httpx.post(f"{wrong.shop}/orders", json={"amount": AMOUNT}, trust_env=False)
    choice = ("--only", "perform-after", "--only", "amounts", "--only", "not-post")
    sandbox(wrong.endpoint, "--account", "order_id=1", *COST, *choice, "--junit", "junit.xml")

    root = ET.parse(tmp_path / "junit.xml").getroot()
    cases = {case.attrib["classname"]: [child.tag for child in case] for case in root.iter("testcase")}
    assert (root.attrib["tests"], root.attrib["failures"]) == ("4", "1")
    assert sum(int(suite.attrib["tests"]) for suite in root) == 4
    assert sum(int(suite.attrib["skipped"]) for suite in root) == 2
    assert cases["perform-after-cancel"] == ["failure"]
    assert cases["perform-after-refund"] == cases["amounts-to-the-tiyin"] == ["skipped"]
    assert cases["not-post"] == []


@pytest.mark.parametrize("file", ["no/such/folder.json", "."])
@pytest.mark.parametrize("report", ["--json", "--junit"])
def test_a_report_that_cannot_be_written_is_said_in_one_line_before_the_run(
    right: Address, report: str, file: str, tmp_path: Path
) -> None:
    result = sandbox(right.endpoint, "--shop", right.shop, "--only", "not-post", "--json", "a.json", report, file)

    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert f"{file} cannot be written" in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full is Linux's")
def test_a_report_is_written_even_if_the_other_cannot_be(right: Address, tmp_path: Path) -> None:
    (tmp_path / "full.json").symlink_to("/dev/full")
    only = ("--only", "not-post")
    result = sandbox(right.endpoint, "--shop", right.shop, *only, "--json", "full.json", "--junit", "r.xml")

    assert result.exit_code == 2
    assert result.stderr == "payme-sandbox: full.json cannot be written: No space left on device\n"
    assert "1 passed" in result.stdout
    ET.parse(tmp_path / "r.xml")


def test_a_report_of_an_earlier_run_stays_until_there_is_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text("an earlier one")
    result = sandbox(f"http://127.0.0.1:{free_port()}/payme", "--account", "order_id=1", *COST, "--json", "r.json")

    assert result.exit_code == 2
    assert (tmp_path / "r.json").read_text() == "an earlier one"


def test_ctrl_c_leaves_reports_of_what_was_found(right: Address, tmp_path: Path) -> None:
    only = ("--only", "not-post", "--only", "late", "--only", "born")
    reports = ("--json", "r.json", "--junit", "r.xml")
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "payme_sandbox", right.endpoint, "--shop", right.shop, *only, *reports],
        env={**os.environ, "PAYME_KEY": KEY, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    for line in process.stdout:
        if line.strip().startswith("✓"):
            break
    process.send_signal(signal.SIGINT)
    shown, complaints = process.communicate(timeout=30)

    report = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert (process.returncode, complaints) == (130, "")
    assert "broken off" in shown
    assert report["passed"] >= 1
    assert report["not_run"] >= 1
    assert {it["reason"] for it in report["scenarios"]} == {"", "the run was broken off before it"}
    ET.parse(tmp_path / "r.xml")


def test_no_connection_is_used_twice_for_some_servers_close_them_without_saying_so() -> None:
    callers: list[int] = []

    async def reply(scope: Scope, receive: Receive, send: Send) -> None:
        callers.append(scope["client"][1])
        await JSONResponse({"id": 1, "error": {"code": -31003, "message": {}}})(scope, receive, send)

    with at_address(reply) as address:
        sandbox(address, "--account", "order_id=1", *COST, "--only", "wrong-authorization")

    assert len(callers) > 10
    assert len(set(callers)) == len(callers)


# ── a test shop that is none ───────────────────────────────────────────────────────────────────────────────────────


class Clumsy(Billing):
    """A test shop whose hook breaks and does not mend."""

    async def hook(self, *, works: bool) -> bool:
        if works:
            raise OSError
        return await super().hook(works=works)


def test_a_hook_that_could_not_be_mended_is_said_at_the_end() -> None:
    billing = Clumsy()
    with served(of_billing(billing), billing) as address:
        result = sandbox(address.endpoint, "--shop", address.shop, "--only", "shop-fails", "--only", "not-post")

    assert "payme-sandbox: the test shop's hook may still be broken: the test shop at " in result.stderr
    assert re.search("not run: .*shop-fails-for-a-moment", result.stdout)


def test_a_shop_that_cannot_count_is_no_silent_success() -> None:
    class Mute(Billing):
        async def effect(self, order: Order) -> Effect | None:  # noqa: ARG002 - whatever the order
            return Effect(-1, 0)

    billing = Mute()
    with served(of_billing(billing), billing) as address:
        result = sandbox(address.endpoint, "--shop", address.shop, "--only", "scenario-2", "--only", "not-post")

    assert '{"paid": -1' in result.stdout.replace('"paid":-1', '"paid": -1')
    assert "the test shop's GET " in result.stdout
    assert "1 not run" in result.stdout


# ── a hostile endpoint ─────────────────────────────────────────────────────────────────────────────────────────────


async def hostile(request: httpx.Request) -> httpx.Response:
    """Send the credential back, as debug pages do, and words for the terminal instead of for people."""
    shown = request.headers.get("authorization", "")
    plain = base64.b64decode(shown.partition(" ")[2] + "==").decode("utf-8", "replace") if "Basic" in shown else shown
    said = {"state": f"\x1b[2J\x9b31m {plain}", "header": shown, "plain": plain}
    return httpx.Response(200, text=json.dumps({"id": 1, "result": said}, ensure_ascii=False))


async def hostile_page(request: httpx.Request) -> httpx.Response:
    reply = await hostile(request)
    return httpx.Response(500, text=f"<pre>\x1b]0;owned\x07 {reply.json()['result']}</pre>")


@pytest.mark.parametrize("handler", [hostile, hostile_page])
def test_a_hostile_endpoint_neither_gets_the_key_printed_nor_the_terminal_moved(handler: Any, tmp_path: Path) -> None:
    with served(handler) as address:
        result = sandbox(
            address.endpoint,
            "--account",
            "order_id=1..60",
            *COST,
            "--steps",
            *QUICK,
            "--json",
            "r.json",
            "--junit",
            "r.xml",
        )

    reports = [(tmp_path / name).read_text("utf-8") for name in ("r.json", "r.xml")]
    ET.fromstring(reports[1])
    json.loads(reports[0])
    assert result.exit_code == 1
    for text in (result.output, *reports):
        assert not set("\x1b\x07\x9b") & set(text)
        for secret in (KEY, json.dumps(KEY)[1:-1], *map(encoded, ("Paycom", "mallory", ""))):
            assert secret not in text, secret


def encoded(login: str) -> str:
    return base64.b64encode(f"{login}:{KEY}".encode()).decode()


# ── real processes ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_python_m_does_the_same(right: Address) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "payme_sandbox", right.endpoint, "--shop", right.shop, "--only", "not-post"],
        env={**os.environ, "PAYME_KEY": KEY, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "1 passed, 0 failed" in done.stdout


def test_a_terminal_shows_a_live_table_and_is_left_as_it_was(wrong: Address) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "payme_sandbox", wrong.endpoint, "--shop", wrong.shop, *ONE_FAULT],
        env={**os.environ, "PAYME_KEY": KEY, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLUMNS": "100"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b"".join(iter(lambda: _some(ours), b"")).decode()
    os.close(ours)

    assert process.wait(30) == 1
    assert "\x1b[?25l" in shown  # the cursor is hidden …
    assert shown.rfind("\x1b[?25h") > shown.rfind("\x1b[?25l")  # … and shown again
    assert "steps" in shown  # the moving line, of the scenario that is being played
    assert re.search(r"✗.*perform-after-cancel", shown)
    assert "1 failed" in shown


def _some(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # the other end is closed
        return b""


class RealShop:
    """A shop at the sidecar's side: it registers sessions, and counts what the commerce backend was told."""

    def __init__(self, sidecar: Sidecar, backend: CommerceBackend) -> None:
        self._sidecar, self._backend, self._made = sidecar, backend, 0

    async def order(self, amount: int | None) -> Order:
        self._made += 1
        name = f"order-{self._made}"
        answer = self._sidecar.register(name, amount or AMOUNT)
        assert answer.status_code == 201
        return Order({"order_id": name}, amount or AMOUNT)

    async def effect(self, order: Order) -> Effect | None:
        told = {it.key for it in self._backend.taken if it.session == order.account["order_id"]}
        return Effect(*(sum(key.startswith(topic) for key in told) for topic in ("authorize:", "cancel:")))

    async def hook(self, *, works: bool) -> bool:
        for number in range(1, self._made + 1):
            self._backend.statuses[f"order-{number}"] = 200 if works else 503
        return True


@pytest.fixture(params=["sqlite", "postgresql"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "sqlite":
        return SqliteStorage(tmp_path)
    server: LocalPostgres = request.getfixturevalue("postgres_server")
    return PostgresStorage(server, f"sandbox_{time.time_ns()}")


def test_the_sidecar_passes_over_real_http_too(storage: Storage, tmp_path: Path) -> None:
    backend = CommerceBackend()
    backend.start()
    sidecar = Sidecar(tmp_path, tmp_path, storage.url, backend.url)
    assert storage.url.startswith("sqlite") or sidecar.run("migrate").code == 0
    sidecar.start()
    shop, endpoint = RealShop(sidecar, backend), f"http://127.0.0.1:{sidecar.port}/payme"

    async def nobody(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(404)

    with served(nobody, shop) as door:
        done = subprocess.run(
            [sys.executable, "-m", "payme_sandbox", *(endpoint, "--shop", door.shop, "--strict")],
            env={**os.environ, "PAYME_KEY": SIDECAR_KEY, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
    sidecar.close()
    backend.stop()

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 failed, 0 not run" in done.stdout
    assert SIDECAR_KEY not in done.stdout
