"""What is said of a build and of a publish is what was really made: real builds, real targets, real commands."""

import json
import os
import sqlite3
from contextlib import chdir, closing
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from click.testing import CliRunner
from make import process
from make.git import git, make_repository

from mkdocs_gitguard.cli import cli
from mkdocs_gitguard.errors import SourceError
from mkdocs_gitguard.publish.directory import DirectoryTarget

LATE = """
from mkdocs.exceptions import PluginError
def on_post_build(config):
    raise PluginError("too late")
"""
OURS = ("CODEX_", "GITHUB_", "DOCS_", "GRAPH_API_")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in os.environ:
        if name.startswith(OURS):
            monkeypatch.delenv(name)
    make_repository(tmp_path / "billing", {"README.md": "# Billing\n"}, remote="https://github.com/acme/billing.git")
    site = tmp_path / "site"
    (site / "docs").mkdir(parents=True)
    (site / "docs" / "about.md").write_text("# About\n")
    (site / "mkdocs.yml").write_text(
        "site_name: Portal\ntheme: {name: mkdocs}\n"
        "plugins: [{gitguard: {repositories: ['../billing'], strict_findings: never}}]\n"
    )
    return site


def run(site: Path, *arguments: str, code: int = 0, **environment: str) -> str:
    """Run a command: a build in a process, for what MkDocs logs, all others in this one."""
    if arguments[0] != "build":
        with chdir(site):
            result = CliRunner().invoke(cli, arguments, env=environment)
        assert result.exit_code == code, (result.output, result.exception)
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result.output
    done = process.run(site, "mkdocs_gitguard", *arguments, **environment)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def outcomes(site: Path) -> dict[str, list[float]]:
    with closing(sqlite3.connect(site / ".gitguard" / "state.db")) as database:
        rows = database.execute("SELECT name, value FROM measurements ORDER BY rowid").fetchall()
    return {name: [value for known, value in rows if known == name] for name, _ in rows}


def test_a_build_that_strict_aborts_is_no_build(site: Path) -> None:
    production = {"CODEX_ROLLOUT_PHASE": "production", "CODEX_PUBLISH_TARGET": "directory:pub-of-strict"}
    (site / "docs" / "about.md").write_text("# About\n\n[x](none.md)\n")
    run(site, "build", **production)
    assert outcomes(site)["build.errors"] == [0]
    assert "in strict mode" in run(site, "build", "--strict", code=1, **production)
    assert outcomes(site)["build.errors"] == [0, 1]
    assert outcomes(site)["work.attempts"][-1:] == [1]
    assert "is not what `gitguard build` built last" in run(site, "publish", code=1, **production)
    assert "The build did not end well" in run(site, "github", "summary", **production)


def test_a_build_that_another_plugin_ends_is_no_build(site: Path) -> None:
    (site / "late.py").write_text(LATE)
    (site / "mkdocs.yml").write_text((site / "mkdocs.yml").read_text() + "\nhooks: [late.py]\n")
    run(site, "build", "--config-file", "mkdocs.yml", code=1)
    assert outcomes(site)["build.errors"] == [1]


def test_what_the_host_would_refuse_is_not_published(site: Path) -> None:
    production = {"CODEX_ROLLOUT_PHASE": "production", "CODEX_PUBLISH_TARGET": "directory:public"}
    config = (site / "mkdocs.yml").read_text()
    (site / "mkdocs.yml").write_text(
        config.replace("strict_findings: never", "strict_findings: never, site_budget: {host: cloudflare, files: 30}")
    )
    assert "WARNING -  gitguard: The site is too large for cloudflare." in run(site, "build", **production)
    refused = run(site, "publish", code=1, **production)
    assert "The site is too large for cloudflare and was not published." in refused
    assert "of 30 at most. The largest parts: " in refused
    assert not (site / "public" / "current").exists()
    (site / "mkdocs.yml").write_text(config)
    assert "too large" not in run(site, "build", **production)
    assert "Published release" in run(site, "publish", **production)


def test_a_publish_that_fails_leaves_no_word_of_an_earlier_one(site: Path) -> None:
    production = {"CODEX_ROLLOUT_PHASE": "production"}
    run(site, "build", **production)
    assert "Published release" in run(site, "publish", "--target", "directory:pub-of-fail", **production)
    output = run(site, "publish", "--target", "gh-pages", code=1, **production)
    assert "The branch gh-pages has no repository to be in" in output
    summary = run(site, "github", "summary", **production)
    assert "**Not published:**" in summary
    assert "published=true" not in summary


def test_a_release_that_cannot_be_read_back_is_out_all_the_same(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    production = {"CODEX_ROLLOUT_PHASE": "production", "CODEX_PUBLISH_TARGET": "directory:pub-of-damage"}
    run(site, "build", **production)

    def damage(self: object, manifest: object) -> list[str]:
        raise SourceError("The line is dead.")

    for name, value in production.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(DirectoryTarget, "damage", damage)
    monkeypatch.chdir(site)
    done = CliRunner().invoke(cli, ["publish"])
    assert done.exit_code == 1
    assert "arrived damaged: it cannot be read back: The line is dead." in str(done.exception) + done.output
    assert json.loads((site / ".gitguard" / "publish.json").read_text())["published"]


def test_what_deploys_past_the_flags_is_refused_where_they_refuse(site: Path) -> None:
    origin = make_repository(site / "forge.git", is_bare=True)
    make_repository(site, remote=str(origin))

    def deploy(command: str, **environment: str) -> CompletedProcess[str]:
        return process.run(site, "mkdocs", command, **environment)

    for phase in ("preview", "staging"):
        done = deploy("gh-deploy", CODEX_ROLLOUT_PHASE=phase)
        assert done.returncode == 1
        assert "`mkdocs gh-deploy` would publish this portal, which is refused: " in done.stderr
        assert git(origin, "branch", "-a") == ""
    stopped = deploy("gh-deploy", CODEX_ROLLOUT_PHASE="production", CODEX_PUBLISH_ENABLED="false")
    assert "CODEX_PUBLISH_ENABLED is false" in stopped.stderr
    done = deploy("build", CODEX_ROLLOUT_PHASE="preview", MIKE_DOCS_VERSION="1.0")
    assert "`mike deploy` would publish this portal, which is refused: " in done.stderr
    output = deploy("build", CODEX_ROLLOUT_PHASE="production", MIKE_DOCS_VERSION="1.0")
    assert output.returncode == 0
    assert "publishes without gitguard's checks" in output.stderr


@pytest.mark.parametrize("target", ["directory", "pages-artifact"])
def test_a_url_is_no_path_to_publish_to(site: Path, target: str) -> None:
    production = {"CODEX_ROLLOUT_PHASE": "production"}
    run(site, "build", **production)
    output = run(site, "publish", "--target", f"{target}:https://me:zqtok@git.example/x", code=1, **production)
    assert "is a URL, and no path" in output
    assert "zqtok" not in output
    assert not (site / "https:").exists()
