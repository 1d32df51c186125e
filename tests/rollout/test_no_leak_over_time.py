"""Over any sequence of builds with another selection each, nothing of what is left out is in any output."""

import json
import logging
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from make.archives import unpack
from make.canaries import CANARIES, leaks, make_portfolio
from make.git import git, make_repository
from make.site import Site

from mkdocs_gitguard.cli import cli
from mkdocs_gitguard.rollout.settings import DECLARATIONS

NAME = f"{CANARIES['namespace']}/{CANARIES['name']}"
LISTS: Mapping[str, Mapping[str, str]] = {
    "all": {},
    "veto": {"CODEX_REPO_EXCLUDE_LIST": NAME},
    "veto, in capitals": {"CODEX_REPO_EXCLUDE_LIST": NAME.upper()},
    "veto by URL": {"CODEX_REPO_EXCLUDE_LIST": f"git@github.com:{NAME}.git"},
    "veto by folder": {"CODEX_REPO_EXCLUDE_LIST": "../hidden"},
    "veto of a clone": {"CODEX_REPO_EXCLUDE_LIST": "../again"},
    "list": {"CODEX_REPO_INCLUDE_LIST": "acme/billing"},
    "glob": {"CODEX_REPO_INCLUDE_LIST": "acme/[bl]*"},
    "share": {"CODEX_REPO_INCLUDE_LIST": "0%,ledger"},
}
SHOWS_ALL = "all"
PUBLISHES = {"CODEX_PUBLISH_ENABLED": "true", "CODEX_PUBLISH_PORTAL": "external"}
Step = tuple[str, str, bool, bool, bool]
"""Lists, phase, `--dirty`, Graph API, another name for the clone."""

steps = st.tuples(
    st.sampled_from([*LISTS]),
    st.sampled_from(["preview", "production", "advanced"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portfolio in which the repository to leave out comes in many ways, and reports call it many names."""
    top = tmp_path_factory.mktemp("pattern")
    site = make_portfolio(top)
    git(top, "clone", "-q", "hidden", "again")
    git(top / "again", "remote", "set-url", "origin", f"ssh://git@ssh.github.com:443/{NAME}.git")
    evil = make_repository(top / "evil", {"a": "1"}, remote="https://github.com/acme/evil.git")
    shutil.rmtree(evil / ".git/refs")
    # Relative, so that a copy of all leads into the copy.
    (evil / ".git/refs").symlink_to("../../hidden/.git/refs")
    (evil / ".git/objects/info").mkdir(exist_ok=True)
    (evil / ".git/objects/info/alternates").write_text("../../../hidden/.git/objects\n")
    spellings = [
        NAME.upper(), f"https://github.com/{NAME}", f"https://GitHub.com:443/{NAME}.git/", f"git@github.com:{NAME}.git",
        f"https://github.com/{NAME}/pull/41", f"https://github.com/{NAME}/tree/main", f"{NAME}@0123456789abcdef",
        NAME.replace("/", "%2F"), CANARIES["name"], f"https://api.github.com/repos/{NAME}", f"{NAME}/",
    ]  # fmt: skip
    decisions = [
        {"decision_id": f"d{number}", "timestamp": "2026-01-12T00:00:00Z", "path": "guard/deny",
         "result": [CANARIES["decision"]], "input": {"repository": spelling}}
        for number, spelling in enumerate(spellings)
    ]  # fmt: skip
    (site / "more.json").write_text("".join(f"{json.dumps(decision)}\n" for decision in decisions))
    return top


def write_site(site: Path, *, is_renamed: bool) -> None:
    config = yaml.safe_load((site / "mkdocs.yml").read_text())
    options = config["plugins"][1]["gitguard"]
    again = {"path": "../again", "name": f"acme/{CANARIES['host']}"} if is_renamed else "../again"
    options["repositories"] = ["../billing", "../ledger", "../hidden", again, "../evil", f"http://github.com/{NAME}"]
    if not is_renamed:
        options["repositories"][3] = {"path": "../again", "name": "acme/again"}
    options["decisions"] = [*options["decisions"][:2], "more.json", "again.json"]
    # By a name that the site has for it no longer, nobody can know it.
    named = f"acme/{CANARIES['host']}" if is_renamed else "acme/again"
    decision = {
        "decision_id": "again",
        "path": "guard/deny",
        "result": [CANARIES["decision"]],
        "input": {"repository": named},
    }
    (site / "again.json").write_text(json.dumps(decision) + "\n")
    (site / "mkdocs.yml").write_text(yaml.safe_dump(config, sort_keys=False))


def outputs(site: Path) -> Path:
    """Let every command write what it has to say into one folder; return it."""
    folder = site.parent / "outputs"
    # The export stays: what an earlier one wrote must go by itself.
    for name in ("public", "artifact"):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / "export").mkdir(parents=True, exist_ok=True)

    def run(name: str, *arguments: str) -> None:
        result = CliRunner().invoke(cli, arguments)
        assert result.exception is None or isinstance(result.exception, SystemExit), arguments
        (folder / f"{name}.txt").write_text(result.output + result.stderr)

    run("export-said", "export", str(folder / "export"))
    run("harvest-said", "harvest", "-o", str(folder / "snapshot.json"))
    for form in ("text", "json", "sarif", "github"):
        run(f"owners-{form}", "owners", "check", "--format", form)
        run(f"policies-{form}", "policies", "check", "--format", form)
    run("policies", "policies", "list")
    run("publish-directory", "publish", "--target", f"directory:{folder / 'public'}", "--allow-broken-links")
    (folder / "artifact").mkdir()
    run(
        "publish-artifact",
        "publish",
        "--target",
        f"pages-artifact:{folder / 'artifact/site.tar'}",
        "--allow-broken-links",
    )
    for archive in (folder / "artifact").glob("*.tar"):
        unpack(archive, folder / "artifact/opened")
        archive.unlink()
    return folder


def environment(lists: Mapping[str, str], phase: str, *, has_api: bool) -> dict[str, str]:
    """Return the process environment without any setting of the rollout but these."""
    known = {item.name for item in DECLARATIONS.values()}
    return {
        **{name: value for name, value in os.environ.items() if name not in known},
        "SOURCE_DATE_EPOCH": "1770000000",
        "CODEX_ROLLOUT_PHASE": phase,
        **(PUBLISHES if phase != "preview" else {}),
        "GRAPH_API_ENABLED": str(has_api).lower(),
        "CODEX_OWNERS_ENABLED": "true",
        "POLICY_TRANSPARENCY_ENABLED": "true",
        **lists,
    }


def walk(top: Path, path: list[Step]) -> None:
    site = top / "site"
    before = Path.cwd()
    os.chdir(site)
    try:
        for step in path:
            lists, phase, is_dirty, has_api, is_renamed = step
            write_site(site, is_renamed=is_renamed)
            with patch.dict(os.environ, environment(LISTS[lists], phase, has_api=has_api), clear=True), logged() as log:
                Site(site).build(dirty=is_dirty)
                shown = leaks(site / "site")
                if lists == SHOWS_ALL:
                    assert {"readme", "title", "name", "decision"} <= set(shown), "the canaries do reach the output"
                    continue
                assert shown == {}, step
                assert leaks(outputs(site)) == {}, step
                assert "canaryzq" not in log.getvalue().lower(), step
    finally:
        os.chdir(before)


@contextmanager
def logged() -> Iterator[StringIO]:
    """Collect what MkDocs and the plugin log."""
    log = StringIO()
    handler = logging.StreamHandler(log)
    logging.getLogger("mkdocs").addHandler(handler)
    try:
        yield log
    finally:
        logging.getLogger("mkdocs").removeHandler(handler)


@pytest.mark.slow
@given(st.lists(steps, min_size=2, max_size=3))
@settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    # A failing sequence is short enough; finding a shorter one takes many minutes.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
def test_whatever_was_built_before(pattern: Path, path: list[Step]) -> None:
    with_copy(pattern, [(SHOWS_ALL, "advanced", False, True, False), *path])


def with_copy(pattern: Path, path: list[Step]) -> None:
    copy = pattern.parent / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    subprocess.run(["cp", "-a", str(pattern), str(copy)], check=True)
    walk(copy, path)


def test_a_veto_in_a_dirty_build(pattern: Path) -> None:
    with_copy(
        pattern,
        [
            (SHOWS_ALL, "production", False, False, False),
            ("veto by URL", "production", True, False, False),
        ],
    )
