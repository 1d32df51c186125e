"""How figures of the repositories went from day to day. Pure functions; who keeps it where is another room's.

A day (UTC) is told by its last build. Of the days on which there was one, so many are kept:

| which                                | what is left            |
|--------------------------------------|-------------------------|
| the newest 92                        | each day                |
| of those before, the newest 104 weeks | the last day of each   |
| all that are older                   | the last day of a month |

Not by the clock: one that jumps a year ahead for one build makes one day more, and costs nothing that was known.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from itertools import pairwise
from typing import Annotated, Final

from msgspec import Meta

from mkdocs_gitguard.model.record import Record

TREND_PATH: Final = "over-time/history.json.gz"
"""Where it stands in a site."""
DAYS: Final = 92
WEEKS: Final = 104
TREND_VERSION: Final = 1


Count = Annotated[int, Meta(ge=0)]


class RepositoryFigures(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What is counted of one repository, None where it is not known or not shown."""

    files: Count | None = None
    owned: Count | None = None
    """How many of the files have an owner by CODEOWNERS."""
    errors: Count = 0
    """Findings."""
    warnings: Count = 0
    decided: Count | None = None
    """Decisions of policies that allowed or denied something."""
    allowed: Count | None = None
    asked: Count | None = None
    """Checks of the scorecards that hold or do not."""
    passed: Count | None = None
    holds: tuple[str, ...] = ()
    """Names of the checks that hold."""
    lacks: tuple[str, ...] = ()
    """Names of those that do not."""
    teams: Mapping[str, Count] = {}
    """By team id, how many files it owns."""


Entries = tuple[tuple[str, RepositoryFigures | None], ...]
"""Day and figures, where they are others than on the day before; None: the repository was not shown."""


class Trend(Record, frozen=True, kw_only=True):
    """The figures of all repositories."""

    version: int = TREND_VERSION
    days: tuple[str, ...] = ()
    """With a build, the oldest first: `2026-11-28`, UTC."""
    repositories: Mapping[str, Entries] = {}
    """By id, `""` for what is of none."""


def figures_on(entries: Entries, day: str) -> RepositoryFigures | None:
    """Return what is known of a repository on a day with a build."""
    figures = None
    for since, one in entries:
        if since > day:
            break
        figures = one
    return figures


def with_day(trend: Trend, day: str, figures: Mapping[str, RepositoryFigures]) -> Trend:
    """Return the trend with a day more; what is known of that day already is replaced.

    Args:
        trend: what is known.
        day: with a build.
        figures: by repository id, of all that are shown.
    """
    days = tuple(sorted({*trend.days, day}))
    later = next((one for one in trend.days if one > day), "")
    repositories = {
        key: _with_entry(trend.repositories.get(key, ()), day, figures.get(key), later)
        for key in sorted({*trend.repositories, *figures})
    }
    return _thinned(Trend(days=days, repositories={key: entries for key, entries in repositories.items() if entries}))


def merged(own: Trend, other: Trend) -> Trend:
    """Return what two know together. Of a day that both know, the first tells."""
    days = tuple(sorted({*own.days, *other.days}))
    known = {*own.days}
    return _thinned(
        Trend(
            days=days,
            repositories={
                key: _entries(
                    (day, figures_on((own if day in known else other).repositories.get(key, ()), day)) for day in days
                )
                for key in sorted({*own.repositories, *other.repositories})
            },
        )
    )


def of_repositories(trend: Trend, shown: Collection[str]) -> Trend:
    """Return the trend of these repositories alone."""
    return Trend(
        days=trend.days,
        repositories={key: entries for key, entries in trend.repositories.items() if key in shown},
    )


def kept_days(days: Iterable[str]) -> tuple[str, ...]:
    """Return the days that are kept, of those with a build, the oldest first."""
    ordered = sorted(days)
    newest, before = ordered[-DAYS:], ordered[:-DAYS]
    # The last of each: a later one takes the place of an earlier one.
    of_weeks = sorted({date.fromisoformat(day).isocalendar()[:2]: day for day in before}.values())
    of_months = sorted({day[:7]: day for day in of_weeks[:-WEEKS]}.values())
    return (*of_months, *of_weeks[-WEEKS:], *newest)


def _thinned(trend: Trend) -> Trend:
    days = kept_days(trend.days)
    if days == trend.days:
        return trend
    repositories = {
        key: _entries((day, figures_on(entries, day)) for day in days) for key, entries in trend.repositories.items()
    }
    return Trend(days=days, repositories={key: entries for key, entries in repositories.items() if entries})


def _with_entry(entries: Entries, day: str, figures: RepositoryFigures | None, later: str) -> Entries:
    """Return the entries with one day told anew; `later`: the day with a build after it, `""` for none."""
    after = tuple(entry for entry in entries if entry[0] > day)
    if later and (not after or after[0][0] > later):
        after = ((later, figures_on(entries, later)), *after)
    return _entries((*(entry for entry in entries if entry[0] < day), (day, figures), *after))


def _entries(known: Iterable[tuple[str, RepositoryFigures | None]]) -> Entries:
    """Return those that differ from the one before."""
    return tuple(entry for before, entry in pairwise((("", None), *known)) if entry[1] != before[1])
