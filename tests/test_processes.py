"""Reliability, with real processes: kill them, stop them, take their database or their backend away."""

import contextlib
import itertools
import json
import random
import re
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from demo_shop.postgres import LocalPostgres
from tests.processes import (
    PATIENCE,
    CommerceBackend,
    PostgresStorage,
    Sidecar,
    SqliteStorage,
    Storage,
    eventually,
    secrets_in,
)
from tests.shop import API_KEY, BACKEND_KEY, KEY, PAYME, basic, code

KILLS: Final = 4
BUYERS: Final = 6
NOBODY: Final = "http://127.0.0.1:9"  # a backend that is not there
SQLITE: Final = pytest.mark.parametrize("storage", ["sqlite"], indirect=True)
POSTGRES: Final = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)

numbers = itertools.count(1)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Everything that any process of these tests printed."""
    folder = tmp_path_factory.mktemp("printed")
    yield folder
    assert [
        (file.name, secrets_in(file.read_text())) for file in folder.iterdir() if secrets_in(file.read_text())
    ] == []


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def storage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Storage:
    if request.param == "sqlite":
        return SqliteStorage(tmp_path_factory.mktemp("storage"))
    return PostgresStorage(request.getfixturevalue("postgres_server"), f"processes_{next(numbers)}")


@pytest.fixture(scope="module")
def backend_server(storage: Storage) -> Iterator[CommerceBackend]:
    it = CommerceBackend()
    it.start()
    yield it
    it.stop()


@pytest.fixture(scope="module")
def installation(
    storage: Storage, backend_server: CommerceBackend, printed: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sidecar]:
    it = Sidecar(tmp_path_factory.mktemp("sidecar"), printed, storage.url, backend_server.url)
    assert it.run("migrate").code == 0
    yield it
    it.close()


@pytest.fixture
def sidecar(installation: Sidecar) -> Sidecar:
    """A sidecar that runs; the tests share it, and whoever stops it leaves the next start to this fixture."""
    if not installation.runs:
        installation.start()
    return installation


@pytest.fixture
def backend(backend_server: CommerceBackend) -> Iterator[CommerceBackend]:
    yield backend_server
    backend_server.statuses.clear()
    backend_server.during.clear()


@pytest.fixture
def session() -> str:
    return new_session()


def new_session() -> str:
    return f"ses-{next(numbers)}"


# ── crashes and stops ──────────────────────────────────────────────────────────────────────────────────────────────


def test_no_performed_payment_is_lost_however_often_the_process_is_killed(
    sidecar: Sidecar, storage: Storage, backend: CommerceBackend
) -> None:
    performed: dict[str, int] = {}  # what Payme was told
    over = threading.Event()

    def buy() -> None:
        while not over.is_set():
            session = new_session()
            id_ = f"tx-{session}"
            insist(lambda session=session: sidecar.register(session).is_success)
            insist(lambda id_=id_, session=session: "result" in sidecar.create(id_, session))
            insist(lambda id_=id_: performed.update({id_: sidecar.perform(id_)["result"]["perform_time"]}) or True)

    with ThreadPoolExecutor(BUYERS) as pool:
        buyers = [pool.submit(buy) for _ in range(BUYERS)]
        for _ in range(KILLS):
            time.sleep(random.uniform(0.2, 0.7))
            sidecar.kill()
            sidecar.start()
        over.set()
        for it in buyers:
            it.result(PATIENCE)
    sidecar.kill()
    no_lease_holds(storage)
    sidecar.start()
    eventually(lambda: not undelivered(storage), "an empty outbox")

    rows = sidecar.statement()
    told = [it for it in backend.asked if it.body["transaction_id"] in performed]
    assert performed
    assert {id_: (rows[id_]["state"], rows[id_]["perform_time"]) for id_ in performed} == {
        id_: (2, perform_time) for id_, perform_time in performed.items()
    }
    assert {(it.key, it.body["perform_time"]) for it in told} == {
        (f"authorize:{id_}", perform_time) for id_, perform_time in performed.items()
    }


def test_the_backend_never_hears_of_a_payment_that_was_not_performed(
    sidecar: Sidecar, backend: CommerceBackend
) -> None:
    rows = sidecar.statement()

    assert all(rows[it.body["transaction_id"]]["perform_time"] > 0 for it in backend.asked)


def test_a_message_in_hand_at_a_crash_is_told_again_under_the_same_key(
    sidecar: Sidecar, storage: Storage, backend: CommerceBackend, session: str
) -> None:
    with backend.hanging(session):
        id_ = sidecar.paid(session)
        eventually(lambda: backend.about(session), "a message in hand")
        sidecar.kill()
    no_lease_holds(storage)

    sidecar.start()

    eventually(lambda: len(backend.about(session)) == 2, "the message once more")
    assert set(backend.about(session)) == {f"authorize:{id_}"}


def test_a_message_in_hand_at_a_crash_is_due_within_a_minute(
    sidecar: Sidecar, storage: Storage, backend: CommerceBackend, session: str
) -> None:
    with backend.hanging(session):
        sidecar.paid(session)
        eventually(lambda: backend.about(session), "a message in hand")
        sidecar.kill()

    due, attempts = (
        int(storage.sql(f"SELECT {it} FROM outbox_message WHERE session_id = '{session}'")[0])
        for it in ("due_time - created_time", "attempts")
    )
    assert attempts == 1
    assert due < 60_000
    no_lease_holds(storage)


def test_sigterm_cuts_no_call_and_ends_with_zero(sidecar: Sidecar, backend: CommerceBackend) -> None:
    ids = [sidecar.created(new_session()) for _ in range(4)]
    calls = [HalfACall(sidecar.port, id_) for id_ in ids]

    sidecar.ask_to_end()
    eventually(lambda: sidecar.status_of("/healthz") is None, "a closed door")
    answers = [it.finish() for it in calls]

    assert [it["result"]["state"] for it in answers] == [2] * 4
    assert sidecar.wait_for_end() == 0


@SQLITE  # once: it takes as long as the sidecar waits for an answer
def test_sigterm_ends_with_zero_while_the_backend_hangs_and_its_message_is_kept(
    sidecar: Sidecar, storage: Storage, backend: CommerceBackend, session: str
) -> None:
    with backend.hanging(session):
        sidecar.paid(session)
        eventually(lambda: backend.about(session), "a message in hand")
        sidecar.ask_to_end()

        assert sidecar.wait_for_end() == 0
    assert [it for it in undelivered(storage) if it == session] == [session]
    no_lease_holds(storage)


# ── the backend ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_payment_is_told_with_the_key_the_amount_and_the_time(
    sidecar: Sidecar, backend: CommerceBackend, session: str
) -> None:
    id_ = sidecar.paid(session)
    eventually(lambda: backend.about(session))

    asked = next(it for it in backend.asked if it.session == session)
    assert (asked.topic, asked.key) == ("authorize", f"authorize:{id_}")
    assert asked.authorization == basic(f"{BACKEND_KEY}:")
    assert asked.body == {
        "transaction_id": id_,
        "amount": 14_000_000,
        "perform_time": sidecar.check(id_)["result"]["perform_time"],
    }


def test_a_backend_that_hangs_on_some_sessions_does_not_keep_another_waiting(
    sidecar: Sidecar, backend: CommerceBackend, session: str
) -> None:
    stuck = [new_session() for _ in range(7)]
    with contextlib.ExitStack() as hangs:
        for it in stuck:
            hangs.enter_context(backend.hanging(it))
            sidecar.paid(it)
        eventually(lambda: all(backend.about(it) for it in stuck), "seven calls that hang")

        sidecar.paid(session)

        eventually(lambda: session in taken(backend), "the eighth")
        assert not set(stuck) & taken(backend)
    eventually(lambda: set(stuck) <= taken(backend), "the seven")


def test_a_backend_that_asks_back_inside_the_call_is_answered(
    sidecar: Sidecar, backend: CommerceBackend, session: str
) -> None:
    answers: list[httpx.Response] = []
    backend.during[session] = lambda: answers.append(sidecar.authorize(session))

    sidecar.paid(session)

    eventually(lambda: session in taken(backend))
    assert [(it.status_code, it.json()["status"]) for it in answers] == [(200, "captured")]


def test_a_slow_backend_keeps_payme_waiting_for_nothing(
    sidecar: Sidecar, backend: CommerceBackend, session: str
) -> None:
    with backend.hanging(session):
        id_ = sidecar.paid(session)
        eventually(lambda: backend.about(session))

        assert sidecar.perform(id_)["result"]["state"] == 2
        assert sidecar.check(id_)["result"]["state"] == 2
    eventually(lambda: session in taken(backend))
    assert backend.about(session) == [f"authorize:{id_}"]


def test_payme_is_answered_while_the_backend_is_down_and_the_backend_hears_of_it_when_it_is_up(
    sidecar: Sidecar, storage: Storage, backend: CommerceBackend, session: str
) -> None:
    backend.stop()
    try:
        id_ = sidecar.paid(session)
        eventually(lambda: attempts(storage, session) > 0, "an attempt in vain")
        assert sidecar.check(id_)["result"]["state"] == 2
        assert sidecar.status_of("/readyz") == 200
    finally:
        backend.start()

    eventually(lambda: session in taken(backend), "the message")
    assert backend.about(session) == [f"authorize:{id_}"]


def test_what_the_backend_refuses_for_good_is_parked_listed_and_delivered_when_a_person_says_so(
    sidecar: Sidecar, storage: Storage, backend: CommerceBackend
) -> None:
    refused = {new_session(): status for status in (404, 409, 410, 422)}
    backend.statuses |= refused
    for session in refused:
        sidecar.paid(session)
    eventually(lambda: set(parked(storage)) == set(refused), "four parked messages")

    listed = sidecar.run("outbox", "list")
    lines = {line.split()[2]: line for line in listed.out.splitlines()}
    assert listed.code == 0
    assert lines.keys() == refused.keys()
    for session, status in refused.items():
        assert re.fullmatch(rf"\d+  parked  {session}  authorize  tx-{session}  attempts=1  {status}.*", lines[session])

    first, *others = refused
    backend.statuses.clear()
    retried = sidecar.run("outbox", "retry", lines[first].split()[0])
    assert (retried.code, len(retried.out.splitlines())) == (0, 1)
    eventually(lambda: first in taken(backend), "the one that was retried")
    assert not set(others) & taken(backend)

    assert sidecar.run("outbox", "retry", "--all").code == 0
    eventually(lambda: set(others) <= taken(backend), "all the others")
    assert {len(backend.about(it)) for it in refused} == {2}
    eventually(lambda: not undelivered(storage))

    nothing = sidecar.run("outbox", "list")
    assert (nothing.code, nothing.out) == (0, "")
    assert sidecar.run("outbox", "retry", "--all").code == 0


def test_retrying_a_number_that_is_not_there_changes_nothing_and_is_said(sidecar: Sidecar) -> None:
    ended = sidecar.run("outbox", "retry", "999999")

    assert len((ended.out + ended.err).splitlines()) == 1
    assert "999999" in ended.out + ended.err


# ── the database ───────────────────────────────────────────────────────────────────────────────────────────────────


@POSTGRES
def test_without_postgresql_the_answer_is_ask_again_and_with_it_all_is_well_without_a_restart(
    sidecar: Sidecar, backend: CommerceBackend, postgres_server: LocalPostgres, session: str
) -> None:
    id_ = sidecar.created(session)
    codes: set[int] = set()
    over = threading.Event()

    def keep_asking() -> None:
        while not over.is_set():
            codes.add(code(sidecar.check(id_)))

    with ThreadPoolExecutor(2) as pool:
        askers = [pool.submit(keep_asking) for _ in range(2)]
        postgres_server.stop("immediate")
        try:
            assert [code(sidecar.perform(id_)), code(sidecar.create("tx", session))] == [-32400, -32400]
            assert [sidecar.status_of("/readyz"), sidecar.status_of("/healthz")] == [503, 200]
            assert sidecar.register("another").status_code == 503
        finally:
            postgres_server.start()
            eventually(lambda: sidecar.status_of("/readyz") == 200, "a sidecar that is ready again")
            over.set()
        for it in askers:
            it.result(PATIENCE)

    assert codes == {0, -32400}
    assert sidecar.perform(id_)["result"]["state"] == 2
    eventually(lambda: session in taken(backend))


@POSTGRES
def test_an_unmigrated_postgresql_is_said_and_after_migrate_all_is_well_without_a_restart(
    storage: Storage, backend: CommerceBackend, printed: Path, postgres_server: LocalPostgres, tmp_path: Path
) -> None:
    empty = PostgresStorage(postgres_server, f"unmigrated_{next(numbers)}")
    with running(Sidecar(tmp_path, printed, empty.url, backend.url)) as sidecar:
        before = [sidecar.status_of("/healthz"), sidecar.status_of("/readyz"), code(sidecar.check("tx1"))]
        said = sidecar.said

        migrated = sidecar.run("migrate")

        assert before == [200, 503, -32400]
        assert "payme-sidecar migrate" in said
        assert migrated.code == 0
        assert sidecar.status_of("/readyz") == 200
        assert code(sidecar.check("tx1")) == -31003


@POSTGRES
def test_a_database_that_cannot_be_used_is_one_line(storage: PostgresStorage, printed: Path, tmp_path: Path) -> None:
    for url in (storage.url.replace(storage.name, "nowhere"), storage.url.replace(f":{storage.server.port}/", ":1/")):
        ended = Sidecar(tmp_path, printed, url, NOBODY).run("migrate")

        assert ended.code not in {0, None}
        assert len(ended.err.splitlines()) == 1, ended.err
        assert "DATABASE_URL" in ended.err


@SQLITE
def test_another_process_with_sqlites_write_lock_stops_nobody_who_only_asks(
    sidecar: Sidecar, storage: SqliteStorage, backend: CommerceBackend, session: str
) -> None:
    id_ = sidecar.created(session)
    with (
        ThreadPoolExecutor(1) as pool,
        contextlib.closing(sqlite3.connect(storage.path, isolation_level=None)) as backup,
    ):
        backup.execute("BEGIN EXCLUSIVE")
        performing = pool.submit(sidecar.perform, id_)
        asked = [sidecar.check(id_)["result"]["state"] for _ in range(20)]
        health = [sidecar.status_of(path) for path in ("/healthz", "/readyz")]
        waiting = not performing.done()
        backup.execute("ROLLBACK")

        assert performing.result(PATIENCE)["result"]["state"] == 2
    assert asked == [1] * 20
    assert health == [200, 200]
    assert waiting


# ── the door ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_missing_setting_stops_the_start_with_one_line_that_names_it(printed: Path, tmp_path: Path) -> None:
    required = (
        "PAYME_MERCHANT_ID",
        "PAYME_KEY",
        "SIDECAR_API_KEY",
        "COMMERCE_BACKEND_URL",
        "COMMERCE_BACKEND_KEY",
        "CALLBACK_URL",
    )
    for name, ended in starts(tmp_path, printed, {name: {name: None} for name in required}).items():
        assert ended.code not in {0, None}
        assert len(ended.err.splitlines()) == 1, ended.err
        assert name in ended.err


def test_an_impossible_setting_stops_the_start_with_one_line_that_names_it_and_not_its_value(
    printed: Path, tmp_path: Path
) -> None:
    impossible = {
        "PORT": "p4ssword",
        "DATABASE_URL": "mysql://shop:p4ssword@db/shop",
        "PAYME_KEY": " p4ssword",
        "COMMERCE_BACKEND_URL": "medusa:p4ssword",
        "PAYME_ALLOWED_IPS": "p4ssword",
    }
    for name, ended in starts(tmp_path, printed, {name: {name: value} for name, value in impossible.items()}).items():
        assert ended.code not in {0, None}
        assert len(ended.err.splitlines()) == 1, ended.err
        assert name in ended.err
        assert "p4ssword" not in ended.err


@pytest.mark.parametrize("password", ["p4ss/w0rd", "p4ss#w0rd", "p4ss?w0rd", "p4ss[w0rd", "4321/w0rd"])
def test_a_password_that_spoils_the_database_address_is_named_at_the_door_and_said_nowhere(
    password: str, printed: Path, tmp_path: Path
) -> None:
    url = f"postgresql://shop:{password}@127.0.0.1:1/shop"
    ended = Sidecar(tmp_path, printed, url, NOBODY).run("migrate")

    assert ended.code not in {0, None}
    assert len(ended.err.splitlines()) == 1, ended.err
    assert "DATABASE_URL" in ended.err
    assert not re.search(r"p4ss|w0rd|4321", ended.err)


def test_no_secret_is_in_anything_that_any_process_printed(
    sidecar: Sidecar, storage: Storage, printed: Path, tmp_path: Path
) -> None:
    """The most talkative one, called by everybody in every wrong way with the right keys."""
    with running(Sidecar(tmp_path, printed, storage.url, NOBODY, LOG_LEVEL="debug")) as talkative:
        address = f"http://127.0.0.1:{talkative.port}"
        wrong_turns: list[tuple[str, str, dict[str, Any]]] = [
            ("POST", "/payme", {"headers": PAYME, "content": KEY}),
            ("POST", "/payme", {"headers": PAYME, "json": {"method": KEY, "params": {}}}),
            ("POST", "/payme", {"headers": {"authorization": f"Bearer {KEY}"}, "content": "{}"}),
            ("POST", "/payment-sessions", {"headers": {"authorization": f"Bearer {API_KEY}"}, "content": API_KEY}),
            ("POST", "/payment-sessions", {"headers": {"authorization": basic(f"{API_KEY}:")}, "content": "{}"}),
            ("GET", "/metrics", {"headers": {"authorization": f"Bearer {API_KEY}"}}),
        ]
        for verb, path, options in wrong_turns:
            httpx.request(verb, address + path, timeout=PATIENCE, trust_env=False, **options)
        session = new_session()
        talkative.paid(session)
        eventually(lambda: attempts(storage, session) > 0)

        assert '"level": "debug"' in talkative.said
        assert secrets_in(talkative.said) == []
    for file in printed.iterdir():
        assert secrets_in(file.read_text()) == [], file.name


# ── helpers ────────────────────────────────────────────────────────────────────────────────────────────────────────


@contextlib.contextmanager
def running(sidecar: Sidecar) -> Iterator[Sidecar]:
    try:
        sidecar.start()
        yield sidecar
    finally:
        sidecar.close()


def starts(folder: Path, printed: Path, changes: dict[str, dict[str, str | None]]) -> dict[str, Any]:
    """Try `serve` with each of these settings, side by side."""

    def one(change: dict[str, str | None]) -> Any:
        return Sidecar(folder, printed, f"sqlite:///{folder}/none.db", NOBODY, **change).run("serve", "--port", "0")

    with ThreadPoolExecutor(3) as pool:
        return dict(zip(changes, pool.map(one, changes.values()), strict=True))


class HalfACall:
    """A Perform that has said everything but its body, and been asked for it: the call is in hand for certain."""

    def __init__(self, port: int, id_: str) -> None:
        self._body = json.dumps({"id": 1, "method": "PerformTransaction", "params": {"id": id_}}).encode()
        self._line = socket.create_connection(("127.0.0.1", port), PATIENCE)
        head = (
            "POST /payme HTTP/1.1",
            "Host: sidecar",
            f"Authorization: {PAYME['authorization']}",
            f"Content-Length: {len(self._body)}",
            "Expect: 100-continue",
        )
        self._line.sendall("\r\n".join((*head, "", "")).encode())
        assert self._line.recv(1000).startswith(b"HTTP/1.1 100 ")

    def finish(self) -> Any:
        with self._line:
            self._line.sendall(self._body)
            answer = b"".join(iter(lambda: self._line.recv(65_536), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        return json.loads(body)


def insist(call: Any) -> None:
    """Ask until there is an answer, as Payme does."""

    def answered() -> bool:
        try:
            return bool(call())
        except (httpx.TransportError, KeyError):
            return False

    eventually(answered, "an answer")


def undelivered(storage: Storage) -> list[str]:
    return storage.sql("SELECT session_id FROM outbox_message WHERE state IN ('waiting', 'parked')")


def parked(storage: Storage) -> list[str]:
    return storage.sql("SELECT session_id FROM outbox_message WHERE state = 'parked'")


def attempts(storage: Storage, session: str) -> int:
    """Attempts that came to an end."""
    ended = f"SELECT attempts FROM outbox_message WHERE session_id = '{session}' AND last_answer <> ''"
    return int(next(iter(storage.sql(ended)), 0))


def no_lease_holds(storage: Storage) -> None:
    """Let time pass for the messages that a dead process held."""
    storage.sql("UPDATE outbox_message SET due_time = 0 WHERE state = 'waiting'")


def taken(backend: CommerceBackend) -> set[str]:
    return {it.session for it in backend.taken}
