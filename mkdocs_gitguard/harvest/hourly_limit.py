"""How many repositories may be fetched or read in any hour, whichever process does it, and whose turn it is.

`Allowance` hands out to one harvest what the hour has left; the rest is carried over to the next.

Kept in the state file: when each repository was last taken. Losing that costs the count of the hour and the fairness,
nothing else.
"""

import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Final

from mkdocs_gitguard.clock import system_clock
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.harvest.sources import RepositorySource
from mkdocs_gitguard.model import Finding
from mkdocs_gitguard.state.database import connect

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS repository_reads (repository TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
"""
_WINDOW: Final = int(timedelta(hours=1).total_seconds())


class HourlyReads:
    """The limit of one state file. Each call opens the file, so that it is never held for long."""

    def __init__(self, limit: int, state_file: Path) -> None:
        """Take the limit; the file is made when something is first reserved."""
        self._limit = limit
        self._path = state_file

    def reserve(self, wanted: Sequence[str]) -> frozenset[str]:
        """Return which repositories may be fetched or read now, and count them as taken.

        First come those that were never taken, then those whose last time is longest ago; among equals the order given
        counts. What a repository was taken for need not succeed: one that always fails must not keep the others out.

        Args:
            wanted: their ids.

        Raises:
            SettingError: the state file cannot be used.
        """
        now = int(system_clock().timestamp())
        try:
            with closing(connect(self._path, schema=_SCHEMA)) as database, database:
                # Counted and taken in one transaction, so that two processes never share what is left.
                database.execute("BEGIN IMMEDIATE")
                chosen = self._choose(database, wanted, now)
                database.executemany("INSERT INTO repository_reads VALUES (?, ?)", [(name, now) for name in chosen])
        except (sqlite3.Error, OSError) as error:
            raise SettingError(
                f"MAX_REPOS_PER_HOUR is set, and the state file {self._path} that counts cannot be used: {error}.",
                hint="See that it can be written; deleting it loses speed and local history, nothing else.",
            ) from error
        return frozenset(chosen)

    def _choose(self, database: sqlite3.Connection, wanted: Sequence[str], now: int) -> list[str]:
        # Only the last time of a repository is needed once the hour is over.
        database.execute(
            "DELETE FROM repository_reads AS old WHERE at < ? AND EXISTS"
            " (SELECT 1 FROM repository_reads AS new WHERE new.repository = old.repository AND new.at > old.at)",
            (now - _WINDOW,),
        )
        # What lies in the future was written under a clock that has been put back; it must not shut the gate for long.
        query = "SELECT count(*) FROM repository_reads WHERE at BETWEEN ? AND ?"
        ((used,),) = database.execute(query, (now - _WINDOW, now + _WINDOW))
        last = dict(database.execute("SELECT repository, max(at) FROM repository_reads GROUP BY repository"))
        waiting = sorted(wanted, key=lambda name: (name in last, last.get(name, 0)))
        return waiting[: max(0, self._limit - used)]


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

    def plan(self, wanted: Sequence[RepositorySource]) -> None:
        """Choose among those that want to be fetched or read, before threads race for it.

        Raises:
            SettingError: the state file cannot be used; so for `take`.
        """
        if self._reads is not None:
            chosen = self._reads.reserve([source.id for source in wanted])
            self._answers = {source.id: source.id in chosen for source in wanted}

    def take(self, source: RepositorySource) -> bool:
        """Say whether a repository may be fetched or read; what was said once is said again."""
        if self._reads is None:
            return True
        with self._lock:
            if source.id not in self._answers:
                # It moved since the plan was made.
                self._answers[source.id] = source.id in self._reads.reserve([source.id])
            return self._answers[source.id]


def carried_over(source: RepositorySource, *, is_shown: bool) -> Finding:
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
