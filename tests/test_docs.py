"""What the README and the docs say is so."""

import contextlib
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from pydantic import SecretStr
from pydantic_settings import BaseSettings
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

import dev
from demo_shop.postgres import free_port
from sidecar.cli import app
from sidecar.payme_merchant.errors import PaymeError
from sidecar.settings import Settings
from storefront_callback.settings import Settings as CallbackSettings
from tests.pages import DOCS, LANGUAGES, PAGES, READMES, ROOT, commands, essence, fences, links, slugs
from tests.processes import Sidecar, SqliteStorage, eventually
from tests.shop import API_KEY, BACKEND_KEY, KEY

README: Final = (ROOT / "README.md").read_text()
RUNBOOKS: Final = [DOCS / name for name in ("runbook.md", "runbook.ru.md", "runbook.uz.md")]


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


every_page = pytest.mark.parametrize("page", PAGES, ids=name_of)
every_runbook = pytest.mark.parametrize("page", RUNBOOKS, ids=name_of)


# ── settings ───────────────────────────────────────────────────────────────────────────────────────────────────────


def rows(settings: type[BaseSettings]) -> set[str]:
    def shown(default: object) -> str:
        value = default.get_secret_value() if isinstance(default, SecretStr) else default
        if value is None or value == ():
            return "–"
        return f"`{str(value).lower() if isinstance(value, bool) else value}`"

    return {
        f"| `{name.upper()}` | {'required' if field.is_required() else shown(field.default)} | {field.description} |"
        for name, field in settings.model_fields.items()
    }


@pytest.mark.parametrize(("mark", "settings"), [("sidecar", Settings), ("callback", CallbackSettings)])
def test_the_readmes_tables_are_the_settings(mark: str, settings: type[BaseSettings]) -> None:
    table = README.split(f"<!-- settings: {mark} -->\n")[1].split("\n\n")[0]

    assert set(table.splitlines()[2:]) == rows(settings)


# Names in capitals that are no settings of ours.
STRANGERS: Final = {
    "POSTGRES_PASSWORD",  # compose's
    "PAYME_SIDECAR_URL",  # the plugin's, by custom
    "PAYME_SIDECAR_API_KEY",
    "NEXT_PUBLIC_PAYME_STATUS_URL",  # the storefront's
    "PAYME_PROVIDER_ID",  # its code
    "TEST_KEY",  # Payme's
    "PAYME_CHECKOUT_URL",
}


@every_page
def test_every_setting_that_is_named_exists(page: Path) -> None:
    ours = {name.upper() for kind in (Settings, CallbackSettings) for name in kind.model_fields}
    begins = {name.split("_")[0] for name in ours}
    named = {word for line in commands(page.read_text()) for word in re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", line)}

    assert {it for it in named if it.split("_")[0] in begins} <= ours | STRANGERS


# ── links, code, commands ──────────────────────────────────────────────────────────────────────────────────────────


@every_page
def test_every_link_in_the_docs_leads_somewhere(page: Path) -> None:
    for path, anchor in links(page.read_text()):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name} links to {path}"
        if anchor:
            assert anchor in slugs(target.read_text()), f"{page.name} links to {path}#{anchor}"


def shell(code: str) -> None:
    subprocess.run(["bash", "-n"], input=code, text=True, check=True, capture_output=True)


PARSERS: Final[dict[str, Callable[[str], object]]] = {
    "sh": shell,
    "json": json.loads,
    "yaml": yaml.safe_load,
    "python": lambda code: compile(code, "a page", "exec"),
}
# Read by people here, and by their own compilers in medusa_plugin/ and storefront/. Mermaid is drawn in the browser.
UNPARSED: Final = {"", "ts", "tsx", "diff", "mermaid", "ini", "text"}


@every_page
def test_code_in_the_docs_can_be_parsed(page: Path) -> None:
    for language, code in fences(page.read_text()):
        assert language in PARSERS.keys() | UNPARSED, language
        if language in PARSERS:
            PARSERS[language](code)


def called(text: str) -> Iterator[list[str]]:
    """Every `payme-sidecar …` in the code of a page, as words. What a placeholder or a pipe begins is left out."""
    for line in commands(text):
        for found in re.findall(r"(?<![=\w-])payme-sidecar((?: [^|;&>`#]+)?)", line):
            with contextlib.suppress(ValueError):  # a quotation that goes on in the next line
                words = shlex.split(found)
                if words and re.fullmatch(r"[a-z]+", words[0]):
                    yield words


def wrong_in(words: list[str], command: Any) -> str | None:
    """Say which word of a command line the program does not know."""
    for number, word in enumerate(words):
        if word.startswith("-") and len(word) > 1 and not re.fullmatch(r"-?[0-9]+", word):
            known = {name for it in command.params for name in (*it.opts, *it.secondary_opts)} | {"--help", "-h"}
            if word.partition("=")[0] not in known:
                return word
        elif isinstance(command, TyperGroup):
            if word in command.commands:
                return wrong_in(words[number + 1 :], command.commands[word])
            if "run" not in command.commands:  # the sandbox takes an address without it
                return None if word in {"…", "..."} else word
            return wrong_in(words[number + 1 :], command.commands["run"])
    return None


@every_page
def test_every_command_in_the_docs_exists_with_its_options(page: Path) -> None:
    for words in called(page.read_text()):
        assert wrong_in(words, get_command(app)) is None, f"payme-sidecar {shlex.join(words)}"


@pytest.mark.parametrize("line", ["outbox lst", "outbox retry --every", "sandbox run URL --amuont 5", "reserve"])
def test_a_command_that_does_not_exist_is_found(line: str) -> None:
    assert [wrong_in(words, get_command(app)) for words in called(f"`payme-sidecar {line}`")] != [None]


def test_every_word_of_dev_py_in_the_docs_exists() -> None:
    assert {word for page in PAGES for word in re.findall(r"dev\.py ([a-z]+)", page.read_text())} <= set(dev.VERBS)


def test_the_table_of_scenarios_is_the_catalogue() -> None:
    listed = CliRunner().invoke(app, ["sandbox", "list", "--markdown"]).output
    table = (ROOT / "docs/sandbox.md").read_text().split("<!-- scenarios: ")[1]

    assert table.splitlines()[3:] == listed.splitlines()


def test_ci_runs_the_readmes_second_command_and_nothing_else() -> None:
    lines = (ROOT / ".ci/run").read_text().splitlines()
    does = [line for line in lines if line and not line.startswith(("#", "set ", "cd "))]

    assert does == ["exec python3 dev.py test"]
    assert "    python3 dev.py test\n" in README


# ── the runbook ────────────────────────────────────────────────────────────────────────────────────────────────────


@every_runbook
def test_the_runbook_says_what_to_do_about_every_alert(page: Path) -> None:
    groups = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yaml").read_text())["groups"]
    alerts = [rule["alert"] for group in groups for rule in group["rules"]]

    assert re.findall(r"^\| `([A-Z]\w+)` \|", page.read_text(), re.MULTILINE) == alerts


@every_runbook
def test_the_runbook_explains_every_code_that_payme_can_get_from_us(page: Path) -> None:
    section = page.read_text().split("\n### ")[1]
    explained = re.findall(r"^\| −(\d{5}) \| [^|]{5,} \| [^|]{20,} \|$", section, re.MULTILINE)

    assert sorted(-int(code) for code in explained) == sorted(PaymeError)


# ── the translations ───────────────────────────────────────────────────────────────────────────────────────────────

OPTIONAL: Final = re.compile(r"^\| `[A-Z_]+` \| (?!required).*\n", re.MULTILINE)


def without_options(readme: str) -> str:
    """The README without the rows of optional settings: a translation has those that are required, and a link."""
    before, mark, settings = readme.partition("## Settings\n")
    return before + mark + OPTIONAL.sub("", settings)


TRANSLATIONS: Final = [
    (original, original.with_suffix(f".{language}.md"))
    for language in LANGUAGES
    for original in (ROOT / "README.md", DOCS / "quick-start.md", DOCS / "runbook.md")
]


@pytest.mark.parametrize(("original", "translation"), TRANSLATIONS, ids=name_of)
def test_a_translation_has_the_headings_commands_settings_and_links_of_its_original(
    original: Path, translation: Path
) -> None:
    said, wanted = essence(translation.read_text()), essence(without_options(original.read_text()))

    assert said.headings == wanted.headings
    assert said.code == wanted.code
    assert said.links == wanted.links
    assert said.arrows == wanted.arrows


def test_the_readmes_link_each_other_at_the_top() -> None:
    names = {page.name for page in READMES}
    for page in READMES:
        assert {path for path, _ in links("\n".join(page.read_text().splitlines()[:6]))} == names - {page.name}


# ── another backend ────────────────────────────────────────────────────────────────────────────────────────────────

CONTRACT: Final = (DOCS / "other-backends.md").read_text()
END: Final = "— the end of a block —"
LONG_AGO: Final = 10**12  # milliseconds; what is later is a time, and any other time is as good


@pytest.fixture
def their_shop(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Run the page's smallest backend, word for word but for its port; its address, and what it prints."""
    port = free_port()
    program, printed = tmp_path / "shop.py", tmp_path / "shop.out"
    (source,) = [block.code for block in fences(CONTRACT) if block.language == "python"]
    assert source.count("9000") == 1
    program.write_text(source.replace("9000", str(port)))
    environment = {**os.environ, "COMMERCE_BACKEND_KEY": BACKEND_KEY}
    with printed.open("wb") as out, (tmp_path / "shop.err").open("wb") as err:
        process = subprocess.Popen([sys.executable, str(program)], env=environment, stdout=out, stderr=err)
    try:
        eventually(lambda: answers(port), "the page's backend")
        yield f"http://127.0.0.1:{port}", printed
    finally:
        process.terminate()
        process.wait()


def answers(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def sidecar(tmp_path: Path, their_shop: tuple[str, Path]) -> Iterator[Sidecar]:
    it = Sidecar(tmp_path, tmp_path, SqliteStorage(tmp_path).url, their_shop[0])
    it.start()
    yield it
    it.close()


def is_as_said(found: Any, said: Any) -> bool:
    """Compare an answer with the page's: `…` stands for any text or its end, a `"..."` member for more members."""
    match said:
        case dict():
            more = "..." in said
            named = {name: value for name, value in said.items() if name != "..."}
            there = isinstance(found, dict) and (set(named) <= set(found) if more else set(named) == set(found))
            return there and all(is_as_said(found[name], value) for name, value in named.items())
        case str() if said.endswith("…"):
            return isinstance(found, str) and found.startswith(said.removesuffix("…"))
        case int() if said > LONG_AGO:
            return isinstance(found, int) and found > LONG_AGO
    return bool(found == said and type(found) is type(said))


@pytest.mark.skipif(shutil.which("curl") is None, reason="the page's examples are curl's")
def test_every_command_for_another_backend_gets_the_answer_that_the_page_shows(
    sidecar: Sidecar, their_shop: tuple[str, Path]
) -> None:
    address = f"http://127.0.0.1:{sidecar.port}"
    there = {"http://127.0.0.1:8700": address, "any-long-random-word": API_KEY, "the-cashbox-key": KEY}
    blocks = [(block.language, in_place(block.code, there)) for block in fences(CONTRACT)]
    shown = [
        (code, json.loads(blocks[number + 1][1]) if blocks[number + 1][0] == "json" else None)
        for number, (language, code) in enumerate(blocks)
        if language == "sh"
    ]
    # The page's next step is a person's, later: what Payme has performed is told before it is taken back.
    script = "".join(f"{settled(code, their_shop[1])}\nprintf '\\n{END}\\n'\n" for code, _ in shown)
    ended = subprocess.run(["bash", "-eu"], input=script, text=True, capture_output=True, check=True, timeout=60)

    said = ended.stdout.split(END)[:-1]
    assert len(said) == len(shown) > 10
    for output, (code, wanted) in zip(said, shown, strict=True):
        if wanted is not None:
            assert is_as_said(json.loads(output), wanted), f"{code}\n{output}"
    story = ["order-1042 is paid: send it out", "order-1042 is refunded: take it back"]
    assert eventually(lambda: their_shop[1].read_text().splitlines() == story, "both messages")


def in_place(code: str, there: dict[str, str]) -> str:
    for example, real in there.items():
        code = code.replace(example, real)
    return code


def settled(code: str, printed: Path) -> str:
    if "payme CancelTransaction" not in code:
        return code
    return f"until grep -q paid {shlex.quote(str(printed))}; do sleep 0.05; done\n{code}"


@pytest.mark.parametrize(
    ("found", "said", "same"),
    [
        ({"a": 1}, {"a": 1}, True),
        ({"a": 1, "b": 2}, {"a": 1}, False),
        ({"a": 1, "b": 2}, {"a": 1, "...": "…"}, True),
        ({"a": True}, {"a": 1}, False),
        ("https://x/y", "https://x/…", True),
        ("http://x/y", "https://x/…", False),
        (1_790_000_000_123, 1_790_000_000_000, True),
        (0, 1_790_000_000_000, False),
        (None, {"a": 1}, False),
    ],
)
def test_an_answer_is_compared_with_what_the_page_shows(found: object, said: object, same: bool) -> None:
    assert is_as_said(found, said) is same


# ── the site ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build it as `dev.py docs` does: a warning is a failure."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return folder


class Fetched(HTMLParser):
    """Collects what a browser loads by itself for a page."""

    LOADS: Final = {"script", "link", "img", "iframe", "source", "video", "audio", "object", "embed", "use"}

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.LOADS:
            self.addresses += [value for name, value in attrs if name in {"src", "href", "data", "srcset"} and value]


def loaded_by(page: Path) -> list[str]:
    parser = Fetched()
    parser.feed(page.read_text())
    return parser.addresses


OUTSIDE: Final = re.compile(r"(?:[a-z]+:)?//")


def test_a_page_of_the_site_loads_nothing_from_another_host(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 90  # in three languages
    for page in pages:
        addresses = loaded_by(page)
        assert addresses, page
        assert not [it for it in addresses if OUTSIDE.match(it)], page
    for sheet in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(?:https?:)?//|@import", sheet.read_text()), sheet
    for script in (site / "assets/javascripts").rglob("*.js"):
        assert "unpkg.com" not in script.read_text(), script


def test_what_a_page_loads_lies_on_the_site(site: Path) -> None:
    for page in site.rglob("*.html"):
        if page.name != "404.html":  # it is shown at any address, so its own begin at the root
            missing = [
                it for it in loaded_by(page) if not (page.parent / it.partition("?")[0].partition("#")[0]).exists()
            ]
            assert not missing, (page, missing)


def test_a_page_with_a_drawing_has_what_draws_it_and_others_do_not(site: Path) -> None:
    for name, drawn in {"architecture.html": True, "ru/index.html": True, "settings.html": False}.items():
        assert any(it.endswith("mermaid.tiny.js") for it in loaded_by(site / name)) is drawn, name


def test_the_sites_settings_are_the_settings(site: Path) -> None:
    page = (site / "settings.html").read_text()

    for kind in (Settings, CallbackSettings):
        for name in kind.model_fields:
            assert f"<code>{name.upper()}</code></td>" in page


def test_a_file_of_the_repository_that_a_page_links_lies_on_the_site(site: Path) -> None:
    assert (site / "source/compose.yaml.txt").read_text() == (ROOT / "compose.yaml").read_text()
    for page in site.rglob("*.html"):
        for address in re.findall(r'href="([^":]*source/[^"]*)"', page.read_text()):
            assert (page.parent / address).is_file(), (page, address)
    assert 'href="../source/compose.yaml.txt"' in (site / "ru/index.html").read_text()


def test_no_markdown_is_left_over_on_the_site(site: Path) -> None:
    """Lists and tables that one reader of Markdown sees, and another does not."""
    for page in site.rglob("*.html"):
        article = page.read_text().partition("<article")[2].partition("</article>")[0]
        for paragraph in re.findall(r"<p>(.*?)</p>", article, re.DOTALL):
            assert not re.search(r"^(?:[-*] |\d+\. |\||#{1,6} |```)", paragraph, re.MULTILINE), (page.name, paragraph)


def test_a_translated_page_has_the_anchors_of_its_original(site: Path) -> None:
    for language in LANGUAGES:
        page = (site / language / "runbook.html").read_text()
        assert all(f'id="{it}"' in page for it in slugs((DOCS / "runbook.md").read_text()))
