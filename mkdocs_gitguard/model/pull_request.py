"""Pull requests (merge requests) as recovered from history."""

from datetime import datetime
from typing import Literal

from mkdocs_gitguard.model.record import Record

Confidence = Literal["high", "medium", "low"]
"""high: a merge commit's own words or a fetched pull ref; medium: a number at the end of the subject; low: probable,
by author and time."""


class FileChange(Record, frozen=True, kw_only=True):
    """A path that a pull request touched."""

    path: str
    status: Literal["added", "modified", "deleted", "type-changed"]
    additions: int | None = None
    """Lines; None for a binary file and for a pull request without a page of its own."""
    deletions: int | None = None


class PullRequest(Record, frozen=True, kw_only=True):
    """A merged pull request."""

    id: str
    repository: str
    number: int
    title: str
    author: str = ""
    """Owner id of who wrote it; `""` where history does not tell."""
    merger: str = ""
    """Owner id of who merged it; `""` where the forge itself committed."""
    merged_at: datetime
    commit: str
    """The commit that brought it onto the default branch."""
    source_branch: str = ""
    co_authors: tuple[str, ...] = ()
    files: tuple[FileChange, ...] = ()
    commits: int | None = None
    """Commits it brought, where history keeps them apart."""
    reverts: int | None = None
    """Number of the pull request that this one takes back."""
    backport_of: int | None = None
    evidence: str
    """Name of the rule that found it, for instance `github-merge-commit`."""
    confidence: Confidence
