"""Acme: the same seed gives the same, what is planted is seen, and a merge more can be made in it."""

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from mkdocs_gitguard.demo.happen import happen
from mkdocs_gitguard.demo.history import label
from mkdocs_gitguard.demo.measured import counted, measurements
from mkdocs_gitguard.demo.organisation import git, make
from mkdocs_gitguard.demo.stories import STORIES, changes, stories
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.model.trend import RepositoryFigures, figures_on

END = 1_790_000_000


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "acme"
    make(folder, repositories=12, seed=1, end=END)
    return folder


@pytest.fixture(scope="module")
def facts(acme: Path) -> dict:
    return json.loads(gitguard(acme, "harvest", "-f", str(acme / "mkdocs.yml")).stdout)


def gitguard(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mkdocs_gitguard", *arguments],
        cwd=folder,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(END)},
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )


def heads(folder: Path) -> dict[str, str]:
    return {path.name: git("rev-parse", "main", folder=path) for path in sorted((folder / "repositories").iterdir())}


def test_the_same_seed_gives_the_same(tmp_path: Path, acme: Path) -> None:
    make(tmp_path / "again", repositories=4, seed=1, end=END)
    make(tmp_path / "other", repositories=4, seed=2, end=END)
    again, other = heads(tmp_path / "again"), heads(tmp_path / "other")
    assert len(again) == 4
    assert again.items() <= heads(acme).items()
    assert not set(again.values()) & set(other.values())


def test_what_was_measured_is_of_the_past_and_the_same_for_the_same_seed() -> None:
    past = list(measurements(12, seed=1, end=END))
    assert past == list(measurements(12, seed=1, end=END))
    assert past != list(measurements(12, seed=2, end=END))
    assert max(item.at.timestamp() for item in past) < END - 3_600
    assert all(item.evidence.startswith("made up for the demo") for item in past)


def test_what_was_counted_is_of_the_past_and_comes_to_what_there_is_now() -> None:
    now = {
        "repository:acme/a": RepositoryFigures(files=10, owned=10, asked=8, passed=8, teams={"owner:team/acme/x": 10})
    }
    trend = counted(now, seed=1, end=END)
    assert trend == counted(now, seed=1, end=END)
    assert trend != counted(now, seed=2, end=END)
    assert 50 < len(trend.days) < 60
    assert trend.days[-1] < datetime.fromtimestamp(END, UTC).date().isoformat()
    first, last = (figures_on(trend.repositories["repository:acme/a"], day) for day in (trend.days[0], trend.days[-1]))
    assert first.owned < last.owned == 10
    assert all(one.owned <= one.files and one.passed <= one.asked for _, one in trend.repositories["repository:acme/a"])


def test_each_pull_request_is_found_in_the_words_of_its_forge(facts: dict) -> None:
    made = Counter(change["repository"] for change in facts["pull_requests"])
    assert made == {f"repository:{label(story)}": story.pull_requests for story in STORIES}


def test_what_is_told_of_a_repository_happened_in_it(facts: dict) -> None:
    titles = {(change["repository"], change["title"]) for change in facts["pull_requests"]}
    wanted = {(f"repository:{label(story)}", change.title) for story in STORIES for change in changes(story, END)[1:]}
    assert len(wanted) > 10
    assert wanted <= titles


def test_an_exception_ends_a_month_after_the_history(facts: dict) -> None:
    ends = [one["ends_at"] for one in facts["exceptions"] if one["ends_at"]]
    assert ends == [f"{datetime.fromtimestamp(END + 30 * 86_400, UTC).date()}T00:00:00Z"]


def test_what_was_planted_is_there(facts: dict) -> None:
    assert {finding["code"] for finding in facts["findings"]} >= {
        "codeowners-invalid-owner",
        "codeowners-invalid-pattern",
    }
    formats = {policy["format"] for policy in facts["policies"]}
    assert formats >= {"rego", "kyverno", "gatekeeper", "cedar", "semgrep", "checkov", "custodian"}
    assert {decision["outcome"] for decision in facts["decisions"]} == {"allow", "deny", "warn", "skip"}
    assert {repository["name"]: bool(repository["tags"]) for repository in facts["repositories"]}["ledger"]


def test_work_trees_are_clean(acme: Path) -> None:
    for path in (acme / "repositories").iterdir():
        assert git("status", "--porcelain", folder=path) == "", path
        assert git("branch", "--format=%(refname:short)", folder=path) == "main", path


def test_more_than_twelve(tmp_path: Path) -> None:
    names = [story.name for story in stories(300, 1)]
    assert len(set(names)) == 300
    assert names[:12] == [story.name for story in STORIES]


@pytest.mark.slow
def test_its_portal_is_built_and_shown_again(tmp_path: Path) -> None:
    first = gitguard(tmp_path, "demo", "small", "--repositories", "2", "--no-serve")
    assert "Made 2 repositories with 164 pull requests" in first.stdout
    home = (tmp_path / "small/site/index.html").read_text(encoding="utf-8")
    assert "payments-api" in home
    assert (tmp_path / "small/site/pull-request/acme/payments-api/120/index.html").is_file()
    open_ones = (tmp_path / "small/site/repository/acme/payments-api/index.html").read_text(encoding="utf-8")
    assert "Keep card tokens in the vault" in open_ones
    status = BeautifulSoup((tmp_path / "small/site/status/index.html").read_text(encoding="utf-8"), "html.parser")
    assert any("Error rate" in row.text and "over" in row.text for row in status.select("#breaches ~ * tr"))
    assert "webhook receiver; passed " in gitguard(tmp_path / "small", "chaos", "list").stdout
    before = heads(tmp_path / "small")
    assert "Merged acme/payments-api #121" in gitguard(tmp_path, "demo", "happen", "small", "-r", "payments-api").stdout
    assert (
        "Merged acme/payments-api #122" in gitguard(tmp_path / "small", "demo", "happen", "-r", "payments-api").stdout
    )
    second = gitguard(tmp_path, "demo", "make", "small", "--no-serve")
    assert "there already" in second.stdout
    assert (tmp_path / "small/site/pull-request/acme/payments-api/121/index.html").is_file()
    assert before["guardrails"] == heads(tmp_path / "small")["guardrails"]


@pytest.mark.parametrize("story", STORIES[:10], ids=lambda story: story.name)
def test_a_merge_more(acme: Path, facts: dict, story) -> None:
    merged = happen(acme, repository=story.name, at=END + 60)
    assert (merged.repository, merged.number) == (label(story), story.pull_requests + 1)
    folder = acme / "repositories" / story.name
    assert git("status", "--porcelain", folder=folder) == ""
    assert merged.title in git("log", "-1", "--format=%B", folder=folder)
    assert happen(acme, repository=f"acme/{story.name}", at=END + 120).number == story.pull_requests + 2


def test_a_merge_leaves_the_users_own_changes_alone(tmp_path: Path) -> None:
    make(tmp_path / "a", repositories=1, seed=1, end=END)
    readme = tmp_path / "a/repositories/guardrails/README.md"
    readme.write_text("mine\n")
    assert happen(tmp_path / "a", at=END).repository == "acme/guardrails"
    assert readme.read_text() == "mine\n"


def test_folders_that_it_does_not_touch(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/letter.txt").write_text("dear")
    with pytest.raises(SettingError, match="is not empty"):
        make(tmp_path / "a", repositories=1, seed=1, end=END)
    with pytest.raises(SettingError, match="was not made by `gitguard demo`"):
        happen(tmp_path / "a", at=END)
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["letter.txt"]
    make(tmp_path / "b", repositories=1, seed=1, end=END)
    with pytest.raises(SettingError, match=r"has no repository ledger.*Use one of guardrails"):
        happen(tmp_path / "b", repository="ledger", at=END)
