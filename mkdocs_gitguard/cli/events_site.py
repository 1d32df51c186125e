"""What the commands of the event log share: the log of a site, and which events it may keep."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from mkdocs_gitguard.cli.output import warn
from mkdocs_gitguard.cli.rollout_site import RolloutSite, open_site
from mkdocs_gitguard.events.event import Event
from mkdocs_gitguard.events.intake import Taken
from mkdocs_gitguard.events.log import EventLog, Retention
from mkdocs_gitguard.events.opening import open_log
from mkdocs_gitguard.rollout.settings import Settings
from mkdocs_gitguard.rollout.values import DURATION, SIZE
from mkdocs_gitguard.site_build.event_selection import EventSelection, FreshSelection
from mkdocs_gitguard.site_build.shown_sources import event_selection
from mkdocs_gitguard.state.database import EVENTS_FILE
from mkdocs_gitguard.state.folder import make_state_folder

SECRET_VARIABLE: Final = "GITGUARD_WEBHOOK_SECRET"  # noqa: S105 - the name of the variable


@contextmanager
def events_of(site: RolloutSite) -> Iterator[EventLog]:
    """Give the log of a site.

    Raises:
        EventError: it cannot be used.
        SettingError: a setting is wrong.
    """
    log = open_site_log(site)
    try:
        yield log
    finally:
        log.close()


def open_site_log(site: RolloutSite) -> EventLog:
    """Open the log of a site; whoever opens it closes it.

    Raises:
        EventError: it cannot be used.
        SettingError: a setting is wrong.
    """
    return open_log(
        events_file(site),
        url=site.settings.jetstream_url,
        stream=site.settings.jetstream_stream,
        retention=wanted_retention(site.settings),
    )


def events_file(site: RolloutSite) -> Path:
    """Return where the embedded log of a site is, its folder made."""
    make_state_folder(site.state_folder)
    return site.state_folder / EVENTS_FILE


def wanted_retention(settings: Settings) -> Retention:
    """Return the retention that the settings ask for."""
    return Retention(
        max_age=settings.jetstream_max_age,
        max_messages=settings.jetstream_max_msgs,
        max_bytes=settings.jetstream_max_bytes,
    )


def fresh_selection(site: RolloutSite, config_file: Path | None) -> FreshSelection:
    """Return which events of a site may be kept, read anew now and then.

    Raises:
        SettingError: the site cannot be read.
    """
    first: list[RolloutSite] = [site]

    def read() -> EventSelection:
        loaded = (first.pop() if first else open_site(config_file)).loaded
        return event_selection(loaded.options, loaded.folder, loaded.state_folder)

    return FreshSelection(read, warn=warn)


def is_shown_by(selection: FreshSelection, taken: Taken) -> bool:
    """Tell whether an event may be kept."""
    return selection.shows(taken.event.repository)


def retention_in_words(retention: Retention) -> str:
    """Return what a retention keeps: `72h, any number, any size`."""
    age = DURATION.write(retention.max_age) if retention.max_age > timedelta() else "for ever"
    number = f"{retention.max_messages:,} events" if retention.max_messages > 0 else "any number"
    return f"{age}, {number}, {SIZE.write(retention.max_bytes) if retention.max_bytes > 0 else 'any size'}"


def event_in_words(event: Event) -> str:
    """Return who sent what about which repository."""
    return f"{event.source} {event.name} {event.repository.name or '(no repository)'}"


def secrets_of(environ: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the webhook secrets of the environment by source, `""` for those that count where a source has none.

    Each variable may hold several, a line each, while one takes the place of another.
    """
    secrets: dict[str, tuple[str, ...]] = {}
    for name, value in environ.items():
        lines = tuple(line.strip() for line in value.splitlines() if line.strip())
        if lines and (name == SECRET_VARIABLE or name.startswith(f"{SECRET_VARIABLE}_")):
            secrets[name.removeprefix(SECRET_VARIABLE).removeprefix("_").lower()] = lines
    return secrets
