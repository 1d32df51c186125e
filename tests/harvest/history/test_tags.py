"""Which tags are releases, and when they were made."""

from pathlib import Path

import pytest
from make.gitrepo import EPOCH, Scratch

from mkdocs_gitguard.harvest.history.tags import TAG_ARGUMENTS, committed_at, is_version, parse_tags


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
    found = parse_tags(scratch.open().output(*TAG_ARGUMENTS))
    assert [(tag.name, tag.commit, int(tag.at.timestamp()) - EPOCH) for tag in found] == [
        ("v1.0.0", first, 620),
        ("late", second, 120),
        ("light", first, 60),
    ]


def test_moments_stay_in_range() -> None:
    assert committed_at(-5).year == 1970
    assert committed_at(10**18).year == 9999
