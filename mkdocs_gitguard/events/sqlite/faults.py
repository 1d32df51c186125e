"""Which SQLite versions have the WAL-reset fault."""

from typing import Final

_SINCE: Final = (3, 7, 0)
_FIXED: Final = (3, 51, 3)


def has_wal_reset_fault(version: tuple[int, int, int]) -> bool:
    """Tell whether a version may lose commits where two connections write or checkpoint at the same moment.

    Of write-ahead logs, from 3.7.0 to 3.51.2 (https://www.sqlite.org/changes.html, 3.51.3, 2026-03-13; 3.52.0 was
    withdrawn). The log of events keeps such moments from happening: see `sqlite/file.py`.
    """
    return _SINCE <= version < _FIXED or version[:2] == (3, 52)
