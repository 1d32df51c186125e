"""How a harvest tells what it is doing. The command line shows it; nothing else depends on it."""

from typing import Literal, Protocol

from mkdocs_gitguard.harvest.sources import Source

Outcome = Literal["cached", "updated", "read", "failed"]
"""cached: nothing had moved; updated: read from the old head on; read: as a whole; failed: see the findings."""


class Progress(Protocol):
    """Is called from several threads, one call at a time."""

    def begin(self, total: int) -> None:
        """`total` repositories are going to be read."""

    def start(self, source: Source) -> None:
        """One is being fetched or read."""

    def finish(self, source: Source, outcome: Outcome) -> None:
        """One is done."""

    def end(self) -> None:
        """All are done, or the harvest was broken off."""


class Silent:
    """Tells nothing."""

    def begin(self, total: int) -> None:
        """Tell nothing."""

    def start(self, source: Source) -> None:
        """Tell nothing."""

    def finish(self, source: Source, outcome: Outcome) -> None:
        """Tell nothing."""

    def end(self) -> None:
        """Tell nothing."""
