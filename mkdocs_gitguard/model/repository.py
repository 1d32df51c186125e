"""A repository and what its history says of it."""

from datetime import datetime
from typing import Literal

from mkdocs_gitguard.model.forge import Forge
from mkdocs_gitguard.model.record import Record


class Organization(Record, frozen=True, kw_only=True):
    """Whose portal this is."""

    id: str
    name: str


class LanguageShare(Record, frozen=True, kw_only=True):
    """How many files of the default branch are of one language, told by file name."""

    name: str
    files: int


class Tag(Record, frozen=True, kw_only=True):
    """A tag. `is_release` says that its name is a version (https://semver.org, leading `v` and fewer parts allowed)."""

    name: str
    commit: str
    at: datetime
    is_release: bool


class MonthActivity(Record, frozen=True, kw_only=True):
    """What happened in one calendar month (UTC), named `YYYY-MM`. Months with nothing are absent."""

    month: str
    commits: int
    pull_requests: int


class Contribution(Record, frozen=True, kw_only=True):
    """One owner's commits in one repository. Merge commits do not count."""

    owner: str
    commits: int
    first_at: datetime
    last_at: datetime


class DirectCommit(Record, frozen=True, kw_only=True):
    """A commit of the default branch's first-parent line that no known pull request brought."""

    commit: str
    title: str
    """The message's subject."""
    author: str = ""
    """Owner id; of a merge, whoever wrote most of it. `""` where it is the forge itself."""
    at: datetime


class FileAuthor(Record, frozen=True, kw_only=True):
    """Who changed a file on the first-parent line in the year before the head's commit."""

    owner: str
    """Owner id."""
    changes: int
    """Commits of that line, pull requests and direct ones."""
    last_at: datetime


class FileEntry(Record, frozen=True, kw_only=True):
    """A path of the head commit's tree and the commit on the first-parent line that last changed it."""

    path: str
    type: Literal["file", "executable", "symlink", "submodule"] = "file"
    last_commit: str = ""
    """`""` where the history is not there to tell (shallow clone)."""
    last_at: datetime | None = None
    last_author: str = ""
    """Owner id of who wrote that commit; `""` where it is the forge itself."""
    authors: tuple[FileAuthor, ...] = ()
    """The last four who changed it in the year before the head's commit, whoever did so last first."""


class Repository(Record, frozen=True, kw_only=True):
    """A repository as its head commit and history show it."""

    id: str
    namespace: str
    name: str
    description: str = ""
    """One line: the site's own words, else those of its manifests, else a sentence of the README that describes it."""
    readme_path: str = ""
    readme_summary: str = ""
    """Plain text of the README's first paragraphs, at most 1,000 characters."""
    licence: str = ""
    """SPDX identifier (https://spdx.org/licenses/), `""` if there is none or it is not recognised."""
    licence_path: str = ""
    forge: Forge | None = None
    default_branch: str = ""
    head: str = ""
    """Commit id of the default branch; `""` for a repository without commits."""
    head_at: datetime | None = None
    first_at: datetime | None = None
    is_shallow: bool = False
    is_partial: bool = False
    """The clone lacks the contents of files (`git clone --filter`); what is needed of them is fetched, no more."""
    commits: int = 0
    """Commits reachable from the head; merges included. 0 where the clone is shallow."""
    languages: tuple[LanguageShare, ...] = ()
    tags: tuple[Tag, ...] = ()
    """Newest first."""
    activity: tuple[MonthActivity, ...] = ()
    """Oldest first."""
    contributors: tuple[Contribution, ...] = ()
    """Most commits first, bots among them: `Owner.is_bot` tells them apart."""
    direct_commits: tuple[DirectCommit, ...] = ()
    """The newest, newest first, at most 20: what changed where no pull request tells."""
    files: tuple[FileEntry, ...] = ()
    """By path."""
