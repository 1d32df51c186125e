"""How the log of events is: asked by each build, told by findings and on the status page.

Since when it is in trouble is kept beside the log, for no log can say that of itself.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from mkdocs_gitguard.clock import is_clock_set, system_moment
from mkdocs_gitguard.errors import GitGuardError
from mkdocs_gitguard.model import Finding
from mkdocs_gitguard.model.log_state import DeadEvent, LogState, SetRight

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from mkdocs_gitguard.events.log import EventLog

LOG_STATE_FILE: Final = "event-log.memory"
"""In the state folder."""
_AHEAD: Final = timedelta(minutes=1)
"""That two machines' clocks may be apart."""
_SHOWN: Final = 20
"""Dead letters, and things that were set right."""
_DAY: Final = timedelta(days=1)

decode_log_state: Final = msgspec.msgpack.Decoder(LogState).decode


def log_state_of(
    log: EventLog, before: LogState | None, trouble: GitGuardError | None, set_right: Iterable[SetRight] = ()
) -> LogState:
    """Return how a log is that can be read.

    Args:
        log: the log.
        before: how it was at the last build.
        trouble: why it takes no events; None: it does.
        set_right: what has been set right since.

    Raises:
        EventError: it cannot be read.
    """
    status = log.status()
    dead = status.dead_letters
    state = before if before is not None and before.dead == dead else _with_dead_letters(log, dead)
    amended = _of_the_last_day((*set_right, *(before.set_right if before is not None else ())))
    state = msgspec.structs.replace(state, ahead=_if_ahead(status.last_at), set_right=amended)
    return _in_trouble(state, before, trouble, is_read=True)


def unread_log_state(before: LogState | None, trouble: GitGuardError) -> LogState:
    """Return how a log is that cannot be read."""
    return _in_trouble(before or LogState(), before, trouble, is_read=False)


def trouble_of(log: EventLog) -> GitGuardError | None:
    """Return why a log takes no events; None: it does."""
    try:
        log.check()
    except GitGuardError as error:
        return error
    return None


def findings_of(state: LogState) -> Iterator[Finding]:
    """Yield what is wrong with a log."""
    if not state.is_read:
        yield Finding(
            code="events-unread",
            severity="warning",
            message=f"The event log cannot be read; what events say is as of the last build. {state.trouble}",
            hint=state.hint or "See `gitguard events status`.",
        )
    elif state.trouble:
        yield Finding(
            code="events-refused",
            severity="warning",
            message=f"The event log takes no events; what is sent meanwhile is seen at the next look everywhere. "
            f"{state.trouble}",
            hint=state.hint or "See `gitguard events status`.",
        )
    if state.ahead is not None:
        yield Finding(
            code="events-ahead",
            severity="warning",
            message=f"The newest event was taken on at {state.ahead:%Y-%m-%d %H:%M} UTC, which is yet to come by this "
            "machine's clock. Nothing is lost by it; how fresh such events are answered is not measured.",
            hint="Set the clock of this machine, or of the one that receives events: one of them is wrong, or was.",
        )
    for one in state.set_right:
        yield Finding(
            code="events-set-right",
            severity="info",
            message=f"{one.what} A watch has seen to that at {one.at:%Y-%m-%d %H:%M} UTC.",
            hint="See who else has a hand in the server, or runs another version of gitguard. Nothing is lost by it.",
        )
    # What retention has cut is past: nobody can do anything about it any more.
    held = [letter for letter in state.dead_letters if letter.event]
    if held:
        events = "An event" if len(held) == 1 else f"{len(held):,} events"
        yield Finding(
            code="events-dead",
            severity="warning",
            message=f"{events} could not be worked through, the newest of {held[0].at:%Y-%m-%d}: {held[0].reason}",
            hint="See `gitguard events dead`.",
        )


def _of_the_last_day(set_right: Iterable[SetRight]) -> tuple[SetRight, ...]:
    now = system_moment()
    newest = sorted({one for one in set_right if now - one.at < _DAY}, key=lambda one: (one.at, one.what), reverse=True)
    return tuple(newest[:_SHOWN])


def _if_ahead(newest: datetime | None) -> datetime | None:
    if newest is None or is_clock_set() or newest - system_moment() < _AHEAD:
        return None
    return newest.replace(microsecond=0)


def _with_dead_letters(log: EventLog, dead: int) -> LogState:
    letters = sorted(log.dead_letters(), key=lambda letter: (letter.at, letter.sequence), reverse=True) if dead else []
    return LogState(
        dead=dead,
        dead_letters=tuple(
            DeadEvent(
                sequence=letter.sequence,
                event=f"{letter.event.source} {letter.event.name}" if letter.event is not None else "",
                tries=letter.tries,
                reason=letter.reason,
                at=letter.at,
            )
            for letter in letters[:_SHOWN]
        ),
    )


def _in_trouble(state: LogState, before: LogState | None, trouble: GitGuardError | None, *, is_read: bool) -> LogState:
    if trouble is None:
        return msgspec.structs.replace(state, is_read=is_read, trouble="", hint="", since=None)
    since = before.since if before is not None and before.since is not None else system_moment()
    return msgspec.structs.replace(
        state, is_read=is_read, trouble=trouble.message, hint=trouble.hint, since=since.replace(microsecond=0)
    )
