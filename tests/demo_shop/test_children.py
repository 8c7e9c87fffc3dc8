"""Child processes: what they see, how they die, and that none outlives the demo."""

import asyncio
import os
from pathlib import Path

import httpx
import pytest

from demo_shop import children
from demo_shop.addresses import Addresses
from demo_shop.children import TAIL, ChildFailed, environment, running
from demo_shop.house import Keys, callback_settings, sidecar_settings
from tests.demo_shop.town import run

SLEEPER = ["http.server", "0", "--bind", "127.0.0.1"]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_child_sees_the_demos_settings_and_none_of_the_visitors() -> None:
    inherited = {"PATH": "/bin", "PAYME_KEY": "theirs", "payme_test_mode": "true", "Port": "1", "WEB_CONCURRENCY": "4"}

    seen = environment(inherited, {"PAYME_KEY": "ours"})

    assert seen["PATH"] == "/bin"
    assert seen["PAYME_KEY"] == "ours"
    assert not {"payme_test_mode", "Port", "WEB_CONCURRENCY"} & set(seen)


def test_a_child_talks_to_its_neighbours_without_a_proxy() -> None:
    seen = environment({"HTTP_PROXY": "http://proxy:3128", "no_proxy": "example.com"}, {})

    assert (seen["NO_PROXY"], seen["no_proxy"]) == ("*", "*")


def test_every_setting_of_the_demo_is_one_that_is_taken_out_of_the_visitors_environment() -> None:
    given = {**sidecar_settings(Addresses("127.0.0.1", 8700), Keys()), **callback_settings(Addresses("::1", 8700))}

    assert set(given) <= children.SETTINGS


def test_a_child_ends_with_its_block(tmp_path: Path) -> None:
    async def story() -> None:
        async with running("sleeper", SLEEPER, {}, tmp_path) as child:
            assert alive(child.process.pid)

        assert child.process.returncode is not None
        assert not alive(child.process.pid)

    run(story())


def test_a_child_works_in_the_demos_folder_where_no_env_file_of_the_visitor_lies(tmp_path: Path) -> None:
    (tmp_path / "teller.py").write_text("import os\nprint(os.getcwd(), os.environ['PORT'])\n")

    async def story() -> list[str]:
        async with running("teller", ["teller"], {"PORT": "8701"}, tmp_path) as child:
            await child.process.wait()
        return child.tail()

    assert run(story()) == [f"{tmp_path.resolve()} 8701"]


def test_a_child_ends_even_when_the_block_fails(tmp_path: Path) -> None:
    async def story() -> None:
        pids: list[int] = []

        async def fail() -> None:
            async with running("sleeper", SLEEPER, {}, tmp_path) as child:
                pids.append(child.process.pid)
                raise RuntimeError

        with pytest.raises(RuntimeError):
            await fail()

        assert not alive(pids[0])

    run(story())


def test_a_child_that_ignores_a_polite_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stubborn = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('up')\ntime.sleep(600)\n"
    (tmp_path / "stubborn.py").write_text(stubborn)
    monkeypatch.setattr(children, "STOP_TIMEOUT", 0.05)

    async def story() -> None:
        async with running("stubborn", ["stubborn"], {}, tmp_path) as child:
            while not child.tail():  # noqa: ASYNC110 - another process sets no event
                await asyncio.sleep(0.01)

        assert child.process.returncode == -9

    run(story())


def test_a_child_that_dies_early_is_named_with_its_status_and_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "doomed.py").write_text("import sys\nprint('\\n'.join(map(str, range(100))))\nsys.exit('I cannot')\n")

    async def story() -> None:
        async with running("doomed", ["doomed"], {}, tmp_path) as child, httpx.AsyncClient() as http:
            with pytest.raises(ChildFailed, match="the doomed ended by itself with status 1") as failed:
                await children.healthy(http, child, "http://127.0.0.1:9/healthz")

        assert failed.value.last_words[-1] == "I cannot"
        assert len(failed.value.last_words) == TAIL

    run(story())


def test_a_child_that_never_answers_is_named_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "START_TIMEOUT", 0.05)

    async def story() -> None:
        never = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(503)))
        async with running("sleeper", SLEEPER, {}, tmp_path) as child:
            with pytest.raises(ChildFailed, match="the sleeper was not ready"):
                await children.healthy(never, child, "http://sleeper.test/readyz")

    run(story())


def test_a_child_is_healthy_at_the_first_200(tmp_path: Path) -> None:
    async def story() -> None:
        answers = iter([httpx.Response(503), httpx.Response(200)])
        slow = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: next(answers)))
        async with running("sleeper", SLEEPER, {}, tmp_path) as child:
            await children.healthy(slow, child, "http://sleeper.test/readyz")

        assert next(answers, None) is None

    run(story())


def test_work_that_ends_gives_its_outcome_and_work_that_fails_its_failure(tmp_path: Path) -> None:
    async def answer() -> int:
        return 42

    async def stumble() -> int:
        raise LookupError

    async def story() -> None:
        async with running("sleeper", SLEEPER, {}, tmp_path) as child:
            assert await children.while_alive([child], answer()) == 42
            with pytest.raises(LookupError):
                await children.while_alive([child], stumble())
            assert alive(child.process.pid)

    run(story())
