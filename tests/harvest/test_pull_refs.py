"""What fetched pull refs tell of commits without a number."""

from mkdocs_gitguard.harvest.history import LineCommit
from mkdocs_gitguard.harvest.pull_refs import Tip, match_refs, parse_tips, pull_refs, tip_input, unnamed
from mkdocs_gitguard.harvest.pull_requests import recognise


def commit(sha: str, message: str = "Work", tip: str = "", authored_at: int = 0) -> LineCommit:
    claim = recognise(message, 2 if tip else 1)
    return LineCommit(commit=sha, at=authored_at, claim=claim, author=0, authored_at=authored_at, tip=tip)


def test_refs_of_github_and_gitlab() -> None:
    refs = {
        "refs/pull/7/head": "a",
        "refs/pull/7/merge": "b",
        "refs/merge-requests/8/head": "c",
        "refs/pull/x/head": "d",
        "refs/heads/pull/9/head": "e",
    }
    assert pull_refs(refs) == {7: "a", 8: "c"}


def test_only_what_no_message_names_is_looked_at() -> None:
    line = [commit("c1", "Fix (#7)")]
    assert unnamed(line, {7: "a", 8: "b"}) == {8: "b"}
    assert list(tip_input(line, {8: "b"})) == []
    assert list(tip_input([*line, commit("c2")], {8: "b", 9: "c2"})) == [b"b\n"]


def test_merge_fast_forward_and_rebase() -> None:
    line = [
        commit("m", "Merge branch 'x'", tip="t"),
        commit("f"),
        commit("r", authored_at=5),
        commit("n", authored_at=6),
    ]
    tips = parse_tips([b"h\0=mira@acme.example\0", b"5\0", b"i\0=ola@acme.example\x006\0"])
    assert tips == {"h": Tip("mira@acme.example", 5), "i": Tip("ola@acme.example", 6)}
    found = match_refs(line, ["mira@acme.example"], {1: "t", 2: "f", 3: "h", 4: "i"}, tips)
    assert [(ref.commit, ref.number, ref.evidence, ref.confidence) for ref in found] == [
        ("m", 1, "pull-ref", "high"),
        ("f", 2, "pull-ref-commit", "low"),
        ("r", 3, "pull-ref-rebase", "low"),
    ]


def test_of_two_pull_requests_with_one_head_the_younger_was_merged() -> None:
    [found] = match_refs([commit("m", "Merge branch 'x'", tip="t")], ["a@b"], {5: "t", 9: "t"}, {})
    assert found.number == 9
