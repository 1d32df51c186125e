"""The canary is proposed by the plan's criteria, and every choice and refusal says why."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.model import FileEntry, MonthActivity, Repository
from mkdocs_gitguard.rollout.proposal import Proposal, propose, read_criticality

NOW = datetime(2026, 2, 10, tzinfo=UTC)


def repository(
    name: str, *, pull_requests: int = 4, days: int | None = 3, files: tuple[str, ...] = ("tests/test_a.py", "a.py")
) -> Repository:
    return Repository(
        id=f"repository:acme/{name}",
        namespace="acme",
        name=name,
        head_at=None if days is None else NOW - timedelta(days=days),
        # The running month, February, does not count.
        activity=(
            MonthActivity(month="2025-10", commits=9, pull_requests=900),
            *(
                MonthActivity(month=m, commits=9, pull_requests=pull_requests)
                for m in ("2025-11", "2025-12", "2026-01")
            ),
            MonthActivity(month="2026-02", commits=9, pull_requests=900),
        ),
        files=tuple(FileEntry(path=path) for path in files),
    )


def proposal(*repositories: Repository, share: str = "10", **criticality: str) -> Proposal:
    named = {f"acme/{name}": level for name, level in criticality.items()}
    return propose(repositories, share=Decimal(share), criticality=named, now=NOW)


def test_each_refusal_says_why() -> None:
    proposed = proposal(
        repository("good"),
        repository("busy", pull_requests=200),
        repository("vital"),
        repository("untested", files=("src/a.py", "docs/contest.md", "latest/b.py")),
        repository("sleepy", days=120),
        repository("empty", days=None, files=()),
        share="100",
        vital="high",
    )
    reasons = {candidate.name: candidate.reason for candidate in proposed.candidates}
    assert proposed.names == ("acme/good",)
    assert reasons == {
        "acme/good": "low to medium traffic, criticality not said, has tests, is maintained.",
        "acme/busy": "high traffic: 200.0 pull requests a month, above 10.0.",
        "acme/vital": "its criticality is high.",
        "acme/untested": "no test files.",
        "acme/sleepy": "last commit 120 days ago, more than 90.",
        "acme/empty": "no test files; no commits.",
    }


def test_low_criticality_comes_first_and_a_larger_share_keeps_the_smaller() -> None:
    portfolio = [repository(f"r{number}") for number in range(20)]
    levels = {"r7": "low", "r9": "medium"}
    small = proposal(*portfolio, share="10", **levels)
    large = proposal(*portfolio, share="50", **levels)
    assert small.names == ("acme/r7", "acme/r9")
    assert large.names[:2] == small.names
    assert len(large.names) == large.wanted == 10
    assert "is number 11 and 10 are wanted" in large.candidates[10].reason


def test_the_facts_are_given() -> None:
    (only,) = proposal(repository("one")).candidates
    assert (only.pull_requests_a_month, only.test_files, only.days_since_commit) == (4.0, 1, 3)


@pytest.mark.parametrize(
    "path",
    ["test/x.go", "pkg/a_test.go", "src/app.spec.ts", "src/__tests__/a.js", "tests/a", "src/FooTest.java", "test_x.py"],
)
def test_test_files_are_known_by_name(path: str) -> None:
    assert proposal(repository("one", files=(path,))).names == ("acme/one",)


def test_the_criticality_file(tmp_path: Path) -> None:
    path = tmp_path / "criticality.yml"
    path.write_text("acme/billing: high\n'acme/*': low\n")
    assert read_criticality(path) == {"acme/billing": "high", "acme/*": "low"}
    proposed = propose([repository("billing")], share=Decimal(100), criticality=read_criticality(path), now=NOW)
    assert proposed.candidates[0].criticality == "high"
    for broken in ("acme/a: vital\n", "- a\n", "a: [\n"):
        path.write_text(broken)
        with pytest.raises(SettingError, match=r"criticality\.yml"):
            read_criticality(path)
    path.write_text("")
    assert read_criticality(path) == {}
