"""What a site says about the reading of its repositories."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from mkdocs_gitguard.model import Record

_FACTS: Final = ("policies", "pull_request_pages", "pull_request_patterns")


class HarvestOptions(Record, frozen=True, kw_only=True):
    """All that `harvest` needs to know. Nothing of it is time of day; nothing of it is secret."""

    repositories: tuple[str | Mapping[str, object], ...] = (".",)
    """The site's entries: a folder, a glob, a bare mirror, a clone URL, or a mapping of those with more to say:
    see `harvest.sources.expand`."""
    folder: Path = Path()
    """Where relative paths count from: the folder of `mkdocs.yml`."""
    state_dir: Path = Path(".gitguard")
    """Where the cache (`state.db`) and the mirrors of clone URLs are; relative to `folder`."""
    namespace: str = ""
    """Namespace of repositories whose remote does not tell one: the organisation's, or `""` for `local`."""
    forges: Mapping[str, str | Mapping[str, str]] = {}
    """Host name to forge (`github`, `gitlab`, `bitbucket`, `gitea`, `forgejo`, `azure`), or to URL patterns, for
    hosts that are not known by name."""
    allow_http: bool = False
    """Whether clone URLs may be http, which sends tokens and content in the clear."""
    refresh: bool = True
    """Whether mirrors of clone URLs are brought up to date; without, they are read as they are."""
    max_age: float = 0.0
    """Seconds for which a mirror counts as up to date."""
    clone_time_limit: float = 600.0
    """Seconds that one clone or refresh may take."""
    time_limit: float = 900.0
    """Seconds that one reading git process may take."""
    time_for_all: float = 0.0
    """Seconds that the reading of all repositories may take; those that are not through by then are left out, with a
    finding each. 0: no limit."""
    jobs: int = 0
    """How many repositories are read side by side; 0: one more than there are processors, for a reader often waits."""
    cache: bool = True
    """Whether what was read is kept in `state.db`."""
    pull_refs: bool = False
    """Whether `refs/pull/*` (`refs/merge-requests/*`) of clone URLs are fetched: they name rebased pull requests, and
    bring every pull request's commits with them."""
    policies: bool = True
    """Whether policy files are read, which takes longer than all the rest."""
    pull_request_pages: int = 200
    """How many pull requests of each repository, newest first, get line counts. The fact is the number of lines,
    whether there is a page is the portal's."""
    pull_request_patterns: tuple[str, ...] = ()
    """Regular expressions with named groups that find pull requests in commit messages."""

    @property
    def state_folder(self) -> Path:
        """Absolute path of `state_dir`."""
        return (self.folder / self.state_dir).absolute()

    @property
    def workers(self) -> int:
        """How many repositories are read side by side."""
        return self.jobs if self.jobs > 0 else (os.cpu_count() or 1) + 1

    def digest(self) -> str:
        """Return a digest of those options that change what the facts of a repository are."""
        facts = {name: getattr(self, name) for name in _FACTS}
        return hashlib.sha256(msgspec.json.encode(facts, order="sorted")).hexdigest()
