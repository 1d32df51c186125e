"""What somebody has to be told of objectives, once: that an alert is on, and that it is over."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Final, NamedTuple

import yaml

from mkdocs_gitguard.bounded_file import read_file
from mkdocs_gitguard.bounded_yaml import load_documents
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model.service_levels import in_percent

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from mkdocs_gitguard.model.service_levels import Breach, ServiceLevels

QUIET_FILE: Final = "config/quiet-hours.yml"
"""From the folder of `mkdocs.yml`: when nobody is to be told. What is due then is told afterwards."""

_LARGEST: Final = 1 << 16
_HOURS: Final = late_pattern(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Notice(NamedTuple):
    """One thing to be told."""

    key: str
    """The same for the same thing, so that it is told once."""
    title: str
    body: str
    state: str
    """`alert`, `over`, `note` or `test`."""


class QuietHours(NamedTuple):
    """A stretch of each day, UTC, in which nobody is told; one that ends before it begins goes over midnight."""

    begin: time
    end: time
    days: frozenset[int]
    """Weekdays on which it begins, 0 is Monday."""

    def holds(self, now: datetime) -> bool:
        """Tell whether a moment lies in it."""
        now = now.astimezone(UTC)
        if self.begin <= self.end:
            return now.weekday() in self.days and self.begin <= now.time() < self.end
        yesterday = (now.weekday() - 1) % 7
        return (now.weekday() in self.days and now.time() >= self.begin) or (
            yesterday in self.days and now.time() < self.end
        )


def notices_of(levels: ServiceLevels, known: Collection[str]) -> Iterator[Notice]:
    """Yield what there is to tell: of an alert that is on, and of the end of one that somebody was told of.

    Args:
        levels: the objectives, judged.
        known: keys of what somebody was told.
    """
    titles = {level.name: (level.title, level.why) for level in levels.objectives}
    for breach in reversed(levels.breaches):
        title, why = titles[breach.objective]
        on, over = (f"{breach.objective} {breach.alerted:%Y-%m-%dT%H:%M} {end}" for end in ("on", "over"))
        if breach.ended is None:
            yield Notice(on, f"{title}: somebody must act", f"{why} {_facts(breach)}".strip(), "alert")
        elif on in known:
            yield Notice(over, f"{title}: over", _facts(breach), "over")


def _facts(breach: Breach) -> str:
    until = f" until {breach.ended:%Y-%m-%d %H:%M} UTC" if breach.ended else ""
    share = f" {in_percent(breach.good / breach.number)} of {breach.number:,.0f} were good." if breach.number else ""
    cause = f" {breach.cause}." if breach.cause else ""
    return f"Since {breach.began:%Y-%m-%d %H:%M} UTC{until}.{share}{cause}"


def trial_notice(now: datetime) -> Notice:
    """Return one that only says that notices arrive."""
    return Notice(f"test {now.isoformat()}", "A test of mkdocs-gitguard", "Notices arrive here.", "test")


def read_quiet_hours(root: Path) -> tuple[QuietHours, ...]:
    """Return a site's quiet hours: a list of `hours: 22:00-07:00`, each with `days: [sat, sun]` or every day.

    Raises:
        SettingError: the file is wrong.
    """
    path = root / QUIET_FILE
    if not path.is_file():
        return ()
    try:
        documents = list(load_documents(read_file(path, _LARGEST)))
    except (OSError, yaml.YAMLError) as error:
        raise SettingError(f"{QUIET_FILE} cannot be read: {error}.", hint="Fix it.") from error
    entries = documents[0] if len(documents) == 1 else documents or []
    if not isinstance(entries, list):
        raise SettingError(f"{QUIET_FILE} is not a list.", hint="Write `- hours: 22:00-07:00`.")
    return tuple(_quiet(entry, number) for number, entry in enumerate(entries, 1))


def _quiet(entry: object, number: int) -> QuietHours:
    known = entry if isinstance(entry, dict) and set(entry) <= {"hours", "days"} else {}
    match = _HOURS.fullmatch(str(known.get("hours", "")))
    days = known.get("days", list(_WEEKDAYS))
    if match is None or not isinstance(days, list) or not days or not set(map(str, days)) <= {*_WEEKDAYS}:
        raise SettingError(
            f"{QUIET_FILE}: entry {number} is not a stretch of hours.",
            hint="Write `hours: 22:00-07:00`, and `days: [sat, sun]` where it is not for every day.",
        )
    begin, end = time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))
    return QuietHours(begin, end, frozenset(_WEEKDAYS.index(str(day)) for day in days))
