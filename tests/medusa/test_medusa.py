"""The Medusa of these tests is a real one, with the plugin as npm would install it."""

from collections.abc import Iterator

import httpx
import pytest

from demo_shop.medusa import Medusa, Prepared, medusa_server

NOBODY = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def medusa(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Medusa]:
    folder = tmp_path_factory.mktemp("medusa")
    with medusa_server(prepared, folder, sidecar_url=NOBODY, sidecar_key="nobody's") as it:
        yield it


def test_it_is_healthy_and_its_region_offers_payme(medusa: Medusa, prepared: Prepared) -> None:
    assert httpx.get(f"{medusa.url}/health", trust_env=False).text == "OK"

    told = httpx.get(
        f"{medusa.url}/store/payment-providers",
        params={"region_id": prepared.seed.region_id},
        headers={"x-publishable-api-key": prepared.seed.publishable_key},
        trust_env=False,
    )

    assert "pp_payme_payme" in {provider["id"] for provider in told.json()["payment_providers"]}


def test_it_comes_back_after_a_kill_with_its_database_and_its_address(medusa: Medusa) -> None:
    products = medusa.psql("SELECT count(*) FROM product")

    medusa.kill()
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{medusa.url}/health", trust_env=False)
    medusa.start()

    assert httpx.get(f"{medusa.url}/health", trust_env=False).status_code == 200
    assert medusa.psql("SELECT count(*) FROM product") == products != "0"
