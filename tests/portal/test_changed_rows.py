"""The files of a pull request as they stand on its page."""

import re

import pytest
from bs4 import BeautifulSoup, Tag
from make.portal import html_of, pages_of
from make.snapshot import likely, owned
from msgspec.structs import replace

from mkdocs_gitguard.model import FileChange, Snapshot, path_of


def files_of(*files: FileChange, **changed: object) -> Tag:
    """Return what a pull request's page shows of its files."""
    snapshot = likely(repositories=1, pull_requests=1)
    change = replace(snapshot.pull_requests[0], files=files, commit="c" * 40, **changed)
    return tree_of(replace(snapshot, pull_requests=(change,)))


def tree_of(snapshot: Snapshot) -> Tag:
    html = html_of(pages_of(snapshot), path_of(snapshot.pull_requests[0].id))
    tree = BeautifulSoup(html, "html.parser").select_one(".gg-files")
    assert tree is not None
    return tree


def words(tag: Tag | None) -> str:
    return re.sub(r"\s+", " ", tag.get_text(" ") if tag else "").strip()


def test_a_folder_tells_its_files_and_lines_and_holds_their_rows() -> None:
    tree = files_of(
        FileChange(path="src/api/a.py", status="added", additions=1200, deletions=0),
        FileChange(path="src/api/b.py", status="modified", additions=3, deletions=4),
        FileChange(path="src/c.py", status="type-changed", additions=None, deletions=None),
        FileChange(path="README", status="modified", additions=0, deletions=None),
    )
    outer, inner = tree.select("details")
    assert outer.has_attr("open")
    assert words(outer.summary) == "src / 3 files +1,203 −4"
    assert words(inner.summary) == "api / 2 files +1,203 −4"
    assert [words(row) for row in inner.select(".gg-entry")] == ["a.py +1,200 −0", "b.py +3 −4"]
    assert [words(row) for row in tree.select(".gg-entry")][2:] == ["c.py binary", "README +0 −0"]
    marks = [(status["aria-label"], status["title"]) for status in tree.select(".gg-status")]
    assert marks == [(status, status) for status in ("added", "modified", "type-changed", "modified")]


def test_a_file_leads_to_its_content_after_the_change_and_a_deleted_one_nowhere() -> None:
    tree = files_of(
        FileChange(path="a b.py", status="modified", additions=1, deletions=1),
        FileChange(path="gone.py", status="deleted", additions=0, deletions=1),
    )
    (link,) = tree.select("a")
    assert link.text == "a b.py"
    assert str(link["href"]).endswith(f"/blob/{'c' * 40}/a%20b.py")


def test_where_no_lines_are_known_none_are_told() -> None:
    tree = files_of(FileChange(path="a/b", status="modified"), FileChange(path="a/c", status="modified"))
    assert tree.select(".gg-lines") == []
    assert words(tree.summary) == "a / 2 files"


def test_names_are_text_whatever_they_hold() -> None:
    name = '<img src=x onerror=alert(1)>&"\u202e\n.py'
    tree = files_of(
        FileChange(path=f"<b>/{name}", status="modified", additions=1, deletions=1),
        FileChange(path="<b>/x", status="deleted", additions=1, deletions=1),
    )
    assert tree.select("img, b") == []
    assert words(tree.select_one("summary bdi")) == "<b>"
    shown = '<img src=x onerror=alert(1)>&"[U+202E]\N{SYMBOL FOR LINE FEED}.py'
    assert [bdi.text for bdi in tree.select(".gg-entry bdi")] == [shown, "x"]


@pytest.mark.parametrize(
    ("owners", "rows"),
    [
        (
            "* @ann\n/docs/ @ann @bob @acme/platform @cy\n",
            ["docs / 2 files acme/platform , Ann , Bob and 1 more +2 −2", "a.md +1 −1", "b.md +1 −1"],
        ),
        (
            "* @ann\n/docs/ @ann @bob @acme/platform @cy\n/docs/b.md\n",
            ["docs / 2 files +2 −2", "a.md Ann , Bob and 2 more +1 −1", "b.md no owner +1 −1"],
        ),
    ],
)
def test_owners_stand_at_a_folder_where_it_tells_them_else_at_each_file(owners: str, rows: list[str]) -> None:
    snapshot = owned(owners)
    files = tuple(
        FileChange(path=f"docs/{name}", status="modified", additions=1, deletions=1) for name in ("a.md", "b.md")
    )
    tree = tree_of(replace(snapshot, pull_requests=(replace(snapshot.pull_requests[0], files=files),)))
    assert [words(row) for row in tree.select("summary, .gg-entry")] == rows
