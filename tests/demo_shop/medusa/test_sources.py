"""The repository's pieces: present or not, and one version told from another."""

from pathlib import Path

import pytest

from demo_shop.medusa.sources import NoRepository, Sources, copy, fingerprint


def test_this_repository_has_everything() -> None:
    Sources().check()


def test_without_the_repository_one_line_says_what_is_needed(tmp_path: Path) -> None:
    with pytest.raises(NoRepository, match="needs a clone of the repository"):
        Sources(tmp_path).check()


def test_a_fingerprint_changes_with_a_byte_a_name_and_a_place(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a.ts").write_text("one")
    prints = [fingerprint(tmp_path)]

    (tmp_path / "src/a.ts").write_text("two")
    prints.append(fingerprint(tmp_path))
    (tmp_path / "src/a.ts").rename(tmp_path / "src/b.ts")
    prints.append(fingerprint(tmp_path))
    (tmp_path / "src/b.ts").rename(tmp_path / "b.ts")
    prints.append(fingerprint(tmp_path))

    assert len(set(prints)) == 4
    assert fingerprint(tmp_path) == prints[-1]


def test_what_tools_leave_behind_is_neither_counted_nor_copied(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "index.ts").write_text("one")
    before = fingerprint(source)

    for name in ("node_modules", ".medusa", "dist"):
        (source / name).mkdir()
        (source / name / "left.js").touch()
    copy(source, tmp_path / "copy")

    assert fingerprint(source) == before
    assert [path.name for path in (tmp_path / "copy").iterdir()] == ["index.ts"]
