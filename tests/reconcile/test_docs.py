"""The page about reconciling says what the program says."""

from pathlib import Path

from sidecar.reconcile.kinds import WORDS
from sidecar.reconcile.statement import HEADINGS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reconcile.md").read_text(encoding="utf-8")


def test_the_page_names_every_kind_in_the_programs_words_and_order() -> None:
    rows = [f"| `{kind}` | {words.says} | {words.do} |" for kind, words in WORDS.items()]

    assert "\n".join(rows) in PAGE


def test_the_page_names_every_column_of_the_statement() -> None:
    assert "; ".join(HEADINGS) in PAGE


def test_the_page_names_the_timer_before_cron_and_cron_mails_what_went_wrong_too() -> None:
    timer = "payme-sidecar-reconcile.timer"

    assert (ROOT / "deploy/systemd" / timer).exists()
    assert PAGE.index(timer) < PAGE.index("15 6 * * *")
    assert "/usr/local/bin/payme-sidecar reconcile >/tmp/reconcile.txt 2>&1 || mail" in PAGE


def test_the_page_says_that_a_later_refund_at_the_backend_alone_is_not_seen() -> None:
    _, _, blind = PAGE.partition("**Where it does not see.**")

    assert "payme-sidecar reconcile --from 30d" in blind.partition("\n## ")[0]
