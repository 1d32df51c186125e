"""What fetched pull refs tell of commits without a number."""

from pathlib import Path

import pytest
from make.git import git, make_repository

from mkdocs_gitguard.git.directory import GitDirectory
from mkdocs_gitguard.harvest.history.messages import recognise
from mkdocs_gitguard.harvest.history.pull_refs import Tip, match_refs, parse_tips, tip_input, unnamed_refs
from mkdocs_gitguard.harvest.history.records import LineCommit


def commit(sha: str, message: str = "Work", tip: str = "", authored_at: int = 0) -> LineCommit:
    claim = recognise(message, 2 if tip else 1)
    return LineCommit(commit=sha, at=authored_at, claim=claim, author=0, authored_at=authored_at, tip=tip)


@pytest.mark.parametrize("packed", [False, True])
def test_refs_of_github_and_gitlab_that_no_message_names(tmp_path: Path, *, packed: bool) -> None:
    folder = make_repository(tmp_path, {"a": "1"})
    head = git(folder, "rev-parse", "HEAD")
    for name in (
        "pull/7/head",
        "pull/7/merge",
        "merge-requests/8/head",
        "pull/x/head",
        "pull/9/head",
        "pull/10/head/x",
    ):
        git(folder, "update-ref", f"refs/{name}", head)
    git(folder, "branch", "refs/pull/11/head")
    if packed:
        git(folder, "pack-refs", "--all")
    directory = GitDirectory.find(folder, label="r")
    assert unnamed_refs(directory, []) == {7: head, 8: head, 9: head}
    assert unnamed_refs(directory, [commit("c1", "Fix (#7)")]) == {8: head, 9: head}


def test_only_what_may_have_been_rebased_is_looked_at() -> None:
    line = [commit("c1", "Fix (#7)")]
    assert tip_input(line, {8: "b"}) == b""
    assert tip_input([*line, commit("c2")], {8: "b", 9: "c2", 10: "a"}) == b"a\nb\n"


def test_merge_fast_forward_and_rebase() -> None:
    line = [
        commit("m", "Merge branch 'x'", tip="t"),
        commit("f"),
        commit("r", authored_at=5),
        commit("n", authored_at=6),
    ]
    output = b"h\0=mira@acme.example\x005\0i\0=ola@acme.example\x006\0j\0=mira@acme.example\x007\0"
    tips = parse_tips(output, {5, 6})
    assert tips == {"h": Tip("mira@acme.example", 5), "i": Tip("ola@acme.example", 6)}
    matches = match_refs(line, ["mira@acme.example"], {1: "t", 2: "f", 3: "h", 4: "i"}, tips)
    assert [(ref.commit, ref.number, ref.evidence, ref.confidence) for ref in matches] == [
        ("m", 1, "pull-ref", "high"),
        ("f", 2, "pull-ref-commit", "low"),
        ("r", 3, "pull-ref-rebase", "low"),
    ]


def test_of_two_pull_requests_with_one_head_the_younger_was_merged() -> None:
    [match] = match_refs([commit("m", "Merge branch 'x'", tip="t")], ["a@b"], {5: "t", 9: "t"}, {})
    assert match.number == 9
