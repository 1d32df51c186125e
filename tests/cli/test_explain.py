"""`gitguard build` says what it made again and why, as a user asks it."""

from pathlib import Path

import pytest
from make.git import import_commits, make_repository
from make.process import run


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name in ("billing", "ledger"):
        remote = f"https://github.com/acme/{name}.git"
        make_repository(tmp_path / name, {"README.md": f"# {name.title()}\n"}, remote=remote)
        # Without any there would be no section of pull requests, and the first would change every page's navigation.
        import_commits(tmp_path / name, [("Begin to count (#6)", {"src/count.py": "x = 1\n"})])
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "index.md").write_text("# Hello\n")
    (tmp_path / "mkdocs.yml").write_text(
        "site_name: Acme\ntheme: {name: material}\nplugins:\n"
        "  - search\n  - gitguard: {repositories: [billing, ledger]}\n"
    )
    return tmp_path


def build(site: Path, *options: str) -> str:
    # Pages of service levels show what each build measures, the one before too.
    environment = {"SOURCE_DATE_EPOCH": "1767500000", "SLO_MONITORING_ENABLED": "false"}
    done = run(site, "mkdocs_gitguard", "build", "-f", "mkdocs.yml", *options, **environment)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_why_a_page_was_made_again(site: Path) -> None:
    first = build(site)
    assert "because there is no memory of an earlier build" in first
    assert "Site:" not in first
    assert "repository/acme/ledger is kept: all that it reads is the same" in build(
        site, "--explain", "/repository/acme/ledger/"
    )
    import_commits(site / "billing", [("Round half to even (#7)", {"src/round.py": "x = 1\n"})])
    again = build(site, "--explain", "repository/acme/billing")
    assert "repository/acme/billing is made again: " in again
    assert "because it is new" in again


def test_clean_makes_all(site: Path) -> None:
    build(site)
    assert "Pages: 0 made" in build(site)
    assert "Pages: 0 made" not in build(site, "--clean")


def test_a_page_that_is_none_is_told(site: Path) -> None:
    output = build(site, "--explain", "repository/acme/biling")
    assert "--explain: the portal has no page repository/acme/biling. Did you mean repository/acme/billing?" in output


@pytest.mark.parametrize("page", ["home", "/", "repository"])
def test_a_page_of_the_navigation_is_known(site: Path, page: str) -> None:
    output = build(site, "--explain", page)
    assert (
        f"{page.strip('/') or 'home'} is made again: MkDocs makes the pages of the navigation at each build" in output
    )
