"""How a harvest tells what it is doing. The command line shows it; nothing else depends on it."""

from typing import Literal, Protocol

from mkdocs_gitguard.harvest.sources import RepositorySource

ReadOutcome = Literal["cached", "updated", "read", "failed"]
"""cached: nothing had moved; updated: read from the old head on; read: as a whole; failed: see the findings."""


class Progress(Protocol):
    """Is called from several threads, one call at a time."""

    def begin(self, total: int) -> None:
        """`total` repositories are going to be read."""

    def start(self, source: RepositorySource) -> None:
        """One is being fetched or read."""

    def finish(self, source: RepositorySource, outcome: ReadOutcome) -> None:
        """One is done."""

    def end(self) -> None:
        """All are done, or the harvest was broken off."""


class Silent:
    """A progress that is shown to nobody."""

    def begin(self, total: int) -> None:
        """Ignore the beginning."""

    def start(self, source: RepositorySource) -> None:
        """Ignore a repository that is being read."""

    def finish(self, source: RepositorySource, outcome: ReadOutcome) -> None:
        """Ignore a repository that is done."""

    def end(self) -> None:
        """Ignore the end."""
