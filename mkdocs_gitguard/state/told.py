"""What somebody was told, and what could not be: so that nothing is told twice, and what failed is tried again."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from mkdocs_gitguard.state.database import StateFile

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS notices (
    key TEXT NOT NULL, receiver TEXT NOT NULL, at TEXT NOT NULL, tries INTEGER NOT NULL, error TEXT NOT NULL,
    PRIMARY KEY (key, receiver)
) STRICT, WITHOUT ROWID;
"""


class Attempt(NamedTuple):
    """The last try to tell somebody something."""

    key: str
    receiver: str
    at: str
    tries: int
    error: str
    """`""`: it was told."""


class Told(StateFile):
    """The table of notices in a state file."""

    def __init__(self, path: Path, *, warn: Callable[[str], None]) -> None:
        """Name the file. It is made when something is first told."""
        super().__init__(path, schema=_SCHEMA, warn=warn)

    def attempts(self) -> tuple[Attempt, ...]:
        """Return the last try of each notice and receiver, the newest first.

        Raises:
            SettingError: the state file is damaged.
        """
        with self._open() as database:
            if database is None:
                return ()
            rows = database.execute(
                "SELECT key, receiver, at, tries, error FROM notices ORDER BY at DESC, key, receiver"
            )
            return tuple(Attempt(*row) for row in rows.fetchall())

    def remember(self, key: str, receiver: str, *, error: str, at: datetime) -> None:
        """Keep how a try went.

        Raises:
            SettingError: the state file cannot be written.
        """
        with self._open(write=True) as database:
            if database is not None:
                database.execute(
                    "INSERT INTO notices VALUES (?, ?, ?, 1, ?) ON CONFLICT (key, receiver)"
                    " DO UPDATE SET at = excluded.at, tries = tries + 1, error = excluded.error",
                    (key, receiver, at.astimezone(UTC).isoformat(), error),
                )
