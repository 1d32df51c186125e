"""How the log of events is, for the pages."""

from datetime import datetime

from mkdocs_gitguard.model.record import Record


class DeadEvent(Record, frozen=True, kw_only=True):
    """An event that was handed out in vain as often as it may be. Never says of which repository: it may be left out.

    The one that it is about may have been shown when it came, and not be now.
    """

    sequence: int
    event: str
    """Who sent what: `github push`; `""`: the log does not hold it any more."""
    tries: int
    reason: str
    at: datetime


class SetRight(Record, frozen=True, kw_only=True):
    """What somebody had done to the log, and a watch has set right."""

    what: str
    at: datetime


class LogState(Record, frozen=True, kw_only=True):
    """How the log was when a build asked it."""

    is_read: bool = True
    """Whether it could be read; where not, the dead letters are those of the last build that could."""
    trouble: str = ""
    """Why it takes no events or cannot be read, `""`: it is well."""
    hint: str = ""
    since: datetime | None = None
    """When a build or watch first saw it so, as long as it has been so; None: it is well."""
    ahead: datetime | None = None
    """When the newest event was taken on, if that is yet to come by the clock of whoever asked; None: it is not."""
    dead: int = 0
    """Dead letters, all that were ever."""
    dead_letters: tuple[DeadEvent, ...] = ()
    """The newest of them, newest first."""
    set_right: tuple[SetRight, ...] = ()
    """Of the last day, newest first."""
