"""Code owners of one opened repository, read from its git objects alone."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mkdocs_gitguard.codeowners import ALL_LOCATIONS, MOST_BYTES, CodeownersFile
from mkdocs_gitguard.errors import SourceError
from mkdocs_gitguard.git.repository import Blob, GitRepository
from mkdocs_gitguard.git.tree import CommitTree
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


def files_of(repository: GitRepository, commit: str, tree: CommitTree) -> CommitFiles:
    """Return the files of a commit whose tree is listed already, and the CODEOWNERS files in it.

    Raises:
        GitCommandError: git failed.
    """
    ids = {path: tree.id(row) for path, row in codeowners_rows(tree) if tree.is_file(row)}
    blobs = {blob.id: blob for blob in repository.blobs(sorted({*ids.values()}), limit=MOST_BYTES)} if ids else {}
    return CommitFiles(
        commit=commit,
        files=tuple(sorted(map(printable, tree.paths))),
        codeowners=codeowners_of(tree, {path: blobs[blob] for path, blob in ids.items()}),
        folders=codeowners_folders(tree),
    )


def codeowners_rows(tree: CommitTree) -> Iterator[tuple[str, int]]:
    """Yield what stands where forges look for CODEOWNERS files, by path, with its row in the tree."""
    for path in sorted(ALL_LOCATIONS & tree.rows.keys()):
        yield path, tree.rows[path]


def codeowners_of(tree: CommitTree, blobs: Mapping[str, Blob]) -> tuple[CodeownersFile, ...]:
    """Return the CODEOWNERS files of a tree, of which the contents are given by path."""
    return tuple(
        CodeownersFile(
            path=path,
            mode=tree.entry(row).mode,
            size=max(blob.size, 0) if blob else 0,
            data=blob.data if blob else None,
        )
        for path, row in codeowners_rows(tree)
        for blob in (blobs.get(path),)
    )


def codeowners_folders(tree: CommitTree) -> tuple[str, ...]:
    """Return those of the places where forges look that are folders."""
    return tuple(sorted(filter(tree.holds_folder, ALL_LOCATIONS)))
