"""The files of a repository's head, each with its last change and who changed it lately."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.harvest.facts import RepositoryFacts
from mkdocs_gitguard.harvest.history.tags import committed_at
from mkdocs_gitguard.model import FileAuthor, FileEntry

if TYPE_CHECKING:
    from mkdocs_gitguard.harvest.history.records import LineCommit

_LATELY: Final = 366 * 24 * 3600
"""Seconds before the head's commit. Who changed a file in the year before a build is among those: it is later."""
_MOST_AUTHORS: Final = 4


def file_entries(facts: RepositoryFacts, shown: Sequence[str], owners: Sequence[str]) -> Iterator[FileEntry]:
    """Yield the files of the head, by path.

    Args:
        facts: of the repository.
        shown: the paths as they are shown, in the order of `facts.files()`.
        owners: owner ids by index of identity.
    """
    last: dict[int, LineCommit] = {}
    authors: dict[int, dict[str, list[int]]] = {}
    since = facts.head_at - _LATELY
    for commit in facts.history.line:
        author = owners[commit.author] if commit.author >= 0 else ""
        is_late = commit.at >= since and bool(author)
        for number, _ in commit.touched():
            last.setdefault(number, commit)
            if is_late:
                of_path = authors.setdefault(number, {})
                if author in of_path:
                    of_path[author][0] += 1
                elif len(of_path) < _MOST_AUTHORS:
                    of_path[author] = [1, commit.at]
    index = {path: number for number, path in enumerate(facts.history.paths.split(b"\0"))}
    moments = {commit.at: committed_at(commit.at) for commit in last.values()}
    for (path, kind), text in zip(facts.files(), shown, strict=True):
        number = index.get(path, -1)
        commit_or_none = last.get(number)
        yield FileEntry(
            path=text,
            type=kind,
            last_commit=commit_or_none.commit if commit_or_none else "",
            last_at=moments[commit_or_none.at] if commit_or_none else None,
            last_author=owners[commit_or_none.author] if commit_or_none and commit_or_none.author >= 0 else "",
            authors=tuple(
                FileAuthor(owner=owner, changes=count, last_at=moments.get(at) or committed_at(at))
                for owner, (count, at) in authors.get(number, {}).items()
            ),
        )
