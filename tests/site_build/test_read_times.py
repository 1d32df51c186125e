"""How long each repository took: kept from the build that read it, and of none that is left out."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from make.git import make_repository

from mkdocs_gitguard.cli.loaded_site import load_site
from mkdocs_gitguard.rollout.resolve import resolve_settings
from mkdocs_gitguard.site_build.read import read_site
from mkdocs_gitguard.site_build.read_times import READ_TIMES_FILE, slowest_to_read
from mkdocs_gitguard.site_build.site import Site

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def shown(slowest) -> list[tuple[str, float, str]]:
    return [(one.repository, one.seconds, one.on) for one in slowest]


def test_the_slowest_stand_first_and_what_is_left_out_is_forgotten(tmp_path: Path) -> None:
    everything = {"a", "b", "c"}
    slowest_to_read(tmp_path, {"a": 1.0, "b": 3.0, "c": 2.0}, everything, at=AT)
    later = AT + timedelta(days=1)
    # Of b a process that stays says again what it was.
    assert shown(slowest_to_read(tmp_path, {"a": 9.0, "b": 3.0}, everything, at=later)) == [
        ("a", 9.0, "2026-03-02"),
        ("b", 3.0, "2026-03-01"),
        ("c", 2.0, "2026-03-01"),
    ]
    assert [one.repository for one in slowest_to_read(tmp_path, {}, {"a", "c"}, at=later)] == ["a", "c"]
    assert b"\xa1b" not in (tmp_path / READ_TIMES_FILE).read_bytes()
    many = {f"r{number:03}": float(number) for number in range(300)}
    assert shown(slowest_to_read(tmp_path, many, many, at=AT))[0] == ("r299", 299.0, "2026-03-01")
    assert len(slowest_to_read(tmp_path, {}, many, at=AT)) == 20


def test_a_build_says_how_long_what_it_has_read_took(tmp_path: Path) -> None:
    for name in ("billing", "ledger"):
        make_repository(tmp_path / name, {"README.md": "# x\n"}, remote=f"git@github.com:acme/{name}.git")
    (tmp_path / "docs").mkdir()
    (tmp_path / "mkdocs.yml").write_text("site_name: A\nplugins:\n  - gitguard: {repositories: [billing, ledger]}\n")

    def read(**environment: str) -> Site:
        settings = resolve_settings("", environ=environment, root=tmp_path)
        return read_site(load_site(tmp_path).options, tmp_path, settings)

    first = read()
    assert {one.repository for one in first.slowest} == {"repository:acme/billing", "repository:acme/ledger"}
    assert all(0 < one.seconds < 60 for one in first.slowest)
    # Nothing has moved: the cache has all of it, and what was measured holds.
    assert read().slowest == first.slowest
    hidden = read(CODEX_ROLLOUT_PHASE="production", CODEX_REPO_EXCLUDE_LIST="acme/billing")
    assert [one.repository for one in hidden.slowest] == ["repository:acme/ledger"]
    assert b"billing" not in (tmp_path / ".gitguard" / READ_TIMES_FILE).read_bytes()
