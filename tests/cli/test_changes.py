"""`gitguard changes` and `gitguard github changes`: what they tell, and that no text of others does anything."""

import gzip
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from make.git import Scratch

from mkdocs_gitguard.cli import cli
from mkdocs_gitguard.cli.markdown_text import in_code

GUARD = """\
# METADATA
# title: Guard
package repo.guard

import rego.v1

deny contains "unsigned" if not input.signed
"""
HOSTILE = "Sign `it` @acme/all #5 https://evil.example <img src=x onerror=alert(1)> [a](javascript:b)"


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Result:
    monkeypatch.chdir(folder)
    return CliRunner().invoke(cli, list(arguments))


@pytest.fixture
def repository(tmp_path: Path) -> Scratch:
    scratch = Scratch(tmp_path / "guardrails")
    scratch.git("remote", "add", "origin", "https://github.com/acme/guardrails.git")
    scratch.write(
        "Begin", {"policy/guard.rego": GUARD, "CODEOWNERS": "* @acme/platform\n/policy/ @mira\n", "a.py": "1"}
    )
    return scratch


def change(scratch: Scratch) -> None:
    scratch.git("checkout", "-q", "-b", "topic")
    scratch.write(
        "Work",
        {
            "policy/guard.rego": GUARD.replace("unsigned", "not signed"),
            "a.py": f"x()  # nosemgrep: rule-a {HOSTILE}\n",
            "k.yaml": "# kyverno.io\nx: [\n",
            "CODEOWNERS": "* @acme/platform\n",
        },
    )
    scratch.git("checkout", "-q", "main")


def test_what_has_changed_since_a_release(tmp_path: Path, repository: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "site.yml").write_text("site_name: Acme\nplugins: [{gitguard: {repositories: [guardrails]}}]\n")
    (tmp_path / "mkdocs.yml").write_text(
        (tmp_path / "site.yml").read_text() + "docs_dir: docs\ntheme: {name: mkdocs}\n"
    )
    (tmp_path / "docs").mkdir()
    monkeypatch.setenv("CODEX_ROLLOUT_PHASE", "production")
    monkeypatch.setenv("CODEX_OWNERS_ENABLED", "true")
    built = run(tmp_path, monkeypatch, "build", "-f", "mkdocs.yml")
    assert built.exit_code == 0, built.output
    published = run(tmp_path, monkeypatch, "publish", "-f", "mkdocs.yml", "--target", "directory:public")
    assert published.exit_code == 0, published.output
    release = (tmp_path / "public" / "current").resolve().name
    since = ("changes", "-f", "mkdocs.yml", "--target", "directory:public", "--since")
    assert "Nothing has changed." in run(tmp_path, monkeypatch, *since, release).stdout
    change(repository)
    repository.merge("topic", f"Merge pull request #8 from mira/topic\n\n{HOSTILE}")
    repository.git("tag", "v1.0.0")
    document = json.loads(run(tmp_path, monkeypatch, *since, release, "--format", "json").stdout)
    assert [one["number"] for one in document["pull_requests"]] == [8]
    assert document["releases"] == [{"repository": "repository:acme/guardrails", "name": "v1.0.0"}]
    assert document["owners_changed"] == ["repository:acme/guardrails"]
    [policy] = document["policies"]
    assert (policy["change"], list(policy["rules"].values())) == ("changed", ["changed"])
    assert [one["code"] for one in document["findings_added"]] == ["yaml-broken"]
    text = run(tmp_path, monkeypatch, *since, str(tmp_path / "public" / "current")).stdout
    assert "## Pull requests merged (1)" in text
    assert_is_tame(text)
    missing = run(tmp_path, monkeypatch, *since, "20200101T000000Z-0123456789ab")
    assert missing.exit_code == 1
    assert f"holds no release '20200101T000000Z-0123456789ab'. Choose one of {release}." in missing.output
    # A repository that is not shown any more is counted, and never named.
    other = Scratch(tmp_path / "other")
    other.write("Begin", {"a.py": "1"})
    (tmp_path / "mkdocs.yml").write_text((tmp_path / "mkdocs.yml").read_text().replace("[guardrails]", "[other]"))
    gone = run(tmp_path, monkeypatch, *since, release).stdout
    assert "1 repository is not shown any more." in gone
    assert "guardrails" not in gone


@pytest.mark.parametrize(
    "data",
    [b"", b"no gzip", gzip.compress(b"{}", mtime=0), gzip.compress(b"[" * 100_000, mtime=0)],
    ids=["empty", "no gzip", "nothing", "deep"],
)
def test_a_damaged_state_is_told(
    tmp_path: Path, repository: Scratch, monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    (tmp_path / "old" / "changes").mkdir(parents=True)
    (tmp_path / "old" / "changes" / "state.json.gz").write_bytes(data)
    result = run(repository.folder, monkeypatch, "changes", "--since", str(tmp_path / "old"))
    assert result.exit_code == 1
    assert "is damaged" in result.output
    assert "Traceback" not in result.output


def test_what_a_pull_request_changes(repository: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    change(repository)
    repository.write("Meanwhile", {"b.py": "2"})
    text = run(repository.folder, monkeypatch, "github", "changes", "--base", "main", "--head", "topic").stdout
    assert text.startswith("<!-- gitguard-changes -->\n### What this changes: 4 files\n")
    # Those of the base's CODEOWNERS, which the pull request would do away with.
    assert "- `@mira`: 1 file, `policy/guard.rego`" in text
    assert "- `@acme/platform`: 3 files, `CODEOWNERS`, `a.py`, `k.yaml`" in text
    assert "- It changes `CODEOWNERS` itself." in text
    assert "- changed: `Guard` in `policy/guard.rego`: `deny` changed" in text
    assert "- new: `rule-a` in `a.py:1`" in text
    assert "- warning, `k.yaml:" in text
    assert "b.py" not in text
    assert_is_tame(text)
    back = run(repository.folder, monkeypatch, "github", "changes", "--base", "topic", "--head", "topic").stdout
    assert "0 files" in back


def test_flags_and_the_rollout_hold(repository: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    change(repository)
    monkeypatch.setenv("CODEX_ROLLOUT_PHASE", "staging")
    text = run(repository.folder, monkeypatch, "github", "changes", "--base", "main", "--head", "topic").stdout
    assert "mira" not in text
    assert "Guard" not in text
    monkeypatch.delenv("CODEX_ROLLOUT_PHASE")
    site = repository.folder.parent / "site"
    Scratch(site / "other").write("Begin", {"a": "1"})
    (site / "mkdocs.yml").write_text("site_name: X\nplugins: [{gitguard: {repositories: [other]}}]\n")
    arguments = ("github", "changes", "-f", str(site / "mkdocs.yml"), "--base", "main", "--head", "topic")
    assert run(repository.folder, monkeypatch, *arguments).stdout == (
        "The portal does not show this repository, so nothing is said of it.\n"
    )


def test_commits_that_are_not_there_are_told(repository: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(repository.folder, monkeypatch, "github", "changes", "--base", "main", "--head", "nosuch")
    assert (result.exit_code, "has no commit 'nosuch'" in result.output) == (1, True)
    repository.git("checkout", "-q", "--orphan", "alone")
    repository.write("Alone", {"z": "1"})
    result = run(repository.folder, monkeypatch, "github", "changes", "--base", "main", "--head", "alone")
    assert (result.exit_code, "fetch-depth: 0" in result.output) == (1, True)


def without_code(text: str) -> str:
    return re.sub(r"(?<!`)(`+)(?!`)(?:.|\n)*?(?<!`)\1(?!`)", "", text)


def assert_is_tame(text: str) -> None:
    """A forge looks for mentions, references and links outside of code."""
    outside = without_code(text).replace("<!-- gitguard-changes -->", "")
    assert not re.search(r"[@<>\[\]]|://|(?<!#)#\d", outside), outside


@given(st.text(alphabet="`ab @#<\n\t\u202e", max_size=30))
def test_any_text_is_one_code_span(text: str) -> None:
    span = in_code(text)
    assert "\n" not in span
    fence = re.match("`+", span)
    assert fence is not None
    if text.split():
        inner = span[len(fence[0]) : -len(fence[0])]
        assert span.endswith(fence[0])
        assert not re.search(f"(?<!`){fence[0]}(?!`)", inner)
