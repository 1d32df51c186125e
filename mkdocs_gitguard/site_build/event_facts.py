"""What events say of the repositories that a build shows: observed in the log, and kept beside it.

What is observed outlasts the log's retention, in a file of its own. Where that is lost, the log is read from its
beginning: then the facts are those of the events that it still holds. Nothing is kept of what the rollout leaves out.
"""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from mkdocs_gitguard.errors import GitGuardError
from mkdocs_gitguard.events.event import Event, body_key
from mkdocs_gitguard.events.log import EventLog, Retention
from mkdocs_gitguard.events.observations import Observations, decoded, encoded, statuses
from mkdocs_gitguard.events.opening import open_log
from mkdocs_gitguard.model import NO_EVENTS, EventFacts, Finding, PullRequestStatus, Snapshot
from mkdocs_gitguard.site_build.event_selection import EventPlaces, EventSelection
from mkdocs_gitguard.site_build.log_state import (
    LOG_STATE_FILE,
    decode_log_state,
    findings_of,
    log_state_of,
    trouble_of,
    unread_log_state,
)
from mkdocs_gitguard.state.database import EVENTS_FILE
from mkdocs_gitguard.state.file_state import state_of
from mkdocs_gitguard.state.memory_file import load_memory, save_memory

if TYPE_CHECKING:
    from pathlib import Path

    from mkdocs_gitguard.harvest.selecting import Chosen
    from mkdocs_gitguard.harvest.sources import RepositorySource
    from mkdocs_gitguard.model.log_state import LogState, SetRight
    from mkdocs_gitguard.rollout.settings import Settings

FACTS_FILE: Final = "event-facts.memory"
"""In the state folder."""


class EventWorld(NamedTuple):
    """Which events count, and for which repositories."""

    made_of: tuple[object, ...]
    """What tells whether it is still the same."""
    selection: EventSelection
    places: EventPlaces
    digest: str
    """Of all of this."""


def world_of(chosen: Chosen, vetoes: tuple[str, ...], before: EventWorld | None) -> EventWorld:
    """Return which events count; the one before, if it is of the same choice: names are read from git's files.

    Args:
        chosen: of the site's repositories.
        vetoes: the list of repositories that are left out.
        before: of the build before.
    """
    made_of = (tuple(map(_as_it_stands, chosen.sources)), chosen.left_out, vetoes)
    if before is not None and before.made_of == made_of:
        return before
    places = EventPlaces(chosen.sources)
    # A folder's name need not be UTF-8, which msgpack would ask of it.
    named = json.dumps(msgspec.to_builtins((places.names, chosen.left_out, vetoes)))
    digest = sha256(named.encode()).hexdigest()
    return EventWorld(made_of, EventSelection(chosen, vetoes, places=places), places, digest)


def _as_it_stands(source: RepositorySource) -> tuple[object, ...]:
    """Return what a repository's names are read from; an opened folder of git is another object in each build."""
    directory = source.directory
    config = state_of(directory.common_dir / "config") if directory is not None else None
    return msgspec.structs.replace(source, directory=None), config


@dataclass
class KeptEvents:
    """What a process that stays knows of the events; losing it costs time."""

    observations: Observations | None = None
    world: EventWorld | None = None
    statuses_of: tuple[int, str, str] | None = None
    """What was observed when `statuses` were made: how far of which log, and what was shown."""
    statuses: tuple[PullRequestStatus, ...] = ()
    log: EventLog | None = None
    """The log, open; None: it is opened for each build."""
    away: GitGuardError | None = None
    """Why the log cannot be used, as far as the process knows: then no build tries."""
    refuses: GitGuardError | None = None
    """Why the log takes no events, as far as the process that has it open knows."""
    set_right: tuple[SetRight, ...] = ()
    """What the process has set right in the log since the last build."""
    log_state: LogState | None = None
    """How the log was when it was last asked; None: it never was, or there is none."""

    @property
    def read_to(self) -> int:
        """The newest event of the log that was observed; 0: none was."""
        return self.observations.read_to if self.observations is not None else 0


def observe_log(
    kept: KeptEvents, world: EventWorld, settings: Settings, state_folder: Path, *, is_log_read: bool
) -> tuple[Finding, ...]:
    """Bring what is observed up to date, and keep it; return what went wrong: then what was observed before holds.

    Args:
        kept: what is known; changed here.
        world: which events count.
        settings: in force; they name the log.
        state_folder: where the embedded log and what was observed are.
        is_log_read: whether the log is asked at all, which may be on a server.
    """
    path = state_folder / FACTS_FILE
    observations = kept.observations or load_memory(path, decoded) or Observations()
    is_judged = kept.observations is observations and kept.world is world
    kept.observations, kept.world = observations, world
    before = (observations.read_to, observations.log, observations.selection)
    if not is_judged:
        observations.repositories = {
            key: one for key, one in observations.repositories.items() if world.selection.shows(one.repository())
        }
    if observations.selection != world.digest:
        # Of what is shown anew the log may still hold something.
        observations.read_to, observations.selection = 0, world.digest
    if is_log_read:
        _ask_log(kept, observations, world, settings, state_folder)
    if is_log_read and before != (observations.read_to, observations.log, observations.selection):
        observations.prune()
        if observations.repositories or path.exists():
            save_memory(path, encoded(observations))
    return tuple(findings_of(kept.log_state)) if is_log_read and kept.log_state is not None else ()


def facts_of(kept: KeptEvents, snapshot: Snapshot) -> EventFacts:
    """Return what was observed of the repositories of a snapshot: what is open, and what git knows to be merged.

    Args:
        kept: what `observe_log` has brought up to date.
        snapshot: what the build shows.
    """
    observations, world = kept.observations, kept.world
    if observations is None or world is None or not observations.repositories:
        return NO_EVENTS
    key = (observations.read_to, observations.log, observations.selection)
    if kept.statuses_of != key:
        kept.statuses_of, kept.statuses = key, _statuses(observations, world)
    shown = {repository.id for repository in snapshot.repositories}
    merged = {change.id for change in snapshot.pull_requests}
    return EventFacts(
        pull_requests=tuple(
            status
            for status in kept.statuses
            if status.repository in shown and (status.state == "open" or status.id in merged)
        )
    )


def _statuses(observations: Observations, world: EventWorld) -> tuple[PullRequestStatus, ...]:
    by_age = sorted(observations.repositories.items(), key=lambda item: (item[1].latest, item[0]))
    homes = world.places.homes((key, one.repository()) for key, one in by_age)
    return tuple(
        status
        for repository, key in sorted(homes.items())
        for status in statuses(observations.repositories[key], repository)
    )


def _ask_log(
    kept: KeptEvents, observations: Observations, world: EventWorld, settings: Settings, state_folder: Path
) -> None:
    """Observe what is new in the log, and take note of how it is."""
    if not _is_log_there(settings, state_folder):
        kept.log_state = None
        return
    path = state_folder / LOG_STATE_FILE
    before = kept.log_state or load_memory(path, decode_log_state)
    try:
        if kept.away is not None:
            raise kept.away
        if kept.log is not None:
            _observe(observations, world, kept.log)
            kept.log_state = log_state_of(kept.log, before, kept.refuses, kept.set_right)
        else:
            log = open_log_of(settings, state_folder)
            assert log is not None  # noqa: S101 - it is there
            with closing(log):
                _observe(observations, world, log)
                kept.log_state = log_state_of(log, before, trouble_of(log))
    except GitGuardError as error:
        kept.log_state = unread_log_state(before, error)
    if kept.log_state != before:
        save_memory(path, msgspec.msgpack.encode(kept.log_state))


def _is_log_there(settings: Settings, state_folder: Path) -> bool:
    return bool(settings.jetstream_url) or (state_folder / EVENTS_FILE).is_file()


def open_log_of(settings: Settings, state_folder: Path) -> EventLog | None:
    """Open the log that the settings name; None: nobody has put anything into one. Whoever opens it closes it.

    Raises:
        GitGuardError: it cannot be opened.
    """
    if not _is_log_there(settings, state_folder):
        return None
    return open_log(
        state_folder / EVENTS_FILE,
        url=settings.jetstream_url,
        stream=settings.jetstream_stream,
        retention=Retention(
            max_age=settings.jetstream_max_age,
            max_messages=settings.jetstream_max_msgs,
            max_bytes=settings.jetstream_max_bytes,
        ),
    )


def _observe(observations: Observations, world: EventWorld, log: EventLog) -> None:
    last = log.find(observations.read_to)
    if last is None or _name_of(last.event) != observations.log:
        # It was cut since, or this is another log: what it holds is observed again, which changes nothing.
        observations.read_to = 0
    for stored in log.read(sequence=observations.read_to + 1):
        if world.selection.shows(stored.event.repository):
            observations.observe(stored.event)
        observations.read_to, observations.log = stored.sequence, _name_of(stored.event)


def _name_of(event: Event) -> str:
    return f"{event.delivery} {body_key(event)}"
