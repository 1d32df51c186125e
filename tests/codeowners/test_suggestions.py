"""Who is suggested: by what they did in the last year, no bot, nobody who is away, nobody by one commit."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from mkdocs_gitguard.codeowners.suggestions import Reviews, Suggestion, reviews_of, suggestions
from mkdocs_gitguard.model import FileAuthor, FileChange, FileEntry, PullRequest, Repository

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def file(path: str, **authors: int | tuple[int, int]) -> FileEntry:
    """A file with its authors: how many changes, and how many days ago the last was."""
    known = {name: value if isinstance(value, tuple) else (value, value) for name, value in authors.items()}
    return FileEntry(
        path=path,
        authors=tuple(
            FileAuthor(owner=name, changes=changes, last_at=NOW - timedelta(days=days))
            for name, (changes, days) in known.items()
        ),
    )


def places(
    files: list[FileEntry], unmatched: set[str] | None = None, reviews: Reviews | None = None
) -> list[Suggestion]:
    paths = {one.path for one in files} if unmatched is None else unmatched
    return list(suggestions(files, paths, reviews or {}, lambda owner: not owner.endswith("_bot")))


def by_path(places_there: list[Suggestion]) -> dict[str, list[str]]:
    return {one.path: [evidence.owner for evidence in one.owners] for one in places_there}


def test_three_commits_and_a_fifth_of_the_changes_are_the_least() -> None:
    assert by_path(places([file("src/a", mira=3, ola=2)])) == {"src": ["mira"]}
    assert by_path(places([file("src/a", mira=17, ola=3)])) == {"src": ["mira"]}
    assert by_path(places([file("src/a", mira=12, ola=3)])) == {"src": ["mira", "ola"]}


def test_few_changes_do_not_become_many_by_one_review() -> None:
    reviews = {"src/a": {("ola", 1)}}
    assert by_path(places([file("src/a", mira=40, ola=4)], reviews=reviews)) == {"src": ["mira"]}


def test_one_commit_to_a_hundred_files_is_one_commit() -> None:
    imported = [file(f"src/{number}", mira=(1, 7)) for number in range(100)]
    assert places(imported) == []
    several = [file(f"src/{number}", mira=(1, number)) for number in range(3)]
    [place] = places(several)
    assert (place.path, place.is_folder, place.files, place.owners[0].commits) == ("src", True, 3, 3)


def test_bots_are_neither_suggested_nor_counted() -> None:
    assert by_path(places([file("src/a", mira=3, bump_bot=900)])) == {"src": ["mira"]}


def test_a_folder_is_looked_into_where_nobody_made_most_of_it() -> None:
    files = [file("src/web/a", ola=9), file("src/api/a", mira=9), file("src/db/a", ann=9)]
    assert by_path(places(files)) == {"src/web": ["ola"], "src/api": ["mira"], "src/db": ["ann"]}
    assert by_path(places([*files, file("src/x", ola=30)])) == {"src": ["ola"]}


def test_what_is_owned_already_is_no_part_of_a_place() -> None:
    files = [file("src/a", mira=5), file("src/b", mira=5), file("src/deep/c", mira=5), file("LICENSE", mira=5)]
    unmatched = {"src/b", "src/deep/c", "LICENSE"}
    assert sorted(by_path(places(files, unmatched))) == ["LICENSE", "src/b", "src/deep"]


def test_who_reviews_and_merges_what_others_write_is_suggested_too() -> None:
    repository = Repository(id="repository:a/b", namespace="a", name="b", head_at=NOW)
    change = PullRequest(
        id="pull-request:a/b/1", repository=repository.id, number=1, title="x", author="ola", merger="mira",
        merged_at=NOW, commit="1", files=(FileChange(path="src/a", status="modified"),), evidence="x", confidence="high",
    )  # fmt: skip
    changes = [replace(change, number=number, merged_at=NOW - timedelta(days=100 * number)) for number in range(5)]
    reviews = reviews_of(repository, changes, lambda one: ["ann"] if one.number else ["", "ola"])
    # The fifth is older than a year; nobody reviews what is their own.
    assert reviews["src/a"] == {("mira", 0), ("mira", 1), ("mira", 2), ("mira", 3), ("ann", 1), ("ann", 2), ("ann", 3)}
    [place] = places([file("src/a", ola=4)], reviews=reviews)
    assert [(one.owner, one.commits, one.reviews) for one in place.owners] == [
        ("ola", 4, 0),
        ("mira", 0, 4),
        ("ann", 0, 3),
    ]
