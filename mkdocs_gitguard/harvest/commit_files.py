"""Code owners of one opened repository, read from its git objects alone."""

from collections.abc import Iterable
from typing import NamedTuple

from mkdocs_gitguard.codeowners import ALL_LOCATIONS, MOST_BYTES, CodeownersFile
from mkdocs_gitguard.errors import SourceError
from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.git.tree import TreeEntry
from mkdocs_gitguard.model.printable import printable


class CommitFiles(NamedTuple):
    """What a commit holds that ownership is about."""

    commit: str
    files: tuple[str, ...]
    """By path, as `printable` shows them."""
    codeowners: tuple[CodeownersFile, ...]
    folders: tuple[str, ...]
    """Of the places where forges look, those that are folders."""


def read_tree(repository: GitRepository, ref: str = "HEAD") -> CommitFiles:
    """Return the tree of a commit and the CODEOWNERS files in it.

    Raises:
        SourceError: there is no such commit.
        GitCommandError: git failed.
    """
    commit = commit_at(repository, ref)
    return files_of(repository, commit, repository.tree(commit))


def commit_at(repository: GitRepository, ref: str) -> str:
    """Return the commit that a branch, a tag or a commit's name stands for.

    Raises:
        SourceError: there is no such commit.
        GitCommandError: git failed.
    """
    commit = repository.resolve(ref)
    if commit is None:
        raise SourceError(f"{repository.label} has no commit {ref!r}.", hint="Name a branch, a tag or a commit.")
    return commit


def files_of(repository: GitRepository, commit: str, listed: Iterable[TreeEntry]) -> CommitFiles:
    """Return the tree of a commit that is listed already, and the CODEOWNERS files in it.

    Raises:
        GitCommandError: git failed.
    """
    entries = list(listed)
    owners = [entry for entry in entries if entry.path in ALL_LOCATIONS]
    plain = [entry.id for entry in owners if entry.mode.startswith("100")]
    blobs = {blob.id: blob for blob in repository.blobs(plain, limit=MOST_BYTES)} if plain else {}
    return CommitFiles(
        commit=commit,
        files=tuple(sorted(printable(entry.path) for entry in entries)),
        codeowners=tuple(
            CodeownersFile(
                path=entry.path,
                mode=entry.mode,
                size=max(blobs[entry.id].size, 0) if entry.id in blobs else 0,
                data=blobs[entry.id].data if entry.id in blobs else None,
            )
            for entry in sorted(owners, key=lambda entry: entry.path)
        ),
        folders=tuple(
            sorted({place for place in ALL_LOCATIONS for entry in entries if entry.path.startswith(f"{place}/")})
        ),
    )
