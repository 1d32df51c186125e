"""How many repositories one harvest may fetch or read anew; the rest are carried over to the next."""

import threading

from mkdocs_gitguard.harvest.sources import Source
from mkdocs_gitguard.model import Finding


class Allowance:
    """Counts the repositories that are fetched or read. What is cached and has not moved costs nothing."""

    def __init__(self, limit: int = -1) -> None:
        """Allow `limit` repositories, -1 for any number."""
        self._limit = limit
        self._taken: set[str] = set()
        self._lock = threading.Lock()

    @property
    def used(self) -> int:
        """Repositories that were fetched or read."""
        return len(self._taken)

    def take(self, source: Source) -> bool:
        """Say whether a repository may be fetched or read; once it may, it may again."""
        with self._lock:
            if source.id not in self._taken and 0 <= self._limit <= len(self._taken):
                return False
            self._taken.add(source.id)
            return True


def carried_over(source: Source, *, is_shown: bool) -> Finding:
    """Return the finding of a repository that the allowance left for the next harvest."""
    state = "what was read before is shown" if is_shown else "it is not shown yet"
    return Finding(
        code="carried-over",
        severity="warning" if is_shown else "error",
        message=f"{source.label} is carried over to the next harvest, the limit an hour is reached; {state}.",
        hint="Harvest again later, or raise MAX_REPOS_PER_HOUR.",
        repository=source.id,
        source=source.entry,
    )
