"""`gitguard api serve` does not go on serving what has been vetoed since the build."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from make.git import make_repository
from make.site import Site
from make.snapshot import likely

from mkdocs_gitguard.cli import cli
from mkdocs_gitguard.rollout.build_record import BuildRecord, forget

BEFORE = "was built before CODEX_REPO_EXCLUDE_LIST became what it is"
HOLDS = "holds a repository that CODEX_REPO_EXCLUDE_LIST leaves out"


class Server:
    """What `gitguard api serve` would serve."""

    def __init__(self) -> None:
        self.served: list[Any] = []

    def start(self, *arguments: str) -> Result:
        return CliRunner().invoke(cli, ["api", "serve", *arguments])

    def refuses(self, reason: str, *arguments: str) -> None:
        before = len(self.served)
        result = self.start(*arguments)
        assert (result.exit_code, len(self.served)) == (1, before), result.output
        assert reason in result.output

    def serves(self, *arguments: str) -> None:
        before = len(self.served)
        result = self.start(*arguments)
        assert (result.exit_code, len(self.served)) == (0, before + 1), result.output


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    server = Server()
    monkeypatch.setenv("GRAPH_API_ENABLED", "true")
    monkeypatch.setattr("uvicorn.run", lambda app, **_: server.served.append(app))
    return server


def built(folder: Path, **config: Any) -> Site:
    options = config.pop("options", {})
    site = Site(folder).write(likely(repositories=2, pull_requests=1), options=options, **config)
    site.build()
    return site


@pytest.mark.parametrize("state", [".gitguard", "cache/state", "{tmp}/state", "../state"])
@pytest.mark.parametrize("folder", [".", "site", "site/api/v1"])
def test_what_was_built_before_a_veto_is_not_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server, state: str, folder: str
) -> None:
    built(tmp_path / "portal", options={"state_dir": state.format(tmp=tmp_path)})
    monkeypatch.chdir(tmp_path / "portal")
    server.serves(folder)
    # Of a repository that nothing in the export is called after: only the record of the build tells.
    monkeypatch.setenv("CODEX_REPO_EXCLUDE_LIST", "acme/other-name-of-one")
    server.refuses(BEFORE, folder)


CONFIGS = {
    "INHERIT": ("INHERIT: base.yml\n", "plugins: [{gitguard: {snapshot: snapshot.json, state_dir: elsewhere}}]\n"),
    "!ENV": (
        "plugins: [{gitguard: {snapshot: snapshot.json, state_dir: !ENV [NO_SUCH_PLACE, STATE_PLACE, '.x']}}]\n",
        "",
    ),
    "a group": (
        "plugins: [{group: {enabled: true, plugins: [{gitguard: {snapshot: snapshot.json, state_dir: elsewhere}}]}}]\n",
        "",
    ),
    "an alias": (
        "x: &x {snapshot: snapshot.json, state_dir: elsewhere}\nplugins: [{gitguard: {<<: *x}}]\n",
        "",
    ),
}


@pytest.mark.parametrize("config", CONFIGS)
def test_the_sites_state_is_found_however_its_settings_say_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server, config: str
) -> None:
    monkeypatch.setenv("STATE_PLACE", "elsewhere")
    site = Site(tmp_path / "portal").write(likely(repositories=2, pull_requests=1))
    child, parent = CONFIGS[config]
    (site.folder / "mkdocs.yml").write_text(f"site_name: Acme\ntheme: {{name: material, font: false}}\n{child}")
    (site.folder / "base.yml").write_text(parent)
    site.build()
    assert (site.folder / "elsewhere/build.json").is_file()
    monkeypatch.chdir(tmp_path)
    server.serves("portal")
    monkeypatch.setenv("CODEX_REPO_EXCLUDE_LIST", "acme/other-name-of-one")
    server.refuses(BEFORE, "portal")
    server.refuses(BEFORE, "portal/site/api/v1")


def test_a_site_some_folders_up_and_one_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    built(tmp_path / "portal", site_dir="out/of/here", options={"state_dir": "state"})
    built(tmp_path / "far", site_dir=str(tmp_path / "www"), options={"state_dir": "state"})
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "portal/out/of/here")
    monkeypatch.chdir(tmp_path / "empty")
    monkeypatch.setenv("CODEX_REPO_EXCLUDE_LIST", "acme/other-name-of-one")
    server.refuses(BEFORE, "../portal/out/of/here")
    server.refuses(BEFORE, "../link")
    server.refuses(BEFORE, "../link/api/v1")
    server.refuses(BEFORE, "-f", "../far/mkdocs.yml", "../www")
    monkeypatch.chdir(tmp_path / "far")
    server.refuses(BEFORE, "../www")


def test_the_word_of_the_sites_own_env_file_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    site = built(tmp_path / "portal", options={"phase": "preview"})
    (site.folder / "config/rollout").mkdir(parents=True)
    (site.folder / "config/rollout/preview.env").write_text("CODEX_REPO_EXCLUDE_LIST=acme/other-name-of-one\n")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    server.refuses(BEFORE, "../portal/site")


def test_after_a_build_that_failed_the_old_site_is_not_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    site = built(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CODEX_REPO_EXCLUDE_LIST", "acme/other-name-of-one")
    # As a build that began and was killed leaves it.
    forget(site.folder / ".gitguard", BuildRecord)
    server.refuses(BEFORE)


@pytest.mark.parametrize("veto", ["acme/ledger", "LEDGER", "*/led*", "https://github.com/acme/ledger.git"])
def test_an_export_that_lies_anywhere_is_searched_for_what_is_vetoed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server, veto: str
) -> None:
    site = built(tmp_path / "portal")
    shutil.copytree(site.output, tmp_path / "public/releases/1")
    shutil.rmtree(site.folder)
    monkeypatch.chdir(tmp_path)
    server.serves("public/releases/1")
    monkeypatch.setenv("CODEX_REPO_EXCLUDE_LIST", veto)
    server.refuses(HOLDS, "public/releases/1")
    monkeypatch.setenv("CODEX_REPO_EXCLUDE_LIST", "acme/none")
    server.serves("public/releases/1/api/v1")
    monkeypatch.setenv("CODEX_REPO_INCLUDE_LIST", "acme/billing")
    server.refuses("holds a repository that CODEX_REPO_INCLUDE_LIST leaves out", "public/releases/1")


def test_a_site_that_was_made_for_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    make_repository(tmp_path / "one", {"a": "1"}, remote="https://github.com/acme/one.git")
    monkeypatch.chdir(tmp_path / "one")
    done = Site(tmp_path / "one").run("mkdocs_gitguard", "build")
    assert done.returncode == 0, done.stderr
    (output,) = (tmp_path / "cache/mkdocs-gitguard/sites").glob("*/site")
    server.serves(str(output))
    monkeypatch.setenv("CODEX_REPO_EXCLUDE_LIST", "acme/other-name-of-one")
    server.refuses(BEFORE, str(output))


def test_a_release_that_holds_what_is_vetoed_is_not_taken_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    both = built(tmp_path / "both")
    one = Site(tmp_path / "one").write(likely(repositories=1, pull_requests=1))
    one.build()
    names = {path.name for path in (one.output / "api/v1/nodes/repository/acme").glob("*.json")}
    hidden = next(
        path.stem
        for path in sorted((both.output / "api/v1/nodes/repository/acme").glob("*.json"))
        if path.name not in names and "." not in path.stem
    )
    current = tmp_path / "served/current"
    current.parent.mkdir()
    shutil.copytree(one.output, tmp_path / "served/1")
    shutil.copytree(both.output, tmp_path / "served/2")
    current.symlink_to("1")
    monkeypatch.chdir(tmp_path / "served")
    monkeypatch.setenv("CODEX_REPO_EXCLUDE_LIST", f"acme/{hidden}")
    server.serves("current")
    keeper = next(route.endpoint._keeper for route in server.served[0].routes if hasattr(route.endpoint, "_keeper"))
    before = keeper.release.id
    current.unlink()
    current.symlink_to("2")
    assert not keeper.refresh()
    assert keeper.release.id == before
