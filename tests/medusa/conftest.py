"""A real Medusa for the tests here: prepared once per machine, seeded anew for whoever asks for one."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console

from demo_shop.medusa import Prepared, Waiting, prepare
from demo_shop.postgres import LocalPostgres
from demo_shop.screen import Screen
from tests.medusa.chromium import Chromium
from tests.medusa.house import House, open_house


@pytest.fixture(scope="session")
def waiting(request: pytest.FixtureRequest) -> Waiting:
    """Speaks from under pytest's capture: the first set-up takes minutes, and silence looks like a hang."""
    capture = request.config.pluginmanager.getplugin("capturemanager")

    @contextmanager
    def shown(what: str) -> Generator[None, None, None]:
        with capture.global_and_fixture_disabled(), Screen(Console(highlight=False)).waiting(what):
            yield

    return shown


@pytest.fixture(scope="session")
def prepared(postgres_server: LocalPostgres, waiting: Waiting) -> Prepared:
    return prepare(postgres_server, waiting)


@pytest.fixture(scope="session")
def storefront_files(prepared: Prepared, waiting: Waiting) -> Path:
    return prepared.storefront(waiting)


@pytest.fixture(scope="session")
def chromium(prepared: Prepared, waiting: Waiting) -> Chromium:
    return Chromium.ready(prepared.toolbox, waiting)


@pytest.fixture(scope="session")
def opened(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(prepared, tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.fixture
def house(opened: House) -> House:
    """The house, with what the test before may have ended running again."""
    opened.medusa.start()
    return opened
