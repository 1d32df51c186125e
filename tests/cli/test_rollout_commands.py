"""From staging to canary and back, as a user runs it: real repositories, real builds, a directory target."""

import json
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from make.git import import_commits, make_repository

from mkdocs_gitguard.cli import cli


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in memory, where there is one: `syncfs` waits there for nobody else's writes."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(
        dir=memory if os.access(memory, os.W_OK) else tmp_path_factory.mktemp("x")
    ) as name:
        yield Path(name)


@pytest.fixture(scope="module")
def site(folder: Path) -> Path:
    for name in ("billing", "ledger"):
        files = {"README.md": f"# {name}\n", "tests/test_a.py": "def test_a(): ...\n"}
        make_repository(folder / name, files, remote=f"https://github.com/acme/{name}.git")
        import_commits(folder / name, [("Round half to even (#7)", {"src/round.py": "x = 1\n"})])
    site = folder / "site"
    (site / "docs").mkdir(parents=True)
    (site / "docs" / "about.md").write_text("# About\n")
    (site / "mkdocs.yml").write_text(
        "site_name: Portal\ntheme: {name: mkdocs}\nplugins:\n  - gitguard: {repositories: ['../billing', '../ledger']}\n"
    )
    return site


def run(site: Path, *arguments: str, code: int = 0, **environment: str) -> str:
    """Run a command in this process, where it starts no faster way; `build` runs MkDocs in one of its own."""
    before = Path.cwd()
    os.chdir(site)
    try:
        done = CliRunner().invoke(
            cli, arguments, env={"GITHUB_ACTOR": "mira", "CODEX_PUBLISH_TARGET": "directory:public", **environment}
        )
    finally:
        os.chdir(before)
    assert done.exit_code == code, done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.output


def test_the_way_from_preview_to_canary_and_back(site: Path) -> None:
    public = site / "public"
    assert "Phase: preview (default)" in run(site, "rollout", "status")
    assert "promote preview -> staging by mira: try it" in run(site, "rollout", "promote", "--why", "try it")

    run(site, "build")
    refused = run(site, "publish")
    assert "CODEX_PUBLISH_PORTAL is build-only (packaged staging.env:7)." in refused
    assert not public.exists()
    checks = json.loads(run(site, "rollout", "check", "--format", "json", code=1))
    states = {check["name"]: check["state"] for check in checks["checks"]}
    assert (states["staging.builds"], states["staging.no-publish"], states["staging.service"]) == (
        "pass",
        "pass",
        "no data",
    )
    output = run(site, "rollout", "measure")
    assert "health.service = 1" in output
    assert "health.failed = 0 (5 checks)" in output
    assert "api.disabled = 1" in output
    assert "policies.ready = 1" in output
    assert "diagrams.ready = 1" in output
    assert "checks of staging do not pass: " in run(site, "rollout", "promote", code=1)
    assert "+ CODEX_REPO_INCLUDE_LIST=10%" in run(site, "rollout", "plan")
    stepped = run(site, "rollout", "promote", "--override", "drills come later")
    assert "promote staging -> canary" in stepped
    assert "Overridden: drills come later (did not pass: staging." in stepped

    assert "was built in the phase staging, and now it is canary" in run(site, "publish", code=1)
    run(site, "build")
    first = run(site, "publish")
    assert "Published release" in first
    assert len(list((public / "current" / "repository" / "acme").iterdir())) == 1, "a tenth of two is one"
    assert "drills come later" in (public / "current" / "rollout" / "index.html").read_text()
    assert "Nothing changed since" in run(site, "publish")
    assert "Rehearsed: " in run(site, "rollback", "--rehearse")

    everything = {"CODEX_REPO_INCLUDE_LIST": "acme/*"}
    assert "other feature flags or repository lists" in run(site, "publish", code=1, **everything)
    run(site, "build", **everything)
    dry = run(site, "publish", **everything, CODEX_DRY_RUN="true")
    assert "Would publish" in dry
    assert "CODEX_DRY_RUN is true" in dry
    run(site, "publish", **everything)
    assert first.split()[2] in run(site, "rollback", CODEX_DRY_RUN="true")
    assert len(list((public / "current" / "repository" / "acme").iterdir())) == 2, "a dry run switches nothing"
    back = run(site, "rollback", "--why", "too much", CODEX_PUBLISH_ENABLED="false")
    assert first.split()[2] in back
    assert len(list((public / "current" / "repository" / "acme").iterdir())) == 1
    assert "CODEX_PUBLISH_ENABLED is false (environment)." in run(site, "publish", CODEX_PUBLISH_ENABLED="false")

    status = json.loads(run(site, "rollout", "status", "--format", "json"))
    assert [event["action"] for event in status["releases"]] == ["rollback", "publish", "publish"]
    assert [change["after"] for change in status["changes"]] == ["canary", "staging"]
    canary = {check["name"]: check["state"] for check in status["checklists"][1]["checks"]}
    passed = {name for name, state in canary.items() if state == "pass"}
    assert {"canary.integrity", "canary.rollback"} <= passed
    assert "rollback canary -> staging by mira: errors" in run(site, "rollout", "rollback", "--why", "errors")
    assert "Phase: staging (config/rollout/current.env:2)" in run(site, "rollout", "status")


def test_phases_are_told_in_words(site: Path) -> None:
    status = run(site, "rollout", "status", CODEX_ROLLOUT_PHASE="staging")
    packaged = re.search(r"^packaged: .*, in (.*)$", status, re.MULTILINE)
    assert packaged is not None
    assert (Path(packaged[1]) / "staging.env").is_file()
    assert re.search(r"^  code owners +hidden; comes with the phase owners$", status, re.MULTILINE)
    assert re.search(r"^  policies +hidden; comes with the phase canary$", status, re.MULTILINE)
    plan = run(site, "rollout", "plan", CODEX_ROLLOUT_PHASE="staging")
    assert "staging hides: code owners, policies, diagrams, explorer, service levels, chaos drills." in plan
    assert "canary hides: code owners, explorer, chaos drills." in plan
    assert "canary publishes some of the repositories (10%)." in plan
    assert "docs/rolling-out.md" in plan
    assert "owners hides nothing." in run(site, "rollout", "plan", CODEX_ROLLOUT_PHASE="embeddings")
    in_preview = run(site, "rollout", "check", code=1, CODEX_ROLLOUT_PHASE="preview")
    assert "preview has no success criteria: it is not a phase of the rollout plan." in in_preview


def test_a_release_with_a_secret_or_a_broken_link_does_not_go_out(site: Path) -> None:
    environment = {"CODEX_ROLLOUT_PHASE": "production", "CODEX_PUBLISH_TARGET": "directory:careful"}
    about = site / "docs" / "about.md"
    about.write_text("# About\n\n" + "AKIA" + 'Z7Q2M4N6P8R1T3V5\n\n<a href="none/">x</a>\n')
    run(site, "build", **environment)
    output = run(site, "publish", code=1, **environment)
    assert "The site has 2 findings and was not published" in output
    assert "looks like a secret: AWS Access Key" in output
    assert "about/index.html links to 'none/', which is not there." in output
    assert "AKIA" not in output
    assert not (site / "careful").exists()
    about.write_text('# About\n\n<a href="none/">x</a>\n')
    run(site, "build", **environment)
    assert "Published release" in run(site, "publish", "--allow-broken-links", **environment)
    about.write_text("# About\n")


def test_a_build_that_takes_too_long_is_ended_and_counted(site: Path) -> None:
    run(site, "build", code=1, CODEX_ROLLOUT_PHASE="staging", BUILD_TIMEOUT="50ms")
    checks = run(site, "rollout", "check", code=1, CODEX_ROLLOUT_PHASE="staging")
    assert "build.errors = 1 (a build that was aborted)" in checks


def test_wrong_settings_are_one_line(site: Path) -> None:
    output = run(site, "rollout", "status", code=1, CODEX_PUBLISH_ENABLE="true")
    assert (
        output
        == "Error: environment: there is no setting CODEX_PUBLISH_ENABLE. Did you mean CODEX_PUBLISH_ENABLED? See docs/settings.md, which lists them all.\n"
    )
    output = run(site, "publish", "--target", "s3:x", code=1, CODEX_ROLLOUT_PHASE="production")
    assert output.startswith("Error: ")
    assert "Traceback" not in output


@pytest.mark.parametrize("target", ["directory:site", "directory:docs/../site/x", "pages-artifact:site/a.tar"])
def test_a_target_in_the_built_site_is_refused(site: Path, target: str) -> None:
    phase = {"CODEX_ROLLOUT_PHASE": "production", "CODEX_PUBLISH_TARGET": target}
    run(site, "build", **phase)
    before = sorted(site.glob("site/**/*"))
    assert "which the next build empties" in run(site, "publish", code=1, **phase)
    assert sorted(site.glob("site/**/*")) == before


def test_the_canary_is_proposed_and_never_an_empty_list(site: Path) -> None:
    output = run(site, "rollout", "select", "--percent", "50", SOURCE_DATE_EPOCH="1768000000")
    assert "\nCODEX_REPO_INCLUDE_LIST=acme/" in output
    for wrong in ("200", "ten"):
        assert f"--percent is '{wrong}'." in run(site, "rollout", "select", "--percent", wrong, code=1)
    output = run(site, "rollout", "select", SOURCE_DATE_EPOCH="1798000000", code=1)
    assert "No repository meets the criteria." in output
    assert "CODEX_REPO_INCLUDE_LIST=\n" not in output


def test_repositories_beyond_the_hourly_limit_are_carried_over_and_said_so(folder: Path) -> None:
    """Nothing of the cache is lost to the limit: what was read before is shown, and waits for its turn."""
    site = folder / "limited"
    (site / "docs").mkdir(parents=True)
    (site / "mkdocs.yml").write_text(
        "plugins: [{gitguard: {repositories: ['../one', '../two', '../three']}}]\nsite_name: x\n"
    )
    for name in ("one", "two", "three"):
        make_repository(folder / name, {"README.md": "# x\n"}, remote=f"https://github.com/acme/{name}.git")

    def shown(minute: int) -> tuple[int, list[str]]:
        output = run(
            site, "harvest", "-o", "out.json", MAX_REPOS_PER_HOUR="2", MAX_CONCURRENT_BUILDS="1",
            SOURCE_DATE_EPOCH=str(1_768_000_000 + minute * 60),
        )  # fmt: skip
        snapshot = json.loads((site / "out.json").read_bytes())
        assert output.count("is carried over to the next harvest") == sum(
            finding["code"] == "carried-over" for finding in snapshot["findings"]
        )
        return len(snapshot["repositories"]), [
            finding["severity"] for finding in snapshot["findings"] if finding["code"] == "carried-over"
        ]

    assert shown(0) == (2, ["error"])
    assert shown(10) == (2, ["error"])
    assert shown(70) == (3, [])
    import_commits(folder / "one", [("Next (#2)", {"b.py": "x = 1\n"})])
    import_commits(folder / "two", [("Next (#2)", {"b.py": "x = 1\n"})])
    assert shown(80) == (3, ["warning"])
    assert shown(140) == (3, [])


def test_a_server_that_does_not_start_is_told_with_its_reason(site: Path, tmp_path: Path) -> None:
    (tmp_path / "uvicorn.py").write_text("raise ImportError('not installed', name='uvicorn')\n")
    output = run(site, "rollout", "measure", PYTHONPATH=str(tmp_path), GRAPH_API_PORT="8931")
    assert "health.service = 0" in output
    assert "The server needs uvicorn." in output
    assert "pip install 'mkdocs-gitguard[api]'" in output
