"""More than one: two and four processes of `serve` on one PostgreSQL behind a balancer, on a plain day."""

import itertools
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, Self

import httpx
import pytest

from demo_shop.postgres import LocalPostgres
from tests.balancer import Balancer
from tests.processes import PATIENCE, CommerceBackend, PostgresStorage, Sidecar, eventually
from tests.shop import API_KEY, BACKEND, KEY, basic, code

OLD: Final = KEY
NEW: Final = "the-n3w&#%?@:key"
NEW_API_KEY: Final = "backend-to-sidecar, from now on"

TWO: Final = pytest.mark.parametrize("house", [2], indirect=True)  # a deploy takes as long as there are replicas

numbers = itertools.count(1)


class House:
    """The replicas, the balancer before them, what they share, and a visitor who only knows the balancer."""

    def __init__(self, replicas: list[Sidecar], balancer: Balancer, backend: CommerceBackend, folder: Path) -> None:
        self.replicas = replicas
        self.balancer = balancer
        self.backend = backend
        self.folder = folder
        self.storage: PostgresStorage
        self.visitor: Sidecar

    def replica(self, **changes: str | None) -> Sidecar:
        """Start one more; callers meet it as soon as it is ready."""
        it = Sidecar(self.folder, self.folder, self.storage.url, self.backend.url, **changes)
        it.start()
        eventually(lambda: it.status_of("/readyz") == 200, "a replica that is ready")
        self.replicas.append(it)
        self.balancer.replicas.append(it.port)
        return it

    def stop(self, it: Sidecar) -> int:
        """Stop one as a deploy does: the balancer first, then the process."""
        self.balancer.replicas.remove(it.port)
        self.replicas.remove(it)
        it.ask_to_end()
        return it.wait_for_end()

    def told(self) -> list[str]:
        return [it.key for it in self.backend.asked]


@pytest.fixture(scope="module", params=[2, 4])
def house(
    request: pytest.FixtureRequest, postgres_server: LocalPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("replicas")
    storage = PostgresStorage(postgres_server, f"replicas_{next(numbers)}")
    backend = CommerceBackend()
    backend.start()
    visitor = Sidecar(folder, folder, storage.url, backend.url)  # never started: its port is the balancer's
    assert visitor.run("migrate").code == 0  # once, before any replica
    with Balancer(visitor.port, []) as balancer:
        it = House([], balancer, backend, folder)
        it.storage, it.visitor = storage, visitor
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda _: it.replica(), range(request.param)))
        yield it
        for replica in it.replicas:
            replica.close()
    visitor.close()
    backend.stop()


@pytest.fixture
def visitor(house: House) -> Sidecar:
    house.backend.asked.clear()
    house.balancer.taken.clear()
    return house.visitor


def new_session() -> str:
    return f"payses_{next(numbers):04}"


def everywhere(house: House, ask: Any) -> list[Any]:
    """Ask every replica the same at one moment, twice."""
    with ThreadPoolExecutor(2 * len(house.replicas)) as pool:
        return list(pool.map(ask, house.replicas * 2))


# ── one payment, many replicas ─────────────────────────────────────────────────────────────────────────────────


def test_each_call_of_a_payment_meets_another_replica_and_all_agree(house: House, visitor: Sidecar) -> None:
    session = new_session()
    id_ = visitor.paid(session)
    performed = [visitor.perform(id_) for _ in house.replicas]
    checked = [visitor.check(id_) for _ in house.replicas]

    assert set(house.balancer.taken) == set(house.balancer.replicas)
    assert len({str(it) for it in performed}) == len({str(it) for it in checked}) == 1
    eventually(lambda: house.told() == [f"authorize:{id_}"])
    assert visitor.authorize(session).json()["status"] == "captured"


def test_one_call_that_reaches_all_replicas_at_once_is_one_move_and_one_message(house: House, visitor: Sidecar) -> None:
    session = new_session()
    id_ = visitor.created(session)
    performed = everywhere(house, lambda it: it.perform(id_))

    assert len({str(it) for it in performed}) == 1
    assert performed[0]["result"]["state"] == 2
    eventually(lambda: house.told() == [f"authorize:{id_}"])


def test_of_many_transactions_that_want_one_order_at_once_one_gets_it(house: House, visitor: Sidecar) -> None:
    session = new_session()
    visitor.register(session)
    answers = everywhere(house, lambda it: it.create(f"tx-{next(numbers)}", session))

    assert sorted(code(it) for it in answers) == [-31051] * (len(answers) - 1) + [0]


def test_a_code_that_one_replica_gave_out_opens_at_every_other(house: House, visitor: Sidecar) -> None:
    visitor.register(session := new_session())
    url = httpx.get(f"{address(visitor)}/payment-sessions/{session}", headers=BACKEND, trust_env=False).json()["qr_url"]
    path = "/" + url.split("/", 3)[3]

    assert [it.status_of(path) for it in house.replicas] == [200] * len(house.replicas)


# ── one outbox, many relays ────────────────────────────────────────────────────────────────────────────────────


def test_the_relays_share_the_outbox_and_tell_each_message_once(house: House, visitor: Sidecar) -> None:
    sessions = [new_session() for _ in range(40)]
    with ThreadPoolExecutor(8) as pool:
        paid = set(pool.map(visitor.paid, sessions))
        eventually(lambda: {it.session for it in house.backend.taken} >= set(sessions), "a backend that heard of all")

    assert sorted(house.told()) == sorted(f"authorize:{id_}" for id_ in paid)
    assert sum("relay.delivered" in it.said for it in house.replicas) > 1
    eventually(lambda: visitor.run("outbox", "list").out == "", "an outbox without a message to tell")


def test_what_a_replica_left_behind_is_told_by_another(house: House, visitor: Sidecar) -> None:
    """The backend is away while one replica takes the payments, and that one is gone when it comes back."""
    leaving = house.replica()
    sessions = [new_session() for _ in range(5)]
    house.backend.stop()
    for session in sessions:
        leaving.paid(session)
    assert house.stop(leaving) == 0
    house.backend.start()
    assert visitor.run("outbox", "retry", "--all").code == 0
    eventually(lambda: {it.session for it in house.backend.taken} >= set(sessions), "messages told by the others")

    assert sorted(house.told()) == sorted(f"authorize:tx-{session}" for session in sessions)


# ── a deploy ───────────────────────────────────────────────────────────────────────────────────────────────────


class Shoppers:
    """Pay one order after the other, each call answered, for as long as the block lasts."""

    def __init__(self, house: House, side_by_side: int = 4) -> None:
        self.paid: list[str] = []
        self._house = house
        self._over = threading.Event()
        self._pool = ThreadPoolExecutor(side_by_side)
        self._side_by_side = side_by_side

    def __enter__(self) -> Self:
        self._work = [self._pool.submit(self._pay) for _ in range(self._side_by_side)]
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for it in self._work:
            it.result(PATIENCE)
        self._pool.shutdown()

    def _pay(self) -> None:
        while not self._over.is_set():
            self.paid.append(self._house.visitor.paid(new_session()))

    def some_more(self, count: int = 10) -> None:
        enough = len(self.paid) + count
        eventually(lambda: len(self.paid) >= enough, "more payments")


@TWO
def test_replicas_come_and_go_and_no_call_notices(house: House, visitor: Sidecar) -> None:
    with Shoppers(house) as shoppers:
        for leaving in list(house.replicas):
            house.replica()
            shoppers.some_more()
            assert house.stop(leaving) == 0
        shoppers.some_more()
    eventually(lambda: len(set(house.told())) == len(shoppers.paid), "every payment told")

    assert sorted(house.told()) == sorted(f"authorize:{id_}" for id_ in shoppers.paid)
    assert all(it["state"] == 2 for id_, it in visitor.statement().items() if id_ in shoppers.paid)


@TWO
def test_every_key_is_changed_one_replica_after_the_other_and_no_call_is_refused(house: House) -> None:
    both = {
        "PAYME_KEY": NEW,
        "PAYME_KEY_PREVIOUS": OLD,
        "SIDECAR_API_KEY": NEW_API_KEY,
        "SIDECAR_API_KEY_PREVIOUS": API_KEY,
    }
    new_only = {"PAYME_KEY": NEW, "SIDECAR_API_KEY": NEW_API_KEY}
    with Asking(house, OLD, API_KEY):
        replace_all(house, **both)
    with Asking(house, NEW, NEW_API_KEY):
        replace_all(house, **new_only)
    after = [(payme(house, OLD), api(house, API_KEY)), (payme(house, NEW), api(house, NEW_API_KEY))]
    replace_all(house)

    assert after == [(-32504, 401), (-31003, 404)]


def replace_all(house: House, **keys: str) -> None:
    for leaving in list(house.replicas):
        house.replica(**keys)
        assert house.stop(leaving) == 0


class Asking:
    """Payme and the backend, who ask with their keys without a pause; nobody may refuse them."""

    def __init__(self, house: House, key: str, api_key: str) -> None:
        self._ask = [lambda: payme(house, key), lambda: api(house, api_key)]
        self._over = threading.Event()
        self._pool = ThreadPoolExecutor(2)

    def __enter__(self) -> None:
        self._work = [self._pool.submit(self._keep, ask) for ask in self._ask]

    def __exit__(self, *_: object) -> None:
        self._over.set()
        said = {answer for it in self._work for answer in it.result(PATIENCE)}
        self._pool.shutdown()
        assert said == {-31003, 404}  # known callers, unknown transaction and session

    def _keep(self, ask: Any) -> set[int]:
        said: set[int] = set()
        while not self._over.is_set():
            said.add(ask())
        return said


def payme(house: House, key: str) -> int:
    call = {"id": 1, "method": "CheckTransaction", "params": {"id": "nobody's"}}
    headers = {"authorization": basic(f"Paycom:{key}")}
    return code(httpx.post(f"{address(house.visitor)}/payme", json=call, headers=headers, trust_env=False).json())


def api(house: House, key: str) -> int:
    headers = {"authorization": f"Bearer {key}"}
    url = f"{address(house.visitor)}/payment-sessions/nobodys"
    return httpx.get(url, headers=headers, trust_env=False).status_code


def address(sidecar: Sidecar) -> str:
    return f"http://127.0.0.1:{sidecar.port}"
