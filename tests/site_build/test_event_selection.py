"""Events about repositories that the rollout leaves out, or that nobody knows, are not kept."""

from pathlib import Path

import pytest
from make.git import make_repository

from mkdocs_gitguard.cli.loaded_site import load_site
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.events.event import EventRepository
from mkdocs_gitguard.site_build.event_selection import EventSelection, FreshSelection
from mkdocs_gitguard.site_build.shown_sources import event_selection


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name in ("billing", "ledger", "plans"):
        make_repository(tmp_path / name, {"README.md": "# x\n"}, remote=f"git@github.com:acme/{name}.git")
    make_repository(tmp_path / "local", {"README.md": "# x\n"})
    folder = tmp_path / "site"
    (folder / "docs").mkdir(parents=True)
    (folder / "mkdocs.yml").write_text(
        "site_name: Portal\nplugins:\n  - gitguard: {repositories: [../billing, ../ledger, ../plans, "
        "{path: ../local, name: acme/local}]}\n"
    )
    return folder


def _selection(site: Path, monkeypatch, **environment: str) -> EventSelection:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    loaded = load_site(site)
    return event_selection(loaded.options, loaded.folder, loaded.state_folder)


def _about(name: str, *urls: str, former: tuple[str, ...] = ()) -> EventRepository:
    return EventRepository(name=name, urls=urls, former_names=former)


def test_what_the_site_names_is_shown(site, monkeypatch) -> None:
    selection = _selection(site, monkeypatch)
    assert selection.shows(_about("acme/billing", "https://github.com/acme/billing.git"))
    assert selection.shows(_about("Acme/Billing"))
    assert selection.shows(_about("acme/local"))
    assert not selection.shows(_about("acme/unknown", "https://github.com/acme/unknown"))
    assert not selection.shows(_about(""))
    # Renamed: the site still names it as it was, or already as it is.
    assert selection.shows(_about("acme/invoices", former=("acme/billing",)))
    assert selection.shows(_about("acme/billing", former=("acme/invoices",)))


@pytest.mark.parametrize(
    "veto", ["acme/plans", "PLANS", "https://github.com/acme/plans", "git@github.com:acme/plans.git"]
)
def test_a_veto_holds_whatever_it_is_written_as(site, monkeypatch, veto) -> None:
    selection = _selection(site, monkeypatch, CODEX_REPO_EXCLUDE_LIST=veto)
    assert not selection.shows(_about("acme/plans", "https://github.com/acme/plans"))
    assert not selection.shows(_about("acme/plans"))
    assert not selection.shows(_about("acme/public-now", former=("acme/plans",)))
    assert selection.shows(_about("acme/billing"))


def test_an_include_list(site, monkeypatch) -> None:
    selection = _selection(site, monkeypatch, CODEX_REPO_INCLUDE_LIST="acme/billing")
    assert selection.shows(_about("acme/billing", "https://github.com/acme/billing"))
    assert not selection.shows(_about("acme/ledger", "https://github.com/acme/ledger"))


def test_a_share(site, monkeypatch) -> None:
    selection = _selection(site, monkeypatch, CODEX_REPO_INCLUDE_LIST="25%")
    names = ("billing", "ledger", "plans", "local")
    assert sum(selection.shows(_about(f"acme/{name}")) for name in names) == 1


def test_a_veto_needs_no_restart_and_a_broken_site_opens_nothing(site, monkeypatch) -> None:
    monkeypatch.setattr("mkdocs_gitguard.site_build.event_selection._FRESH", -1.0)
    warnings: list[str] = []
    selection = FreshSelection(lambda: _selection(site, monkeypatch), warn=warnings.append)
    assert selection.shows(_about("acme/plans"))
    monkeypatch.setenv("CODEX_REPO_EXCLUDE_LIST", "acme/plans")
    assert not selection.shows(_about("acme/plans"))
    (site / "mkdocs.yml").write_text("site_name: [\n")
    for _ in range(3):
        assert not selection.shows(_about("acme/plans"))
        assert selection.shows(_about("acme/billing"))
    assert len(warnings) == 1


def test_a_site_that_cannot_be_read_at_first_is_an_error(site, monkeypatch) -> None:
    (site / "mkdocs.yml").write_text("site_name: [\n")
    with pytest.raises(SettingError):
        FreshSelection(lambda: _selection(site, monkeypatch), warn=print)
