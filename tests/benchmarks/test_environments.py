"""The environments of the peers: made once, from exact pins, and cleared away when the pins change."""

from pathlib import Path

import pytest

from benchmarks.catalogue import CATALOGUE, Shop
from benchmarks.environments import CannotInstall, cache, environment


class Installer:
    def __init__(self) -> None:
        self.folders: list[Path] = []
        self.broken = False

    def __call__(self, folder: Path, requirements: Path) -> None:
        self.folders.append(folder)
        folder.mkdir()
        if self.broken:
            raise CannotInstall(requirements.name)


@pytest.fixture
def requirements(tmp_path: Path) -> Path:
    file = tmp_path / "requirements.txt"
    file.write_text("tea==1.0\n")
    return file


def test_an_environment_is_made_once(requirements: Path, tmp_path: Path) -> None:
    install = Installer()

    first = environment("tea", requirements, tmp_path / "home", install)
    second = environment("tea", requirements, tmp_path / "home", install)

    assert first == second
    assert len(install.folders) == 1


def test_another_list_makes_another_environment_and_clears_the_old_one_away(requirements: Path, tmp_path: Path) -> None:
    install, home = Installer(), tmp_path / "home"
    environment("tea", requirements, home, install)
    environment("tea-set", requirements, home, install)

    requirements.write_text("tea==1.1\n")
    environment("tea", requirements, home, install)

    old, neighbour, new = install.folders
    assert not old.exists()
    assert neighbour.exists()
    assert new.exists()


def test_a_half_made_environment_is_made_again(requirements: Path, tmp_path: Path) -> None:
    install = Installer()
    install.broken = True
    with pytest.raises(CannotInstall):
        environment("tea", requirements, tmp_path / "home", install)

    install.broken = False
    environment("tea", requirements, tmp_path / "home", install)

    assert len(install.folders) == 2


def test_the_cache_is_where_the_user_keeps_caches() -> None:
    assert cache({"XDG_CACHE_HOME": "/caches"}) == Path("/caches/payme-sidecar/benchmarks")


@pytest.mark.parametrize("shop", [shop for shop in CATALOGUE if shop.requirements], ids=lambda shop: shop.name)
def test_a_peers_packages_are_pinned_and_their_versions_known(shop: Shop) -> None:
    assert shop.requirements
    lines = shop.requirements.read_text().split()

    assert all(line.count("==") == 1 for line in lines)
    assert shop.versions[shop.package] in shop.title
