"""Which tags are releases, and when they were made."""

from pathlib import Path

import pytest
from make.git import START, Scratch

from mkdocs_gitguard.harvest.history.tags import committed_at, is_version, read_tags


@pytest.mark.parametrize(
    "name",
    [
        "v1.2.3",
        "1.2.3",
        "v1",
        "2024.1",
        "v1.0.0-rc.1",
        "v1.0.0+build.5",
        "1.0b2",
        "sdk/v1.2.0",
        "chart-1.2.0",
        "x@2.0.1",
    ],
)
def test_versions(name: str) -> None:
    assert is_version(name)


@pytest.mark.parametrize("name", ["nightly", "latest", "v", "release", "before-the-merge", "1.2.3 beta", "", "v1..2"])
def test_other_names(name: str) -> None:
    assert not is_version(name)


def test_tags_of_commits_annotated_or_not_newest_first(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "a")
    first = scratch.commit("One", a_txt="1")
    scratch.git("tag", "light")
    second = scratch.commit("Two", a_txt="2")
    scratch.clock += 500
    scratch.git("tag", "-a", "v1.0.0", "-m", "First\n\nrelease", first)
    scratch.git("tag", "tree", "HEAD^{tree}")
    scratch.git("tag", "blob", "HEAD:a.txt")
    scratch.git("tag", "late", second)
    tags = read_tags(scratch.open())
    assert [(tag.name, tag.commit, int(tag.at.timestamp()) - START) for tag in tags] == [
        ("v1.0.0", first, 620),
        ("late", second, 120),
        ("light", first, 60),
    ]


def test_tags_of_tags(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "a")
    first = scratch.commit("One", a_txt="1")
    scratch.git("tag", "-a", "v1.0.0", "-m", "First", first)
    scratch.git("tag", "-a", "stable", "-m", "Of a tag", "v1.0.0")
    scratch.git("tag", "-a", "newest", "-m", "Of a tag of a tag", "stable")
    scratch.git("tag", "-a", "of-a-tree", "-m", "Tree", "HEAD^{tree}")
    scratch.git("tag", "-a", "of-that", "-m", "Tree", "of-a-tree")
    tags = read_tags(scratch.open())
    assert {tag.name: tag.commit for tag in tags} == {"v1.0.0": first, "stable": first, "newest": first}


def test_broken_tags_cost_only_themselves(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "a")
    first = scratch.commit("One", a_txt="1")
    scratch.git("tag", "v1.0.0")
    scratch.git("tag", "-a", "v1.1.0", "-m", "Second")
    scratch.git("tag", "-a", "corrupt", "-m", "Object with a broken content")
    gone = scratch.git("rev-parse", "corrupt").strip()
    object_file = tmp_path / "a" / ".git" / "objects" / gone[:2] / gone[2:]
    object_file.chmod(0o644)
    object_file.write_bytes(b"nonsense")
    tags = tmp_path / "a" / ".git" / "refs" / "tags"
    (tags / "gone").write_text("1" * 40 + "\n")
    (tags / "no-id").write_text("nonsense\n")
    target = scratch.git(
        "hash-object",
        "-t",
        "tag",
        "-w",
        "--stdin",
        "--literally",
        stdin=(f"object {'2' * 40}\ntype commit\ntag lost\ntagger A <a@b> 1 +0000\n\nLost\n"),
    )
    (tags / "lost").write_text(target)
    repository = scratch.open()
    read = read_tags(repository)
    assert {tag.name: tag.commit for tag in read} == {"v1.0.0": first, "v1.1.0": first}
    [problem] = repository.problems
    assert problem.code == "broken-tags"
    assert "corrupt, gone, lost" in problem.message


def test_moments_stay_in_range() -> None:
    assert committed_at(-5).year == 1970
    assert committed_at(10**18).year == 9999


@pytest.mark.parametrize(
    "content",
    [
        "object {head}\ntype blob\ntag x\ntagger A <a@b> 1 +0000\n\nIts object is no blob\n",
        "object {head}\ntype tag\ntag x\n\nNor a tag\n",
        "object {head}\ntype zzz\ntag x\n\nNo kind\n",
        "object {zeros}\ntype commit\ntag x\n\nNo object\n",
        "garbage",
        "",
    ],
)
def test_a_tag_object_that_says_nonsense_costs_only_itself(tmp_path: Path, content: str) -> None:
    scratch = Scratch(tmp_path / "r")
    head = scratch.commit("One", a_txt="1")
    scratch.git("tag", "v1")
    scratch.git("tag", "-a", "-m", "Whole", "v2")
    for number in range(6):
        # Git asks in the order of ids, and what it read of one tag spoils what it thinks of the next.
        data = content.format(head=head, zeros="0" * 40) + f"{number}\n"
        made = scratch.git("hash-object", "-t", "tag", "-w", "--stdin", "--literally", stdin=data)
        (tmp_path / f"r/.git/refs/tags/odd{number}").write_text(f"{made}\n")
    repository = scratch.open()
    assert sorted(tag.name for tag in read_tags(repository)) == ["v1", "v2"]
    assert [problem.code for problem in repository.problems] in (["broken-tags"], [])
