"""Which repositories one harvest may fetch or read anew; the rest are carried over to the next."""

import threading
from collections.abc import Sequence

from mkdocs_gitguard.harvest.hourly_reads import HourlyReads
from mkdocs_gitguard.harvest.sources import Source
from mkdocs_gitguard.model import Finding


class Allowance:
    """Hands out what the hour has left. What is cached and has not moved costs nothing."""

    def __init__(self, reads: HourlyReads | None = None) -> None:
        """Take what counts the reads of an hour; without, any number is allowed and nothing is counted."""
        self._reads = reads
        self._answers: dict[str, bool] = {}
        self._lock = threading.Lock()

    @property
    def is_limited(self) -> bool:
        """Whether there is a limit at all."""
        return self._reads is not None

    def plan(self, wanted: Sequence[Source]) -> None:
        """Choose among those that want to be fetched or read, before threads race for it.

        Raises:
            SettingError: the state file cannot be used; so for `take`.
        """
        if self._reads is not None:
            chosen = self._reads.reserve([source.id for source in wanted])
            self._answers = {source.id: source.id in chosen for source in wanted}

    def take(self, source: Source) -> bool:
        """Say whether a repository may be fetched or read; what was said once is said again."""
        if self._reads is None:
            return True
        with self._lock:
            if source.id not in self._answers:
                # It moved since the plan was made.
                self._answers[source.id] = source.id in self._reads.reserve([source.id])
            return self._answers[source.id]


def carried_over(source: Source, *, is_shown: bool) -> Finding:
    """Return the finding of a repository that the allowance left for the next harvest."""
    state = "what was read before is shown" if is_shown else "it is not shown yet"
    return Finding(
        code="carried-over",
        severity="warning" if is_shown else "error",
        message=f"{source.label} is carried over to the next harvest, the limit an hour is reached; {state}.",
        hint="Harvest again later, those that have waited longest come first; or raise MAX_REPOS_PER_HOUR.",
        repository=source.id,
        source=source.entry,
    )
