"""Notices handed to whom they are for: each once, what failed again, none in quiet hours."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.slo.receivers import tell

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from mkdocs_gitguard.slo.notices import Notice, QuietHours
    from mkdocs_gitguard.slo.receivers import Receiver
    from mkdocs_gitguard.state.told import Attempt, Told

_LONGEST: Final = timedelta(hours=1)
_FIRST: Final = timedelta(minutes=1)
"""Between two tries of a process that stays; each takes twice as long as the one before."""


class Delivery(NamedTuple):
    """One notice and one receiver."""

    receiver: str
    """Its label."""
    title: str
    error: str
    """What went wrong, `""` for nothing."""


def deliver(
    everybody: Sequence[Receiver],
    notices: Callable[[Collection[str]], Iterable[Notice]],
    memory: Told,
    quiet: Iterable[QuietHours],
    *,
    now: datetime,
    is_spaced: bool = False,
) -> list[Delivery] | None:
    """Tell each receiver what it was not told yet; what fails is kept, and tried again by a later call.

    Args:
        everybody: who is told.
        notices: gives what there is to tell, of the keys of what somebody was told.
        memory: of what was told.
        quiet: hours in which nobody is.
        now: the moment.
        is_spaced: a notice that failed is tried again after a minute, then after two, and so on up to an hour.

    Returns:
        What was tried; None in quiet hours.

    Raises:
        SettingError: the memory cannot be read or written.
    """
    if any(hours.holds(now) for hours in quiet):
        return None
    attempts = {(attempt.key, attempt.receiver): attempt for attempt in memory.attempts()}
    tried = []
    for receiver in everybody:
        own = {key: attempt for (key, who), attempt in attempts.items() if who == receiver.id}
        known = {key for key, attempt in own.items() if not attempt.error}
        for notice in notices(known):
            if notice.key in known or (is_spaced and notice.key in own and not _is_due(own[notice.key], now)):
                continue
            error = tell(receiver, notice)
            memory.remember(notice.key, receiver.id, error=error, at=now)
            tried.append(Delivery(receiver.label, notice.title, error))
    return tried


def _is_due(attempt: Attempt, now: datetime) -> bool:
    try:
        since = now - datetime.fromisoformat(attempt.at)
    except (ValueError, TypeError):
        return True
    # A clock that was set back says nothing.
    return since < timedelta() or since >= min(_LONGEST, _FIRST * 2 ** min(attempt.tries - 1, 10))
