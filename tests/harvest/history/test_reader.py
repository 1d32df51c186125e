"""The log as git writes it: real repositories, and streams cut anywhere."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make.git import START, Scratch

from mkdocs_gitguard.errors import SourceError
from mkdocs_gitguard.harvest.history.log import blocks, log_arguments
from mkdocs_gitguard.harvest.history.messages import recognise
from mkdocs_gitguard.harvest.history.reader import read_history
from mkdocs_gitguard.harvest.history.records import STATUSES, History, pack, path_and_status, unpack


def log(scratch: Scratch) -> tuple[bytes, str]:
    head = scratch.git("rev-parse", "HEAD")
    return b"".join(scratch.open().stream(*log_arguments(head))), head


def history(scratch: Scratch) -> History:
    data, head = log(scratch)
    present = scratch.git("ls-tree", "-rz", "--name-only", head).encode().split(b"\0")
    return read_history([data], head, recognise, present).history


def touched(read: History, number: int) -> list[tuple[str, str]]:
    paths = read.path_names()
    return [(paths[path], STATUSES[status]) for path, status in map(path_and_status, unpack(read.line[number].files))]


def test_statuses_of_a_merge_are_those_against_its_first_parent(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "a")
    scratch.commit("Start", a_txt="1", gone_txt="1")
    scratch.git("checkout", "--quiet", "-b", "topic")
    scratch.commit("Work", b_txt="1", a_txt="2", gone_txt=None)
    scratch.git("checkout", "--quiet", "main")
    scratch.commit("Meanwhile", c_txt="1")
    scratch.merge("topic", "Merge branch 'topic'")
    read = history(scratch)
    assert touched(read, 0) == [("a.txt", "modified"), ("b.txt", "added"), ("gone.txt", "deleted")]
    assert touched(read, 2) == [("a.txt", "added"), ("gone.txt", "added")]
    assert (read.commits, len(read.line), read.line[0].commits) == (4, 3, 1)


def test_a_type_change_and_an_empty_commit(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "a")
    scratch.commit("Start", a_txt="1")
    (scratch.folder / "a.txt").unlink()
    (scratch.folder / "a.txt").symlink_to("/etc/passwd")
    scratch.commit("Link")
    scratch.commit("")
    read = history(scratch)
    assert touched(read, 0) == []
    assert touched(read, 1) == [("a.txt", "type-changed")]
    assert read.line[0].claim.title == ""


def test_clocks_that_run_backwards_do_not_break_the_line(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "a")
    shas = []
    for number, at in enumerate([5_000, 9_000, 100, 7_000, 1]):
        scratch.clock = START + at
        shas.append(scratch.commit(f"Change {number}", a_txt=str(number)))
        if number == 1:
            scratch.git("checkout", "--quiet", "-b", "topic")
            scratch.clock = START + 90_000
            scratch.commit("Topic", b_txt="1")
            scratch.git("checkout", "--quiet", "main")
    scratch.clock = START
    shas.append(scratch.merge("topic", "Merge branch 'topic'"))
    assert [commit.commit for commit in history(scratch).line] == shas[::-1]


def test_who_wrote_what_how_often(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "a")
    scratch.commit("One", a_txt="1", author="A A <a@x.example>")
    scratch.commit(
        "Two\n\nCo-Authored-By: C C <c@x.example>\nco-authored-by: broken", a_txt="2", author="B B <b@x.example>"
    )
    scratch.commit("Three", a_txt="3", b_txt="1", author="A A <a@x.example>")
    read = history(scratch)
    people = [identity.email[0] for identity in read.identities]
    paths = read.path_names()
    table = read.authorship
    rows = zip(*(unpack(x) for x in (table.identities, table.paths, table.commits, table.last_at)), strict=True)
    assert [(people[who], paths[what], commits, at) for who, what, commits, at in rows] == [
        ("a", "a.txt", 2, scratch.clock),
        ("a", "b.txt", 1, scratch.clock),
        ("b", "a.txt", 1, scratch.clock - 60),
    ]
    assert {identity.email: identity.commits for identity in read.identities} == {
        "a@x.example": 2,
        "b@x.example": 1,
        "c@x.example": 0,
    }
    assert [people[person] for person in read.line[1].co_authors] == ["c"]


def test_an_octopus_brings_the_commits_of_all_its_branches(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "a")
    scratch.commit("Start", a_txt="1")
    for name in ("one", "two"):
        scratch.git("checkout", "--quiet", "-b", name, "main")
        scratch.write(f"Work {name}", {name: "1"})
    scratch.git("checkout", "--quiet", "main")
    scratch.clock += 60
    scratch.git("merge", "--quiet", "--no-ff", "-m", "Merge both", "one", "two")
    assert history(scratch).line[0].commits == 2


def test_a_merge_is_of_whoever_wrote_most_of_it(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "a")
    scratch.commit("Start", a_txt="1")
    scratch.git("checkout", "--quiet", "-b", "topic")
    scratch.commit("One", b_txt="1", author="A A <a@x.example>")
    scratch.commit("Two", b_txt="2", author="A A <a@x.example>")
    scratch.commit("Typo", b_txt="3", author="B B <b@x.example>")
    scratch.git("checkout", "--quiet", "main")
    scratch.merge("topic", "Merge pull request #3 from a/topic\n\nWork", author="C C <c@x.example>")
    read = history(scratch)
    [merge, *_] = read.line
    people = [identity.email[0] for identity in read.identities]
    assert (people[merge.author], people[merge.merger]) == ("a", "c")
    assert [people[person] for person in merge.co_authors] == ["b"]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, str]:
    scratch = Scratch(tmp_path_factory.mktemp("real") / "a")
    scratch.commit("Start", a_txt="1")
    scratch.write(
        "Odd (#2)\n\n\x01\n\nCo-authored-by: B <b@x.example>", {"with\nnewline": "1", "ø": "1"}, author="Ø <>"
    )
    scratch.git("checkout", "--quiet", "-b", "topic")
    scratch.commit("Work", b_txt="1")
    scratch.git("checkout", "--quiet", "main")
    scratch.merge("topic", "Merge pull request #3 from a/topic\n\nWork")
    return log(scratch)


@settings(deadline=None)
@given(cuts=st.lists(st.integers(0, 3_000), max_size=40))
def test_where_the_stream_is_cut_does_not_count(real: tuple[bytes, str], cuts: list[int]) -> None:
    data, head = real
    places = sorted({0, len(data), *(cut % len(data) for cut in cuts)})
    chunks = [data[start:end] for start, end in pairwise(places)]
    assert read_history(chunks, head, recognise, [b"b.txt"]) == read_history([data], head, recognise, [b"b.txt"])


def test_commits_larger_than_a_block_and_blocks_of_many_commits_are_cut_whole() -> None:
    small, large = b"\0a\0=\0", b"\0b\0=" + b"x" * 3_000_000 + b"\0"
    stream = small * 400_000 + large + small * 3
    for size in (1 << 16, 1 << 22):
        cut = [stream[at : at + size] for at in range(0, len(stream), size)]
        cut_blocks = list(blocks(cut))
        assert all(fields[0] == fields[-1] == b"" for fields in cut_blocks)
        assert sum(fields.count(b"a") for fields in cut_blocks) == 400_003
        assert [len(field) for fields in cut_blocks for field in fields if field[:2] == b"=x"] == [3_000_001]


@settings(deadline=None)
@given(st.binary(max_size=200) | st.lists(st.sampled_from([b"\0", b"\0\0", b"=", b"\nM", b"x", b"12"])).map(b"".join))
def test_bytes_that_are_no_log_are_an_error_or_nothing(data: bytes) -> None:
    try:
        reading = read_history([data], "0" * 40, recognise, ())
    except SourceError as error:
        assert "not a commit" in str(error)  # noqa: PT017 - both ends are right
    else:
        assert reading.history.line == ()


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**32 - 1)))
def test_packed_numbers_come_back(numbers: list[int]) -> None:
    assert list(unpack(pack(numbers))) == numbers
