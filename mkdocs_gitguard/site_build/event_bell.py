"""A file that changes when the log of events holds more, for who watches files and asks no log: `mkdocs serve`."""

from __future__ import annotations

import time
from threading import Thread
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.errors import GitGuardError
from mkdocs_gitguard.site_build.event_facts import open_log_of
from mkdocs_gitguard.site_build.log import log
from mkdocs_gitguard.state.folder import make_state_folder

if TYPE_CHECKING:
    from pathlib import Path

    from mkdocs_gitguard.events.log import EventLog
    from mkdocs_gitguard.rollout.settings import Settings
    from mkdocs_gitguard.site_build.options import GitGuardConfig

_FILE: Final = "event-bell"
"""In the state folder."""
_EVERY: Final = 1.0
"""Seconds between two looks."""


def bell_of(settings: Settings, state_folder: Path, options: GitGuardConfig, heard: int) -> tuple[Path, ...]:
    """Return a file that is written whenever the log of events holds more, from now on as long as the process lives.

    None where the site shows nothing of events, or the file cannot be written, which the build's log says.

    A log that is not there yet, or is away, is looked for again and again; the builds say what is wrong with it.

    Args:
        settings: in force; they name the log.
        state_folder: where the embedded log is.
        options: of the plugin.
        heard: the newest event that a build has seen.
    """
    if not options.events:
        return ()
    path = state_folder / _FILE
    try:
        make_state_folder(state_folder)
        path.touch()
    except OSError as error:
        log.warning("Events do not build the site again: %s cannot be written: %s.", path, error.strerror)
        return ()
    Thread(target=_listen, args=(settings, state_folder, path, heard), name="event bell", daemon=True).start()
    return (path,)


def _listen(settings: Settings, state_folder: Path, path: Path, heard: int) -> None:
    events: EventLog | None = None
    while True:
        try:
            events = events or open_log_of(settings, state_folder)
            newest = events.status().last if events is not None else heard
            if newest != heard:
                path.write_text(f"{newest}\n", encoding="ascii")
                heard = newest
        except (GitGuardError, OSError):
            # What cannot be read now is looked at a second later.
            pass
        time.sleep(_EVERY)
