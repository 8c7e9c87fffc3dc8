"""A key is changed without a stop, step by step, as docs/key-rotation.md says."""

import re
from collections.abc import Callable
from typing import Any, Final

import pytest
from pydantic import SecretStr

from tests.shop import AMOUNT, SESSION, Shop, basic, code

OLD: Final = "the-0ld&#%?@:key"
NEW: Final = "the-n3w&#%?@:key"
CHECK: Final = '{"id": 7, "method": "CheckTransaction", "params": {"id": "tx1"}}'
BODY: Final = {"id": SESSION, "amount": AMOUNT, "currency_code": "uzs"}

# The settings of each step, and which of OLD and NEW open the door.
STEPS: Final = {
    "before": ((OLD, None), (True, False)),
    "both are accepted": ((NEW, OLD), (True, True)),
    "after": ((NEW, None), (False, True)),
}


@pytest.fixture
def install(database_url: str) -> Any:
    """Give a restart of one installation with other keys; the database stays."""
    running: list[Shop] = []

    def restart(**keys: str | None) -> Shop:
        while running:
            running.pop().close()
        running.append(Shop(database_url, **{name: SecretStr(it) if it else None for name, it in keys.items()}))
        return running[0]

    yield restart
    while running:
        running.pop().close()


Install = Callable[..., Shop]


def payme_opens(shop: Shop, key: str) -> bool:
    return code(shop.post(CHECK, {"authorization": basic(f"Paycom:{key}")})) != -32504


def api_opens(shop: Shop, key: str) -> bool:
    response = shop.run(shop.ask("POST", "/payment-sessions", json=BODY, headers={"authorization": f"Bearer {key}"}))
    return response.status_code in {200, 201}


def metrics_open(shop: Shop, key: str) -> bool:
    return shop.run(shop.ask("GET", "/metrics", headers={"authorization": f"Bearer {key}"})).status_code == 200


def code_opens(shop: Shop, url: str) -> bool:
    return shop.run(shop.ask("GET", re.sub("^http://[^/]+", "", url))).status_code == 200


def test_paymes_key_is_changed_in_three_steps(install: Install) -> None:
    for (current, previous), opens in STEPS.values():
        shop = install(payme_key=current, payme_key_previous=previous)

        assert (payme_opens(shop, OLD), payme_opens(shop, NEW)) == opens
        assert not payme_opens(shop, f"{NEW}{OLD}")
        assert not payme_opens(shop, "")


def test_the_backends_key_is_changed_in_three_steps(install: Install) -> None:
    for (current, previous), opens in STEPS.values():
        shop = install(sidecar_api_key=current, sidecar_api_key_previous=previous)

        assert (api_opens(shop, OLD), api_opens(shop, NEW)) == opens
        assert (metrics_open(shop, OLD), metrics_open(shop, NEW)) == opens
        assert not api_opens(shop, "")


def test_a_code_that_was_given_out_before_opens_as_long_as_its_key_does(install: Install) -> None:
    def given_out(shop: Shop, key: str) -> str:
        headers = {"authorization": f"Bearer {key}"}
        view = shop.run(shop.ask("POST", "/payment-sessions", json=BODY, headers=headers)).json()
        return str(view["qr_url"])

    old = given_out(install(sidecar_api_key=OLD), OLD)
    both = install(sidecar_api_key=NEW, sidecar_api_key_previous=OLD)
    new = given_out(both, OLD)  # whoever asks gets a token of the new key

    assert new != old
    assert (code_opens(both, old), code_opens(both, new)) == (True, True)
    after = install(sidecar_api_key=NEW)
    assert (code_opens(after, old), code_opens(after, new)) == (False, True)


def test_the_sandbox_key_opens_beside_both_in_test_mode(install: Install) -> None:
    shop = install(payme_key=NEW, payme_key_previous=OLD, payme_test_key="sandbox")
    assert not payme_opens(shop, "sandbox")

    shop = Shop(
        shop.settings.database_url.get_secret_value(),
        payme_key=SecretStr(NEW),
        payme_key_previous=SecretStr(OLD),
        payme_test_key=SecretStr("sandbox"),
        payme_test_mode=True,
    )
    assert all(payme_opens(shop, key) for key in (NEW, OLD, "sandbox"))
    shop.close()


def test_the_counters_tell_when_nobody_uses_the_old_key_any_more(install: Install) -> None:
    shop = install(payme_key=NEW, payme_key_previous=OLD, sidecar_api_key=NEW, sidecar_api_key_previous=OLD)
    payme_opens(shop, OLD)
    payme_opens(shop, NEW)
    payme_opens(shop, NEW)
    api_opens(shop, OLD)
    page = shop.run(shop.ask("GET", "/metrics", headers={"authorization": f"Bearer {NEW}"})).text

    shown = dict(re.findall(r"^keys_shown_total{(.*)} (\S+)$", page, re.MULTILINE))
    assert shown == {
        'door="payme",key="previous"': "1.0",
        'door="payme",key="current"': "2.0",
        'door="api",key="previous"': "1.0",
        'door="api",key="current"': "1.0",  # this very question
    }


def test_a_payment_begun_with_the_old_key_is_finished_with_the_new_one(install: Install) -> None:
    def call(shop: Shop, key: str, method: str, **params: Any) -> dict[str, Any]:
        body = {"id": 1, "method": method, "params": params}
        reply: dict[str, Any] = shop.run(
            shop.ask("POST", "/payme", json=body, headers={"authorization": basic(f"Paycom:{key}")})
        ).json()
        return reply

    shop = install(payme_key=OLD)
    shop.register()
    call(shop, OLD, "CreateTransaction", id="tx1", time=shop.clock.now, amount=AMOUNT, account={"order_id": SESSION})
    shop = install(payme_key=NEW, payme_key_previous=OLD)
    performed = call(shop, NEW, "PerformTransaction", id="tx1")
    repeated = call(shop, OLD, "PerformTransaction", id="tx1")
    shop = install(payme_key=NEW)

    assert performed["result"]["state"] == 2
    assert repeated == performed
    assert call(shop, NEW, "PerformTransaction", id="tx1") == performed
    assert code(call(shop, OLD, "PerformTransaction", id="tx1")) == -32504
    assert shop.deliver() == 1


def test_a_backend_with_a_new_key_of_its_own_is_told_again_until_the_sidecar_has_it(install: Install) -> None:
    shop = install(commerce_backend_key="sk_old")
    shop.backend.status = 401  # the backend knows the new one only
    shop.paid()
    assert shop.deliver() == 1
    assert [it.headers["authorization"] for it in shop.backend.asked] == [basic("sk_old:")]

    shop = install(commerce_backend_key="sk_new")
    shop.clock.advance(60_000)
    assert shop.deliver() == 1
    assert [it.headers["authorization"] for it in shop.backend.asked] == [basic("sk_new:")]
    assert shop.backend.keys == ["authorize:tx1"]
