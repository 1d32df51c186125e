"""The files of a repository's head, each with its last change and who changed it lately."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from mkdocs_gitguard.harvest.facts import RepositoryFacts
from mkdocs_gitguard.harvest.history.records import LineCommit
from mkdocs_gitguard.harvest.history.tags import committed_at
from mkdocs_gitguard.model import FileAuthor, FileEntry

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
    last = _last_commits(facts.history.line)
    authors = _late_authors(facts, owners)
    moment = cache(committed_at)
    index = {path: number for number, path in enumerate(facts.history.paths.split(b"\0"))}
    for (path, kind), text in zip(facts.files(), shown, strict=True):
        number = index.get(path, -1)
        commit = last.get(number)
        yield FileEntry(
            path=text,
            type=kind,
            last_commit=commit.commit if commit else "",
            last_at=moment(commit.at) if commit else None,
            last_author=owners[commit.author] if commit and commit.author >= 0 else "",
            authors=tuple(
                FileAuthor(owner=owner, changes=count, last_at=moment(at))
                for owner, (count, at) in authors.get(number, {}).items()
            ),
        )


def _last_commits(line: Sequence[LineCommit]) -> dict[int, LineCommit]:
    """Return by path index the commit that touched it last."""
    last: dict[int, LineCommit] = {}
    for commit in reversed(line):
        last.update(dict.fromkeys(commit.touched_paths(), commit))
    return last


def _late_authors(facts: RepositoryFacts, owners: Sequence[str]) -> dict[int, dict[str, list[int]]]:
    """Return by path index the owners who touched it lately, the last one first: how often, and when last."""
    authors: dict[int, dict[str, list[int]]] = {}
    since = facts.head_at - _LATELY
    for commit in facts.history.line:
        author = owners[commit.author] if commit.author >= 0 else ""
        if commit.at < since or not author:
            continue
        for number in commit.touched_paths():
            of_path = authors.setdefault(number, {})
            if author in of_path:
                of_path[author][0] += 1
            elif len(of_path) < _MOST_AUTHORS:
                of_path[author] = [1, commit.at]
    return authors
