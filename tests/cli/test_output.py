"""Whatever a repository says is text to the terminal and to the CI runner, in every command that prints any of it."""

import ast
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from make.git import import_commits, make_repository
from make.hostile_text import commands, controls, hostile_text
from make.site import Site

import mkdocs_gitguard.cli
from mkdocs_gitguard.cli import cli
from mkdocs_gitguard.model import Organization, Snapshot

WORST = "x\x1b[31m\r::error::pwned\n::add-mask::the\u202e##[add-mask]x##vso[task.x]\x9b2J\x85"
IN_REPOSITORY = [
    ["owners", "of", "src"],
    ["owners", "of", "a.rego", "--format", "json"],
    ["owners", "explain", "src/x"],
    ["owners", "explain", "src/x", "--format", "json"],
    *(["owners", "check", "--format", form] for form in ("text", "json", "sarif", "github")),
    ["policies", "list"],
    ["policies", "list", "--format", "json"],
    ["policies", "show", "k.yaml"],
    ["policies", "show", "k.yaml", "--format", "json"],
    *(["policies", "check", "--format", form] for form in ("text", "json", "sarif", "github")),
]
IN_SITE = [
    ["harvest"],
    ["export", "out"],
    ["export", "entities", "--format", "backstage"],
    ["owners", "check"],
    ["policies", "check"],
    ["rollout", "status"],
    ["rollout", "check"],
    ["rollout", "select", "--percent", "100"],
    ["rollout", "select", "--percent", "100", "--format", "json"],
    ["rollout", "measure"],
    ["publish"],
]


def hostile_repository(folder: Path, text: str) -> Path:
    line = text.replace("\n", "\r")
    quoted = json.dumps(text)
    policy = (
        f"apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {{name: {quoted}, annotations: "
        f"{{policies.kyverno.io/title: {quoted}, policies.kyverno.io/description: {quoted}}}}}\n"
        f"spec: {{rules: [{{name: {quoted}, match: {{}}, validate: {{message: {quoted}}}}}]}}\n"
    )
    name = "src/" + (line.replace("/", "_").replace("\0", "_")[:60] or "x")
    files = {
        "CODEOWNERS": f"* {line}\n/{line} @m\n* @m {line}\nsrc/ @all\n{line}\n",
        "k.yaml": f"{policy}---\n{policy}",
        "a.rego": f"# METADATA\n# title: {quoted}\n# custom: {{x: [}}\npackage a{line}\n\ndeny if {{ {line}\n",
        name: "x",
    }
    make_repository(folder, files, remote="https://gitlab.com/acme/bad.git")
    import_commits(folder, [(f"{text}\n\nMerge pull request #1 from x/{text}", {"more": "x"})])
    return folder


@contextmanager
def standing_in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def check(output: str, command: list[str]) -> None:
    assert controls(output) == [], command
    obeyed = commands(output)
    if "github" in command:
        kinds = ("::error ", "::warning ", "::notice ")
        obeyed = [line for line in obeyed if not line.startswith(kinds) or "title=" not in line]
    assert obeyed == [], command


@pytest.mark.slow
@settings(deadline=None, max_examples=6, suppress_health_check=[HealthCheck.too_slow])
@given(hostile_text(is_whole=True))
@example(WORST)
@example("::add-mask::x")
@example("##[add-mask]x")
def test_every_command_about_a_repository(text: str) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        with standing_in(hostile_repository(folder / "bad", text)):
            for command in [*IN_REPOSITORY, ["owners", "of", text], ["owners", "explain", text.replace("\0", "")]]:
                if not command[-1].startswith("-"):
                    result = CliRunner().invoke(cli, command)
                    assert result.exception is None or isinstance(result.exception, SystemExit), command
                    check(result.output, command)
    finally:
        shutil.rmtree(folder)


def test_every_command_about_a_site(tmp_path: Path) -> None:
    hostile_repository(tmp_path / "bad", WORST)
    site = tmp_path / "site"
    site.mkdir()
    (site / "docs").mkdir()
    (site / "mkdocs.yml").write_text(
        "site_name: Acme\nplugins:\n- gitguard:\n    repositories: [../bad]\n    people: people.yml\n"
    )
    (site / "people.yml").write_text("people: []\n")
    with standing_in(site):
        for command in IN_SITE:
            environment = {"CODEX_ROLLOUT_PHASE": "staging"} if command == ["rollout", "check"] else {}
            result = CliRunner().invoke(cli, command, env=environment)
            assert result.exception is None or isinstance(result.exception, SystemExit), command
            assert "Usage:" not in result.output, command
            check(result.output, command)
        (site / "people.yml").write_text(f"people: {json.dumps(WORST)}\nx: [{WORST}")
        result = CliRunner().invoke(cli, ["harvest"])
        assert "people.yml" in result.output
        check(result.output, ["harvest"])


def test_the_builds_log(tmp_path: Path) -> None:
    hostile_repository(tmp_path / "bad", WORST)
    organization = Organization(id="organization:acme", name="acme")
    site = Site(tmp_path / "site").write(
        Snapshot(organization=organization), options={"snapshot": "", "repositories": ["../bad"]}
    )
    (site.folder / "docs" / "index.md").write_text("# Hello\n")
    result = site.run("mkdocs", "build", "--verbose", anew=True)
    assert "[codeowners-" in result.stderr
    check(result.stdout + result.stderr, ["build"])


@pytest.mark.parametrize(
    "options",
    [{WORST: 1}, {"repositories": WORST}, {"repositories": [WORST]}, {"diagrams": WORST}, {"phase": WORST}],
    ids=["an option", "a type", "a repository", "a choice", "a phase"],
)
def test_what_a_site_says_is_text_too(tmp_path: Path, options: dict[str, object]) -> None:
    config = {"site_name": WORST, WORST: WORST, "plugins": [{"gitguard": options}]}
    (tmp_path / "mkdocs.yml").write_text(json.dumps(config))
    (tmp_path / "docs").mkdir()
    for command in (
        ["mkdocs_gitguard", "build"],
        ["mkdocs_gitguard", "harvest"],
        ["mkdocs_gitguard", "owners", "check"],
    ):
        # It is not to be loaded before MkDocs has begun to write its log.
        result = Site(tmp_path).run(*command, anew=True)
        assert "Traceback" not in result.stderr
        check(result.stdout + result.stderr, command)


def test_nothing_prints_but_by_way_of_output() -> None:
    for path in Path(mkdocs_gitguard.cli.__file__).parent.glob("*.py"):
        calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        names = {ast.unparse(function) for function in calls}
        printing = {
            "click.echo",
            "click.secho",
            "print",
            "sys.stdout.write",
            "sys.stderr.write",
            "sys.stdout.buffer.write",
        }
        assert not names & printing or path.name == "output.py", path.name
